"""Imported by Airflow as each of its processes starts.

The scheduler gets dbt ready, so that the tasks that its local executor forks have it so: importing dbt, Cosmos and
OpenLineage, and what dbt makes for itself when it parses for the first time, take as long as building a small project.
The triggerer learns to do for the tasks of dbt's nodes only what they need.
"""

import gc
import importlib
import importlib.util
import logging
import shutil
import sys
import tempfile
from pathlib import Path

NEEDED_BY_TASKS = (
    "cosmos.operators.local",
    "dbt.cli.main",
    "dbt.task.build",
    "dbt.task.seed",
    "dbt.adapters.postgres",
    "airflow.providers.openlineage.plugins.macros",
    "include.lineage.live",
    "include.spool.transport",
    "plugins.dbt.project",
    "include.ingest.project",
    "include.ledger.store",
)

log = logging.getLogger(__name__)


def preload() -> None:
    """Import what tasks that run dbt or ingest need; a module that is not installed costs that task its import time only."""
    for module in NEEDED_BY_TASKS:
        if importlib.util.find_spec(module.split(".")[0]) is not None:
            importlib.import_module(module)


def warm_up() -> None:
    """Let dbt parse the project once, from what ``make manifest`` left, so that only what changed is parsed.

    As it parses for the first time in a process, dbt generates the code that reads and writes its manifest. Where there
    is no project to parse, or it does not parse, the tasks will say so; they only start later.
    """
    from dbt.adapters.factory import reset_adapters
    from dbt.cli.main import dbtRunner

    from include import settings

    try:
        dbt = settings.dbt()
    except settings.SettingsError as error:  # the DAG file says it on Airflow's page
        log.warning("no dbt project to get ready for: %s", error)
        return
    parsed = dbt.parse_cache / "target" / "partial_parse.msgpack"
    if not parsed.exists():
        return
    with tempfile.TemporaryDirectory() as folder:
        shutil.copyfile(parsed, Path(folder) / parsed.name)
        result = dbtRunner().invoke(
            [
                *("--quiet", "--no-send-anonymous-usage-stats", "parse", "--no-static-parser"),
                *dbt.options,
                *("--target-path", folder, "--log-path", folder),
            ]
        )
    reset_adapters()
    if not result.success:
        log.warning("dbt could not parse %s ahead of its tasks: %s", dbt.project_dir, result.exception)


def share_memory() -> None:
    """Let the collector of garbage leave alone what is there now: in each task it would look at all of it again and again.

    By that it would also write to it, and memory that a forked process writes to is copied.
    """
    gc.collect()
    gc.freeze()


if "scheduler" in sys.argv:
    preload()
    warm_up()
    share_memory()
if "triggerer" in sys.argv:
    from plugins.dbt import assets, fast
    from plugins.dbt.internals import spare_the_triggerer
    from plugins.dbt.trigger import Poller

    spare_the_triggerer((fast.TRIGGER, assets.TRIGGER), Poller.is_at_work)

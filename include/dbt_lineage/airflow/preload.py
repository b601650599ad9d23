"""What Airflow's scheduler and triggerer do ahead of their tasks, as a listener that is told when they start.

The scheduler gets dbt ready, so that the tasks that its local executor forks have it so: importing dbt, Cosmos and
OpenLineage, and what dbt makes for itself when it parses for the first time, take as long as building a small project.
The triggerer learns to do for the tasks of dbt's nodes only what they need. The DAG processor imports once what each
reading of a DAG file would import again, in a process of its own.

All of it is for speed. What does not work is logged, and left away: nothing here stops a process of Airflow.
"""

import gc
import importlib
import importlib.util
import logging
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow.listeners import hookimpl

if TYPE_CHECKING:
    from dbt_lineage.core.settings import DbtSettings

NEEDED_BY_TASKS = (
    "cosmos.operators.local",
    "airflow.providers.openlineage.plugins.macros",
    "dbt_lineage.events.live",
    "dbt_lineage.spool.transport",
    "dbt_lineage.airflow.dbt_tasks.task_group",
    "dbt_lineage.airflow.dbt_tasks.producer",
    "dbt_lineage.airflow.dbt_tasks.trigger",
    "dbt_lineage.ingest.from_settings",
    "dbt_lineage.ledger.ledger",
)

NEEDED_BY_DBT = ("dbt.cli.main", "dbt.task.build", "dbt.task.seed")

# Of libraries only: what of ours changes is read anew with the DAG file.
NEEDED_BY_DAG_FILES = (
    "cosmos.airflow.task_group",
    "cosmos.operators.local",
    "cosmos.plugin.airflow3",
    "airflow.providers.smtp.notifications.smtp",
)

log = logging.getLogger(__name__)


@hookimpl
def on_starting(component: Any) -> None:
    """Airflow calls it as a component starts, before it forks anything; also in the tasks that were forked from one."""
    for name, get_ready in READY.items():
        if name in sys.argv:
            get_ready()
            # A task that is forked from this process finds nothing to do.
            READY.clear()
            return


def get_scheduler_ready() -> None:
    """Have ready in the scheduler what its tasks need."""
    import_ahead(NEEDED_BY_TASKS)
    attempt("parsing the dbt project", warm_up)

    def spare() -> None:
        from dbt_lineage.airflow.dbt_tasks.fast import NodeOperator
        from dbt_lineage.airflow.dbt_tasks.internals import ways_to_spare_the_scheduler

        for name, way in ways_to_spare_the_scheduler((NodeOperator.__name__,)).items():
            attempt(name, way)

    attempt("sparing the scheduler", spare)
    share_memory()


def get_triggerer_ready() -> None:
    """Let the triggerer spare itself what the tasks of dbt's nodes do not need."""

    def spare() -> None:
        from dbt_lineage.airflow.dbt_tasks import fast
        from dbt_lineage.airflow.dbt_tasks import model_assets as assets
        from dbt_lineage.airflow.dbt_tasks.internals import ways_to_spare_the_triggerer
        from dbt_lineage.airflow.dbt_tasks.trigger import Poller

        ways = ways_to_spare_the_triggerer((fast.TRIGGER, assets.TRIGGER), Poller.is_in_a_hurry)
        for name, way in ways.items():
            attempt(name, way)

    attempt("sparing the triggerer", spare)


def get_dag_processor_ready() -> None:
    """Have ready what the DAG files import."""
    import_ahead(NEEDED_BY_DAG_FILES)


def import_ahead(modules: Iterable[str]) -> None:
    """Import modules; those that are not there are logged."""
    for module in modules:
        attempt(f"importing {module}", partial(import_if_installed, module))


def attempt(name: str, do: Callable[[], None]) -> None:
    """Do what may fail: an import or a private name of another version may be gone. That costs speed only."""
    try:
        do()
    except Exception as error:
        log.warning("%s ahead of the tasks does not work here, they will be slower: %r", name, error)


def import_if_installed(module: str) -> None:
    """Import a module; one whose package is not installed costs its task the import only."""
    if importlib.util.find_spec(module.split(".")[0]) is not None:
        importlib.import_module(module)


def warm_up() -> None:
    """Let dbt parse a project once, from what ``dbt-lineage manifest`` left, so that only what changed is parsed.

    As it parses for the first time in a process, dbt generates the code that reads and writes its manifest: of several
    projects one is enough. Where there is none to parse, or it does not parse, the tasks will say so; they only start
    later. A project whose dbt is a program of its own needs none of it.
    """
    found = projects_of_this_dbt()
    if not found:
        return
    import_ahead((*NEEDED_BY_DBT, *adapters_of(found)))
    from dbt.adapters.factory import reset_adapters
    from dbt.cli.main import dbtRunner

    from dbt_lineage.manifest.environment import confine

    dbt = next((each for each in found if parse_cache(each).exists()), None)
    if dbt is None:
        return
    parsed = parse_cache(dbt)
    confine(dbt)
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


def projects_of_this_dbt() -> "list[DbtSettings]":
    """The settings of the dbt projects that run the dbt of this environment; what was read for that is forgotten.

    Tasks are forked from this process, and shall read the file of the projects as it is then.
    """
    from dbt_lineage.core import settings

    try:
        return [dbt for dbt in readable() if dbt.executable is None]
    finally:
        settings.forget()


def readable() -> "Iterator[DbtSettings]":
    """The settings of the dbt projects. What is wrong with one is logged."""
    from dbt_lineage.core import settings
    from dbt_lineage.core.projects import projects

    try:
        found = projects()
    except settings.SettingsError as error:  # the DAG files say it on Airflow's page
        log.warning("no dbt project to get ready for: %s", error)
        return
    for project in found:
        try:
            yield project.dbt
        except settings.SettingsError as error:
            log.warning("no dbt project to get ready for: %s", error)


def adapters_of(found: "list[DbtSettings]") -> list[str]:
    """The modules of the adapters that projects build with. A profile that cannot be read is logged."""
    from dbt_lineage.core.errors import SettingsError
    from dbt_lineage.warehouse.profile import target_of

    modules = []
    for dbt in found:
        try:
            target = target_of(dbt.profiles_file, dbt.profile, dbt.target)
            if target is not None:
                modules.append(f"dbt.adapters.{target.adapter.type}")
        except SettingsError as error:
            log.warning("no adapter to get ready for: %s", error)
    return list(dict.fromkeys(modules))


def parse_cache(dbt: "DbtSettings") -> Path:
    """What dbt keeps of a project that it has parsed."""
    return dbt.parse_cache / "target" / "partial_parse.msgpack"


def share_memory() -> None:
    """Let the collector of garbage leave alone what is there now: in each task it would look at all of it again and again.

    By that it would also write to it, and memory that a forked process writes to is copied.
    """
    gc.collect()
    gc.freeze()


READY: dict[str, Callable[[], None]] = {
    "scheduler": get_scheduler_ready,
    "triggerer": get_triggerer_ready,
    "dag-processor": get_dag_processor_ready,
}

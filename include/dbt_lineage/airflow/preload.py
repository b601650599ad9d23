"""Prepare Airflow's processes ahead of their tasks. A listener, which Airflow calls when they start.

- The scheduler imports dbt, Cosmos and OpenLineage, and lets dbt parse once. Tasks that its local executor forks inherit
  that. Otherwise it would take as long as building a small project.
- The triggerer is changed to do only what the tasks of dbt's nodes need.
- The DAG processor imports once what each parsing process of a DAG file would import again.

All of this is for speed. What does not work is logged and skipped: nothing here stops a process of Airflow.
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

from dbt_lineage.airflow import dags

if TYPE_CHECKING:
    from dbt_lineage.core.settings import DbtSettings

# None of them reads a setting as it is imported: those may change, and are read with each DAG file.
OWN_DAGS = tuple(f"{dags.__name__}.{name}" for name in dags.NAMES)

NEEDED_BY_TASKS = (
    *OWN_DAGS,
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

NEEDED_BY_DAG_FILES = (
    *OWN_DAGS,
    "dbt_lineage.airflow.readable",
    "cosmos.airflow.task_group",
    "cosmos.operators.local",
    "cosmos.plugin.airflow3",
    "airflow.providers.smtp.notifications.smtp",
)

log = logging.getLogger(__name__)


@hookimpl
def on_starting(component: Any) -> None:
    """Prepare a component that starts. Airflow calls this before the component forks, and again in forked tasks."""
    for name, get_ready in READY.items():
        if name in sys.argv:
            get_ready()
            # So a task that is forked from this process has nothing left to do.
            READY.clear()
            return


def get_scheduler_ready() -> None:
    """Prepare in the scheduler what its tasks need."""
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
    """Let the triggerer skip work that the tasks of dbt's nodes do not need."""

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
    """Import ahead what the DAG files import."""
    import_ahead(NEEDED_BY_DAG_FILES)


def import_ahead(modules: Iterable[str]) -> None:
    """Import modules. Missing ones are logged."""
    for module in modules:
        attempt(f"importing {module}", partial(import_if_installed, module))


def attempt(name: str, do: Callable[[], None]) -> None:
    """Run a step that may fail, since another version may lack a module or a private name. A failure costs only speed."""
    try:
        do()
    except Exception as error:
        log.warning("%s ahead of the tasks failed, so they will be slower: %r", name, error)


def import_if_installed(module: str) -> None:
    """Import a module, unless its package is not installed."""
    if importlib.util.find_spec(module.split(".")[0]) is not None:
        importlib.import_module(module)


def warm_up() -> None:
    """Let dbt parse one project, from the files of ``dbt-lineage manifest``, so that only what changed is parsed.

    When dbt first parses in a process, it generates the code that reads and writes its manifest. So one of several
    projects is enough. If no project can be parsed, tasks start later and report the error themselves. A project with a
    dbt program of its own needs none of this.
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
    """The settings of the dbt projects that run the dbt of this environment. The settings' caches are cleared again.

    Tasks are forked from this process, and must read the configuration file as it is then.
    """
    from dbt_lineage.core import settings

    try:
        return [dbt for dbt in readable() if dbt.executable is None]
    finally:
        settings.forget()


def readable() -> "Iterator[DbtSettings]":
    """The settings of the dbt projects. Wrong settings are logged."""
    from dbt_lineage.core import settings
    from dbt_lineage.core.projects import projects

    try:
        found = projects()
    except settings.SettingsError as error:  # Airflow's page shows it as an import error
        log.warning("no dbt project to get ready for: %s", error)
        return
    for project in found:
        try:
            yield project.dbt
        except settings.SettingsError as error:
            log.warning("no dbt project to get ready for: %s", error)


def adapters_of(found: "list[DbtSettings]") -> list[str]:
    """The modules of the projects' adapters. A profile that cannot be read is logged."""
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
    """The file in which dbt keeps a parsed project."""
    return dbt.parse_cache / "target" / "partial_parse.msgpack"


def share_memory() -> None:
    """Exclude all present objects from garbage collection, which would go through them again and again in each task.

    It would also write to them, and memory that a forked process writes to is copied.
    """
    gc.collect()
    gc.freeze()


READY: dict[str, Callable[[], None]] = {
    "scheduler": get_scheduler_ready,
    "triggerer": get_triggerer_ready,
    "dag-processor": get_dag_processor_ready,
}

"""Emit the lineage events of dbt in an Airflow task: live as each node finishes, or after dbt has ended."""

import json
import logging
import shutil
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from airflow.sdk.definitions.context import Context
from cosmos.config import ProfileConfig

from dbt_lineage.airflow.dbt_tasks.internals import lineage_is_on
from dbt_lineage.core import settings
from dbt_lineage.core.settings import DbtSettings

if TYPE_CHECKING:
    from openlineage.common.provider.dbt.facets import ParentRunMetadata

    from dbt_lineage.events.dbt_events import Interval
    from dbt_lineage.events.live import EmittingProcess, LiveLineage

ARTIFACTS = ("manifest.json", "run_results.json")

log = logging.getLogger(__name__)


def emit_node_events(project_dir: str, context: Context, dbt: DbtSettings) -> None:
    """Emit the lineage events of each node that dbt just ran. A ``callback`` that Cosmos calls after dbt.

    Args:
        project_dir: Cosmos' copy of the project, with dbt's artifacts in ``target``.
        context: the context of the Airflow task that ran dbt.
        dbt: the settings of the dbt project.

    Raises:
        HandoverError: the worker's disk is temporary, and the events could not be handed over (``SPOOL_HANDOVER``).
        SpoolError: the disk refused an event.
    """
    from dbt_lineage.events.columns_of_run import ColumnsOfRun
    from dbt_lineage.events.dbt_events import node_events
    from dbt_lineage.events.dbt_run import load_artifacts
    from dbt_lineage.events.emit import emit_all

    if lineage_is_on(context["task"]):
        run, results = load_artifacts(Path(project_dir), dbt.profiles_file.parent, dbt.target)
        namespace = settings.openlineage().namespace
        columns = ColumnsOfRun.of(dbt.profiles_file, dbt.profile, dbt.target, in_process=False)
        known = columns.after_dbt() if columns else None
        events = node_events(run, results, _parent_run(context), namespace, _data_interval(context), known)
        emit_all(events)
        log.info("emitted %d lineage events", len(events))
        hand_over_events()


def hand_over_events() -> None:
    """Move the events to where they outlive this worker, as ``SPOOL_HANDOVER`` sets; nothing by default.

    Raises:
        HandoverError: that did not succeed in time, so the task must fail.
        SpoolError: the spool's disk failed.
    """
    if settings.spool().handover != "off":
        from dbt_lineage.relay.handover import hand_over

        hand_over()


def keep_artifacts(project_dir: str, context: Context, dbt: DbtSettings) -> None:
    """Copy the artifacts of a build for the catalogue, before the next dbt command overwrites them. A ``callback``.

    Artifacts of another command are not copied, such as those of seeds that failed before the build.

    Args:
        project_dir: Cosmos' copy of the project, with dbt's artifacts in ``target``.
        context: the context of the Airflow task that ran dbt.
        dbt: the settings of the dbt project.

    Raises:
        LedgerError: the artifacts are shared (``DBT_ARTIFACTS_SHARED``), and the ledger's database did not store them.
    """
    run_results = Path(project_dir) / "target" / "run_results.json"
    if not run_results.exists() or json.loads(run_results.read_text(encoding="utf-8"))["args"]["which"] != "build":
        return
    dbt.run_artifacts.mkdir(parents=True, exist_ok=True)
    for name in ARTIFACTS:
        new = dbt.run_artifacts / f"{name}.new"
        shutil.copyfile(Path(project_dir) / "target" / name, new)
        new.replace(dbt.run_artifacts / name)
    if dbt.artifacts_shared:
        from dbt_lineage.ledger.artifacts import ArtifactLedger

        with ArtifactLedger(settings.ledger()) as ledger:
            ledger.keep(dbt.dag_id, {name: (dbt.run_artifacts / name).read_bytes() for name in ARTIFACTS})


def fetch_artifacts(dbt: DbtSettings) -> None:
    """Copy the artifacts of the last build to this machine, if they are shared (``DBT_ARTIFACTS_SHARED``).

    Args:
        dbt: the settings of the dbt project.

    Raises:
        LedgerError: the ledger's database is unreachable, too slow or refused the query.
    """
    if not dbt.artifacts_shared:
        return
    from dbt_lineage.ledger.artifacts import ArtifactLedger

    with ArtifactLedger(settings.ledger()) as ledger:
        files = ledger.newest(dbt.dag_id)
    dbt.run_artifacts.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        new = dbt.run_artifacts / f"{name}.new"
        new.write_bytes(content)
        new.replace(dbt.run_artifacts / name)


def emitting_process(context: Context) -> "AbstractContextManager[EmittingProcess | None]":
    """The process that emits the lineage of a task's dbt command; None when lineage is off for the task."""
    if not lineage_is_on(context["task"]):
        return nullcontext()
    from dbt_lineage.events.live import EmittingProcess

    return EmittingProcess()


def live_lineage(
    process: "EmittingProcess",
    context: Context,
    profile: ProfileConfig,
    project_dir: Path,
    command: list[str],
    environment: Mapping[str, str],
    in_process: bool,
) -> "LiveLineage":
    """The emitter of a dbt command that is about to run. It emits the events of each node as it finishes.

    Args:
        process: the process that builds the events.
        context: the context of the Airflow task that runs dbt.
        profile: the profile that dbt runs with.
        project_dir: the folder that dbt runs in.
        command: dbt's command line, with the executable first.
        environment: dbt's variables.
        in_process: whether dbt runs in this process.
    """
    from dbt_lineage.events.columns_of_run import ColumnsOfRun
    from dbt_lineage.events.dbt_run import may_read_part
    from dbt_lineage.events.live import Invocation, LiveLineage

    profiles = profile.profiles_yml_filepath
    invocation = Invocation(
        project_dir=project_dir,
        profiles_dir=Path(profiles).parent if profiles is not None else project_dir,
        target=profile.target_name,
        command=command,
        parent=_parent_run(context),
        job_namespace=settings.openlineage().namespace,
        interval=_data_interval(context),
        may_read_part=may_read_part(command, environment),
    )
    file = invocation.profiles_dir / "profiles.yml"
    columns = ColumnsOfRun.of(file, profile.profile_name, profile.target_name, in_process)
    return LiveLineage(invocation, process, columns)


def _data_interval(context: Context) -> "Interval | None":
    """The data interval of the DAG run; None for a run that was started by hand."""
    dag_run = context["dag_run"]
    start, end = dag_run.data_interval_start, dag_run.data_interval_end
    return (start, end) if start is not None and end is not None else None


def _parent_run(context: Context) -> "ParentRunMetadata":
    """The Airflow task as parent and its DAG run as root, named as Airflow's own OpenLineage events name them."""
    from airflow.providers.openlineage.plugins import macros
    from openlineage.common.provider.dbt.facets import ParentRunMetadata

    ti = context["ti"]
    return ParentRunMetadata(
        run_id=macros.lineage_run_id(ti),
        job_name=macros.lineage_job_name(ti),
        job_namespace=macros.lineage_job_namespace(),
        root_parent_run_id=macros.lineage_root_run_id(ti),
        root_parent_job_name=macros.lineage_root_job_name(ti),
        root_parent_job_namespace=macros.lineage_root_job_namespace(ti),
    )

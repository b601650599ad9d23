"""Run dbt by hand, with the same lineage as in Airflow: ``dbt-lineage dbt build --select orders``.

With several dbt projects, ``--project NAME`` is required.
"""

from argparse import ArgumentParser
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from openlineage.client.event_v2 import RunEvent, RunState
from openlineage.client.facet_v2 import job_type_job
from openlineage.client.uuid import generate_new_uuid
from openlineage.common.provider.dbt.facets import ParentRunMetadata
from openlineage.common.provider.dbt.utils import PRODUCER, generate_run_event

from dbt_lineage.core import settings
from dbt_lineage.core.projects import chosen
from dbt_lineage.core.settings import DbtSettings
from dbt_lineage.events.columns_of_run import ColumnsOfRun
from dbt_lineage.events.dbt_events import node_events
from dbt_lineage.events.dbt_run import BUILDING, last_invocation, load_artifacts
from dbt_lineage.events.emit import emit_all
from dbt_lineage.manifest.dbt_program import run_dbt
from dbt_lineage.manifest.project_file import project_name
from dbt_lineage.spool.switch import Off, Switch

# dbt's commands; of those with two words, the first.
COMMANDS = (
    *(*BUILDING, "retry", "clone", "compile", "docs", "source", "show", "list", "ls", "parse"),
    *("run-operation", "deps", "clean", "debug", "init"),
)


def main(arguments: list[str]) -> int:
    """Run dbt, then emit the events of the command and of each node that it built or tested.

    dbt writes its artifacts to the folder of the settings, because a container may not write into the project. Only the
    artifacts of this invocation are read.

    Args:
        arguments: dbt's own, without folder, profile and target, which are settings. With several projects,
            ``--project NAME`` is required, at any place.

    Returns:
        dbt's exit code.

    Raises:
        ArtifactsError: dbt left run results and the manifest of another invocation.
        DbtProgramError: there is no dbt to run.
        SpoolError: the disk refused an event.
        UnknownProject: there is no such project, or there are several and none was named.
    """
    name, arguments = _project_named(arguments)
    dbt = chosen(name).dbt
    # One folder for each target, since several may be built at the same time.
    folder = dbt.artifacts_dir / "by_hand" / dbt.target
    before = last_invocation(folder)
    started_at = _now()
    exit_code = _run_dbt(arguments, dbt, folder)
    events = _events(arguments, dbt, folder, before, started_at, exit_code)
    if events:
        emit_all(events)
        print(what_became_of(len(events), Switch(settings.spool().dir).off()))
    return exit_code


def _project_named(arguments: list[str]) -> tuple[str | None, list[str]]:
    """The project of ``--project``, and the arguments without it, since dbt has no such option."""
    parser = ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--project")
    known, others = parser.parse_known_args(arguments)
    return known.project, others


def _run_dbt(arguments: list[str], dbt: DbtSettings, folder: Path) -> int:
    target, logs = str(folder / "target"), str(folder / "logs")
    places = {"DBT_LOG_PATH": logs}
    # dbt clean deletes folders of the project, and refuses a target folder outside of it.
    if _command(arguments) != "clean":
        places["DBT_TARGET_PATH"] = target
    # With a command that builds, the user's own option must not move the artifacts. Other commands lack these options.
    options = ["--write-json", "--target-path", target] if _may_build(arguments) else []
    return run_dbt(dbt, [*arguments, *dbt.options, *options], env=places).returncode


def _events(
    arguments: list[str], dbt: DbtSettings, folder: Path, before: str | None, started_at: str, exit_code: int
) -> list[RunEvent]:
    """The events of an ended invocation; none if it built and tested nothing.

    Args:
        arguments: dbt's arguments.
        dbt: the settings.
        folder: the folder with dbt's artifacts in ``target``.
        before: id of the invocation whose artifacts were there before.
        started_at: when it started, ISO 8601.
        exit_code: dbt's exit code.
    """
    parent = ParentRunMetadata(
        run_id=str(generate_new_uuid()),
        job_name=f"dbt-run-{project_name(dbt)}",
        job_namespace=settings.openlineage().namespace,
    )
    nodes: list[RunEvent] = []
    if last_invocation(folder) not in (before, None):
        left, results = load_artifacts(folder, dbt.profiles_file.parent, dbt.target)
        if not left.builds:
            return []
        columns = ColumnsOfRun.of(dbt.profiles_file, dbt.profile, dbt.target, in_process=False)
        nodes = node_events(
            replace(left, project_dir=dbt.project_dir),
            results,
            parent,
            parent.job_namespace,
            columns=columns.after_dbt() if columns else None,
        )
    elif not exit_code or not _may_build(arguments):
        return []
    return [
        _command_event(RunState.START, started_at, parent),
        *nodes,
        _command_event(RunState.FAIL if exit_code else RunState.COMPLETE, _now(), parent),
    ]


def _command(arguments: list[str]) -> str | None:
    """The first word of dbt's command."""
    return next((each for each in arguments if each in COMMANDS), None)


def _may_build(arguments: list[str]) -> bool:
    """Whether dbt's command builds or tests, or retries one that does."""
    return _command(arguments) in (*BUILDING, "retry")


def what_became_of(events: int, off: Off | None) -> str:
    """One sentence on what happened to events that were emitted.

    Args:
        events: their number.
        off: the switch; None when the lineage is on.
    """
    if off is None:
        return f"emitted {events} lineage events"
    return f"{off}: {events} events are {'kept aside' if off.keeps else 'let go of'}"


def _command_event(state: RunState, time: str, parent: ParentRunMetadata) -> RunEvent:
    job_type = job_type_job.JobTypeJobFacet(jobType="JOB", integration="DBT", processingType="BATCH", producer=PRODUCER)
    return generate_run_event(
        event_type=state,
        event_time=time,
        run_id=parent.run_id,
        job_name=parent.job_name,
        job_namespace=parent.job_namespace,
        job_facets={"jobType": job_type},
    )


def _now() -> str:
    return datetime.now(UTC).isoformat()

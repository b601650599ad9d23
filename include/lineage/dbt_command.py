"""dbt by hand, with the same lineage as in Airflow: ``python -m include.lineage.dbt_command build --select orders``."""

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime

from openlineage.client.event_v2 import RunEvent, RunState
from openlineage.client.facet_v2 import job_type_job
from openlineage.client.uuid import generate_new_uuid
from openlineage.common.provider.dbt.facets import ParentRunMetadata
from openlineage.common.provider.dbt.utils import PRODUCER, generate_run_event

from include import commands, settings
from include.dbt.environment import environment
from include.lineage.dbt_events import node_events
from include.lineage.dbt_run import load_artifacts
from include.lineage.emit import emit_all
from include.spool.switch import Off, Switch


def main(arguments: list[str]) -> int:
    """Run dbt, then emit the events of the command and of each node that it ran.

    What dbt leaves behind goes to the artifacts of the settings: into the project itself, a container may not write.

    Args:
        arguments: dbt's own, without project, profile and target: those are settings.

    Returns:
        dbt's exit code.

    Raises:
        ManifestError, ArtifactsError: dbt ended before it ran a node.
        SpoolError: the disk refused an event.
    """
    dbt = settings.dbt()
    # Apart from those of other targets, which may be built at the same time.
    folder = dbt.artifacts_dir / "by_hand" / dbt.target
    places = ["--target-path", str(folder / "target"), "--log-path", str(folder / "logs")]
    started_at = _now()
    command = [sys.executable, "-m", "dbt.cli.main", *arguments, *dbt.options, *places]
    done = subprocess.run(command, env=environment(dbt))
    left, results = load_artifacts(folder, dbt.profiles_file.parent, dbt.target)
    run = replace(left, project_dir=dbt.project_dir)
    parent = ParentRunMetadata(
        run_id=str(generate_new_uuid()),
        job_name=f"dbt-run-{run.manifest.content['metadata']['project_name']}",
        job_namespace=settings.openlineage().namespace,
    )
    events = [
        _command_event(RunState.START, started_at, parent),
        *node_events(run, results, parent, parent.job_namespace),
        _command_event(RunState.FAIL if done.returncode else RunState.COMPLETE, _now(), parent),
    ]
    emit_all(events)
    print(what_became_of(len(events), Switch(settings.spool().dir).off()))
    return done.returncode


def what_became_of(events: int, off: Off | None) -> str:
    """In words, of so many events that were emitted just now; ``off`` is the switch."""
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


if __name__ == "__main__":
    commands.run("dbt", lambda: main(sys.argv[1:]))

"""Emits a story through the standard OpenLineage client: ``python -m stack.chaos.emitter``, a process to be killed."""

import json
import time
from pathlib import Path
from random import Random
from typing import Annotated

import typer
from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.facet_v2 import column_lineage_dataset, job_type_job, parent_run

from dbt_lineage.core import settings
from dbt_lineage.relay.handover import hand_over
from stack.chaos.story import ModelRun, Story, StoryEvent
from stack.chaos.truth import BEGUN, EMITTED, Diary, Truth

PRODUCER = "https://github.com/OpenLineage/OpenLineage/tree/1.54.0/integration/dbt"
_PAUSE_SECONDS = 0.04


def main(
    seed: Annotated[str, typer.Option(help="what the story is drawn from")],
    schema: Annotated[str, typer.Option(help="schema of its tables")],
    diary: Annotated[Path, typer.Option(help="file where it writes down what it does")],
    transport: Annotated[str, typer.Option(help="OpenLineage's transport configuration, JSON")],
    ends: Annotated[bool, typer.Option("--hand-over", help="end as a task does, by SPOOL_HANDOVER")] = False,
) -> None:
    """Emit what was not emitted yet, at the pace of models that end at random."""
    story = Story(seed, schema)
    done = Truth.read(diary).emitted
    notes = Diary(diary)
    client = OpenLineageClient(config={"transport": json.loads(transport)})
    pause = Random(f"{seed} pauses")  # noqa: S311 - it has to be repeatable
    for place, event in enumerate(story.events):
        if place in done:
            continue
        notes.note(BEGUN, place)
        client.emit(run_event(event, story))
        notes.note(EMITTED, place)
        time.sleep(pause.expovariate(1 / _PAUSE_SECONDS))
    client.close()
    if ends:
        hand_over()


def run_event(event: StoryEvent, story: Story) -> RunEvent:
    """An event as dbt's integration makes them."""
    namespace = story.schema
    parent = parent_run.ParentRunFacet(
        run=parent_run.Run(story.task_run_id),
        job=parent_run.Job(namespace, "chaos.build"),
        root=parent_run.Root(parent_run.RootRun(story.root_run_id), parent_run.RootJob(namespace, "chaos")),
    )
    job_type = job_type_job.JobTypeJobFacet(processingType="BATCH", integration="DBT", jobType="MODEL")
    return RunEvent(
        eventType=RunState[event.outcome],
        eventTime=event.time.isoformat(),
        producer=PRODUCER,
        run=Run(event.run.run_id, facets={"parent": parent}),
        job=Job(namespace, event.run.model, facets={"jobType": job_type}),
        inputs=[InputDataset(*_named(source, story)) for source in event.run.sources],
        outputs=[OutputDataset(*_named(event.run.model, story), facets={"columnLineage": _columns(event.run, story)})],
    )


def _named(table: str, story: Story) -> tuple[str, str]:
    warehouse = settings.warehouse()
    return warehouse.namespace, f"{warehouse.database}.{story.schema}.{table}"


def _columns(run: ModelRun, story: Story) -> column_lineage_dataset.ColumnLineageDatasetFacet:
    fields: dict[str, column_lineage_dataset.Fields] = {}
    for source, pairs in run.sources.items():
        for upstream, downstream in pairs:
            field = fields.setdefault(downstream, column_lineage_dataset.Fields(inputFields=[]))
            field.inputFields.append(column_lineage_dataset.InputField(*_named(source, story), upstream))
    return column_lineage_dataset.ColumnLineageDatasetFacet(fields=fields)


if __name__ == "__main__":
    typer.run(main)

"""Negative controls: the same blows at the stock parts. A harness that finds nothing lost there finds nothing anywhere."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

from openlineage.client.serde import Serde

from dbt_lineage.core import settings
from dbt_lineage.events.run_event import parsed
from dbt_lineage.ingest.connector import run_workflow
from dbt_lineage.ingest.curate import curated_message, reduced
from dbt_lineage.ingest.workflows import WorkflowError, Workflows
from dbt_lineage.kafka.writer import Writer
from dbt_lineage.warehouse.postgres import PostgresWarehouse
from stack.chaos.catalogue import TrialCatalogue
from stack.chaos.emission import Emission, topic_ends
from stack.chaos.emitter import run_event
from stack.chaos.plan import strike
from stack.chaos.story import Story
from stack.config import StackConfig

EVENTS_TOPIC = "chaos.stock.events"
LINEAGE_TOPIC = "chaos.stock.lineage"
# An outage lasts hours and OpenLineage's transport gives an event up after minutes; here both last seconds.
_AWAY_SECONDS = 6.0
_GIVES_UP_MILLISECONDS = 3000
_REFUSED_WRITES = 3
_CONNECTOR_SECONDS = 180.0


@dataclass(frozen=True)
class ControlVerdict:
    """What a control came to.

    Args:
        events_lost: events whose ``emit`` returned and that are not in the topic.
        edges_missing: edges, of tables and of columns, that should be in the catalogue and are not.
    """

    events_lost: int = 0
    edges_missing: int = 0


def stock_transport(config: StackConfig, seed: str, schema: str) -> ControlVerdict:
    """OpenLineage's own Kafka transport, and a broker that is killed while events are emitted."""
    chance = Random(f"{seed} {schema}")  # noqa: S311 - it has to be repeatable
    blow = replace(
        strike("kafka", chance), phase="emission", after_seconds=chance.uniform(0, 1), away_seconds=_AWAY_SECONDS
    )
    before = topic_ends(EVENTS_TOPIC)
    emission = Emission(config, seed, schema, blow)
    truth = emission.run(_stock_transport(config))
    return ControlVerdict(events_lost=len(truth.emitted - emission.arrived(EVENTS_TOPIC, before).keys()))


def plain_connector(config: StackConfig, seed: str, schema: str) -> ControlVerdict:
    """OpenMetadata's connector as its manual says, and a catalogue that answers 500 to some writes.

    It is run again when the catalogue is well, in the same consumer group, as a schedule would.
    """
    story = Story(seed, schema)
    _send_curated(story)
    openmetadata = settings.openmetadata()
    kafka = settings.kafka().model_copy(update={"lineage_topic": LINEAGE_TOPIC})
    workflows = Workflows(openmetadata, PostgresWarehouse(settings.warehouse()), kafka, settings.dbt())
    # All but the names of schemas, which only the other workflows read: there is no dbt project here.
    variables = workflows.connector_environment()
    with (
        _output_to(config.logs / f"chaos-{schema}.log"),
        TrialCatalogue(openmetadata, settings.warehouse().database) as catalogue,
    ):
        catalogue.make_tables(schema)
        catalogue.recover()
        catalogue.fail("answers 500", times=_REFUSED_WRITES, applied=False)
        for _ in range(2):
            # What it says of its success counts for nothing, here too.
            with suppress(WorkflowError):
                run_workflow(workflows, "openlineage", variables, _CONNECTOR_SECONDS)
            catalogue.recover()
        missing = story.lineage(range(len(story.events))) - catalogue.lineage(schema)
    return ControlVerdict(edges_missing=len(missing))


@contextmanager
def _output_to(log: Path) -> Iterator[None]:
    """Let what is started inside write its log there, not between the trials' lines."""
    kept = {stream: os.dup(stream) for stream in (1, 2)}
    with log.open("ab") as file:
        for stream in kept:
            os.dup2(file.fileno(), stream)
    try:
        yield
    finally:
        for stream, copy in kept.items():
            os.dup2(copy, stream)
            os.close(copy)


def _stock_transport(config: StackConfig) -> dict[str, Any]:
    broker = {
        **settings.kafka().client,
        "bootstrap.servers": config.address("kafka"),
        "acks": "all",
        "message.timeout.ms": str(_GIVES_UP_MILLISECONDS),
    }
    return {"type": "kafka", "topic": EVENTS_TOPIC, "config": broker, "flush": True}


def _send_curated(story: Story) -> None:
    """The last COMPLETE event of each model, as the connector needs it."""
    last = {event.run.model: event for event in story.events if event.outcome == "COMPLETE"}
    with Writer(settings.kafka()) as writer:
        for event in last.values():
            curated = reduced(parsed(Serde.to_json(run_event(event, story)).encode()))
            if curated is not None:
                writer.write(LINEAGE_TOPIC, *curated_message(curated), [])

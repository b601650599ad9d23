"""The curated topic: just what OpenMetadata's connector can turn into right edges.

The connector makes ``inputs x outputs`` edges from START events of models that then fail, gives every run of a DAG
one pipeline, and a service of its own to dbt's jobs. From COMPLETE events of models, seeds and snapshots without
facets of run and job it makes exactly the edges of the model, in a pipeline named after the model, in the configured
service.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from confluent_kafka import Message
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel
from pydantic_core import ErrorDetails

from include.kafka.offsets import Bookmarks
from include.kafka.reader import header, messages, position
from include.kafka.writer import Writer
from include.settings import KafkaSettings

# Columns whose names are not in lower case: in a facet of our own, in the form of ``columnLineage``. The connector puts
# every name into lower case, and the catalogue refuses an edge with a column that its table does not have.
CASED_COLUMNS = "columnLineageOfCasedNames"
JOB_TYPES = ("MODEL", "SEED", "SNAPSHOT")


class MalformedEvent(ValueError):
    """A message is not an OpenLineage run event; the message says what is wrong with it."""


Name = Annotated[str, Field(min_length=1)]
Facets = dict[str, dict[str, Any]]


class _Part(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)


class Dataset(_Part):
    """An input or output of a run event, as far as the lineage needs it."""

    namespace: Name
    name: Name
    facets: Facets = {}


class InputField(_Part):
    """A column that another is made from; without transformations its values are taken to flow there."""

    namespace: Name
    name: Name
    field: Name
    transformations: list[dict[str, Any]] = []

    @property
    def is_direct(self) -> bool:
        """Whether values flow, rather than only decide."""
        return not self.transformations or any(each.get("type") == "DIRECT" for each in self.transformations)


class ColumnSources(_Part):
    """What one column is made from."""

    input_fields: list[InputField]


class ColumnLineageFacet(_Part):
    """The facet ``columnLineage``, as far as the lineage needs it."""

    fields: dict[str, ColumnSources]


class Job(_Part):
    """The job of a run event."""

    namespace: Name
    name: Name
    facets: Facets = {}


class Run(_Part):
    """The run of a run event."""

    run_id: Name


class RunEvent(_Part):
    """A run event, with the fields that the lineage needs; others may be there."""

    event_time: Name
    event_type: str | None = None
    job: Job
    run: Run
    inputs: list[Dataset] | None = None
    outputs: list[Dataset] | None = None


@dataclass(frozen=True)
class Curated:
    """What one pass over the events topic did.

    Args:
        up_to: by partition of the events topic, the offset that the pass ended before.
        read: how many events were read.
        passed_on: how many went to the curated topic.
        malformed: how many went to the dead letters.
        copies: how many were second copies of another one of the pass.
    """

    up_to: Mapping[int, int]
    read: int = 0
    passed_on: int = 0
    malformed: int = 0
    copies: int = 0


@dataclass
class _Pass:
    """One pass: its counts so far, and the ids of its events."""

    kafka: KafkaSettings
    writer: Writer
    counts: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("read", "passed_on", "malformed", "copies"), 0)
    )
    ids: set[bytes] = field(default_factory=set)

    def take(self, message: Message) -> None:
        """Pass one event on, to where it belongs."""
        self.counts["read"] += 1
        event_id = header(message, "event_id")
        if event_id is not None and event_id in self.ids:
            self.counts["copies"] += 1
            return
        try:
            event = reduced(parsed(message.value()))
        except MalformedEvent as problem:
            self.counts["malformed"] += 1
            headers = [("reason", str(problem).encode()), *origin(message)]
            self.writer.write(self.kafka.dlq_topic, message.value(), message.key(), headers)
        else:
            if event is not None:
                self.counts["passed_on"] += 1
                self.writer.write(self.kafka.lineage_topic, *curated_message(event), origin(message))
        if event_id is not None:
            self.ids.add(event_id)


def curate(kafka: KafkaSettings, group: str) -> Curated:
    """Pass what is new in the events topic on to the curated topic, up to where the events topic ends now.

    The group's offsets move only when the curated topic has acknowledged: a pass that dies is done again, and an
    event that is passed on twice makes the same edges. Second copies of an event within the pass, told by the header
    ``event_id``, are left out. What is passed on, and what goes to the dead letters, carries that id and its position
    in the events topic (header ``source``: ``topic[partition]@offset``).

    Args:
        kafka: the cluster and the topics.
        group: the consumer group whose offsets say what is new.

    Raises:
        BrokerError: the cluster did not answer or did not acknowledge in time.
    """
    bookmarks = Bookmarks(kafka, kafka.events_topic)
    start, ends = bookmarks.unread(group)
    with Writer(kafka) as writer:
        current = _Pass(kafka, writer)
        for message in messages(kafka, kafka.events_topic, start, ends):
            current.take(message)
    bookmarks.move(group, ends)
    return Curated(ends, **current.counts)


def curated_message(event: Mapping[str, Any]) -> tuple[bytes, bytes]:
    """Value and key of a curated event: the events of one job stay in order."""
    return json.dumps(event).encode(), event["job"]["name"].encode()


def origin(message: Message) -> list[tuple[str, bytes]]:
    """The headers that tell where a message comes from: ``source`` and, if it has one, ``event_id``."""
    event_id = header(message, "event_id")
    return [("source", position(message).encode()), *([("event_id", event_id)] if event_id is not None else [])]


def parsed(value: bytes | None) -> RunEvent:
    """The event in a message.

    Raises:
        MalformedEvent: the message is no JSON, or not what every run event is (OpenLineage 2-0-2, RunEvent).
    """
    try:
        return RunEvent.model_validate(json.loads(value or b""))
    except ValidationError as error:
        raise MalformedEvent("; ".join(_problem(each) for each in error.errors())) from None
    except (ValueError, RecursionError) as error:
        raise MalformedEvent(f"not JSON: {error}") from None


def reduced(event: RunEvent) -> dict[str, Any] | None:
    """The event as the connector should see it; None when it carries no lineage that is true."""
    job_type = event.job.facets.get("jobType", {}).get("jobType")
    if event.event_type != "COMPLETE" or job_type not in JOB_TYPES or not event.inputs or not event.outputs:
        return None
    return {
        "eventType": "COMPLETE",
        "eventTime": event.event_time,
        "run": {},
        "job": {"namespace": event.job.namespace, "name": event.job.name},
        "inputs": [_reduced_dataset(dataset) for dataset in event.inputs],
        "outputs": [_reduced_dataset(dataset) for dataset in event.outputs],
    }


def carries_lineage(message: Message) -> bool:
    """Whether an event is one that is passed on to the curated topic."""
    try:
        return reduced(parsed(message.value())) is not None
    except MalformedEvent:
        return False


def _reduced_dataset(dataset: Dataset) -> dict[str, Any]:
    sources = _direct_sources(dataset)
    whose = {key: value for key, value in dataset.facets.get("columnLineage", {}).items() if key.startswith("_")}
    facets = {
        name: {**whose, "fields": fields}
        for name, cased in (("columnLineage", False), (CASED_COLUMNS, True))
        if (fields := _fields(sources, cased))
    }
    return {"namespace": dataset.namespace, "name": dataset.name, **({"facets": facets} if facets else {})}


def _fields(sources: Mapping[str, list[dict[str, Any]]], cased: bool) -> dict[str, Any]:
    """The sources between columns one of which has a name that is not in lower case, or all others."""
    fields = {
        column: [source for source in each if _is_cased(column, source["field"]) is cased]
        for column, each in sources.items()
    }
    return {column: {"inputFields": each} for column, each in fields.items() if each}


def _is_cased(*names: str) -> bool:
    return any(name != name.lower() for name in names)


def _direct_sources(dataset: Dataset) -> dict[str, list[dict[str, Any]]]:
    """Each column with those that its values come from.

    The connector does not tell them from the columns that only decide which values: those are left out.

    Raises:
        MalformedEvent: the facet is not what it should be.
    """
    facet = dataset.facets.get("columnLineage")
    if not facet:
        return {}
    try:
        told = ColumnLineageFacet.model_validate(facet)
    except ValidationError as error:
        problems = "; ".join(_problem(each) for each in error.errors())
        raise MalformedEvent(f"columnLineage of {dataset.name}: {problems}") from None
    return {
        column: [
            source.model_dump(include={"namespace", "name", "field"})
            for source in each.input_fields
            if source.is_direct
        ]
        for column, each in told.fields.items()
    }


def _problem(error: ErrorDetails) -> str:
    return f"{'.'.join(str(part) for part in error['loc']) or 'event'}: {error['msg']}"

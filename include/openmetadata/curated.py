"""The curated topic as the ingestion sees it: events, the edges that each one says, and which of them still count."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from confluent_kafka import Message
from pydantic import BaseModel, ValidationError

from include.dbt.manifest import Edge
from include.kafka.reader import header, headers, position
from include.kafka.writer import Writer
from include.lineage.curate import CASED_COLUMNS, Dataset, Job
from include.lineage.replay import REPLAYED
from include.settings import KafkaSettings

# The columns of an edge: which is made from which, both as ``database.schema.table.column`` in lower case.
ColumnEdge = tuple[str, str]
# A job and the tables that it makes. The same model built in another target is another fact, not a newer one.
Subject = tuple[str, str, frozenset[str]]
Edges = Mapping[Edge, frozenset[ColumnEdge]]

COLUMNS = "columnLineage"
_SOURCE = re.compile(r"(?P<topic>[a-zA-Z0-9._-]+)\[(?P<partition>\d+)\]@(?P<offset>\d+)")


class Source(NamedTuple):
    """Where in the events topic a curated event comes from."""

    topic: str
    partition: int
    offset: int


class _Lineage(BaseModel):
    job: Job
    inputs: list[Dataset]
    outputs: list[Dataset]


@dataclass(frozen=True, eq=False)
class CuratedEvent:
    """A message of the curated topic.

    Args:
        partition: of the curated topic.
        offset: there.
        event_id: what tells the event from others: the header, else where it comes from.
        source: its place in the events topic; None in a message that does not tell.
        job: namespace and name; None when the message is no event.
        edges: what it says.
        problem: why it is no event; None when it is one.
        message: as it was read.
        cased: of each edge, the columns that the connector cannot write, as their tables spell them: which is made
            from which.
    """

    partition: int
    offset: int
    event_id: str
    source: Source | None
    job: tuple[str, str] | None
    edges: Edges
    problem: str | None
    message: Message
    cased: Edges = field(default_factory=dict)

    @property
    def replayed(self) -> str:
        """Which replay sent it; empty when it came by itself."""
        return (header(self.message, REPLAYED) or b"").decode(errors="replace")

    @property
    def subject(self) -> Subject | None:
        """What it tells of: a later event of the same subject supersedes it. None when it is no event."""
        return (*self.job, frozenset(edge.downstream for edge in self.edges)) if self.job else None

    @property
    def pipeline(self) -> str:
        """The name that the connector gives the job's pipeline."""
        return "-".join(self.job or ())

    def __str__(self) -> str:
        named = f"{'.'.join(self.job)}, " if self.job else ""
        return f"{named}event {self.event_id} at {position(self.message)}"


def curated_event(message: Message, database: str) -> CuratedEvent:
    """What a message of the curated topic says; one that says nothing has a problem.

    Args:
        message: the message.
        database: the database of relations that are named without one.
    """
    job: tuple[str, str] | None = None
    problem: str | None = None
    edges: Edges = {}
    cased: Edges = {}
    try:
        lineage = _Lineage.model_validate(json.loads(message.value() or b""))
        job = (lineage.job.namespace, lineage.job.name)
        edges = edges_of(lineage.inputs, lineage.outputs, database)
        cased = cased_columns(lineage.inputs, lineage.outputs, database)
    except (ValueError, RecursionError) as error:
        problem = _in_words(error)
    partition, offset = message.partition(), message.offset()
    if partition is None or offset is None:
        raise ValueError(f"a message without a position was read: {message}")
    place = (header(message, "source") or b"").decode(errors="replace")
    event_id = (header(message, "event_id") or b"").decode(errors="replace") or place or position(message)
    return CuratedEvent(partition, offset, event_id, source(place), job, edges, problem, message, cased)


def write_again(kafka: KafkaSettings, events: Iterable[CuratedEvent]) -> None:
    """Write events once more, each at the end of its partition: that is where their tries are noted.

    Args:
        kafka: the cluster and the curated topic.
        events: the events.

    Raises:
        BrokerError: the cluster did not acknowledge in time.
    """
    with Writer(kafka) as writer:
        for event in events:
            value, key = event.message.value(), event.message.key()
            writer.write(kafka.lineage_topic, value, key, headers(event.message), partition=event.partition)


def edges_of(inputs: Iterable[Dataset], outputs: Iterable[Dataset], database: str) -> Edges:
    """The edges, with their columns, that a curated event says.

    That is each output from each input, with the columns that the output's facets draw from that input; tables and
    columns by their lower-cased names, without regard of the namespace.
    """
    inputs, outputs = list(inputs), list(outputs)
    tables = {_key(each.namespace, each.name): table_name(each.name, database) for each in [*inputs, *outputs]}
    edges: dict[Edge, frozenset[ColumnEdge]] = {}
    for output in outputs:
        made = table_name(output.name, database)
        columns: dict[str, set[ColumnEdge]] = {}
        for column, table, source in _column_sources(output, tables, (COLUMNS, CASED_COLUMNS)):
            columns.setdefault(table, set()).add((f"{table}.{source.lower()}", f"{made}.{column.lower()}"))
        for each in inputs:
            upstream = table_name(each.name, database)
            edges[Edge(upstream, made)] = frozenset(columns.get(upstream, ()))
    return edges


def cased_columns(inputs: Iterable[Dataset], outputs: Iterable[Dataset], database: str) -> Edges:
    """The columns that the connector cannot write, by edge, as their tables spell them."""
    inputs, outputs = list(inputs), list(outputs)
    tables = {_key(each.namespace, each.name): table_name(each.name, database) for each in [*inputs, *outputs]}
    found: dict[Edge, set[ColumnEdge]] = {}
    for output in outputs:
        for column, table, source in _column_sources(output, tables, (CASED_COLUMNS,)):
            found.setdefault(Edge(table, table_name(output.name, database)), set()).add((source, column))
    return {edge: frozenset(columns) for edge, columns in found.items()}


def newest(events: Iterable[CuratedEvent]) -> dict[Subject, CuratedEvent]:
    """The event of each subject that counts: the others are superseded by it.

    The later one counts by the order of the events topic when both come from one partition of it, since a replay may
    bring an older event after a newer one; else by the order given.
    """
    found: dict[Subject, CuratedEvent] = {}
    for event in events:
        subject = event.subject
        if subject is not None and not _is_older(event, found.get(subject)):
            found[subject] = event
    return found


def _is_older(event: CuratedEvent, other: CuratedEvent | None) -> bool:
    if other is None or event.source is None or other.source is None:
        return False
    return event.source[:2] == other.source[:2] and event.source.offset < other.source.offset


def _column_sources(
    output: Dataset, tables: Mapping[str, str], facets: Iterable[str]
) -> Iterable[tuple[str, str, str]]:
    """Each column of an output, with the table and the column that it is drawn from; what is malformed is left out."""
    told = [output.facets.get(facet, {}).get("fields") for facet in facets]
    for column, sources in (each for fields in told if isinstance(fields, dict) for each in fields.items()):
        found = sources.get("inputFields") if isinstance(sources, dict) else None
        for source in found if isinstance(found, list) else []:
            if isinstance(source, dict):
                table = tables.get(_key(str(source.get("namespace", "")), str(source.get("name", ""))))
                if table is not None:
                    yield column, table, str(source.get("field", ""))


def _key(namespace: str, name: str) -> str:
    return f"{namespace.removesuffix('/')}/{name.removeprefix('/')}"


def table_name(name: str, database: str) -> str:
    """The table of a dataset's name as the connector takes it: the last three parts, in lower case.

    Args:
        name: of the dataset.
        database: the database of a name without one.
    """
    parts = name.lower().split(".")[-3:]
    return ".".join(parts if len(parts) == 3 else [database.lower(), *parts])


def source(text: str) -> Source | None:
    """The place that a header ``source`` tells, ``topic[partition]@offset``; None when it tells none."""
    match = _SOURCE.fullmatch(text)
    return Source(match["topic"], int(match["partition"]), int(match["offset"])) if match else None


def _in_words(error: Any) -> str:
    if isinstance(error, ValidationError):
        return "; ".join(f"{'.'.join(map(str, each['loc'])) or 'event'}: {each['msg']}" for each in error.errors())
    return f"not JSON: {error}"

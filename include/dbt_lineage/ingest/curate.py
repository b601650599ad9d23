"""Fill the curated topic with what OpenMetadata's own OpenLineage connector turns into right edges.

From the events topic itself the connector would

- make ``inputs x outputs`` edges for models that then fail;
- give all runs of a DAG one pipeline;
- create a service for dbt's jobs.

So the curated topic has only COMPLETE events of models and snapshots, without facets of run and job. From these the
connector makes the model's edges, in a pipeline named after the model, in the configured service.
"""

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from confluent_kafka import Message

from dbt_lineage.core.settings import KafkaSettings
from dbt_lineage.events.run_event import Dataset, MalformedEvent, RunEvent, carries_lineage, parsed
from dbt_lineage.kafka.limits import limits_of, size_of
from dbt_lineage.kafka.offsets import Bookmarks
from dbt_lineage.kafka.reader import header, messages, position
from dbt_lineage.kafka.writer import Writer

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Curated:
    """The result of one pass over the events topic.

    Args:
        read: number of events read.
        passed_on: number of events copied to the curated topic.
    """

    read: int = 0
    passed_on: int = 0


def curate(kafka: KafkaSettings, group: str, is_ours: Callable[[tuple[str, str]], bool] = lambda job: True) -> Curated:
    """Copy new events to the curated topic, up to the present end of the events topic.

    The group's offsets are committed only after the curated topic has acknowledged. So a pass that crashes is repeated, and
    a duplicate makes the same edges. A copy has the event's id and its position in the events topic (header ``source``:
    ``topic[partition]@offset``). An event that is too large for the curated topic is sent in pieces.

    Args:
        kafka: the cluster and the topics.
        group: the consumer group whose offsets mark what is new.
        is_ours: decides by a job's namespace and name whether its events are copied. Others belong to another group.

    Returns:
        How many events were read and copied.

    Raises:
        BrokerError: the cluster did not answer or did not acknowledge in time.
    """
    bookmarks = Bookmarks(kafka, kafka.events_topic)
    start, ends = bookmarks.unread(group)
    read = passed_on = 0
    limits = limits_of(kafka, topics=(kafka.lineage_topic,))
    with Writer(kafka, limits) as writer:
        for message in messages(kafka, kafka.events_topic, start, ends):
            read += 1
            event = _curated(message) if carries_lineage(message) else None
            if event is not None and is_ours((event["job"]["namespace"], event["job"]["name"])):
                passed_on += 1
                headers = origin(message)
                for piece in pieces(event, limits.of(kafka.lineage_topic) - size_of(b"", None, headers)):
                    writer.write(kafka.lineage_topic, *curated_message(piece), headers)
    bookmarks.move(group, ends)
    return Curated(read, passed_on)


def curated_message(event: Mapping[str, Any]) -> tuple[bytes, bytes]:
    """Value and key of a curated event. The key is the job, so that its events stay in order."""
    value = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
    return value.encode(), event["job"]["name"].encode()


def pieces(event: Mapping[str, Any], room: int) -> Iterator[Mapping[str, Any]]:
    """Split a curated event into pieces. Each edge, with its columns, is in one of them.

    The connector handles each event by itself, so the pieces give the same edges as the whole.

    Args:
        event: an event from ``reduced``.
        room: how large value and key of a piece may be together, bytes.
    """
    if sum(map(len, curated_message(event))) <= room:
        yield event
        return
    side = "inputs" if len(event["inputs"]) >= len(event["outputs"]) else "outputs"
    datasets = event[side]
    middle = len(datasets) // 2
    if middle:
        for part, others in ((datasets[:middle], datasets[middle:]), (datasets[middle:], datasets[:middle])):
            piece = {**event, side: part}
            if side == "inputs":
                piece["outputs"] = [_without_sources(output, others) for output in event["outputs"]]
            yield from pieces(piece, room)
        return
    ends = [{"namespace": each["namespace"], "name": each["name"]} for each in (*event["inputs"], *event["outputs"])]
    bare = {**event, "inputs": ends[:1], "outputs": ends[1:]}
    if sum(map(len, curated_message(bare))) <= room:
        _logger.warning("the columns of %s are too large for the curated topic, and are left out", event["job"]["name"])
        yield bare
    else:
        _logger.error("an edge of %.300s has names that are too long for the curated topic", event["job"]["name"])


def origin(message: Message) -> list[tuple[str, bytes]]:
    """The headers with a message's origin: ``source`` and, if it has one, ``event_id``."""
    event_id = header(message, "event_id")
    return [("source", position(message).encode()), *([("event_id", event_id)] if event_id is not None else [])]


def reduced(event: RunEvent) -> dict[str, Any] | None:
    """The event as the connector should get it; None when it has no edge."""
    if not event.says_lineage or not event.inputs or not event.outputs:
        return None
    return {
        "eventType": "COMPLETE",
        "eventTime": event.event_time,
        "run": {},
        "job": {"namespace": event.job.namespace, "name": event.job.name},
        "inputs": [_reduced(dataset) for dataset in event.inputs],
        "outputs": [_reduced(dataset) for dataset in event.outputs],
    }


def _curated(message: Message) -> dict[str, Any] | None:
    """The curated event of a message; None without an edge, or if malformed: the ingestion dead-letters that one."""
    try:
        return reduced(parsed(message.value()))
    except MalformedEvent:
        return None


def _reduced(dataset: Dataset) -> dict[str, Any]:
    """A dataset with DIRECT columns only, since the connector does not distinguish them from INDIRECT ones."""
    facet = dataset.facets.get("columnLineage") or {}
    fields = facet.get("fields")
    direct = {
        column: {"inputFields": sources}
        for column, told in (fields if isinstance(fields, dict) else {}).items()
        if isinstance(told, dict)
        and (sources := [each for each in map(_direct, told.get("inputFields") or []) if each])
    }
    whose = {key: value for key, value in facet.items() if key.startswith("_")}
    facets = {"columnLineage": {**whose, "fields": direct}} if direct else {}
    return {"namespace": dataset.namespace, "name": dataset.name, **({"facets": facets} if facets else {})}


def _without_sources(output: Mapping[str, Any], inputs: list[Mapping[str, Any]]) -> dict[str, Any]:
    """An output without the column edges from these inputs."""
    gone = {(each["namespace"], each["name"]) for each in inputs}
    facet = output.get("facets", {}).get("columnLineage")
    if facet is None:
        return dict(output)
    fields = {
        column: {"inputFields": sources}
        for column, told in facet["fields"].items()
        if (sources := [each for each in told["inputFields"] if (each["namespace"], each["name"]) not in gone])
    }
    return {**output, "facets": {"columnLineage": {**facet, "fields": fields}}}


def _direct(source: Any) -> dict[str, Any] | None:
    """A DIRECT source column, in the form that the connector reads; None for any other."""
    if not isinstance(source, dict) or not {"namespace", "name", "field"} <= source.keys():
        return None
    ways = source.get("transformations") or [{"type": "DIRECT"}]
    if not any(isinstance(way, dict) and way.get("type") == "DIRECT" for way in ways):
        return None
    return {name: source[name] for name in ("namespace", "name", "field")}

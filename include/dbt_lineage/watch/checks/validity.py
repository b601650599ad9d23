"""Check validity: is every event valid by OpenLineage's schema, with possible times, and is there no new dead letter?"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from dbt_lineage.core.durations import in_words
from dbt_lineage.core.levels import Level
from dbt_lineage.core.moments import moment
from dbt_lineage.events.run_event import DATASET_EVENT, RUN_EVENT, is_follow_up, kind_of
from dbt_lineage.ledger.history import TERMINAL
from dbt_lineage.relay.left_out import REMEDY, left_out
from dbt_lineage.relay.validation import InvalidEvent, validated
from dbt_lineage.warehouse.port import Warehouse
from dbt_lineage.watch.checks.results import Result, or_all_well
from dbt_lineage.watch.checks.sources import Sources

CHECK = "validity"


@dataclass(frozen=True)
class Arrived:
    """An event in the topic.

    Args:
        position: ``topic[partition]@offset``.
        body: the event's bytes.
        at: when it reached the topic.
    """

    position: str
    body: bytes
    at: datetime


class _Told(NamedTuple):
    """What is kept of an event until all events of its run are read. Its body is not, since there may be many."""

    happened: datetime
    kind: str
    position: str
    at: datetime


def check(sources: Sources) -> list[Result]:
    """Check the events of the period, and its dead letters that were not replayed or dismissed. Raises BrokerError."""
    seen = 0

    def counted() -> Iterator[Arrived]:
        nonlocal seen
        for event in _events(sources):
            seen += 1
            yield event

    oldest = timedelta(days=sources.kafka.retention_days)
    skew = timedelta(seconds=sources.check.clock_skew_seconds)
    namespaces = {sources.openlineage.namespace, *(each.openlineage.namespace for each in sources.others)}
    elsewhere = Elsewhere([sources.warehouse, *sources.other_warehouses], namespaces)
    problems = [*problems_of(counted(), skew, oldest, elsewhere), *elsewhere.results(), *_dead_letters(sources)]
    return or_all_well(CHECK, problems, f"{seen} events in {sources.check.period_hours:g} h", "none")


@dataclass
class Elsewhere:
    """Finds events of the projects' jobs whose outputs have the namespace of another server than the warehouses.

    The relay cannot find their columns. Usually it is the same server under another name.

    Args:
        warehouses: the warehouses.
        jobs: namespaces of the projects' jobs.
    """

    warehouses: Sequence[Warehouse]
    jobs: Collection[str]
    _events: Counter[str] = field(default_factory=Counter)

    def look(self, event: Mapping[str, Any]) -> None:
        """Count a valid run event."""
        if event["job"]["namespace"] in self.jobs:
            namespaces = {output["namespace"] for output in event.get("outputs") or []}
            self._events.update(filter(self._is_elsewhere, namespaces))

    def _is_elsewhere(self, namespace: str) -> bool:
        return all(each.is_other_server(namespace) for each in self.warehouses)

    def results(self) -> Iterator[Result]:
        """A warning for each namespace."""
        allowed = ", ".join(sorted({each.namespace_in_words for each in self.warehouses}))
        for namespace, count in sorted(self._events.items()):
            seen = f"events name another server than the settings, so their columns are not known: {count} events"
            yield Result(CHECK, namespace, Level.WARN, seen, allowed)


def problems_of(
    events: Iterable[Arrived], skew: timedelta, oldest: timedelta, elsewhere: Elsewhere | None = None
) -> Iterator[Result]:
    """The problems of events.

    Args:
        events: the events, in any order.
        skew: how far the clocks of emitters may differ.
        oldest: how long before its arrival in the topic an event may have happened.
        elsewhere: counts each valid run event; None for no count.
    """
    runs: dict[str, list[_Told]] = {}
    for event in events:
        try:
            document = validated(event.body)
        except InvalidEvent as problem:
            yield _failure(event.position, f"not valid: {problem}", event.at)
            continue
        happened = moment(document["eventTime"])
        if happened > event.at + skew:
            after = in_words((happened - event.at).total_seconds())
            yield _failure(event.position, f"happened after it was sent: {_name(document)}, {after}", event.at)
        elif happened < event.at - oldest and not is_follow_up(document):
            before = in_words((event.at - happened).total_seconds())
            yield _failure(event.position, f"happened long before it was sent: {_name(document)}, {before}", event.at)
        if kind_of(document) != RUN_EVENT:
            continue
        if elsewhere is not None:
            elsewhere.look(document)
        if parts := left_out(document["run"].get("facets") or {}):
            seen = f"an event was too large for Kafka and lacks a part; {REMEDY}: {', '.join(parts)}, of "
            yield Result(CHECK, event.position, Level.WARN, seen + _name(document), "whole", since=event.at)
        told = _Told(happened, document.get("eventType", ""), event.position, event.at)
        runs.setdefault(document["run"]["runId"], []).append(told)
    yield from _out_of_order(runs.items())


def _out_of_order(runs: Iterable[tuple[str, Sequence[_Told]]]) -> Iterator[Result]:
    """The runs that ended before they started. Both times come from one process, so clock skew cannot be the cause."""
    for run_id, events in runs:
        starts = [event.happened for event in events if event.kind == "START"]
        for event in events:
            if starts and event.kind in TERMINAL and event.happened < min(starts):
                early = in_words((min(starts) - event.happened).total_seconds())
                seen = f"ended before it started: run {run_id} has {event.kind} {early} before its START"
                yield _failure(event.position, seen, event.at)


def _events(sources: Sources) -> Iterator[Arrived]:
    from dbt_lineage.kafka.lag import arrived_at
    from dbt_lineage.kafka.offsets import Bookmarks
    from dbt_lineage.kafka.reader import messages, position

    topic = sources.kafka.events_topic
    start, ends = Bookmarks(sources.kafka, topic).newest(sources.check.max_events, sources.period_start)
    for message in messages(sources.kafka, topic, start, ends):
        yield Arrived(position(message), message.value() or b"", arrived_at(message))


def _dead_letters(sources: Sources) -> Iterator[Result]:
    from dbt_lineage.relay.dead_letters import DeadLetters

    for letter in DeadLetters(sources.kafka).new(sources.period_start):
        yield _failure(
            f"dead letter {letter.event_id}",
            f"not taken: {_described(letter.body)}: {letter.reason} (partition {letter.partition}, offset {letter.offset})",
            letter.arrived_at,
        )


def _failure(subject: str, seen: str, since: datetime | None) -> Result:
    return Result(CHECK, subject, Level.FAIL, seen, "none", since=since)


def _name(event: dict[str, Any]) -> str:
    kind = kind_of(event)
    what = event.get("eventType", "an event") if kind == RUN_EVENT else f"a {kind}"
    return f"{what} of {event['dataset' if kind == DATASET_EVENT else 'job']['name']}"


def _described(body: bytes) -> str:
    """The job of an event's bytes, if it can be read."""
    try:
        return _name(json.loads(body))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return "an event without a readable job"

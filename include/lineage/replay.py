"""Sending events of the events topic to the catalogue once more."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase

from confluent_kafka import TIMESTAMP_NOT_AVAILABLE, Message
from rich.console import Console
from rich.table import Table

from include.errors import ExpectedError
from include.kafka.offsets import Bookmarks, Offsets
from include.kafka.reader import header, messages
from include.kafka.writer import Writer
from include.lineage.curate import MalformedEvent, curated_message, origin, parsed, reduced
from include.settings import KafkaSettings

REPLAYED = "replayed"
_COLUMNS = 160


class SelectionError(ExpectedError, ValueError):
    """No events can be selected so; the message says why."""


@dataclass(frozen=True)
class Selection:
    """Which events are sent again.

    Args:
        since: those that reached Kafka then or later; None for the topic's beginning.
        until: and before then; None for its end.
        job: glob on the job's name, such as ``model.jaffle_shop.*``.
    """

    since: datetime | None = None
    until: datetime | None = None
    job: str = "*"

    @classmethod
    def everything(cls) -> "Selection":
        """The whole topic: the catalogue's lineage is rebuilt from it alone."""
        return cls()

    @classmethod
    def of(cls, since: datetime | None, until: datetime | None, job: str) -> "Selection":
        """A selection; a time without a time zone is UTC.

        Raises:
            SelectionError: the range ends before it starts.
        """
        since, until = _aware(since), _aware(until)
        if since and until and until <= since:
            raise SelectionError(f"the range ends at {until.isoformat()}, before it starts at {since.isoformat()}")
        return cls(since, until, job)


@dataclass
class OfJob:
    """The selected events of one job.

    Args:
        name: of the job.
        count: how many.
        first: when the first one reached Kafka.
        last: when the last one did.
        newer: whether one that came after the selection is sent too.
    """

    name: str
    count: int
    first: datetime
    last: datetime
    newer: bool = False


@dataclass
class Replay:
    """What was, or would be, sent again.

    Args:
        sent: whether it was.
        jobs: the selected events, by namespace and name of the job.
    """

    sent: bool
    jobs: dict[tuple[str, str], OfJob] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many events, without the newer ones."""
        return sum(job.count for job in self.jobs.values())

    def table(self) -> str:
        """It as a table."""
        what = "sent again" if self.sent else "dry run: nothing was sent; this would be"
        table = Table("job", "events", "first", "last", "and the newest")
        for job in sorted(self.jobs.values(), key=lambda each: each.name):
            times = [moment.isoformat(timespec="seconds") for moment in (job.first, job.last)]
            table.add_row(job.name, str(job.count), *times, "yes" if job.newer else "")
        console = Console(file=io.StringIO(), width=_COLUMNS)
        console.print(f"{self.count} events, {what}:", table, sep="\n")
        return console.file.getvalue()  # type: ignore[attr-defined]


def replay(kafka: KafkaSettings, selection: Selection, dry_run: bool) -> Replay:
    """Write the curated form of events to the curated topic once more.

    Where the events topic holds a newer event of a selected job after the selection, that one follows: else the
    catalogue would end with what was true once. Events that carry no lineage are not selected.

    Args:
        kafka: the cluster and the topics.
        selection: which events.
        dry_run: whether only to tell which.

    Raises:
        BrokerError: the cluster did not answer or did not acknowledge in time.
    """
    bookmarks = Bookmarks(kafka, kafka.events_topic)
    ends = bookmarks.ends()
    start = bookmarks.at(selection.since) if selection.since else dict.fromkeys(ends, 0)
    until = bookmarks.at(selection.until) if selection.until else ends
    found = Replay(sent=not dry_run)
    # Its time tells one replay from another: what was given up in an earlier one gets a new chance.
    mark = (REPLAYED, datetime.now(UTC).isoformat().encode())
    with Writer(kafka) as writer:

        def send(event: dict, message: Message) -> None:
            if not dry_run:
                writer.write(kafka.lineage_topic, *curated_message(event), [*origin(message), mark])

        for event, message in _lineage(kafka, start, until):
            if fnmatchcase(event["job"]["name"], selection.job):
                _count(found, event, message)
                send(event, message)
        newer = {}
        for event, message in _lineage(kafka, until, ends):
            if _job(event) in found.jobs:
                # The same model built in another target is another fact, not a newer one.
                newer[_job(event), frozenset(output["name"] for output in event["outputs"])] = (event, message)
        for (job, _), (event, message) in newer.items():
            found.jobs[job].newer = True
            send(event, message)
    return found


def _lineage(kafka: KafkaSettings, start: Offsets, ends: Offsets) -> Iterator[tuple[dict, Message]]:
    """The events of a range that carry lineage, reduced; second copies left out, and what is malformed."""
    ids: set[bytes] = set()
    for message in messages(kafka, kafka.events_topic, start, ends):
        event_id = header(message, "event_id")
        if event_id in ids:
            continue
        try:
            event = reduced(parsed(message.value()))
        except MalformedEvent:
            # It went to the dead letters when it was curated first.
            continue
        if event_id is not None:
            ids.add(event_id)
        if event is not None:
            yield event, message


def _count(found: Replay, event: dict, message: Message) -> None:
    moment = _time(message)
    name = event["job"]["name"]
    job = found.jobs.setdefault(_job(event), OfJob(name, 0, moment, moment))
    job.count += 1
    job.first, job.last = min(job.first, moment), max(job.last, moment)


def _job(event: dict) -> tuple[str, str]:
    return event["job"]["namespace"], event["job"]["name"]


def _time(message: Message) -> datetime:
    kind, milliseconds = message.timestamp()
    return datetime.fromtimestamp(0 if kind == TIMESTAMP_NOT_AVAILABLE else milliseconds / 1000, UTC)


def _aware(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment

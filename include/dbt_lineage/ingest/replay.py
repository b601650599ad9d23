"""Select events of the events topic for a replay."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase

from confluent_kafka import TIMESTAMP_NOT_AVAILABLE, Message
from rich.table import Table

from dbt_lineage.core.errors import ExpectedError
from dbt_lineage.core.settings import KafkaSettings
from dbt_lineage.core.shown import printed
from dbt_lineage.events.run_event import carries_lineage
from dbt_lineage.ingest.slices import Event
from dbt_lineage.ingest.warehouses import Warehouses
from dbt_lineage.kafka.offsets import Bookmarks
from dbt_lineage.kafka.reader import messages

_COLUMNS = 160
Subject = tuple[str, str, str]


class SelectionError(ExpectedError, ValueError):
    """A selection is impossible. The message names the reason."""


@dataclass(frozen=True)
class Selection:
    """Which events are replayed.

    Args:
        since: events that reached Kafka then or later; None for the topic's beginning.
        until: events that reached Kafka before then; None for its end.
        job: glob on the job's name, such as ``model.jaffle_shop.*``.
    """

    since: datetime | None = None
    until: datetime | None = None
    job: str = "*"

    @classmethod
    def everything(cls) -> "Selection":
        """The whole topic, which rebuilds the catalogue's lineage from it alone."""
        return cls()

    @classmethod
    def of(cls, since: datetime | None, until: datetime | None, job: str) -> "Selection":
        """Make a selection. A time without a time zone is UTC.

        Args:
            since: as in ``Selection``.
            until: as in ``Selection``.
            job: as in ``Selection``.

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
        name: the job's name.
        count: number of selected events.
        first: when the first one reached Kafka.
        last: when the last one reached Kafka.
        newer: whether a newer event after the selection is replayed instead of the selected ones.
    """

    name: str
    count: int
    first: datetime
    last: datetime
    newer: bool = False


@dataclass
class Replay:
    """The events of a selection.

    Args:
        jobs: the selected events, by namespace and name of the job.
        events: the newest event of each job and output. If the topic has a newer one after the selection, it is that
            one, so that the catalogue does not end with outdated lineage.
    """

    jobs: dict[tuple[str, str], OfJob] = field(default_factory=dict)
    events: dict[Subject, Event] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """Number of selected events, without newer ones after the selection."""
        return sum(job.count for job in self.jobs.values())

    def table(self) -> str:
        """The jobs as a table."""
        table = Table("job", "events", "first", "last", "a newer one counts")
        for job in sorted(self.jobs.values(), key=lambda each: each.name):
            times = [moment.isoformat(timespec="seconds") for moment in (job.first, job.last)]
            table.add_row(job.name, str(job.count), *times, "yes" if job.newer else "")
        return printed(f"{self.count} events of {len(self.jobs)} jobs:", table, width=_COLUMNS)

    def _take(self, event: Event, is_selected: bool) -> None:
        job = event.facts[0].job
        if is_selected:
            moment = _time(event.message)
            counted = self.jobs.setdefault(job, OfJob(job[1], 0, moment, moment))
            counted.count += 1
            counted.first, counted.last = min(counted.first, moment), max(counted.last, moment)
        elif job not in self.jobs:
            return
        for fact in event.facts:
            other = self.events.get(fact.subject)
            if other is None or fact.order >= max(each.order for each in other.facts):
                self.events[fact.subject] = event
                self.jobs[job].newer = not is_selected


def replayed(kafka: KafkaSettings, warehouses: Warehouses, selection: Selection) -> Replay:
    """Read the events of a selection.

    Args:
        kafka: the cluster and the topics.
        warehouses: the warehouses that datasets of events may be in.
        selection: which events.

    Returns:
        The events to replay.

    Raises:
        BrokerError: the cluster did not answer.
    """
    bookmarks = Bookmarks(kafka, kafka.events_topic)
    bounds = bookmarks.bounds()
    ends = {partition: end for partition, (_, end) in bounds.items()}
    start = bookmarks.at(selection.since) if selection.since else {each: first for each, (first, _) in bounds.items()}
    until = bookmarks.at(selection.until) if selection.until else ends
    found = Replay()
    for begin, end, is_selected in ((start, until, True), (until, ends, False)):
        for message in messages(kafka, kafka.events_topic, begin, end):
            if not carries_lineage(message):
                continue
            event = Event.read(message, warehouses)
            if event.facts and (not is_selected or fnmatchcase(event.facts[0].job[1], selection.job)):
                found._take(event, is_selected)
    return found


def newest_events(kafka: KafkaSettings, warehouses: Warehouses) -> dict[Subject, Event]:
    """The topic's newest event of each job and output. Raises BrokerError."""
    return replayed(kafka, warehouses, Selection.everything()).events


def _time(message: Message) -> datetime:
    kind, milliseconds = message.timestamp()
    return datetime.fromtimestamp(0 if kind == TIMESTAMP_NOT_AVAILABLE else milliseconds / 1000, UTC)


def _aware(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment

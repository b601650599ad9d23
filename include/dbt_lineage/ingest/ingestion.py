"""The ingestion: new lineage of the events topic is written to the catalogue and counts once it is read back.

A pass takes over the fence and reads the topic in slices, from the group's offsets on. It settles each slice before the
next one: dead letters and offsets are committed in one transaction.

An event that the catalogue refuses is parked. Its offset and attempts are recorded, later events go on, and the next pass
retries it. The order of events does not matter, since the newest fact of each job and output counts
(``catalogue_writer.py``). So a killed pass is simply repeated.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from dbt_lineage.catalogue.async_client import AsyncClient
from dbt_lineage.core.errors import ExpectedError
from dbt_lineage.core.settings import KafkaSettings, OpenMetadataSettings
from dbt_lineage.events.run_event import RunEvent
from dbt_lineage.ingest.catalogue_tables import KeptOfTables
from dbt_lineage.ingest.catalogue_writer import CatalogueWriter, Outcome, Written
from dbt_lineage.ingest.fact import Fact
from dbt_lineage.ingest.fence import LEASE_SECONDS, Fence, Rejected, await_other_pass
from dbt_lineage.ingest.ledger_updates import ProgressRecorder, tell_of_letters
from dbt_lineage.ingest.pipeline_status import OUTCOMES, RunHistory
from dbt_lineage.ingest.slices import Event, Parked, Place, slices
from dbt_lineage.ingest.warehouses import Warehouses
from dbt_lineage.kafka.offsets import Bookmark, Bookmarks
from dbt_lineage.kafka.reader import header, messages, position

_LISTED = 20
_REASON_CHARACTERS = 1000
# The START of a run comes before its end. A first pass searches for it in this many messages before the offset.
_LOOK_BACK = 100
# Runs under way whose beginning is remembered from pass to pass. Those beyond were never ended, or end without it.
_UNDER_WAY = 10_000

log = logging.getLogger(__name__)


class LineageUnverified(ExpectedError):
    """Events could not be verified in the catalogue, and will be retried. The message lists them."""


class LineageLost(ExpectedError):
    """Kafka has deleted events before they were verified. The message names them and what to do."""


@dataclass
class Ingested:
    """What one pass did.

    Args:
        read: number of events with lineage that it read.
        verified: number of events whose lineage was read back.
        superseded: number of events with a newer event of the same job and output.
        changed: number of events for which an edge was written or deleted.
        parked: number of events that wait for the next pass.
        dead: number of events dead-lettered.
        runs: number of runs written to the history of their pipelines.
        absent: messages about tables and columns of events that neither catalogue nor warehouse has.
        requests: number of calls of the catalogue.
    """

    read: int = 0
    verified: int = 0
    superseded: int = 0
    changed: int = 0
    parked: int = 0
    dead: int = 0
    runs: int = 0
    requests: int = 0
    absent: Counter[str] = field(default_factory=Counter)

    def counts(self) -> dict[str, int]:
        """All numbers, by their names."""
        return {name: value for name, value in vars(self).items() if name != "absent"}

    def __str__(self) -> str:
        return ", ".join(f"{name} {value}" for name, value in self.counts().items())


class _Kept:
    """What a process keeps from one pass to the next.

    Args:
        kafka: the cluster and the topics.
    """

    def __init__(self, kafka: KafkaSettings) -> None:
        self.events = Bookmarks(kafka, kafka.events_topic)
        self.letters = Bookmarks(kafka, kafka.dlq_topic)
        # When each run under way began, by its id.
        self.began: dict[str, datetime] = {}
        # Where the last pass ended.
        self.offsets: dict[int, int] = {}

    def ended_at(self, offsets: Mapping[int, int]) -> None:
        """Keep where a pass ended, and no more runs than there is room for."""
        self.offsets = dict(offsets)
        for run_id in list(self.began)[:-_UNDER_WAY]:
            del self.began[run_id]


@dataclass
class Ingestion:
    """Writes the lineage of the events topic to the catalogue.

    Args:
        kafka: the cluster and the topics.
        openmetadata: the catalogue, and the number of attempts of an event.
        group: the consumer group whose offsets mark what is settled.
        warehouses: the warehouses that datasets of events may be in, with their services in the catalogue.
        progress: records how far it has come.
        spool_folder: the spool's folder, which keeps events that are too large for the dead letters.
    """

    kafka: KafkaSettings
    openmetadata: OpenMetadataSettings
    group: str
    warehouses: Warehouses
    progress: ProgressRecorder
    spool_folder: Path
    _kept_of_tables: KeptOfTables = field(default_factory=KeptOfTables, init=False)
    # None before the first pass and after a failure, so that the next pass connects anew.
    _kept: _Kept | None = field(default=None, init=False)

    def run(self, from_start: bool = False) -> Ingested:
        """Run one pass. Slices that were settled before an error stay settled.

        Args:
            from_start: start at the beginning of the topic, whatever was verified before.

        Returns:
            What was done. Every event is verified, superseded or dead-lettered then.

        Raises:
            LineageUnverified: some events wait for the next pass.
            LineageLost: Kafka deleted events before they were verified. The other events are settled.
            TakenOver: another pass has begun.
            CatalogueError: the catalogue is unreachable, or denies everything.
            BrokerError: the cluster is unreachable.
            SpoolError: a dead letter that is too large for its topic could not be written to the disk.
        """
        kept, self._kept = self._kept or _Kept(self.kafka), None
        with self._fence(kept.events) as fence:
            done = asyncio.run(self._run(fence, kept, from_start))
        self._kept = kept
        return done

    def replay(self, selected: Iterable[Event]) -> Ingested:
        """Write events to the catalogue again, whatever was verified before. No offset is committed.

        Args:
            selected: the events, in any order. The newest of each job and output counts.

        Returns:
            What was done.

        Raises:
            LineageUnverified: the catalogue refuses some events.
            ExpectedError: any other error that ``run`` raises.
        """
        topic = Bookmarks(self.kafka, self.kafka.events_topic)
        with self._fence(topic) as fence:
            return asyncio.run(self._replay(fence, topic, selected))

    def _fence(self, topic: Bookmarks) -> Fence:
        """The fence of a pass, once no other pass is at work."""
        await_other_pass(lambda: topic.read(self.group))
        return Fence(self.kafka, topic, self.group, self.spool_folder)

    async def _run(self, fence: Fence, kept: _Kept, from_start: bool) -> Ingested:
        bookmarks, bounds = kept.events.committed_bookmarks(self.group), kept.events.bounds()
        start, lost = _start(bookmarks, bounds, from_start)
        parked = Parked.read(bookmarks)
        notes = {partition: (bookmarks[partition] or Bookmark(0, "")).note for partition in start}
        if fence.begin({partition: Bookmark(offset, notes[partition]) for partition, offset in start.items()}):
            await asyncio.sleep(LEASE_SECONDS)
        ends = {partition: end for partition, (_, end) in bounds.items()}
        async with AsyncClient(self.openmetadata) as client:
            current = _Pass(self, kept, fence, client, parked, dict(start))
            await current.version()
            if start != kept.offsets:
                current.remember_starts(start)
            again = [
                event for place in sorted(parked.attempts) if (event := self._parked(place, bounds, lost)) is not None
            ]
            before: Sequence[Event] = again
            for each in slices(messages(self.kafka, self.kafka.events_topic, start, ends), self.warehouses):
                await current.settle(before)
                before = each
            await current.settle(before, ends)
        if lost:
            raise LineageLost(_lost_in_words(self.kafka.events_topic, lost))
        if current.reasons:
            raise LineageUnverified(_unverified_in_words(current.reasons, self.openmetadata.attempts))
        return current.done

    async def _replay(self, fence: Fence, topic: Bookmarks, selected: Iterable[Event]) -> Ingested:
        done, refused = Ingested(), {}
        async with AsyncClient(self.openmetadata) as client:
            standing = topic.read(self.group)
            if fence.begin(standing):
                await asyncio.sleep(LEASE_SECONDS)
            writer = CatalogueWriter(client, self.warehouses, fence.check)
            for part in _parts(selected):
                became = await writer.write(fact for event in part for fact in event.facts)
                self.progress.lineage(_verified(part, became))
                for fact, written in became.items():
                    done.read += 1
                    done.verified += written.outcome is Outcome.VERIFIED
                    done.superseded += written.outcome is Outcome.SUPERSEDED
                    done.changed += written.changed
                    done.absent.update(written.absent)
                    if not written.is_settled:
                        refused[str(fact)] = written.reason
            done.requests = client.calls
            fence.commit(standing, (), is_last=True)
        if refused:
            raise LineageUnverified(_unverified_in_words(refused, self.openmetadata.attempts))
        return done

    def _parked(
        self, place: Place, bounds: Mapping[int, tuple[int, int]], lost: dict[int, tuple[int, int]]
    ) -> Event | None:
        """Read a parked event; None if Kafka has deleted it. It is added to ``lost`` then."""
        at = {place.partition: place.offset}
        found = next(messages(self.kafka, self.kafka.events_topic, at, {place.partition: place.offset + 1}), None)
        if place.offset < bounds[place.partition][0] or found is None or found.offset() != place.offset:
            lost.setdefault(place.partition, (place.offset, place.offset + 1))
            return None
        return Event.read(found, self.warehouses)


@dataclass
class _Pass:
    """One pass under way.

    Args:
        ingestion: the ingestion.
        kept: what the passes before it have left.
        fence: the right to commit the offsets.
        client: the catalogue's client.
        parked: the parked events.
        offsets: by partition, the offset before which everything is settled or parked.
    """

    ingestion: Ingestion
    kept: _Kept
    fence: Fence
    client: AsyncClient
    parked: Parked
    offsets: dict[int, int]
    done: Ingested = field(default_factory=Ingested)
    reasons: dict[str, str] = field(default_factory=dict)
    writer: CatalogueWriter = field(init=False)
    history: RunHistory = field(init=False)

    def __post_init__(self) -> None:
        self.writer = CatalogueWriter(
            self.client,
            self.ingestion.warehouses,
            self.fence.check,
            repeats=True,
            kept_of_tables=self.ingestion._kept_of_tables,
        )
        self.history = RunHistory(self.writer, self.kept.began)

    async def version(self) -> None:
        """Make sure that the catalogue answers before anything is read. Raises CatalogueError."""
        log.info("OpenMetadata %s", (await self.client.get("/system/version"))["version"])

    def remember_starts(self, start: Mapping[int, int]) -> None:
        """Read the START events of runs that end after these offsets."""
        kafka = self.ingestion.kafka
        before = {partition: max(0, offset - _LOOK_BACK) for partition, offset in start.items()}
        for message in messages(kafka, kafka.events_topic, before, start):
            event = Event.read(message, self.ingestion.warehouses).event
            if event is not None and event.event_type == "START":
                self.history.started(event)

    async def settle(self, events: Sequence[Event], ends: Mapping[int, int] | None = None) -> None:
        """Write a slice, read it back, and commit the offsets behind it.

        Args:
            events: the slice.
            ends: the offsets that the pass has read up to, given with its last slice. Those of partitions without a
                message change too, such as those of a topic that was recreated.
        """
        if not events and ends is None:
            return
        written = await self.writer.write(fact for event in events for fact in event.facts)
        letters: list[Rejected] = []
        for event in events:
            if event.problem:
                letters.append(_letter(event, event.problem))
            elif event.facts:
                letters += self._settled(event, [written[fact] for fact in event.facts])
            else:
                self.parked.attempts.pop(event.place, None)
        await self._write_runs(event.event for event in events if event.event is not None)
        for event in events:
            partition, offset = event.place
            self.offsets[partition] = max(self.offsets.get(partition, 0), offset + 1)
        self.done.dead += len(letters)
        if ends is not None:
            self._finish(ends)
        self._commit(letters, is_last=ends is not None)
        self.ingestion.progress.lineage(_verified(events, written))

    def _finish(self, ends: Mapping[int, int]) -> None:
        self.offsets |= {partition: max(self.offsets.get(partition, 0), end) for partition, end in ends.items()}
        self.kept.ended_at(self.offsets)
        self.done.parked, self.done.requests = len(self.parked.attempts), self.client.calls
        for what, count in self.done.absent.most_common(_LISTED):
            log.warning("%d events were verified without this: %s", count, what)

    async def _write_runs(self, events: Iterable[RunEvent]) -> None:
        ended = []
        for event in events:
            if not event.job.makes_relation and not event.job.tests_relation:
                continue
            if event.event_type == "START":
                self.history.started(event)
            elif event.event_type in OUTCOMES:
                ended.append(event)
        self.done.runs += await self.history.write(ended)

    def _settled(self, event: Event, written: Sequence[Written]) -> list[Rejected]:
        """Count the result of an event. Returns its letter if it is dead-lettered."""
        self.done.read += 1
        for each in written:
            self.done.absent.update(each.absent)
            self.done.changed += each.changed
        open_ones = [each for each in written if not each.is_settled]
        if not open_ones:
            superseded = all(each.outcome is Outcome.SUPERSEDED for each in written)
            self.done.superseded += superseded
            self.done.verified += not superseded
            self.parked.attempts.pop(event.place, None)
            return []
        refused = any(each.outcome is Outcome.REFUSED for each in open_ones)
        attempts = self.parked.attempts.get(event.place, 0) + refused
        reason = "; ".join(each.reason for each in open_ones)[:_REASON_CHARACTERS]
        if attempts >= self.ingestion.openmetadata.attempts:
            self.parked.attempts.pop(event.place, None)
            log.error("dead-lettered after %d attempts: %s: %s", attempts, event.facts[0], reason)
            return [_letter(event, f"the catalogue refuses it: {reason}")]
        self.parked.attempts[event.place] = attempts
        self.reasons[f"{event.facts[0]} (attempt {attempts})"] = reason
        return []

    def _commit(self, letters: Sequence[Rejected], is_last: bool = False) -> None:
        self.fence.commit(self.parked.bookmarks(self.offsets), letters, is_last)
        kafka, progress = self.ingestion.kafka, self.ingestion.progress
        progress.ingested(kafka.events_topic, self.offsets)
        # Dead letters first, because the ledger marks all other events below these offsets as verified.
        if tell_of_letters(kafka, self.kept.letters, self.ingestion.group, progress):
            progress.verified(kafka.events_topic, self.parked.verified(self.offsets))


def _verified(events: Iterable[Event], written: Mapping[Fact, Written]) -> dict[Fact, str]:
    """The facts that were read back, each with the id of its event."""
    return {
        fact: event.event_id for event in events for fact in event.facts if written[fact].outcome is Outcome.VERIFIED
    }


def _start(
    bookmarks: Mapping[int, Bookmark | None], bounds: Mapping[int, tuple[int, int]], from_start: bool
) -> tuple[dict[int, int], dict[int, tuple[int, int]]]:
    """Where a pass begins in each partition, and which offsets Kafka no longer has.

    If a group's offset is beyond the end of a partition, the topic was recreated, and the pass begins at its start.
    """
    start, lost = {}, {}
    for partition, (first, end) in bounds.items():
        bookmark = bookmarks.get(partition)
        if bookmark is None or from_start or bookmark.offset > end:
            start[partition] = first
            continue
        start[partition] = max(first, bookmark.offset)
        if bookmark.offset < first:
            lost[partition] = (bookmark.offset, first)
    return start, lost


def _letter(event: Event, reason: str) -> Rejected:
    message = event.message
    # The reason may quote the event, and a letter that only points to a file must fit any topic.
    short = reason[:_REASON_CHARACTERS].encode(errors="backslashreplace")
    headers = [("reason", short), ("source", position(message).encode())]
    event_id = header(message, "event_id")
    return Rejected(message.value(), message.key(), [*headers, *([("event_id", event_id)] if event_id else [])])


def _parts(events: Iterable[Event], size: int = 300) -> Iterable[list[Event]]:
    part: list[Event] = []
    for event in events:
        part.append(event)
        if len(part) >= size:
            yield part
            part = []
    if part:
        yield part


def _lost_in_words(topic: str, lost: Mapping[int, tuple[int, int]]) -> str:
    ranges = ", ".join(f"{topic}[{partition}] {first} to {end - 1}" for partition, (first, end) in sorted(lost.items()))
    return (
        f"Kafka deleted events before they were verified: {ranges}. The others are verified. Run the models again that ended "
        "meanwhile, and raise KAFKA_RETENTION_DAYS above the time that the ingestion may be off"
    )


def _unverified_in_words(reasons: Mapping[str, str], attempts: int) -> str:
    listed = [f"  {what}: {why}" for what, why in list(reasons.items())[:_LISTED]]
    more = [f"  and {len(reasons) - _LISTED} more"] if len(reasons) > _LISTED else []
    return "\n".join(
        [
            f"{len(reasons)} events could not be verified in the catalogue; each has {attempts} attempts "
            "(OPENMETADATA_ATTEMPTS), then it is dead-lettered:",
            *listed,
            *more,
        ]
    )

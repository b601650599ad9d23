"""The ingestion: what is new in the events topic goes into the catalogue, is read back, and only then counts.

A pass takes over the fence, reads the topic from the group's offsets in slices, and settles each slice before the next:
dead letters and offsets move in one transaction. An event that the catalogue refuses is parked: its offset and attempts
are noted, later events go on, and the next pass tries it again. The order of events does not matter, since the newest
fact of each job and output counts (``catalogue_writer.py``). So a pass that is killed anywhere is simply done again.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dbt_lineage.catalogue.async_client import AsyncClient
from dbt_lineage.core.errors import ExpectedError
from dbt_lineage.core.settings import KafkaSettings, OpenMetadataSettings
from dbt_lineage.events.run_event import RunEvent
from dbt_lineage.ingest.catalogue_tables import Spellings
from dbt_lineage.ingest.catalogue_writer import CatalogueWriter, Outcome, Written
from dbt_lineage.ingest.fact import Fact
from dbt_lineage.ingest.fence import LEASE_SECONDS, Fence, Letter, await_other_pass
from dbt_lineage.ingest.ledger_updates import Progress, tell_of_letters
from dbt_lineage.ingest.pipeline_status import OUTCOMES, RunHistory
from dbt_lineage.ingest.slices import Event, Parked, Place, slices
from dbt_lineage.ingest.warehouses import Warehouses
from dbt_lineage.kafka.offsets import Bookmark, Bookmarks
from dbt_lineage.kafka.reader import header, messages, position

_LISTED = 20
_REASON_CHARACTERS = 1000
# The START of a run stands before its end: so many messages before the offset it is looked for.
_LOOK_BACK = 100

log = logging.getLogger(__name__)


class LineageUnverified(ExpectedError):
    """Events are not in the catalogue as they are, and will be tried again: the message lists them."""


class LineageLost(ExpectedError):
    """Kafka has deleted events before they were verified: the message names them and what to do."""


@dataclass
class Ingested:
    """What one pass did.

    Args:
        read: events with lineage that it read.
        verified: how many of them the catalogue has as they are.
        superseded: how many a newer one of the same job and output has made untrue.
        changed: for how many of them an edge was written or deleted.
        parked: how many wait for the next pass.
        dead: how many went to the dead letters.
        runs: how many runs were written into the history of their pipelines.
        absent: tables and columns that events name and nobody has, in words.
        requests: how many calls of the catalogue that took.
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
        """All but what is absent."""
        return {name: value for name, value in vars(self).items() if name != "absent"}

    def __str__(self) -> str:
        return ", ".join(f"{name} {value}" for name, value in self.counts().items())


@dataclass
class Ingestion:
    """Brings the lineage of the events topic into the catalogue.

    Args:
        kafka: the cluster and the topics.
        openmetadata: the catalogue, and how often an event is tried.
        group: the consumer group whose offsets say what is settled.
        warehouses: where the datasets of events may be, and what the catalogue calls them.
        progress: who is told how far it has come.
        spool_folder: the spool's folder; beside the spool is kept what is too large for the dead letters.
    """

    kafka: KafkaSettings
    openmetadata: OpenMetadataSettings
    group: str
    warehouses: Warehouses
    progress: Progress
    spool_folder: Path
    _spellings: dict[str, Spellings] = field(default_factory=dict, init=False)

    def run(self, from_start: bool = False) -> Ingested:
        """One pass.

        Args:
            from_start: take all of the topic as not verified.

        Returns:
            What was done, when everything is verified, superseded or in the dead letters.

        Raises:
            LineageUnverified: some events wait for the next pass.
            LineageLost: Kafka no longer has events that were not verified; the others are.
            TakenOver: another pass has begun.
            CatalogueError: the catalogue is away or denies everything; what was settled stays settled.
            BrokerError: the cluster is away; the same.
            SpoolError: a dead letter that is too large for its topic could not be kept on the disk; the same.
        """
        self._await_other_pass()
        with Fence(self.kafka, self.group, self.spool_folder) as fence:
            return asyncio.run(self._run(fence, from_start))

    def replay(self, selected: Iterable[Event]) -> Ingested:
        """Bring the catalogue to what events say, whatever was verified before; no offset moves.

        Args:
            selected: events, in any order. The newest of each job and output counts.

        Raises:
            LineageUnverified: the catalogue refuses some. Also what ``run`` raises.
        """
        self._await_other_pass()
        with Fence(self.kafka, self.group, self.spool_folder) as fence:
            return asyncio.run(self._replay(fence, selected))

    def _await_other_pass(self) -> None:
        topic = Bookmarks(self.kafka, self.kafka.events_topic)
        await_other_pass(lambda: topic.read(self.group))

    async def _run(self, fence: Fence, from_start: bool) -> Ingested:
        topic = Bookmarks(self.kafka, self.kafka.events_topic)
        bookmarks, bounds = topic.committed_bookmarks(self.group), topic.bounds()
        start, lost = _start(bookmarks, bounds, from_start)
        parked = Parked.read(bookmarks)
        notes = {partition: (bookmarks[partition] or Bookmark(0, "")).note for partition in start}
        if fence.begin({partition: Bookmark(offset, notes[partition]) for partition, offset in start.items()}):
            await asyncio.sleep(LEASE_SECONDS)
        ends = {partition: end for partition, (_, end) in bounds.items()}
        async with AsyncClient(self.openmetadata) as client:
            current = _Pass(self, fence, client, parked, dict(start))
            await current.version()
            current.remember_starts(start)
            again = [
                event for place in sorted(parked.attempts) if (event := self._parked(place, bounds, lost)) is not None
            ]
            await current.settle(again)
            for each in slices(messages(self.kafka, self.kafka.events_topic, start, ends), self.warehouses):
                await current.settle(each)
            # Partitions without a message have moved too, such as past one that was deleted and made again.
            await current.finish(ends)
        if lost:
            raise LineageLost(_lost_in_words(self.kafka.events_topic, lost))
        if current.reasons:
            raise LineageUnverified(_unverified_in_words(current.reasons, self.openmetadata.attempts))
        return current.done

    async def _replay(self, fence: Fence, selected: Iterable[Event]) -> Ingested:
        done, refused = Ingested(), {}
        async with AsyncClient(self.openmetadata) as client:
            standing = Bookmarks(self.kafka, self.kafka.events_topic).read(self.group)
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
        """An event that was parked; None, and noted as lost, when Kafka does not have it any more."""
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
        ingestion: what it is a pass of.
        fence: the right to move the offsets.
        client: of the catalogue.
        parked: events that wait.
        offsets: by partition, before which everything is settled or parked.
    """

    ingestion: Ingestion
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
            spellings=self.ingestion._spellings,
        )
        self.history = RunHistory(self.writer)

    async def version(self) -> None:
        """Make sure that the catalogue answers before anything is read. Raises CatalogueError."""
        log.info("OpenMetadata %s", (await self.client.get("/system/version"))["version"])

    def remember_starts(self, start: Mapping[int, int]) -> None:
        """Read when the runs began that end after the offsets."""
        kafka = self.ingestion.kafka
        before = {partition: max(0, offset - _LOOK_BACK) for partition, offset in start.items()}
        for message in messages(kafka, kafka.events_topic, before, start):
            event = Event.read(message, self.ingestion.warehouses).event
            if event is not None and event.event_type == "START":
                self.history.started(event)

    async def settle(self, events: Sequence[Event]) -> None:
        """Write a slice, read it back, and move the offsets past it."""
        if not events:
            return
        written = await self.writer.write(fact for event in events for fact in event.facts)
        letters: list[Letter] = []
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
        self._commit(letters)
        self.ingestion.progress.lineage(_verified(events, written))

    async def finish(self, ends: Mapping[int, int]) -> None:
        """Move the offsets to the end that the pass has read up to."""
        self.offsets |= {partition: max(self.offsets.get(partition, 0), end) for partition, end in ends.items()}
        self.done.parked, self.done.requests = len(self.parked.attempts), self.client.calls
        for what, count in self.done.absent.most_common(_LISTED):
            log.warning("%d events were verified without this: %s", count, what)
        self._commit([], is_last=True)

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

    def _settled(self, event: Event, written: Sequence[Written]) -> list[Letter]:
        """Note what became of an event; returns its letter when it is given up."""
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
            log.error("to the dead letters after %d attempts: %s: %s", attempts, event.facts[0], reason)
            return [_letter(event, f"the catalogue refuses it: {reason}")]
        self.parked.attempts[event.place] = attempts
        self.reasons[f"{event.facts[0]} (attempt {attempts})"] = reason
        return []

    def _commit(self, letters: Sequence[Letter], is_last: bool = False) -> None:
        self.fence.commit(self.parked.bookmarks(self.offsets), letters, is_last)
        kafka, progress = self.ingestion.kafka, self.ingestion.progress
        progress.ingested(kafka.events_topic, self.offsets)
        # First who is dead: the ledger takes all others below these offsets for verified.
        if tell_of_letters(kafka, self.ingestion.group, progress):
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

    A group past the end of a partition has read one that is no more: there it begins anew.
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


def _letter(event: Event, reason: str) -> Letter:
    message = event.message
    # It may quote the event, and a letter that only points to its event has to fit any topic.
    short = reason[:_REASON_CHARACTERS].encode(errors="backslashreplace")
    headers = [("reason", short), ("source", position(message).encode())]
    event_id = header(message, "event_id")
    return Letter(message.value(), message.key(), [*headers, *([("event_id", event_id)] if event_id else [])])


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
        f"Kafka deleted events before they were verified: {ranges}. The others are verified. Run the models that ended "
        "meanwhile once more, and raise KAFKA_RETENTION_DAYS above the time that the ingestion may be away"
    )


def _unverified_in_words(reasons: Mapping[str, str], attempts: int) -> str:
    listed = [f"  {what}: {why}" for what, why in list(reasons.items())[:_LISTED]]
    more = [f"  and {len(reasons) - _LISTED} more"] if len(reasons) > _LISTED else []
    return "\n".join(
        [
            f"{len(reasons)} events are not in the catalogue as they are; each is tried {attempts} times "
            "(OPENMETADATA_ATTEMPTS), then it goes to the dead letters:",
            *listed,
            *more,
        ]
    )

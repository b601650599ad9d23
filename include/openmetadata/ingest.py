"""The ingestion that can be killed: curate, let the connector write, read back, and only then move on.

The connector commits its offsets before it has stored anything and reports success whatever the catalogue answered.
So it reads in a consumer group of its own in each attempt, placed at the offsets that were verified last. Those are
the offsets of a group that nobody ever joins; they move here, up to the first event whose edges are not in the
catalogue as it says. Wherever a pass dies, the next one starts from what was verified and does the rest again. What the
connector dies of each time is found (``single_out.py``) and given up.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace

from include.dbt.manifest import Edge
from include.errors import ExpectedError
from include.kafka.offsets import Bookmarks, Offsets
from include.kafka.reader import messages
from include.lineage.curate import curate
from include.openmetadata.catalogue import FROM_EVENTS, Catalogue, StoredEdge
from include.openmetadata.curated import ColumnEdge, CuratedEvent, curated_event, write_again
from include.openmetadata.history import RunHistory
from include.openmetadata.letters import Letters
from include.openmetadata.notes import Notes
from include.openmetadata.progress import Progress
from include.openmetadata.runs import DEADLINE_SECONDS, Connector, Ended, ended
from include.openmetadata.single_out import ALONE_SECONDS, SingleOut
from include.openmetadata.standing import Attempt, Range, Tries, events_verified_up_to, verified_up_to, waiting
from include.settings import KafkaSettings, OpenMetadataSettings

_LISTED = 20

log = logging.getLogger(__name__)


class LineageUnverified(ExpectedError):
    """Events were read by the connector, or should have been, and their edges are not in the catalogue: it lists them."""


@dataclass(frozen=True)
class Ingested:
    """What one pass did.

    Args:
        read: events of the curated topic that were not verified before.
        verified: how many of them are now.
        dead: how many went to the dead letters in this pass.
        runs: how many runs were written into the history of their pipelines.
        offsets: by partition of the curated topic, up to where all is verified.
    """

    read: int
    verified: int
    dead: int
    runs: int
    offsets: dict[int, int]


@dataclass
class LineageIngestion:
    """Brings the lineage of the events topic into the catalogue.

    Args:
        kafka: the cluster and the topics.
        openmetadata: the catalogue, the consumer group and how often an event is tried.
        database: the warehouse's database.
        connector: runs the real connector in a consumer group.
        progress: who is told how far it has come.
        schemas: those that the catalogue must have, as ``database.schema``; tables of others may be absent. None: all.
        describe: brings the warehouse's tables and columns into the catalogue; asked when events name some that it does
            not have. None: they come by themselves.
        deadline_seconds: when the connector is killed, seconds.
        alone_seconds: when it is killed that has a single event to read, beside ``OPENMETADATA_IDLE_SECONDS``; seconds.
    """

    kafka: KafkaSettings
    openmetadata: OpenMetadataSettings
    database: str
    connector: Connector
    progress: Progress
    schemas: Collection[str] | None = None
    describe: Callable[[], None] | None = None
    deadline_seconds: float = DEADLINE_SECONDS
    alone_seconds: float = ALONE_SECONDS
    _verified: Bookmarks = field(init=False)
    _notes: Notes = field(init=False)
    _letters: Letters = field(init=False)
    _history: RunHistory = field(init=False)

    def __post_init__(self) -> None:
        self._verified = Bookmarks(self.kafka, self.kafka.lineage_topic)
        self._notes = Notes(self._verified, self._group)
        self._letters = Letters(self.kafka, self._group, self.progress)
        self._history = RunHistory(self.kafka, self.openmetadata, self.database)

    def run(self, from_start: bool = False) -> Ingested:
        """One pass.

        Args:
            from_start: take all of the curated topic as not verified, and all runs of the events topic as not written.

        Returns:
            What was done, when everything of the range is verified or in the dead letters.

        Raises:
            LineageUnverified: something is missing; the next pass starts there.
            CatalogueError: the catalogue is away or refuses; nothing moved, and no event's tries were counted.
            BrokerError: the cluster is away; the same.
            WorkflowError: the warehouse could not be described, or the connector does not run at all; the same.
        """
        with Catalogue(self.openmetadata) as catalogue:
            catalogue.version()
            curated = curate(self.kafka, self._group)
            log.info("%s: %s", self.kafka.events_topic, curated)
            unverified, begin = self._unverified(from_start)
            given_up = 0
            if unverified.tries.deaths >= self.openmetadata.attempts:
                given_up = self._single_out(catalogue, unverified)
                unverified, begin = self._unverified(from_start)
            tried = self._attempt(catalogue, unverified, begin, curated.up_to)
            done = self._settle(catalogue, unverified, tried, curated.up_to, from_start)
            return replace(done, dead=done.dead + given_up)

    @property
    def _group(self) -> str:
        return self.openmetadata.consumer_group

    def _unverified(self, from_start: bool) -> tuple[Range, dict[int, int]]:
        """The range, and where the connector has to start in it.

        Whatever counts and stands before something that does not is first written again at the end.
        """
        while True:
            found = self._read(from_start)
            attempt = Attempt.on(found.events, set(found.counting), found.start)
            if not attempt.to_copy:
                return found, attempt.start
            log.info("%d events are written again, after those that they supersede", len(attempt.to_copy))
            write_again(self.kafka, attempt.to_copy)

    def _read(self, from_start: bool) -> Range:
        notes = [bookmark.note for bookmark in self._verified.read(self._group).values()]
        start, ends = self._verified.unread(self._group)
        if from_start:
            start = dict.fromkeys(start, 0)
        found = messages(self.kafka, self.kafka.lineage_topic, start, ends)
        events = [curated_event(message, self.database) for message in found]
        return Range(start, ends, events, Tries.read(notes))

    def _single_out(self, catalogue: Catalogue, found: Range) -> int:
        """Give up what the connector dies of, so that it can read the others; returns how many events that are."""
        log.warning("the connector died %d times in a row: events are singled out", found.tries.deaths)
        seconds = self.alone_seconds + self.openmetadata.idle_seconds
        single_out = SingleOut(
            self.kafka,
            self.openmetadata,
            catalogue,
            self._notes,
            lambda events, begin, context: self._let_read(catalogue, events, begin, seconds, context),
            lambda events: self._missing(catalogue, events),
        )
        given_up = self._letters.give_up(single_out.given_up(found), found.tries)
        self._notes.keep(found)
        return given_up

    def _attempt(self, catalogue: Catalogue, found: Range, begin: Offsets, curated: Offsets) -> Offsets:
        """Run the connector on what counts.

        Returns:
            Up to where it has tried, by partition: one that died has not tried anything.
        """
        if not found.counting:
            log.info("nothing new in %s after %s", self.kafka.lineage_topic, found.start)
            found.tries.deaths = 0
            self.progress.ingested(self.kafka.events_topic, curated)
            return {}
        log.info("%s is read from %s up to %s", self.kafka.lineage_topic, begin, found.ends)
        under_way = self._notes.under_way(found)
        outcome = self._let_read(catalogue, found.counting, begin, self.deadline_seconds, under_way)
        found.tries.deaths = found.tries.deaths + 1 if outcome.died else 0
        if all(outcome.read.get(partition, 0) >= end for partition, end in found.ends.items()):
            self.progress.ingested(self.kafka.events_topic, curated)
        return outcome.read

    def _let_read(
        self,
        catalogue: Catalogue,
        events: Sequence[CuratedEvent],
        begin: Offsets,
        seconds: float,
        context: AbstractContextManager[None],
    ) -> Ended:
        """Let the connector read events, from offsets on to the end of the topic, within a context."""
        self._describe_what_is_new(catalogue, events)
        self._delete_what_no_event_says(catalogue, events)
        self._verified.sweep(self._group)
        group = self._verified.new_group(self._group, begin)
        with context:
            outcome = ended(self.connector, group, seconds)
        if outcome.died:
            log.warning("the connector %s", outcome.how)
            return outcome
        self._add_cased_columns(catalogue, events)
        read = self._verified.committed(group)
        log.info("the connector %s, and read up to %s", outcome.how, read)
        return replace(outcome, read=read)

    def _describe_what_is_new(self, catalogue: Catalogue, events: Iterable[CuratedEvent]) -> None:
        """Without its tables and columns in the catalogue, an event would be missing at each of its tries."""
        if self.describe is None:
            return
        named = {name for event in events for name in (*_tables(event), *_columns(event)) if self._is_ours(name)}
        known = {name for table in {_table_of(name) for name in named} for name in catalogue.described(table)}
        if new := sorted(named - known):
            more = f" and {len(new) - _LISTED} more" if len(new) > _LISTED else ""
            log.info("the catalogue is told of %s%s", ", ".join(new[:_LISTED]), more)
            self.describe()
            catalogue.look_anew()

    def _is_ours(self, name: str) -> bool:
        return self.schemas is None or ".".join(name.split(".")[:2]) in self.schemas

    def _delete_what_no_event_says(self, catalogue: Catalogue, events: Iterable[CuratedEvent]) -> None:
        """Delete what the connector would keep: it only ever adds columns to an edge, and edges to a table.

        Only edges that came from events: those whose columns the newest event does not have, to be written again, and
        those of the event's own pipeline that it does not have at all.
        """
        for event in events:
            for table in _outputs(event):
                for stored in catalogue.upstream(table) or ():
                    if _is_outdated(stored, event):
                        log.info(
                            "deleted, because %s does not say it: %s %s", event, stored.edge, sorted(stored.columns)
                        )
                        catalogue.delete(stored)

    def _add_cased_columns(self, catalogue: Catalogue, events: Iterable[CuratedEvent]) -> None:
        """Add the columns that the connector cannot write, to edges that it wrote."""
        for event in events:
            stored = _stored(catalogue, event) if event.cased else {}
            for edge, columns in event.cased.items():
                there = stored.get(edge)
                if there is not None and there.source == FROM_EVENTS and not event.edges[edge] <= there.columns:
                    catalogue.add_columns(there, columns)

    def _settle(
        self, catalogue: Catalogue, found: Range, tried: Offsets, curated: Offsets, from_start: bool
    ) -> Ingested:
        """Read back, move the verified offsets, and write the history of the runs up to there."""
        missing = self._missing(catalogue, found.counting)
        if missing:
            # A catalogue that lets itself be read may take no writes, which is no event's fault.
            catalogue.require_writes(self.openmetadata.pipeline_service)
        dead = self._dead(found, missing, tried)
        given_up = self._letters.give_up(dead, found.tries)
        for event in dead:
            missing.pop(event, None)
        # Once the newest of a job is dead, what it superseded counts again and was not read back: that is next time's.
        again = [event for event in found.counting if event not in missing and _took_over(event, dead)]
        left = waiting(found.living, [*missing, *again])
        offsets = verified_up_to(found.ends, left)
        self._verified.move(self._group, offsets, found.tries.notes(found.events, offsets))
        log.info("%s is verified up to %s", self.kafka.lineage_topic, offsets)
        events_verified = events_verified_up_to(self.kafka.events_topic, curated, left)
        # First who is dead: the ledger takes all others below these offsets for verified.
        dead_are_known = self._letters.tell()
        runs = 0
        if events_verified is not None:
            if dead_are_known:
                self.progress.verified(self.kafka.events_topic, events_verified)
            runs = self._history.write(catalogue, events_verified, from_start)
        if left:
            raise LineageUnverified(self._report(missing, again, found.tries))
        return Ingested(len(found.events), len(found.living), given_up, runs, offsets)

    def _missing(self, catalogue: Catalogue, events: Iterable[CuratedEvent]) -> dict[CuratedEvent, list[str]]:
        """What the catalogue lacks, or has too much, of each event that it does not have as it is."""
        committed = self._verified.committed(self._group)
        missing: dict[CuratedEvent, list[str]] = {}
        for event in events:
            stored = _stored(catalogue, event)
            if not _problems(event, stored):
                continue
            absent = [table for table in _tables(event) if not catalogue.has_table(table)]
            not_expected = self._not_expected(event, absent, committed)
            for table, why in not_expected.items():
                log.warning("%s is verified without %s: %s", event, table, why)
            if problems := _problems(event, stored, not_expected):
                missing[event] = [*(f"the catalogue has no table {table}" for table in absent), *problems]
        return missing

    def _not_expected(self, event: CuratedEvent, absent: Iterable[str], committed: Offsets) -> dict[str, str]:
        """Why tables of an event may be absent from the catalogue."""
        if event.replayed or event.offset < committed[event.partition]:
            return dict.fromkeys(absent, "it was there when the event came first, and has been dropped since")
        others = [table for table in absent if not self._is_ours(table)]
        return dict.fromkeys(others, "it is another project's or another target's")

    def _dead(self, found: Range, missing: Mapping[CuratedEvent, list[str]], tried: Offsets) -> dict[CuratedEvent, str]:
        """The events that are given up, with the reason; counts a try of each that the connector has read."""
        dead = {event: event.problem for event in found.events if event.problem and not found.tries.is_dead(event)}
        for event, problems in missing.items():
            if event.offset < tried.get(event.partition, 0):
                dead |= found.tried(event, problems, self.openmetadata.attempts)
        return dead

    def _report(self, missing: Mapping[CuratedEvent, list[str]], again: Sequence[CuratedEvent], tries: Tries) -> str:
        lines = [
            f"  {event} (try {tries.of(event)} of {self.openmetadata.attempts}): {'; '.join(problems)}"
            for event, problems in missing.items()
        ]
        lines += [f"  {event}: counts again, since the one that superseded it is dead" for event in again]
        more = [f"  and {len(lines) - _LISTED} more"] if len(lines) > _LISTED else []
        what = f"{len(lines)} events of {self.kafka.lineage_topic} are not in the catalogue:"
        if tries.deaths:
            more.append(
                f"  deaths of the connector in a row: {tries.deaths}; after {self.openmetadata.attempts} the next pass "
                "singles out the event that it dies of, if there is one"
            )
        return "\n".join([what, *lines[:_LISTED], *more])


def _problems(event: CuratedEvent, stored: Mapping[Edge, StoredEdge], not_expected: Collection[str] = ()) -> list[str]:
    """What keeps an event from being verified, in words; without regard of tables that are not expected."""
    problems = []
    for edge, columns in event.edges.items():
        there = stored.get(edge)
        if there is None and not set(edge).isdisjoint(not_expected):
            continue
        if there is None:
            problems.append(f"missing {edge}")
            continue
        problems += [f"missing {_column(each)}" for each in sorted(columns - there.columns)]
        # What others drew by hand, or derived, is theirs, and may say more.
        if there.source == FROM_EVENTS:
            problems += [f"should not be there: {_column(each)}" for each in sorted(there.columns - columns)]
    return problems


def _is_outdated(stored: StoredEdge, event: CuratedEvent) -> bool:
    if stored.source != FROM_EVENTS:
        return False
    if stored.edge in event.edges:
        return bool(stored.columns - event.edges[stored.edge])
    return stored.pipeline == event.pipeline


def _stored(catalogue: Catalogue, event: CuratedEvent) -> dict[Edge, StoredEdge]:
    return {stored.edge: stored for table in _outputs(event) for stored in catalogue.upstream(table) or ()}


def _took_over(event: CuratedEvent, dead: Collection[CuratedEvent]) -> bool:
    return event.subject in {each.subject for each in dead}


def _outputs(event: CuratedEvent) -> list[str]:
    return sorted({edge.downstream for edge in event.edges})


def _tables(event: CuratedEvent) -> list[str]:
    return sorted({table for edge in event.edges for table in edge})


def _table_of(name: str) -> str:
    return ".".join(name.split(".")[:3])


def _columns(event: CuratedEvent) -> set[str]:
    return {column for columns in event.edges.values() for edge in columns for column in edge}


def _column(edge: ColumnEdge) -> str:
    return f"{edge[0]} -> {edge[1]}"

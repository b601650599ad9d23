"""How far a range of the curated topic is verified: pure reckoning, without Kafka and without a catalogue."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from include.kafka.offsets import NOTE_BYTES
from include.openmetadata.curated import CuratedEvent, newest

_DEAD = 0
# In a note, what is told of the connector's deaths stands behind this mark: no event's short name begins with it.
_DEATHS = "!"
# And behind this one what the connector has to read just now: an event alone, or, with nothing after the mark, the range.
_UNDER_WAY = "?"


@dataclass
class Tries:
    """How often each event that is missing was tried, which of them went to the dead letters, and what died meanwhile.

    It is kept as the note of the verified offset, so it is as durable as that and moves together with it. A note that
    is lost, unreadable or full only means more tries.

    Args:
        counts: tries by event; 0 for one in the dead letters.
        alone: by event, how often in a row the connector died when it had that one alone to read.
        deaths: how often in a row the connector died, whatever it had to read.
        under_way: what the connector has to read just now, or had when it was killed together with its pass: an event
            alone, or "" for the range.
    """

    counts: dict[str, int] = field(default_factory=dict)
    alone: dict[str, int] = field(default_factory=dict)
    deaths: int = 0
    under_way: str | None = None

    @classmethod
    def read(cls, notes: Iterable[str]) -> "Tries":
        """The tries that the notes of all partitions keep.

        A pass that was killed while the connector read the range counts as a death of the connector.
        """
        counts: dict[str, int] = {}
        for note in notes:
            counts.update(_parsed(note))
        deaths = counts.pop(_DEATHS, 0) + counts.pop(_UNDER_WAY, 0)
        events = [name for name in counts if name.startswith(_UNDER_WAY)]
        under_way = events[0].removeprefix(_UNDER_WAY) if events else None
        for name in events:
            del counts[name]
        alone = {name.removeprefix(_DEATHS): counts.pop(name) for name in list(counts) if name.startswith(_DEATHS)}
        return cls(counts, alone, deaths, under_way)

    def is_dead(self, event: CuratedEvent) -> bool:
        """Whether the event went to the dead letters."""
        return self.counts.get(_short(event)) == _DEAD

    def of(self, event: CuratedEvent) -> int:
        """How often it was tried."""
        return self.counts.get(_short(event), 0)

    def add(self, event: CuratedEvent, alike: Iterable[CuratedEvent] = ()) -> int:
        """Count one more try; returns how many there are now.

        Args:
            event: the event.
            alike: others that say the same: their tries were tries of this one, too.
        """
        self.counts[_short(event)] = 1 + max(map(self.of, [event, *alike]))
        return self.of(event)

    def bury(self, event: CuratedEvent) -> None:
        """Note that it went to the dead letters."""
        self.counts[_short(event)] = _DEAD
        self.survived([event])

    def deaths_alone(self, alike: Iterable[CuratedEvent]) -> int:
        """How often in a row the connector died with an event alone: of those that say the same, the most."""
        return max((self.alone.get(_short(each), 0) for each in alike), default=0)

    def died_alone(self, alike: Sequence[CuratedEvent]) -> int:
        """Count one more death of the connector with one of these alone; returns how many there are now."""
        deaths = self.deaths_alone(alike) + 1
        self.alone |= dict.fromkeys(map(_short, alike), deaths)
        return deaths

    def survived(self, alike: Iterable[CuratedEvent]) -> None:
        """Note that the connector can read what these say: it did not die of it before."""
        for event in alike:
            self.alone.pop(_short(event), None)

    def begin(self, event: CuratedEvent | None) -> None:
        """Note that the connector begins to read this event alone; the range, when there is none."""
        self.under_way = "" if event is None else _short(event)

    def end(self) -> None:
        """Note that it does not any more."""
        self.under_way = None

    def is_under_way(self, event: CuratedEvent) -> bool:
        """Whether the connector has this event alone to read, or had when it was killed together with its pass."""
        return self.under_way == _short(event)

    def notes(self, events: Sequence[CuratedEvent], verified: Mapping[int, int]) -> dict[int, str]:
        """What to note in each partition: all about its events that the verified offset has not passed, as far as fits.

        What may not be forgotten comes first. Then the dead: to forget a try costs a try, to forget a dead one costs all
        of its tries again.
        """
        kept: dict[int, dict[str, int]] = {partition: {} for partition in verified}
        if self.deaths:
            kept[min(kept)][_DEATHS] = self.deaths
        if self.under_way == "":
            kept[min(kept)][_UNDER_WAY] = 1
        ahead = [event for event in events if event.offset >= verified[event.partition]]
        for event in ahead:
            name = _short(event)
            if self.is_under_way(event):
                kept[event.partition][f"{_UNDER_WAY}{name}"] = 1
            if name in self.alone:
                kept[event.partition][f"{_DEATHS}{name}"] = self.alone[name]
        for event in sorted(ahead, key=lambda each: not self.is_dead(each)):
            name = _short(event)
            if name in self.counts:
                kept[event.partition][name] = self.counts[name]
        return {partition: _fitting(counts) for partition, counts in kept.items()}


@dataclass
class Range:
    """The part of the curated topic that is not verified.

    Args:
        start: its first offsets.
        ends: the offsets after it.
        events: what stands in it, partition by partition.
        tries: how often each was tried.
    """

    start: dict[int, int]
    ends: dict[int, int]
    events: list[CuratedEvent]
    tries: Tries

    @property
    def living(self) -> list[CuratedEvent]:
        """The events that can still be verified."""
        return living(self.events, self.tries)

    @property
    def counting(self) -> list[CuratedEvent]:
        """The events whose edges must be in the catalogue: not dead, not superseded."""
        return counting(self.living)

    def tried(self, event: CuratedEvent, problems: Sequence[str], attempts: int) -> dict[CuratedEvent, str]:
        """Count a try of an event that is missing after it.

        Args:
            event: the event.
            problems: what is missing of it.
            attempts: how often an event is tried.

        Returns:
            What is given up with this try, and why: the event, and those that it supersedes and that would fare no
            better. Nothing before the last try.
        """
        same = [each for each in self.living if each.subject == event.subject and each.edges == event.edges]
        # One that is replayed gets a new chance. But a model that runs more often than it is tried gets no new one each time.
        count = self.tries.add(event, [each for each in same if each.replayed == event.replayed])
        if count < attempts:
            return {}
        return dict.fromkeys(same, f"not in the catalogue after {count} tries: {'; '.join(problems)}")


@dataclass(frozen=True)
class Attempt:
    """What the connector has to read so that it meets the event of each job that counts, and no other.

    An older event would put columns back that the newest no longer has.

    Args:
        start: by partition, where the connector starts.
        to_copy: events that count and stand before that: they have to be written again, at the end.
    """

    start: dict[int, int]
    to_copy: list[CuratedEvent]

    @classmethod
    def on(
        cls, events: Sequence[CuratedEvent], counting: Collection[CuratedEvent], start: Mapping[int, int]
    ) -> "Attempt":
        """The attempt on a range.

        Args:
            events: all of the range.
            counting: those that count.
            start: where the range starts, by partition.
        """
        begin = dict(start)
        for event in events:
            if event not in counting:
                begin[event.partition] = max(begin[event.partition], event.offset + 1)
        return cls(begin, [event for event in events if event in counting and event.offset < begin[event.partition]])


def living(events: Iterable[CuratedEvent], tries: Tries) -> list[CuratedEvent]:
    """The events that can still be verified: those that are events and are not in the dead letters."""
    return [event for event in events if event.problem is None and not tries.is_dead(event)]


def counting(events: Iterable[CuratedEvent]) -> list[CuratedEvent]:
    """The events that are not superseded, in the order of the topic."""
    return sorted(newest(events).values(), key=lambda event: (event.partition, event.offset))


def waiting(events: Iterable[CuratedEvent], missing: Collection[CuratedEvent]) -> list[CuratedEvent]:
    """The events that are not verified: the missing ones, and those that one of them supersedes."""
    subjects = {event.subject for event in missing}
    return [event for event in events if event.subject in subjects]


def verified_up_to(ends: Mapping[int, int], waiting: Iterable[CuratedEvent]) -> dict[int, int]:
    """By partition of the curated topic, the offset up to which everything is verified.

    Args:
        ends: where the range ends.
        waiting: the events of it that are not verified.
    """
    offsets = dict(ends)
    for event in waiting:
        offsets[event.partition] = min(offsets[event.partition], event.offset)
    return offsets


def events_verified_up_to(
    topic: str, curated: Mapping[int, int], waiting: Iterable[CuratedEvent]
) -> dict[int, int] | None:
    """By partition of the events topic, the offset up to which the lineage of every event is verified.

    An event without lineage is verified as soon as it was read. A replayed one was told of when it came first.

    Args:
        topic: the events topic.
        curated: up to where it was curated.
        waiting: the curated events that are not verified.

    Returns:
        None when one of the waiting events does not tell where it comes from.
    """
    offsets = dict(curated)
    for event in waiting:
        if event.replayed:
            continue
        if event.source is None:
            return None
        if event.source.topic == topic and event.source.partition in offsets:
            offsets[event.source.partition] = min(offsets[event.source.partition], event.source.offset)
    return offsets


def _short(event: CuratedEvent) -> str:
    """What tells an event in a note.

    Not its position, since it may be copied. Where it came from belongs to it: one that was sent again, by a replay or
    from the dead letters, gets a new chance.
    """
    return hashlib.sha256(f"{event.event_id} {event.source} {event.replayed}".encode()).hexdigest()[:12]


def _parsed(note: str) -> dict[str, int]:
    try:
        content = json.loads(note or "{}")
    except ValueError:
        return {}
    if not isinstance(content, dict):
        return {}
    return {name: count for name, count in content.items() if isinstance(count, int)}


def _fitting(counts: Mapping[str, int]) -> str:
    kept: dict[str, int] = {}
    size = 2
    for name, count in counts.items():
        size += len(f'"{name}":{count},')
        if size > NOTE_BYTES:
            break
        kept[name] = count
    return json.dumps(kept, separators=(",", ":")) if kept else ""

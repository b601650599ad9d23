"""Read the events topic in slices, and keep the state of parked events."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from confluent_kafka import Message

from dbt_lineage.events.run_event import FACT, NOTHING, SAYS, MalformedEvent, NotOfARun, RunEvent, parsed
from dbt_lineage.ingest.fact import Fact, facts_of
from dbt_lineage.ingest.warehouses import Warehouses
from dbt_lineage.kafka.offsets import NOTE_BYTES, Bookmark
from dbt_lineage.kafka.reader import header, position

# Limits of a slice: events with lineage, bytes, messages. A slice is settled before the next one is read.
SLICE_FACTS = 300
SLICE_BYTES = 4_000_000
SLICE_MESSAGES = 5_000


# Bytes of a note that are reserved for the fence.
_RESERVED_BYTES = 16


class Place(NamedTuple):
    """The partition and offset of an event in the events topic."""

    partition: int
    offset: int


@dataclass(eq=False)
class Event:
    """An event of the events topic.

    Args:
        message: the message.
        event: the parsed event; None when it is not a run event, or not of a node's run.
        facts: its lineage.
        problem: why it is not a run event; empty when it is one.
    """

    message: Message
    event: RunEvent | None = None
    facts: list[Fact] = field(default_factory=list)
    problem: str = ""

    @property
    def place(self) -> Place:
        """Its place in the topic."""
        return Place(self.message.partition() or 0, self.message.offset() or 0)

    @property
    def event_id(self) -> str:
        """Its id from the relay's header, else its place in the topic."""
        return (header(self.message, "event_id") or b"").decode(errors="replace") or position(self.message)

    @classmethod
    def read(cls, message: Message, warehouses: Warehouses) -> "Event":
        """Parse a message, unless the relay's header marks it as without lineage.

        Args:
            message: the message.
            warehouses: the warehouses that datasets of events may be in.
        """
        said = header(message, SAYS)
        if said == NOTHING:
            return cls(message)
        try:
            event = parsed(message.value())
            return cls(message, event, facts_of(event, warehouses) if said in (FACT, None) else [])
        except NotOfARun:
            return cls(message)
        except MalformedEvent as problem:
            return cls(message, problem=str(problem))


def slices(messages: Iterable[Message], warehouses: Warehouses) -> Iterator[list[Event]]:
    """Group messages into slices of events, each of a limited size in memory.

    Args:
        messages: the messages, partition by partition, in order.
        warehouses: the warehouses that datasets of events may be in.
    """
    current: list[Event] = []
    facts = size = 0
    for message in messages:
        event = Event.read(message, warehouses)
        current.append(event)
        facts += len(event.facts)
        size += len(message.value() or b"") if event.event or event.problem else 0
        if facts >= SLICE_FACTS or size >= SLICE_BYTES or len(current) >= SLICE_MESSAGES:
            yield current
            current, facts, size = [], 0, 0
    if current:
        yield current


@dataclass
class Parked:
    """Parked events, with the number of attempts of each.

    They are kept in the note of a partition's offset, so they are as durable as the offset and committed with it.

    Args:
        attempts: number of attempts, by place.
    """

    attempts: dict[Place, int] = field(default_factory=dict)

    @classmethod
    def read(cls, bookmarks: Mapping[int, Bookmark | None]) -> "Parked":
        """Read the parked events from the notes. A note of another form has none."""
        found: dict[Place, int] = {}
        for partition, bookmark in bookmarks.items():
            for entry in (bookmark.note if bookmark else "").split():
                offset, _, attempts = entry.partition(":")
                if offset.isdecimal() and attempts.isdecimal():
                    found[Place(partition, int(offset))] = int(attempts)
        return cls(found)

    def bookmarks(self, offsets: Mapping[int, int]) -> dict[int, Bookmark]:
        """The offsets to commit, with the notes of the events that are parked before them.

        Args:
            offsets: by partition, the offset before which everything is settled or parked.
        """
        moved = {}
        for partition, offset in offsets.items():
            entries, size = [], 0
            for place in sorted(each for each in self.attempts if each.partition == partition):
                entry = f"{place.offset}:{self.attempts[place]}"
                size += len(entry) + 1
                if size > NOTE_BYTES - _RESERVED_BYTES:
                    # The note is full: the partition waits before the first event that does not fit.
                    offset = min(offset, place.offset)
                    break
                entries.append(entry)
            moved[partition] = Bookmark(offset, " ".join(entries))
        return moved

    def verified(self, offsets: Mapping[int, int]) -> dict[int, int]:
        """By partition, the offset before which everything is settled."""
        return {
            partition: min([offset, *(each.offset for each in self.attempts if each.partition == partition)])
            for partition, offset in offsets.items()
        }

"""The events topic in slices, and what became of each event of a slice."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from confluent_kafka import Message

from dbt_lineage.events.run_event import FACT, NOTHING, SAYS, MalformedEvent, NotOfARun, RunEvent, parsed
from dbt_lineage.ingest.fact import Fact, facts_of
from dbt_lineage.ingest.warehouses import Warehouses
from dbt_lineage.kafka.offsets import NOTE_BYTES, Bookmark
from dbt_lineage.kafka.reader import header, position

# A slice is written, read back and settled before the next one is read. Events with lineage, bytes, messages.
SLICE_FACTS = 300
SLICE_BYTES = 4_000_000
SLICE_MESSAGES = 5_000


# Of a note, for what the fence notes.
_RESERVED_BYTES = 16


class Place(NamedTuple):
    """Where an event stands in the events topic."""

    partition: int
    offset: int


@dataclass(eq=False)
class Event:
    """An event of the events topic.

    Args:
        message: as it was read.
        event: what it says; None when it is no run event, or says nothing about a run of a node.
        facts: its lineage.
        problem: why it is no run event; empty when it is one.
    """

    message: Message
    event: RunEvent | None = None
    facts: list[Fact] = field(default_factory=list)
    problem: str = ""

    @property
    def place(self) -> Place:
        """Where it stands."""
        return Place(self.message.partition() or 0, self.message.offset() or 0)

    @property
    def event_id(self) -> str:
        """Its id: that of the relay, else where it stands."""
        return (header(self.message, "event_id") or b"").decode(errors="replace") or position(self.message)

    @classmethod
    def read(cls, message: Message, warehouses: Warehouses) -> "Event":
        """Parse a message, as far as the relay's header says that it is worth it.

        Args:
            message: the message.
            warehouses: where the datasets of events may be.
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
    """Messages as slices of events, none of them larger than may be in memory at once.

    Args:
        messages: partition by partition, in order.
        warehouses: where the datasets of events may be.
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
    """Events that were passed over for now, with the attempts that each has had.

    They are kept as the note of a partition's offset: as durable as that, and moved together with it.

    Args:
        attempts: by place.
    """

    attempts: dict[Place, int] = field(default_factory=dict)

    @classmethod
    def read(cls, bookmarks: Mapping[int, Bookmark | None]) -> "Parked":
        """What the notes keep; a note of another form keeps nothing."""
        found: dict[Place, int] = {}
        for partition, bookmark in bookmarks.items():
            for entry in (bookmark.note if bookmark else "").split():
                offset, _, attempts = entry.partition(":")
                if offset.isdecimal() and attempts.isdecimal():
                    found[Place(partition, int(offset))] = int(attempts)
        return cls(found)

    def bookmarks(self, offsets: Mapping[int, int]) -> dict[int, Bookmark]:
        """Where the offsets may move, with the notes that keep what is parked before them.

        Args:
            offsets: by partition, before which everything is settled or parked.
        """
        moved = {}
        for partition, offset in offsets.items():
            entries, size = [], 0
            for place in sorted(each for each in self.attempts if each.partition == partition):
                entry = f"{place.offset}:{self.attempts[place]}"
                size += len(entry) + 1
                if size > NOTE_BYTES - _RESERVED_BYTES:
                    # A note has no room for more: the partition waits before the first event that it cannot keep.
                    offset = min(offset, place.offset)
                    break
                entries.append(entry)
            moved[partition] = Bookmark(offset, " ".join(entries))
        return moved

    def verified(self, offsets: Mapping[int, int]) -> dict[int, int]:
        """By partition, before which everything is settled."""
        return {
            partition: min([offset, *(each.offset for each in self.attempts if each.partition == partition)])
            for partition, offset in offsets.items()
        }

"""What a pass notes with the verified offsets while it is at work: a pass that is killed can note nothing afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from include.kafka.offsets import Bookmarks
from include.openmetadata.curated import CuratedEvent
from include.openmetadata.standing import Range


@dataclass(frozen=True)
class Notes:
    """The notes of the verified offsets, which stay where they are.

    Args:
        verified: the bookmarks of the curated topic.
        group: the group whose offsets they are.
    """

    verified: Bookmarks
    group: str

    def keep(self, found: Range) -> None:
        """Keep the tries of a range. Raises BrokerError."""
        self.verified.move(
            self.group, self.verified.committed(self.group), found.tries.notes(found.events, found.start)
        )

    @contextmanager
    def under_way(self, found: Range, event: CuratedEvent | None = None) -> Iterator[None]:
        """While the connector is at work, the notes say so: what kills it may kill the pass with it.

        Args:
            found: the range.
            event: the event that the connector has alone to read; None: the range.

        Raises:
            BrokerError: the cluster is away. When it went away meanwhile, the notes go on saying so.
        """
        found.tries.begin(event)
        self.keep(found)
        try:
            yield
        finally:
            found.tries.end()
            self.keep(found)

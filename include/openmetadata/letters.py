"""The dead letters of the ingestion: events that are given up, and telling the ledger of them."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from confluent_kafka import Message

from include.kafka.offsets import Bookmarks
from include.kafka.reader import header, messages, position
from include.kafka.writer import Writer
from include.openmetadata.curated import CuratedEvent, source
from include.openmetadata.progress import Progress
from include.openmetadata.standing import Tries
from include.settings import KafkaSettings

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Letters:
    """The dead letters that come from topics.

    Args:
        kafka: the cluster and the topics.
        group: whose offsets say up to where the ledger was told of them.
        progress: who tells the ledger.
    """

    kafka: KafkaSettings
    group: str
    progress: Progress

    def give_up(self, dead: Mapping[CuratedEvent, str], tries: Tries) -> int:
        """Send events to the dead letters: as they were emitted, so that they can be sent again from there.

        Args:
            dead: the events, each with the reason.
            tries: where it is noted that they are dead.

        Returns:
            How many letters that are.

        Raises:
            BrokerError: the cluster did not acknowledge in time.
        """
        # An event and its copies are one letter.
        letters = {event.event_id: (event, reason) for event, reason in dead.items()}
        with Writer(self.kafka) as writer:
            for event, reason in letters.values():
                log.error("to the dead letters: %s: %s", event, reason)
                emitted = self._emitted(event)
                why = [
                    ("reason", reason.encode()),
                    ("source", position(emitted).encode()),
                    ("event_id", event.event_id.encode()),
                ]
                writer.write(self.kafka.dlq_topic, emitted.value(), emitted.key(), why)
        for event in dead:
            tries.bury(event)
        return len(letters)

    def tell(self) -> bool:
        """Tell the ledger of those that it was not told of yet; one that is away is told next time.

        Returns:
            Whether it knows them all.

        Raises:
            BrokerError: the cluster did not answer.
        """
        bookmarks = Bookmarks(self.kafka, self.kafka.dlq_topic)
        start, ends = bookmarks.unread(self.group)
        if start == ends:
            return True
        found = map(_reason, messages(self.kafka, self.kafka.dlq_topic, start, ends))
        told = self.progress.given_up(dict(filter(None, found)))
        if told:
            bookmarks.move(self.group, ends)
        return told

    def _emitted(self, event: CuratedEvent) -> Message:
        """The event in the events topic; in the curated one when it is not there any more."""
        if event.source is None or event.source.topic != self.kafka.events_topic:
            return event.message
        _, partition, offset = event.source
        found = messages(self.kafka, self.kafka.events_topic, {partition: offset}, {partition: offset + 1})
        return next(found, event.message)


def _reason(letter: Message) -> tuple[str, str] | None:
    """Id and reason of a letter that comes from a topic; those that never were in one the relay tells of itself."""
    event_id, reason, place = (
        (header(letter, name) or b"").decode(errors="replace") for name in ("event_id", "reason", "source")
    )
    return (event_id, reason) if source(place) is not None else None

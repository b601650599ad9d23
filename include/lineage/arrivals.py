"""When to ingest: events with lineage that have arrived and are not verified, gathered into bursts."""

import threading
from dataclasses import dataclass, field

from confluent_kafka import Consumer, Message, TopicPartition

from include.kafka.limits import LARGEST_RESPONSE
from include.kafka.offsets import Bookmarks
from include.kafka.topics import BrokerError
from include.lineage.run_event import carries_lineage
from include.settings import KafkaSettings

_AT_ONCE = 500


@dataclass
class Burst:
    """Events that arrive close together are ingested together.

    Args:
        quiet_seconds: it is over when nothing has come for so long.
        max_wait_seconds: or when the first one has waited so long.
        count: how many events it has.
    """

    quiet_seconds: float
    max_wait_seconds: float
    count: int = 0
    _first: float = field(default=0, init=False)
    _last: float = field(default=0, init=False)

    def add(self, events: int, now: float) -> None:
        """Events that have come.

        Args:
            events: how many; none is nothing that happened.
            now: the present, seconds of any clock that only goes on.
        """
        if events:
            self._first = self._first if self.count else now
            self._last = now
            self.count += events

    def is_over(self, now: float) -> bool:
        """Whether it is time to ingest."""
        return bool(self.count) and (
            now - self._last >= self.quiet_seconds or now - self._first >= self.max_wait_seconds
        )


class Arrivals:
    """The events topic, read on from where the ingestion stands.

    Nothing is committed: where it stands follows from the offsets of the ingestion alone. So whoever looks anew, after
    a crash or because an ingestion failed, sees all that is left to do.

    Args:
        kafka: the cluster and the topics.
        group: the consumer group whose offsets say what was ingested.

    Raises:
        BrokerError: the cluster did not answer, or there are no topics yet.
    """

    def __init__(self, kafka: KafkaSettings, group: str) -> None:
        self._kafka = kafka
        self._lock = threading.Lock()
        bookmarks = Bookmarks(kafka, kafka.events_topic)
        # Parked, and to be tried again.
        self._left = sum(":" in word for each in bookmarks.read(group).values() for word in each.note.split())
        start, _ = bookmarks.unread(group)
        self._consumer: Consumer | None = Consumer(
            {
                "bootstrap.servers": kafka.bootstrap_servers,
                "group.id": "arrivals",
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                "receive.message.max.bytes": LARGEST_RESPONSE,
            }
        )
        self._consumer.assign([TopicPartition(kafka.events_topic, *each) for each in start.items()])

    def take(self) -> int:
        """How many events with lineage have come since the last call, without waiting for any.

        The first call also tells of those that came before and were left.

        Raises:
            BrokerError: the cluster is away.
        """
        with self._lock:
            if self._consumer is None:
                return 0
            found = self._consumer.consume(_AT_ONCE, timeout=0)
            count, self._left = self._left + sum(map(self._counts, found)), 0
            return count

    def close(self) -> None:
        """Let go of the cluster; may be called while another thread takes."""
        with self._lock:
            if self._consumer is not None:
                self._consumer.close()
                self._consumer = None

    def _counts(self, message: Message) -> bool:
        if (error := message.error()) is not None:
            raise BrokerError(f"Kafka at {self._kafka.bootstrap_servers}: {error.str()}")
        return carries_lineage(message)

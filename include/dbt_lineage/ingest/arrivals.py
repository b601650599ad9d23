"""When to ingest: events with lineage that have arrived and are not verified, gathered into bursts."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from confluent_kafka import TIMESTAMP_NOT_AVAILABLE, Consumer, Message, TopicPartition

from dbt_lineage.core.settings import KafkaSettings
from dbt_lineage.events.run_event import carries_lineage
from dbt_lineage.kafka import clients
from dbt_lineage.kafka.clients import BrokerError
from dbt_lineage.kafka.limits import LARGEST_RESPONSE
from dbt_lineage.kafka.offsets import Bookmarks

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
    _first: float = float("inf")
    _last: float = float("-inf")

    def add(self, came: Sequence[float]) -> None:
        """Events that have come.

        Args:
            came: when each one came, seconds of any clock that only goes on.
        """
        if came:
            self._first = min(self._first, *came)
            self._last = max(self._last, *came)
            self.count += len(came)

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
        self._consumer: Consumer | None = clients.consumer(
            kafka,
            {
                "group.id": kafka.reader_group,
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                "receive.message.max.bytes": LARGEST_RESPONSE,
            },
        )
        self._consumer.assign([TopicPartition(kafka.events_topic, *each) for each in start.items()])

    def take(self) -> list[float]:
        """When each event with lineage came that is new since the last call, without waiting for any.

        An event came when its producer sent it: those that were sent while nobody looked, as during a pass of the
        ingestion, have waited already. The first call also tells of those that were parked, as if they came now.

        Returns:
            Seconds of ``time.monotonic``, none later than now.

        Raises:
            BrokerError: the cluster is away.
        """
        with self._lock:
            if self._consumer is None:
                return []
            found = self._consumer.consume(_AT_ONCE, timeout=0)
            now, wall = time.monotonic(), time.time()
            left, self._left = self._left, 0
            return [now] * left + [now - _age(message, wall) for message in found if self._counts(message)]

    def close(self) -> None:
        """Let go of the cluster; may be called while another thread takes."""
        with self._lock:
            if self._consumer is not None:
                self._consumer.close()
                self._consumer = None

    def _counts(self, message: Message) -> bool:
        if (error := message.error()) is not None:
            raise BrokerError(clients.said(self._kafka, error))
        return carries_lineage(message)


def _age(message: Message, now: float) -> float:
    """How long ago a message was sent, seconds; none when its producer's clock is ahead."""
    kind, milliseconds = message.timestamp()
    return 0.0 if kind == TIMESTAMP_NOT_AVAILABLE else max(0.0, now - milliseconds / 1000)

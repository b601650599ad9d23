"""Decide when to ingest: gather the events that a pass will write to the catalogue into bursts."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from confluent_kafka import TIMESTAMP_NOT_AVAILABLE, Consumer, Message, TopicPartition

from dbt_lineage.core.settings import KafkaSettings
from dbt_lineage.events.run_event import FACT, NOTHING, SAYS, MalformedEvent, parsed
from dbt_lineage.ingest.ledger_updates import ProgressRecorder
from dbt_lineage.ingest.pipeline_status import OUTCOMES
from dbt_lineage.ingest.slices import Parked
from dbt_lineage.kafka import clients
from dbt_lineage.kafka.clients import BrokerError
from dbt_lineage.kafka.limits import LARGEST_RESPONSE
from dbt_lineage.kafka.offsets import Bookmarks
from dbt_lineage.kafka.reader import header

_AT_ONCE = 500
# The end of a run without lineage may wait so long while more comes.
_PATIENCE_SECONDS = 10.0
# The ledger is asked for events that it has not heard of: so long after events came, then less and less often. Seconds.
_ASK_SECONDS = 2.0
_MAX_ASK_SECONDS = 60.0


class Arrival(NamedTuple):
    """An event that a pass writes to the catalogue.

    Args:
        at: when it arrived, seconds of a monotonic clock.
        has_lineage: False if it says only how a run ended.
    """

    at: float
    has_lineage: bool = True


@dataclass
class Burst:
    """Events that arrive close together, and are ingested together.

    While dbt runs its tests one after the other, each ends without lineage. These ends may wait longer.

    Args:
        quiet_seconds: the burst is over when nothing has arrived for this long.
        max_wait_seconds: the burst is over when its first event with lineage has waited this long, though more comes.
            One without lineage then waits ten seconds, or this if it is longer.
        count: number of its events.
    """

    quiet_seconds: float
    max_wait_seconds: float
    count: int = 0
    _last: float = float("-inf")
    _ends_at: float = float("inf")

    def add(self, came: Sequence[Arrival]) -> None:
        """Add events."""
        for each in came:
            self._last = max(self._last, each.at)
            wait = self.max_wait_seconds if each.has_lineage else max(self.max_wait_seconds, _PATIENCE_SECONDS)
            self._ends_at = min(self._ends_at, each.at + wait)
        self.count += len(came)

    def is_over(self, now: float) -> bool:
        """Whether the burst is over, so that it is time to ingest.

        Args:
            now: the present, by the clock of the arrivals.
        """
        return now >= min(self._last + self.quiet_seconds, self._ends_at) and self.count > 0


class Arrivals:
    """The events topic, read from the ingestion's offsets on.

    Nothing is committed here. A reader starts at the ingestion's offsets, and so reads everything that is left to do.

    Args:
        kafka: the cluster and the topics.
        group: the consumer group whose offsets mark what was ingested.
        progress: tells which of the verified events the ledger has not heard of.

    Raises:
        BrokerError: the cluster did not answer, or there are no topics yet.
    """

    def __init__(self, kafka: KafkaSettings, group: str, progress: ProgressRecorder) -> None:
        self._kafka = kafka
        self._progress = progress
        self._lock = threading.Lock()
        self._group = group
        self._bookmarks = Bookmarks(kafka, kafka.events_topic)
        # By partition, the offset after the last message that was read, and the offset up to which messages are settled.
        self._read: dict[int, int] = {}
        self._settled: dict[int, int] = {}
        self._consumer: Consumer | None = clients.consumer(
            kafka,
            {
                "group.id": kafka.reader_group,
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                "receive.message.max.bytes": LARGEST_RESPONSE,
            },
        )
        self.start_over()

    def start_over(self) -> None:
        """Count what the ingestion's offsets leave to do: after a pass, or for what earlier passes have left over.

        After a pass that failed, make a new reader: this one goes on where it is.

        Raises:
            BrokerError: the cluster did not answer.
        """
        parked, start = self._standing()
        with self._lock:
            # Parked events will be retried.
            self._left = len(parked.attempts)
            self._late_before = 0
            self._ask_in(_ASK_SECONDS)
            if self._consumer is not None and start.keys() != self._read.keys():
                self._consumer.assign([TopicPartition(self._kafka.events_topic, *each) for each in start.items()])
                self._read = dict(start)
            # The pass has read these messages. This reader has not, and counts none of them.
            self._settled = {each: offset for each, offset in start.items() if self._read[each] < offset}

    def take(self) -> list[Arrival]:
        """The new events with lineage, or with the end of a run. Does not wait for any.

        An event's arrival is the time when its producer sent it. So events that were sent during a pass of the ingestion
        have waited already. The first call, and the first one after ``start_over``, also returns the parked events, as if
        they arrived now. Verified events that the ledger has not heard of count so too: the relay may record an event
        after the pass that verified it, and the next pass makes up for that.

        Returns:
            Each by ``time.monotonic``, none later than now.

        Raises:
            BrokerError: the cluster is unreachable.
        """
        with self._lock:
            if self._consumer is None:
                return []
            come = list(filter(self._is_new, self._consumer.consume(_AT_ONCE, timeout=0)))
            now, wall = time.monotonic(), time.time()
            found = [
                Arrival(now - _age(message, wall), has_lineage)
                for message in come
                if (has_lineage := _has_lineage(message)) is not None
            ]
            left, self._left = self._left, 0
            if found:
                self._ask_in(_ASK_SECONDS)
            elif now >= self._ask_at:
                left += self._late()
            return [Arrival(now)] * left + found

    def close(self) -> None:
        """Close the connection. This may be called while another thread is in ``take``."""
        with self._lock:
            if self._consumer is not None:
                self._consumer.close()
                self._consumer = None

    def _standing(self) -> tuple[Parked, dict[int, int]]:
        """The parked events, and the offset in each partition that the ingestion has come to. Raises BrokerError."""
        return Parked.read(self._bookmarks.read(self._group)), self._bookmarks.unread(self._group)[0]

    def _late(self) -> int:
        """How many events are verified and not in the ledger, now and when it was last asked. Raises BrokerError.

        A pass that is at work commits its offsets first, and tells the ledger a moment later.
        """
        parked, start = self._standing()
        late, before = self._progress.unverified(self._kafka.events_topic, parked.verified(start)), self._late_before
        self._late_before = late
        if late and before:
            self._ask_in(_MAX_ASK_SECONDS)
        else:
            self._ask_in(_ASK_SECONDS if late else min(2 * self._pause, _MAX_ASK_SECONDS))
        return min(late, before)

    def _ask_in(self, seconds: float) -> None:
        """Ask the ledger after so many seconds."""
        self._pause, self._ask_at = seconds, time.monotonic() + seconds

    def _is_new(self, message: Message) -> bool:
        """Whether no pass has settled a message. Raises BrokerError for one that says what is wrong with the cluster."""
        if (error := message.error()) is not None:
            raise BrokerError(clients.said(self._kafka, error))
        partition, offset = message.partition() or 0, message.offset() or 0
        # The offsets of a topic that was recreated begin again.
        is_recreated = offset < self._read[partition]
        self._read[partition] = offset + 1
        if offset < self._settled.get(partition, 0) and not is_recreated:
            return False
        self._settled.pop(partition, None)
        return True


def _has_lineage(message: Message) -> bool | None:
    """Whether a message has lineage, False if it says only how a run of a model or a test ended; None if neither."""
    said = header(message, SAYS)
    if said in (FACT, NOTHING):
        return True if said == FACT else None
    try:
        event = parsed(message.value())
    except MalformedEvent:
        return None
    if event.says_lineage:
        return True
    is_of_node = event.job.makes_relation or event.job.tests_relation
    return False if is_of_node and event.event_type in OUTCOMES else None


def _age(message: Message, now: float) -> float:
    """How long ago a message was sent, seconds; 0 when its producer's clock is ahead."""
    kind, milliseconds = message.timestamp()
    return 0.0 if kind == TIMESTAMP_NOT_AVAILABLE else max(0.0, now - milliseconds / 1000)

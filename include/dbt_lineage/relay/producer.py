"""Send a batch to the broker and wait for its answer to each message, however long the broker is unreachable."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from dbt_lineage.core.settings import KafkaSettings
from dbt_lineage.kafka import clients
from dbt_lineage.kafka.clients import BrokerError
from dbt_lineage.kafka.limits import Limits, limits_of

# How long a relay that stops still waits for a reachable broker's answer. Seconds.
_GRACE = 3.0
_POLL = 0.1
# Messages that the client purged are not refused: they stay in the spool.
_TAKEN_BACK = (KafkaError._PURGE_QUEUE, KafkaError._PURGE_INFLIGHT)

Headers = list[tuple[str, bytes]]

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outgoing:
    """A message for the broker.

    Args:
        topic: its topic.
        key: messages with the same key keep their order; None where order does not matter.
        value: its body.
        headers: its headers.
    """

    topic: str
    key: bytes | None
    value: bytes
    headers: Headers


@dataclass(frozen=True)
class Sent:
    """The broker acknowledged the message.

    Args:
        topic: its topic.
        partition: its partition.
        offset: its offset.
        at: when it was acknowledged, UTC.
    """

    topic: str
    partition: int
    offset: int
    at: datetime


@dataclass(frozen=True)
class Refused:
    """The broker or its client refused the message.

    Args:
        reason: the client's error text.
        too_large: whether its size is the reason. Then a retry is refused as well.
    """

    reason: str
    too_large: bool


Answer = Sent | Refused | None


class _Batch:
    """The answers to one batch, filled in by the client's callbacks."""

    def __init__(self, size: int) -> None:
        self.answers: list[Answer] = [None] * size
        self.left = size

    def answer(self, place: int, answer: Answer) -> None:
        self.answers[place] = answer
        self.left -= 1


class BatchProducer:
    """Sends batches, in order, idempotently, with acks from all replicas.

    Args:
        kafka: the cluster.
        on_trouble: called with the error when the broker is unreachable or the producer broke, and with None when the
            broker answers.
        on_wait: called repeatedly while an answer is awaited.
    """

    def __init__(
        self, kafka: KafkaSettings, on_trouble: Callable[[str | None], None], on_wait: Callable[[], None]
    ) -> None:
        self._kafka = kafka
        self._on_trouble = on_trouble
        self._on_wait = on_wait
        self._broken = self._away = False
        self._reason: KafkaError | None = None
        self._limits: Limits | None = None
        self._producer = self._new_producer()

    def send(self, messages: Sequence[Outgoing], stop: threading.Event) -> list[Answer]:
        """Send messages and wait for an answer to each.

        Args:
            messages: the batch.
            stop: once set, an unreachable broker is no longer awaited.

        Returns:
            The answer to each; None when there is none, because ``stop`` was set or the producer broke. Such a message
            may have arrived nevertheless.
        """
        if self._limits is None and not self.follow_limits(stop):
            return [None] * len(messages)
        if self._broken:
            self._renew()
        batch = _Batch(len(messages))
        for place, message in enumerate(messages):
            self._produce(message, place, batch)
        self._await(batch, stop)
        return batch.answers

    def follow_limits(self, stop: threading.Event) -> bool:
        """Read the broker's current size limits and apply them, such as after a message was refused for its size.

        Args:
            stop: once set, an unreachable broker is no longer awaited.

        Returns:
            False when there was no answer before ``stop`` was set.
        """
        while not stop.is_set():
            try:
                limits = limits_of(self._kafka, _GRACE, (self._kafka.events_topic, self._kafka.dlq_topic))
            except BrokerError as error:
                self._on_trouble(str(error))
                self._on_wait()
                continue
            if limits != self._limits:
                self._limits = limits
                self._renew()
            return True
        return False

    def look(self) -> None:
        """Check whether the broker is reachable, while there is nothing to send."""
        try:
            self._producer.list_topics(timeout=1)
        except KafkaException as error:
            self._trouble(error.args[0])
        else:
            self._back()

    def poll(self) -> None:
        """Let the client report its errors while there is nothing to send."""
        self._producer.poll(0)

    def close(self) -> None:
        """Purge the messages that were not answered. They stay in the spool."""
        self._producer.purge()
        self._producer.flush(1)

    def _produce(self, message: Outgoing, place: int, batch: _Batch) -> None:
        while True:
            try:
                self._producer.produce(
                    message.topic,
                    value=message.value,
                    key=message.key,
                    headers=list(message.headers),
                    on_delivery=partial(self._delivered, batch, place),
                )
                return
            except BufferError:
                self._producer.poll(_POLL)
            except KafkaException as error:
                self._delivered(batch, place, error.args[0], None)
                return

    def _await(self, batch: _Batch, stop: threading.Event) -> None:
        give_up_at: float | None = None
        while batch.left and not self._broken:
            self._producer.poll(_POLL)
            self._on_wait()
            if stop.is_set():
                give_up_at = give_up_at or time.monotonic() + _GRACE
                if self._away or time.monotonic() > give_up_at:
                    self.close()
                    return

    def _delivered(self, batch: _Batch, place: int, error: KafkaError | None, message: Message | None) -> None:
        if error is None and message is not None:
            self._back()
            batch.answer(place, _sent(message))
        elif error is not None and (error.fatal() or error.code() in _TAKEN_BACK):
            self._broken = self._broken or error.fatal()
            batch.answer(place, None)
        elif error is not None:
            batch.answer(
                place, Refused(clients.said(self._kafka, error), error.code() == KafkaError.MSG_SIZE_TOO_LARGE)
            )

    def _trouble(self, error: KafkaError) -> None:
        self._broken = self._broken or error.fatal()
        self._away = True
        if clients.is_telling(error):
            self._reason = error
        elif self._reason is not None:
            # What follows, such as that all brokers are down, only hides it.
            error = self._reason
        self._on_trouble(clients.said(self._kafka, error))

    def _back(self) -> None:
        self._away, self._reason = False, None
        self._on_trouble(None)

    def _renew(self) -> None:
        self.close()
        self._producer, self._broken = self._new_producer(), False

    def _new_producer(self) -> Producer:
        return clients.producer(
            self._kafka,
            {
                "acks": "all",
                "enable.idempotence": True,
                # An unreachable broker is awaited without a limit: the events are on disk.
                "message.timeout.ms": 0,
                "linger.ms": 5,
                # Events with thousands of tables shrink to a ninth to a third; with lz4, to a fifth to a half.
                "compression.type": "zstd",
                **(self._limits or Limits()).of_producer,
                # A missing topic is reported after this time, and looked for again.
                "topic.metadata.propagation.max.ms": 5000,
                # The client reconnects within a second of the broker's return, however long it was unreachable.
                "reconnect.backoff.max.ms": 1000,
                "error_cb": self._trouble,
                # The client would log the errors that error_cb reports, many times over.
                "log_level": 2,
            },
            _logger,
        )


def _sent(message: Message) -> Sent:
    topic, partition, offset = message.topic(), message.partition(), message.offset()
    if topic is None or partition is None or offset is None:
        raise TypeError(f"Kafka's acknowledgement lacks topic, partition or offset: {topic}[{partition}]@{offset}")
    return Sent(topic, partition, offset, datetime.now(UTC))

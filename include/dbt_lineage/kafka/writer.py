"""Write to topics, acknowledged by the brokers."""

from collections.abc import Sequence
from types import TracebackType

from confluent_kafka import KafkaError, Message

from dbt_lineage.core.settings import KafkaSettings
from dbt_lineage.kafka import clients
from dbt_lineage.kafka.clients import BrokerError
from dbt_lineage.kafka.limits import Limits

Headers = Sequence[tuple[str, bytes]]
CHOSEN_BY_KEY = -1


class Writer:
    """Writes messages, used as a context manager; leaving it waits until all of them are acknowledged.

    Args:
        kafka: the cluster and how long to wait for it.
        limits: how large messages may be; None for librdkafka's defaults.

    Raises:
        BrokerError: by leaving, some messages were refused or not acknowledged in time.
    """

    def __init__(self, kafka: KafkaSettings, limits: Limits | None = None) -> None:
        self._kafka = kafka
        self._refused: list[str] = []
        own = {"acks": "all", "enable.idempotence": True, **(limits or Limits()).of_producer}
        self._producer = clients.producer(kafka, own)

    def __enter__(self) -> "Writer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.finish()

    def write(
        self, topic: str, value: bytes | None, key: bytes | None, headers: Headers, partition: int = CHOSEN_BY_KEY
    ) -> None:
        """Hand over one message; the broker is waited for only while the client's queue is full.

        Args:
            topic: where it goes.
            value: its content.
            key: messages of one key stay in order.
            headers: its headers.
            partition: of the topic.
        """
        while True:
            try:
                self._producer.produce(
                    topic,
                    value=value,
                    key=key,
                    headers=list(headers),
                    on_delivery=self._delivered,
                    partition=partition,
                )
            except BufferError:
                if self._producer.poll(self._kafka.timeout_seconds) == 0:
                    raise self._unacknowledged(len(self._producer)) from None
                continue
            self._producer.poll(0)
            return

    def finish(self) -> None:
        """Wait for the acknowledgements. Raises BrokerError."""
        if left := self._producer.flush(self._kafka.timeout_seconds):
            raise self._unacknowledged(left)
        if self._refused:
            raise BrokerError(
                f"Kafka at {self._kafka.bootstrap_servers} refused {len(self._refused)} messages, the first one: "
                f"{self._refused[0]}"
            )

    def _delivered(self, error: KafkaError | None, message: Message) -> None:
        if error is not None:
            self._refused.append(f"{message.topic()}: {error.str()}")

    def _unacknowledged(self, count: int) -> BrokerError:
        return BrokerError(
            f"Kafka at {self._kafka.bootstrap_servers} did not acknowledge {count} events within "
            f"{self._kafka.timeout_seconds:g} s"
        )

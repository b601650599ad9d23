"""Handing events to the broker, with proof that it took them."""

from collections.abc import Iterable

from openlineage.client.event_v2 import RunEvent
from openlineage.client.transport.kafka import KafkaConfig, KafkaTransport

from include.settings import KafkaSettings


class LineageNotSent(RuntimeError):
    """The broker did not acknowledge every event in time; the message names its address and counts them."""


class Sender:
    """Sends events to the events topic as they come; ``finish`` says whether they arrived.

    Args:
        kafka: the broker, the topic and how long to wait.
    """

    def __init__(self, kafka: KafkaSettings) -> None:
        self._kafka = kafka
        self._count = 0
        # OpenLineage's transport only logs what was not delivered; librdkafka keeps trying without end, so an
        # undelivered event is still in its queue when the wait for it ends and can be counted.
        settings = {
            "bootstrap.servers": kafka.bootstrap_servers,
            "acks": "all",
            "enable.idempotence": "true",
            "message.timeout.ms": "0",
        }
        self._transport = KafkaTransport(KafkaConfig(config=settings, topic=kafka.events_topic, flush=False))

    def send(self, event: RunEvent) -> None:
        """Hand over one event; the broker is not waited for."""
        self._transport.emit(event)
        self._count += 1

    def finish(self) -> int:
        """Wait until the broker has acknowledged every event.

        Returns:
            How many events were acknowledged.

        Raises:
            LineageNotSent: some were not acknowledged within ``kafka.timeout_seconds``, or were refused.
        """
        if not self._transport.wait_for_completion(timeout=self._kafka.timeout_seconds):
            raise LineageNotSent(
                f"Kafka at {self._kafka.bootstrap_servers} did not acknowledge all of {self._count} lineage events for "
                f"topic {self._kafka.events_topic} within {self._kafka.timeout_seconds:g} s"
            )
        return self._count


def send(events: Iterable[RunEvent], kafka: KafkaSettings) -> int:
    """Send events, in order, and wait until the broker has acknowledged all of them.

    Returns:
        How many events were acknowledged.

    Raises:
        LineageNotSent: some were not acknowledged within ``kafka.timeout_seconds``, or were refused.
    """
    sender = Sender(kafka)
    for event in events:
        sender.send(event)
    return sender.finish()

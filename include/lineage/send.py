"""Handing events to the broker, with proof that it took them."""

from collections.abc import Iterable

from openlineage.client.event_v2 import RunEvent
from openlineage.client.transport.kafka import KafkaConfig, KafkaTransport

from include.settings import KafkaSettings


class LineageNotSent(RuntimeError):
    """The broker did not acknowledge every event in time; the message names its address and counts them."""


def send(events: Iterable[RunEvent], kafka: KafkaSettings) -> int:
    """Send events to the events topic and wait until the broker has acknowledged all of them.

    Args:
        events: what to send, in order.
        kafka: the broker, the topic and how long to wait.

    Returns:
        How many events were acknowledged.

    Raises:
        LineageNotSent: some were not acknowledged within ``kafka.timeout_seconds``, or were refused.
    """
    # OpenLineage's transport only logs what was not delivered; librdkafka keeps trying for longer than we wait, so an
    # undelivered event is still in its queue when the wait ends and can be counted.
    settings = {
        "bootstrap.servers": kafka.bootstrap_servers,
        "acks": "all",
        "enable.idempotence": "true",
        "message.timeout.ms": str(int(kafka.timeout_seconds * 2000)),
    }
    transport = KafkaTransport(KafkaConfig(config=settings, topic=kafka.events_topic, flush=False))
    count = 0
    for event in events:
        transport.emit(event)
        count += 1
    if not transport.wait_for_completion(timeout=kafka.timeout_seconds):
        raise LineageNotSent(
            f"Kafka at {kafka.bootstrap_servers} did not acknowledge all of {count} lineage events for topic "
            f"{kafka.events_topic} within {kafka.timeout_seconds:g} s"
        )
    return count

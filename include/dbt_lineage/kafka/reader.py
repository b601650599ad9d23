"""Read a range of a topic without moving any consumer group."""

from collections.abc import Iterator, Mapping
from contextlib import closing

from confluent_kafka import Consumer, KafkaError, Message, TopicPartition

from dbt_lineage.core.settings import KafkaSettings
from dbt_lineage.kafka import clients
from dbt_lineage.kafka.clients import BrokerError
from dbt_lineage.kafka.limits import LARGEST_RESPONSE


def messages(kafka: KafkaSettings, topic: str, start: Mapping[int, int], ends: Mapping[int, int]) -> Iterator[Message]:
    """Every message of a topic from ``start`` up to and without ``ends``, partition by partition.

    Args:
        kafka: the cluster and how long to wait for a message.
        topic: the topic.
        start: first offset of each partition.
        ends: the offset after the last one of each partition.

    Raises:
        BrokerError: the cluster did not answer in time.
    """
    settings: dict[str, str | int | float | bool] = {
        "group.id": kafka.reader_group,
        "enable.auto.commit": False,
        "enable.partition.eof": True,
        # The broker reports the end of a partition only in an answer, and an empty answer takes this long.
        "fetch.wait.max.ms": 10,
        "auto.offset.reset": "earliest",
        # The brokers send a batch that is larger than fetch.message.max.bytes all the same, and this one refuses it.
        "receive.message.max.bytes": LARGEST_RESPONSE,
    }
    with closing(clients.consumer(kafka, settings)) as consumer:
        for partition, end in ends.items():
            if start[partition] < end:
                consumer.assign([TopicPartition(topic, partition, start[partition])])
                yield from _until(consumer, end, kafka)


def _until(consumer: Consumer, end: int, kafka: KafkaSettings) -> Iterator[Message]:
    while True:
        message = consumer.poll(kafka.timeout_seconds)
        if message is None:
            raise BrokerError(f"Kafka at {kafka.bootstrap_servers} sent nothing for {kafka.timeout_seconds:g} s")
        if (error := message.error()) is not None:
            # Offsets need not be dense: the end of the partition may come before the offset `end - 1` is seen.
            if error.code() == KafkaError._PARTITION_EOF:
                return
            raise BrokerError(clients.said(kafka, error))
        offset = message.offset()
        if offset is None:
            raise BrokerError(f"Kafka at {kafka.bootstrap_servers} sent a message without an offset")
        if offset < end:
            yield message
        if offset >= end - 1:
            return


def headers(message: Message) -> list[tuple[str, bytes]]:
    """The headers of a message; one without a value counts as empty."""
    pairs = message.headers() or []
    return [
        (name, value.encode() if isinstance(value, str) else value or b"")
        for name, value in (pairs.items() if isinstance(pairs, dict) else pairs)
    ]


def header(message: Message, name: str) -> bytes | None:
    """The last value of a header; None when the message does not have it."""
    return next((value for each, value in reversed(headers(message)) if each == name), None)


def position(message: Message) -> str:
    """The position of a message, in the form of the header ``source``: ``topic[partition]@offset``."""
    return f"{message.topic()}[{message.partition()}]@{message.offset()}"

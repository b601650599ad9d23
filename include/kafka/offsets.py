"""Consumer groups as bookmarks: where a topic ends, how far a group has come, and moving a group."""

from collections.abc import Mapping
from uuid import uuid4

from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient

from include.kafka.topics import BrokerError
from include.settings import KafkaSettings

Offsets = Mapping[int, int]


class Bookmarks:
    """Offsets of one topic.

    Args:
        kafka: the cluster and how long a call may take.
        topic: the topic.
    """

    def __init__(self, kafka: KafkaSettings, topic: str) -> None:
        self._kafka = kafka
        self._topic = topic
        self._client: dict[str, str | int | float | bool] = {
            "bootstrap.servers": kafka.bootstrap_servers,
            "socket.timeout.ms": int(kafka.timeout_seconds * 1000),
        }
        self._admin = AdminClient(self._client)

    def partitions(self) -> list[int]:
        """Numbers of the topic's partitions.

        Raises:
            BrokerError: the cluster did not answer, or there is no such topic.
        """
        try:
            topics = self._admin.list_topics(timeout=self._kafka.timeout_seconds).topics
        except KafkaException as error:
            raise self._failure("did not answer", error) from error
        if self._topic not in topics:
            raise BrokerError(
                f"Kafka at {self._kafka.bootstrap_servers} has no topic {self._topic}: run the kafka_topics DAG"
            )
        return sorted(topics[self._topic].partitions)

    def ends(self) -> dict[int, int]:
        """The offset that the next message of each partition will have. Raises BrokerError."""
        consumer = Consumer({**self._client, "group.id": "offset-probe", "enable.auto.commit": False})
        try:
            return {
                partition: consumer.get_watermark_offsets(
                    TopicPartition(self._topic, partition), timeout=self._kafka.timeout_seconds
                )[1]
                for partition in self.partitions()
            }
        except KafkaException as error:
            raise self._failure("did not answer", error) from error
        finally:
            consumer.close()

    def committed(self, group: str) -> dict[int, int]:
        """How far a group has come in each partition; the beginning where it has no offset. Raises BrokerError."""
        request = ConsumerGroupTopicPartitions(
            group, self._topic_partitions(dict.fromkeys(self.partitions(), 0), False)
        )
        try:
            found = self._admin.list_consumer_group_offsets([request])[group].result().topic_partitions
        except KafkaException as error:
            raise self._failure(f"did not tell the offsets of group {group}", error) from error
        return {each.partition: max(each.offset, 0) for each in found}

    def move(self, group: str, offsets: Offsets) -> None:
        """Set a group's offsets. The group must have no member.

        Raises:
            BrokerError: the cluster refused; it answers for each partition apart and raises nothing by itself.
        """
        request = ConsumerGroupTopicPartitions(group, self._topic_partitions(offsets, True))
        try:
            answer = self._admin.alter_consumer_group_offsets([request])[group].result()
        except KafkaException as error:
            raise self._failure(f"did not move group {group}", error) from error
        refused = [f"partition {each.partition}: {each.error.str()}" for each in answer.topic_partitions if each.error]
        if refused:
            raise BrokerError(
                f"Kafka at {self._kafka.bootstrap_servers} did not move group {group} on {self._topic}: "
                + "; ".join(refused)
            )

    def new_group(self, name: str, offsets: Offsets) -> str:
        """A group of its own for one attempt, placed at these offsets; its name starts with ``name``."""
        group = f"{name}-{uuid4()}"
        self.move(group, offsets)
        return group

    def _topic_partitions(self, offsets: Offsets, with_offsets: bool) -> list[TopicPartition]:
        return [
            TopicPartition(self._topic, partition, offset) if with_offsets else TopicPartition(self._topic, partition)
            for partition, offset in sorted(offsets.items())
        ]

    def _failure(self, what: str, error: KafkaException) -> BrokerError:
        return BrokerError(f"Kafka at {self._kafka.bootstrap_servers} {what}: {error.args[0].str()}")

"""How far a group is behind a topic, on a real broker."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient

from dbt_lineage.core.settings import KafkaSettings
from dbt_lineage.kafka.lag import lag
from dbt_lineage.kafka.offsets import Bookmarks
from dbt_lineage.kafka.topics import TopicAdmin, TopicSpec
from dbt_lineage.ops.removal import InKafka
from stack.config import StackConfig

NOW = datetime.now(UTC).replace(microsecond=0)
GROUP = "reader"


@pytest.fixture
def kafka(stack: StackConfig) -> KafkaSettings:
    return KafkaSettings(bootstrap_servers=stack.address("kafka"))


@pytest.fixture
def topic(kafka: KafkaSettings) -> Iterator[str]:
    """A topic of the test's own, with three partitions."""
    name = f"lag-{uuid4()}"
    admin = AdminClient({"bootstrap.servers": kafka.bootstrap_servers})
    wanted = TopicSpec.kept_for_days(name, partitions=3, replication_factor=1, days=7)
    TopicAdmin(admin, kafka.bootstrap_servers, kafka.timeout_seconds).ensure(wanted)
    yield name
    admin.delete_topics([name])[name].result()


def write(kafka: KafkaSettings, topic: str, *messages: tuple[int, int, bytes]) -> None:
    """Messages: the partition, how many minutes ago, the value."""
    producer = Producer({"bootstrap.servers": kafka.bootstrap_servers, "acks": "all"})
    for partition, minutes, value in messages:
        at = int((NOW - timedelta(minutes=minutes)).timestamp() * 1000)
        producer.produce(topic, value, partition=partition, timestamp=at)
    assert producer.flush(kafka.timeout_seconds) == 0


def test_an_empty_topic_has_no_lag(kafka: KafkaSettings, topic: str) -> None:
    found = lag(kafka, topic, GROUP)
    assert (found.unread, found.oldest, found.seconds(NOW)) == (0, None, 0)


def test_the_oldest_unread_message_of_all_partitions_counts(kafka: KafkaSettings, topic: str) -> None:
    write(kafka, topic, (0, 50, b"read"), (0, 20, b"a"), (1, 30, b"b"), (1, 5, b"c"))
    Bookmarks(kafka, topic).move(GROUP, {0: 1})
    found = lag(kafka, topic, GROUP)
    assert (found.unread, found.seconds(NOW)) == (3, 30 * 60)


def test_messages_that_do_not_count_are_not_waited_for(kafka: KafkaSettings, topic: str) -> None:
    write(kafka, topic, (0, 50, b"noise"), (0, 20, b"a"), (2, 40, b"noise"))
    found = lag(kafka, topic, GROUP, lambda message: message.value() != b"noise")
    assert (found.unread, found.seconds(NOW)) == (3, 20 * 60)
    assert lag(kafka, topic, GROUP, lambda _: False).oldest is None


def test_a_group_that_has_read_all_is_not_behind(kafka: KafkaSettings, topic: str) -> None:
    write(kafka, topic, (0, 50, b"a"), (1, 50, b"b"))
    bookmarks = Bookmarks(kafka, topic)
    bookmarks.move(GROUP, bookmarks.ends())
    assert lag(kafka, topic, GROUP).unread == 0


def test_a_removal_finds_the_groups_of_the_ingestion_and_of_the_connector(kafka: KafkaSettings, topic: str) -> None:
    groups = {f"removal-{uuid4()}", f"removal-{uuid4()}"}
    bookmarks = Bookmarks(kafka, topic)
    for group in groups:
        bookmarks.move(group, bookmarks.ends())
    found = {thing.removeprefix("consumer group ") for thing in InKafka(kafka, *groups).things()}
    bookmarks.delete_groups(sorted(groups))
    assert groups <= found

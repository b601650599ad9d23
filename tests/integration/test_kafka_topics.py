"""Topics on a real broker: created, compared, corrected, refused."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from confluent_kafka.admin import AdminClient, ConfigResource, ResourceType

from dbt_lineage.core import settings
from dbt_lineage.kafka.topics import BrokerError, TopicAdmin, TopicConflict, TopicSpec
from stack.airflow_api import AirflowApi, await_condition
from stack.config import StackConfig

DAY = 24 * 60 * 60 * 1000


@pytest.fixture
def client(stack: StackConfig) -> AdminClient:
    return AdminClient({"bootstrap.servers": stack.address("kafka")})


@pytest.fixture
def admin(stack: StackConfig, client: AdminClient) -> TopicAdmin:
    return TopicAdmin(client, stack.address("kafka"), timeout=10)


@pytest.fixture
def name(client: AdminClient) -> Iterator[str]:
    """A topic's name; the topic is deleted afterwards."""
    topic = f"test-{uuid4()}"
    yield topic
    for future in client.delete_topics([topic]).values():
        future.exception()


def setting(client: AdminClient, topic: str, key: str) -> str:
    resource = ConfigResource(ResourceType.TOPIC, topic)
    return client.describe_configs([resource])[resource].result()[key].value


def partitions(client: AdminClient, topic: str) -> int:
    return len(client.list_topics(timeout=10).topics[topic].partitions)


def test_a_missing_topic_is_created_as_wanted(admin: TopicAdmin, client: AdminClient, name: str) -> None:
    assert admin.ensure(TopicSpec.kept_for_days(name, 3, 1, 7))
    await_condition(lambda: partitions(client, name) == 3, 30, "Kafka keeps the old number of partitions")
    assert setting(client, name, "retention.ms") == str(7 * DAY)


def test_a_topic_that_is_as_wanted_is_left_alone(admin: TopicAdmin, name: str) -> None:
    wanted = TopicSpec.kept_for_days(name, 2, 1, 7)
    admin.ensure(wanted)
    assert admin.ensure(wanted) == []


def test_retention_is_corrected_and_other_settings_stay(admin: TopicAdmin, client: AdminClient, name: str) -> None:
    admin.ensure(TopicSpec(name, 2, 1, {"retention.ms": "1000", "segment.bytes": "1048576"}))
    assert admin.ensure(TopicSpec.kept_for_days(name, 2, 1, 7)) == [f"{name}: retention.ms 1000 -> {7 * DAY}"]
    # A broker answers with the old value until it has read what the controller has committed.
    await_condition(lambda: setting(client, name, "retention.ms") == str(7 * DAY), 30, "Kafka keeps the old retention")
    assert setting(client, name, "segment.bytes") == "1048576"


def test_missing_partitions_are_added(admin: TopicAdmin, client: AdminClient, name: str) -> None:
    admin.ensure(TopicSpec(name, 1, 1))
    assert admin.ensure(TopicSpec(name, 3, 1)) == [f"{name}: partitions 1 -> 3"]
    assert partitions(client, name) == 3


def test_fewer_partitions_than_there_are_is_refused(admin: TopicAdmin, client: AdminClient, name: str) -> None:
    admin.ensure(TopicSpec(name, 3, 1))
    with pytest.raises(TopicConflict, match=f"{name} has 3 partitions and 2 are wanted.*KAFKA_PARTITIONS=3"):
        admin.ensure(TopicSpec(name, 2, 1))
    assert partitions(client, name) == 3


def test_another_replication_factor_is_refused(admin: TopicAdmin, name: str) -> None:
    admin.ensure(TopicSpec(name, 1, 1))
    with pytest.raises(TopicConflict, match="replication factor 1 and 3 is wanted"):
        admin.ensure(TopicSpec(name, 1, 3))


def test_more_replicas_than_brokers_is_refused_with_the_address(
    admin: TopicAdmin, stack: StackConfig, name: str
) -> None:
    with pytest.raises(BrokerError, match=f"Kafka at {stack.address('kafka')} refused"):
        admin.ensure(TopicSpec(name, 1, 3))


def test_a_broker_that_is_away_is_named(stack: StackConfig) -> None:
    nowhere = "127.0.0.1:9"
    admin = TopicAdmin(AdminClient({"bootstrap.servers": nowhere}), nowhere, timeout=2)
    with pytest.raises(BrokerError, match=f"Kafka at {nowhere} did not answer within 2 s"):
        admin.ensure(TopicSpec("any", 1, 1))


def test_the_dag_makes_every_topic(topics: str, client: AdminClient) -> None:
    kafka = settings.kafka()
    for topic in kafka.topics.values():
        assert partitions(client, topic) == 3
        # Dead letters wait for somebody to look at them.
        assert setting(client, topic, "retention.ms") == str((30 if topic == kafka.dlq_topic else 7) * DAY)


def test_the_dag_fails_on_fewer_partitions_and_says_the_way_out(api: AirflowApi, topics: str) -> None:
    run = api.run_once("kafka_topics", {"partitions": 2})
    assert run["state"] == "failed"
    log = api.log("kafka_topics", run["dag_run_id"], "events")
    assert "openlineage.events has 3 partitions and 2 are wanted" in log
    assert "KAFKA_PARTITIONS=3" in log

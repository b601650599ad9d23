"""How large messages may be: what the brokers take and tell, and that nothing which is too large stops or loses anything."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from string import Template
from subprocess import run

import pytest
from confluent_kafka import Message, Producer
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
)
from lineage_shop import Shop
from test_zookeeper_kafka import await_broker, running

from dbt_lineage.core.settings import KafkaSettings
from dbt_lineage.ingest.curate import curate
from dbt_lineage.kafka.limits import ASSUMED, LARGEST, Limits, limits_of, size_of
from dbt_lineage.kafka.offsets import Bookmarks
from dbt_lineage.kafka.reader import headers, messages
from dbt_lineage.kafka.topics import BrokerError, TopicAdmin, TopicSpec
from dbt_lineage.kafka.writer import Writer
from dbt_lineage.relay import oversize
from stack.config import unused_ports
from stack.kafka import CONFIGURATION, KAFKA
from tests.support import noise, set_limit

ORDERS = {"raw": {"id": "id", "amount": "cents"}}
MANY = 60
REQUEST = 160_000_000


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaSettings]:
    """A broker that asks for rights where a rule names them, and takes larger requests than by default."""
    home = tmp_path_factory.mktemp("kafka")
    port, controller = unused_ports(2)
    properties = home / "server.properties"
    template = Template((CONFIGURATION / "server.properties.template").read_text())
    changed = {
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "allow.everyone.if.no.acl.found": "true",
        "socket.request.max.bytes": str(REQUEST),
    }
    text = template.substitute(port=port, controller_port=controller, log_dirs=home / "data")
    properties.write_text("\n".join([text, *(f"{name}={value}" for name, value in changed.items())]))
    storage = ["kafka.tools.StorageTool", "format", "--standalone", "--cluster-id", "c2l6ZXMtb2YtbWVzc2FnZQ"]
    assert run([*KAFKA.java(), *storage, "--config", str(properties)], capture_output=True).returncode == 0
    with running([*KAFKA.java("-Xmx768m"), "kafka.Kafka", str(properties)], home / "kafka.log"):
        chosen = KafkaSettings(bootstrap_servers=f"127.0.0.1:{port}")
        await_broker(chosen)
        admin = TopicAdmin(AdminClient({"bootstrap.servers": chosen.bootstrap_servers}), "", 10)
        for topic in chosen.topics.values():
            admin.ensure(TopicSpec(topic, 1, 1))
        yield chosen


@pytest.fixture
def made(shop: Shop) -> Shop:
    """The shop, with tables."""
    shop.make_tables(raw="id cents flag", orders="id amount")
    return shop


def in_topic(kafka: KafkaSettings, topic: str) -> list[bytes]:
    """What is in a topic."""
    ends = Bookmarks(kafka, topic).ends()
    return [message.value() or b"" for message in messages(kafka, topic, dict.fromkeys(ends, 0), ends)]


# --- what the cluster tells


def test_the_limits_are_those_of_the_topics_and_of_the_brokers(strict: KafkaSettings) -> None:
    set_limit(strict, strict.dlq_topic, 2_000_000)
    limits = limits_of(strict)
    assert limits.topics == {
        strict.events_topic: 1_048_588,
        strict.dlq_topic: 2_000_000,
        strict.lineage_topic: 1_048_588,
    }
    assert limits.request == REQUEST
    assert limits.of_producer == {"message.max.bytes": LARGEST, "batch.size": 1_000_000}


def test_a_client_without_the_right_to_ask_takes_less_for_granted(
    strict: KafkaSettings, caplog: pytest.LogCaptureFixture
) -> None:
    admin = AdminClient({"bootstrap.servers": strict.bootstrap_servers})
    rules = [
        _rule(kind, name, AclOperation.DESCRIBE_CONFIGS, AclPermissionType.DENY)
        for kind, name in ((ResourceType.TOPIC, strict.events_topic), (ResourceType.BROKER, "kafka-cluster"))
    ]
    rules += [_rule(rule.restype, rule.name, AclOperation.ALL, AclPermissionType.ALLOW) for rule in rules]
    for done in admin.create_acls(rules).values():
        done.result(timeout=10)
    try:
        with caplog.at_level(logging.WARNING, "dbt_lineage.kafka.limits"):
            limits = limits_of(strict)
    finally:
        for gone in admin.delete_acls([_filter(rule) for rule in rules]).values():
            gone.result(timeout=10)
    assert limits.of(strict.events_topic) == ASSUMED
    assert limits.of(strict.lineage_topic) == 1_048_588
    assert limits.request is None
    assert f"does not tell max.message.bytes of topic {strict.events_topic}" in caplog.text
    assert "Grant DESCRIBE_CONFIGS" in caplog.text
    assert limits.of_producer["message.max.bytes"] == max(limits.topics.values()) < LARGEST


def test_topics_that_are_not_there_have_no_limit_and_a_cluster_that_is_away_is_an_error(strict: KafkaSettings) -> None:
    nowhere = strict.model_copy(update={"events_topic": "none", "dlq_topic": "of", "lineage_topic": "these"})
    assert limits_of(nowhere) == Limits({}, REQUEST)
    with pytest.raises(BrokerError, match="did not answer within"):
        limits_of(KafkaSettings(bootstrap_servers="127.0.0.1:9"), 0.2)


def test_a_message_that_fits_by_its_size_is_taken_and_a_little_more_is_not(strict: KafkaSettings) -> None:
    set_limit(strict, strict.lineage_topic, 20_000)
    sent = [("event_id", b"x" * 36), ("source", b"openlineage.events[0]@17")]
    fits = 20_000 - size_of(b"", b"key", sent)
    with Writer(strict, limits_of(strict)) as writer:
        writer.write(strict.lineage_topic, b"x" * fits, b"key", sent)
    with pytest.raises(BrokerError, match="refused 1 messages"), Writer(strict, limits_of(strict)) as writer:
        writer.write(strict.lineage_topic, b"x" * (fits + 50), b"key", sent)


def test_a_message_larger_than_a_default_client_reads_is_read(strict: KafkaSettings) -> None:
    topic = strict.events_topic
    set_limit(strict, topic, 120_000_000)
    large = bytes(110_000_000)
    with Writer(strict, limits_of(strict)) as writer:
        writer.write(topic, large, None, [])
    assert large in in_topic(strict, topic)


# --- the dead letters of the ingestion


def test_a_letter_of_the_ingestion_that_its_topic_does_not_take_is_kept_beside_the_spool(made: Shop) -> None:
    set_limit(made.kafka, made.kafka.dlq_topic, 5_000)
    noted = made.event(noise(9_000), ORDERS)
    noted["outputs"][0]["facets"]["columnLineage"] = {"fields": 5}
    large = [b"{" + noise(18_000).encode(), json.dumps(noted).encode()]
    wrong = {made.produce(each, key=noise(9_000)): each for each in large}
    small = made.produce(b"{")
    made.emit("orders", ORDERS)
    done = made.ingestion().run()
    assert (done.dead, done.verified) == (3, 1)
    assert made.letters().keys() == made.told.dead.keys() == {*wrong, small}
    assert made.offsets()[0] == made.offsets()[1]
    letters = {each["event_id"].decode(): each for each in map(_headers, made.in_topic(made.kafka.dlq_topic))}
    assert oversize.HEADER not in letters[small]
    for name, event in wrong.items():
        kept_as = letters[name][oversize.HEADER].decode()
        assert oversize.read(made.folder, kept_as) == event
        assert Path(kept_as.partition(":")[2]).parent.parent == made.folder


# --- the curated topic


def test_events_larger_than_the_curated_topic_takes_go_in_pieces_and_others_follow(made: Shop) -> None:
    set_limit(made.kafka, made.kafka.lineage_topic, 3_000)
    many = {f"source_{number}": {"id": "id"} for number in range(MANY)}
    made.emit("orders", many)
    made.emit("other", ORDERS)
    done = curate(made.kafka, made.openmetadata.consumer_group)
    assert (done.read, done.passed_on) == (2, 2)
    found = [json.loads(value) for value in in_topic(made.kafka, made.kafka.lineage_topic)]
    of_orders = [event for event in found if event["job"]["name"] == "model.orders"]
    assert len(of_orders) > 1
    assert sorted(each["name"] for event in of_orders for each in event["inputs"]) == sorted(
        f"shop.dev.{name}" for name in many
    )
    assert len(found) == len(of_orders) + 1
    assert curate(made.kafka, made.openmetadata.consumer_group).read == 0


def test_an_event_that_only_compression_brought_into_the_topic_is_curated_too(made: Shop) -> None:
    many = {f"source_{number:060}": {"id": "id"} for number in range(10_000)}
    event = json.dumps(made.event("orders", many)).encode()
    producer = Producer(
        {
            "bootstrap.servers": made.kafka.bootstrap_servers,
            "compression.type": "zstd",
            **limits_of(made.kafka).of_producer,
        }
    )
    producer.produce(made.kafka.events_topic, event)
    assert producer.flush(10) == 0
    assert len(event) > 2 * 1_048_588
    curate(made.kafka, made.openmetadata.consumer_group)
    found = [json.loads(value) for value in in_topic(made.kafka, made.kafka.lineage_topic)]
    assert sum(len(each["inputs"]) for each in found) == 10_000


def _headers(message: Message) -> dict[str, bytes]:
    return dict(headers(message))


def _rule(kind: ResourceType, name: str, operation: AclOperation, permission: AclPermissionType) -> AclBinding:
    return AclBinding(kind, name, ResourcePatternType.LITERAL, "User:ANONYMOUS", "*", operation, permission)


def _filter(rule: AclBinding) -> AclBindingFilter:
    of = (rule.restype, rule.name, rule.resource_pattern_type, rule.principal, rule.host)
    return AclBindingFilter(*of, rule.operation, rule.permission_type)

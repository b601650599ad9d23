"""A broker with TLS, passwords and access control lists: each act that is allowed, and each that is not."""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import KafkaException, TopicPartition
from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    NewPartitions,
    ResourcePatternType,
    ResourceType,
)
from pydantic import SecretStr
from secured_kafka import ADMIN, HOST, PASSWORD, Cluster, cluster

from dbt_lineage.core.levels import Level
from dbt_lineage.core.processes import basic_environment
from dbt_lineage.core.settings import KafkaSettings
from dbt_lineage.events.run_event import FACT, SAYS
from dbt_lineage.ingest import connector_login
from dbt_lineage.ingest.arrivals import Arrivals
from dbt_lineage.ingest.curate import curate
from dbt_lineage.ingest.fence import Fence, Rejected
from dbt_lineage.ingest.ledger_updates import LedgerProgress
from dbt_lineage.ingest.workflows import TEMPLATES
from dbt_lineage.kafka import clients
from dbt_lineage.kafka.clients import BrokerError
from dbt_lineage.kafka.lag import lag
from dbt_lineage.kafka.losses import broker_keeps_offsets
from dbt_lineage.kafka.offsets import Bookmark, Bookmarks
from dbt_lineage.kafka.reader import messages
from dbt_lineage.kafka.topics import TopicAdmin, TopicSpec
from dbt_lineage.kafka.writer import Writer
from dbt_lineage.relay.dead_letters import DeadLetters
from dbt_lineage.relay.relay import Relay
from dbt_lineage.spool.spool import Spool
from dbt_lineage.watch.checks.waiting import of_retention
from stack.certificates import Authority
from stack.checkout import PROJECT_ROOT
from stack.config import unused_ports
from tests.openlineage_events import body

USERS = {role: f"lineage-{role}" for role in ("relay", "writer", "connector", "airflow", "looker")}
GROUP, CONNECTORS = "lineage-writer", "openmetadata-lineage"
OPERATIONS = {"DescribeConfigs": "DESCRIBE_CONFIGS", "AlterConfigs": "ALTER_CONFIGS"}


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A broker that takes only those who log in, and lets them do only what the printed rights allow."""
    with cluster(tmp_path_factory.mktemp("secured"), unused_ports(3), users=[*USERS.values(), "stranger"]) as made:
        yield made


def command(kafka: KafkaSettings, *words: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """A command of ours, with the login of these settings and nobody's secrets else."""
    secret = kafka.secret_properties
    variables = {
        "KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
        "KAFKA_PROPERTIES": json.dumps(kafka.properties),
        "KAFKA_SECRET_PROPERTIES": "" if secret is None else secret.get_secret_value(),
        "KAFKA_TIMEOUT_SECONDS": f"{kafka.timeout_seconds:g}",
        "SPOOL_DIR": str(folder),
        "LEDGER_URL": "",
        "WAREHOUSE_PASSWORD": "no event here has columns",
        "WAREHOUSE_READER_PASSWORD": "no event here has columns",
        "COLUMNS": "200",
    }
    return subprocess.run(
        [sys.executable, "-m", "dbt_lineage", *words],
        env={**os.environ, **variables},
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
    )


def binding(words: list[str]) -> list[AclBinding]:
    """What a printed call of kafka-acls.sh asks for."""
    assert words[0] == "kafka-acls.sh"
    options: dict[str, list[str]] = {}
    for place, word in enumerate(words):
        if word.startswith("--"):
            follows = words[place + 1] if place + 1 < len(words) and not words[place + 1].startswith("--") else ""
            options.setdefault(word, []).append(follows)
    known = {"--bootstrap-server", "--add", "--allow-principal", "--operation", "--topic", "--group", "--cluster"}
    assert options.keys() <= known | {"--transactional-id", "--resource-pattern-type"}
    kinds = {
        "--topic": ResourceType.TOPIC,
        "--group": ResourceType.GROUP,
        "--transactional-id": ResourceType.TRANSACTIONAL_ID,
        "--cluster": ResourceType.BROKER,
    }
    prefixed = options.get("--resource-pattern-type") == ["prefixed"]
    pattern = ResourcePatternType.PREFIXED if prefixed else ResourcePatternType.LITERAL
    [principal] = options["--allow-principal"]
    return [
        AclBinding(
            kind,
            name or "kafka-cluster",
            pattern,
            principal,
            "*",
            AclOperation[OPERATIONS.get(operation, operation.upper())],
            AclPermissionType.ALLOW,
        )
        for option, kind in kinds.items()
        for name in options.get(option, ())
        for operation in options["--operation"]
    ]


@pytest.fixture(scope="module")
def granted(secured: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Cluster:
    """The broker, with the rights that our command prints and no others."""
    done = command(secured.settings(ADMIN), "topics", "acls", folder=tmp_path_factory.mktemp("spool"))
    assert done.returncode == 0, done.stderr
    bindings = [each for line in done.stdout.splitlines() for each in binding(shlex.split(line))]
    assert {each.principal for each in bindings} == {f"User:{user}" for user in USERS.values()}
    # Kept until it has answered: of an admin client that is collected before, no answer comes.
    admin = secured.admin
    for created in admin.create_acls(bindings).values():
        created.result(timeout=20)
    return secured


# --- who is told what


def test_a_login_is_told_apart_from_the_other_reasons(secured: Cluster, tmp_path: Path) -> None:
    kafka = secured.settings("stranger", timeout_seconds=20)
    assert kafka.login == "TLS, as stranger"
    assert len(TopicAdmin.of(kafka).brokers()) == 1
    other = Authority(tmp_path / "other")
    [port] = secured.ports.values()
    wrong: dict[str, tuple[KafkaSettings, str]] = {
        "password": (
            secured.settings("stranger", "not-the-password", timeout_seconds=20),
            r"refused the login \(TLS, as stranger\): wrong user, password or mechanism",
        ),
        "user": (secured.settings("nobody", timeout_seconds=20), r"refused the login \(TLS, as nobody\)"),
        "authority": (
            replaced(kafka, **{"ssl.ca.location": str(other.file)}),
            "agree on no TLS: the broker's certificate is not taken: unable to get local issuer certificate",
        ),
        "away": (
            kafka.model_copy(update={"bootstrap_servers": f"{HOST}:{unused_ports(1)[0]}", "timeout_seconds": 2}),
            "did not answer within 2 s",
        ),
        "without TLS": (
            KafkaSettings(
                bootstrap_servers=f"{HOST}:{port}", properties={"broker.address.family": "v4"}, timeout_seconds=3
            ),
            "did not answer within 3 s",
        ),
    }
    for name, (settings, said) in wrong.items():
        with pytest.raises(BrokerError, match=said) as refused:
            TopicAdmin.of(settings, {"log_level": 0}).brokers()
        password = settings.client.get("sasl.password", "")
        assert not password or password not in str(refused.value), name


def replaced(kafka: KafkaSettings, **properties: str) -> KafkaSettings:
    return kafka.model_copy(update={"properties": {**kafka.properties, **properties}})


# --- what each party does


@pytest.fixture(scope="module")
def topics(granted: Cluster) -> Cluster:
    """Our topics, made by Airflow's principal, and one that is somebody else's."""
    airflow = granted.settings(USERS["airflow"])
    admin = TopicAdmin.of(airflow)
    for topic in airflow.topics.values():
        assert admin.ensure(TopicSpec.as_set(topic, airflow))
    for topic in airflow.topics.values():
        assert admin.ensure(TopicSpec.as_set(topic, airflow)) == []
    theirs = TopicAdmin.of(granted.settings(ADMIN))
    theirs.ensure(TopicSpec("payroll", 1, 1))
    with Writer(granted.settings(ADMIN)) as writer:
        for topic in (*airflow.topics.values(), "payroll"):
            for number in range(3):
                writer.write(topic, body(number), f"{number}".encode(), ())
    return granted


def test_the_relay_sends_and_finds_what_it_has_sent(topics: Cluster, tmp_path: Path) -> None:
    kafka = topics.settings(USERS["relay"])
    spool = Spool(tmp_path / "spool", 1 << 30)
    spool.put(body(1))
    spool.put(b"not an event")
    before = Bookmarks(kafka, kafka.events_topic).ends()
    relayed = Relay(spool, kafka).drain()
    assert (relayed.sent, relayed.dead, relayed.left) == (1, 1, 0)
    after = Bookmarks(kafka, kafka.events_topic).ends()
    assert len(list(messages(kafka, kafka.events_topic, before, after))) == 1


def test_the_relay_as_a_process_has_the_same_login(topics: Cluster, tmp_path: Path) -> None:
    spool = Spool(tmp_path, 1 << 30)
    spool.put(body(2))
    done = command(topics.settings(USERS["relay"]), "relay", "drain", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert spool.usage().waiting == 0
    assert "DESCRIBE_CONFIGS" not in done.stderr
    refused = command(topics.settings("stranger", "wrong", timeout_seconds=5), "topics", folder=tmp_path)
    assert refused.returncode == 1
    assert "refused the login (TLS, as stranger)" in refused.stderr
    unknown = topics.settings("stranger").model_copy(update={"properties": {"sasl.usernam": "x"}})
    refused = command(unknown, "relay", "drain", folder=tmp_path)
    assert refused.returncode == 1
    assert 'No such configuration property: "sasl.usernam"' in refused.stderr
    for word in (PASSWORD.format("stranger"), "secret-of"):
        assert word not in refused.stderr + refused.stdout


def test_the_writer_moves_its_offsets_and_dead_letters(topics: Cluster, tmp_path: Path) -> None:
    kafka = topics.settings(USERS["writer"])
    events = Bookmarks(kafka, kafka.events_topic)
    arrivals = Arrivals(kafka, GROUP, LedgerProgress(None))
    arrivals.close()
    with Fence(kafka, events, GROUP, tmp_path) as fence:
        fence.begin(events.read(GROUP))
        ends = {partition: Bookmark(end, "") for partition, end in events.ends().items()}
        fence.commit(ends, [Rejected(b"refused", None, [("reason", b"a test")])], is_last=True)
    assert events.committed(GROUP) == events.ends()


def test_airflow_curates_and_replays_and_the_connector_reads(topics: Cluster, tmp_path: Path) -> None:
    kafka = topics.settings(USERS["airflow"])
    assert curate(kafka, CONNECTORS).read
    group = Bookmarks(kafka, kafka.lineage_topic).new_group(CONNECTORS, {0: 0, 1: 0, 2: 0})
    connector = topics.settings(USERS["connector"])
    reading = clients.consumer(connector, {"group.id": group, "auto.offset.reset": "earliest"})
    reading.subscribe([kafka.lineage_topic])
    first = next(message for _ in range(60) if (message := reading.poll(1)) is not None)
    assert first.error() is None
    reading.commit(first, asynchronous=False)
    reading.close()
    Bookmarks(kafka, kafka.lineage_topic).sweep(CONNECTORS)
    assert Bookmarks(kafka, kafka.lineage_topic).groups(CONNECTORS) == [CONNECTORS]
    letters = DeadLetters(kafka)
    assert letters.count()
    letters.replay(Spool(tmp_path / "spool", 1 << 30), dry_run=False)


# As openmetadata-ingestion reads its template and makes its consumer (metadata.config.common, its OpenLineage source).
OF_CONNECTOR = """
import os, sys
from pathlib import Path
from metadata.config.common import load_config_file
from metadata.generated.schema.entity.services.connections.pipeline.openlineage.kafkaBrokerConfig import Kafka
from metadata.ingestion.source.pipeline.openlineage.connection import _get_kafka_connection
broker = load_config_file(Path(sys.argv[1]))["source"]["serviceConnection"]["config"]["brokerConfig"]
consumer, _ = _get_kafka_connection(Kafka.model_validate(broker))
found = next(message for _ in range(60) if (message := consumer.poll(1)) is not None)
assert found.error() is None, found.error()
print(found.topic())
consumer.close()
"""


def test_the_real_connector_reads_with_what_it_is_told(topics: Cluster) -> None:
    kafka = topics.settings(USERS["airflow"])
    mine = {"sasl.username": USERS["connector"], "sasl.password": PASSWORD.format(USERS["connector"])}
    kafka = kafka.model_copy(update={"connector_properties": SecretStr(json.dumps(mine))})
    told = {
        "KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
        "KAFKA_LINEAGE_TOPIC": kafka.lineage_topic,
        "OPENMETADATA_CONSUMER_GROUP": f"{CONNECTORS}-told",
        "OPENMETADATA_IDLE_SECONDS": "5",
        **connector_login.variables(kafka),
    }
    python = PROJECT_ROOT / ".venvs" / "openmetadata" / "bin" / "python"
    done = subprocess.run(
        [str(python), "-c", OF_CONNECTOR, str(TEMPLATES / "openlineage.yaml")],
        env={**basic_environment(), **told},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == kafka.lineage_topic


def test_the_looker_sees_how_far_all_are(topics: Cluster) -> None:
    kafka = topics.settings(USERS["looker"])
    assert DeadLetters(kafka).count() >= 0
    assert lag(kafka, kafka.events_topic, GROUP).unread >= 0
    assert TopicAdmin.of(kafka).differences(TopicSpec.as_set(kafka.events_topic, kafka)) == []


# --- the whole table of acts, allowed and forbidden

OURS = ("events", "dead_letters", "curated_lineage")
DENIED = {clients.KafkaError.TOPIC_AUTHORIZATION_FAILED, clients.KafkaError.GROUP_AUTHORIZATION_FAILED}
DENIED |= {
    clients.KafkaError.CLUSTER_AUTHORIZATION_FAILED,
    clients.KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
    # What one may not even see is not there.
    clients.KafkaError.UNKNOWN_TOPIC_OR_PART,
}
# By role, what it may do; all else it may not. `make ... topics acls` grants it.
ALLOWED = {
    "relay": {
        "write events",
        "write dead_letters",
        "read events",
        "read dead_letters",
        "see events",
        "see dead_letters",
    },
    "writer": {
        *("read events", "write dead_letters", "see events", "see dead_letters"),
        *("commit lineage-writer", "fence lineage-writer"),
    },
    "connector": {"read curated_lineage", "see curated_lineage", "commit openmetadata-lineage"},
    "airflow": {
        *(f"{verb} {topic}" for verb in ("see", "read", "create", "configure", "extend") for topic in OURS),
        *("write dead_letters", "write curated_lineage"),
        *("commit openmetadata-lineage", "commit openlineage-dead-letters", "forget openmetadata-lineage"),
    },
    "looker": {f"{verb} {topic}" for verb in ("see", "read") for topic in OURS},
    "stranger": set(),
}
# A group that the role may use, so that the topic's rights alone decide.
READS_IN = {"connector": f"{CONNECTORS}-tried"}


class Acts:
    """Every act that somebody may try, as one principal, by its name.

    Args:
        kafka: the cluster, and who acts.
        reads_in: the consumer group for reading.
    """

    def __init__(self, kafka: KafkaSettings, reads_in: str) -> None:
        self._kafka = kafka
        self._reads_in = reads_in
        self._admin = clients.admin(kafka, {"log_level": 0})
        self._topics = {**kafka.topics, "payroll": "payroll"}

    def all(self) -> dict[str, Callable[[], Any]]:
        """Each act by its name; it raises KafkaException when it is refused."""
        of_topics = {
            "see": self._see,
            "write": self._write,
            "read": self._read,
            "create": self._create,
            "configure": self._configure,
            "extend": self._extend,
            "delete": self._delete,
        }
        found = {
            f"{verb} {what}": (lambda act=act, topic=topic: act(topic))
            for what, topic in self._topics.items()
            for verb, act in of_topics.items()
        }
        for group in (GROUP, CONNECTORS, "openlineage-dead-letters", "payroll-service"):
            found[f"commit {group}"] = lambda group=group: self._commit(group)
            found[f"forget {group}"] = lambda group=group: self._forget(group)
            found[f"fence {group}"] = lambda group=group: self._fence(group)
        found["grant rights"] = self._grant
        return found

    def _see(self, topic: str) -> None:
        if topic not in self._admin.list_topics(timeout=20).topics:
            raise KafkaException(clients.KafkaError(clients.KafkaError.TOPIC_AUTHORIZATION_FAILED))

    def _write(self, topic: str) -> None:
        reports: list[Any] = []
        producer = clients.producer(self._kafka, {"acks": "all", "log_level": 0})
        producer.produce(topic, b"tried", on_delivery=lambda error, _: reports.append(error))
        producer.flush(20)
        [error] = reports
        if error is not None:
            raise KafkaException(error)

    def _read(self, topic: str) -> None:
        own = {"group.id": self._reads_in, "enable.auto.commit": False, "log_level": 0}
        reading = clients.consumer(self._kafka, own)
        try:
            reading.assign([TopicPartition(topic, partition, 0) for partition in range(1 if topic == "payroll" else 3)])
            while (found := reading.poll(0.5)) is None:
                # A reader of what it may not see is told nothing, unless it asks.
                if (error := reading.list_topics(topic, timeout=20).topics[topic].error) is not None:
                    raise KafkaException(error)
            if (error := found.error()) is not None:
                raise KafkaException(error)
        finally:
            reading.close()

    def _create(self, topic: str) -> None:
        from confluent_kafka.admin import NewTopic

        try:
            self._admin.create_topics([NewTopic(topic, 1, 1)])[topic].result(timeout=20)
        except KafkaException as error:
            # So far only those come who may create it.
            if error.args[0].code() != clients.KafkaError.TOPIC_ALREADY_EXISTS:
                raise

    def _configure(self, topic: str) -> None:
        from confluent_kafka.admin import AlterConfigOpType, ConfigEntry, ConfigResource

        entry = ConfigEntry("file.delete.delay.ms", "60000", incremental_operation=AlterConfigOpType.SET)
        change = ConfigResource(ConfigResource.Type.TOPIC, topic, incremental_configs=[entry])
        self._admin.incremental_alter_configs([change])[change].result(timeout=20)

    def _extend(self, topic: str) -> None:
        try:
            self._admin.create_partitions([NewPartitions(topic, 1)])[topic].result(timeout=20)
        except KafkaException as error:
            # Fewer than there are: only somebody with the right is told so.
            if error.args[0].code() != clients.KafkaError.INVALID_PARTITIONS:
                raise

    def _delete(self, topic: str) -> None:
        self._admin.delete_topics([topic])[topic].result(timeout=20)

    def _commit(self, group: str) -> None:
        from confluent_kafka import ConsumerGroupTopicPartitions

        # Each on the topic that it is for.
        topic = {
            CONNECTORS: self._kafka.lineage_topic,
            "openlineage-dead-letters": self._kafka.dlq_topic,
            "payroll-service": "payroll",
        }.get(group, self._kafka.events_topic)
        request = ConsumerGroupTopicPartitions(group, [TopicPartition(topic, 0, 1)])
        answer = self._admin.alter_consumer_group_offsets([request])[group].result(timeout=20).topic_partitions
        for each in answer:
            if each.error is not None:
                raise KafkaException(each.error)

    def _forget(self, group: str) -> None:
        try:
            self._admin.delete_consumer_groups([group])[group].result(timeout=20)
        except KafkaException as error:
            if error.args[0].code() != clients.KafkaError.GROUP_ID_NOT_FOUND:
                raise

    def _fence(self, name: str) -> None:
        clients.producer(self._kafka, {"transactional.id": name, "log_level": 0}).init_transactions(20)

    def _grant(self) -> None:
        right = AclBinding(
            ResourceType.TOPIC,
            "payroll",
            ResourcePatternType.LITERAL,
            "User:stranger",
            "*",
            AclOperation.READ,
            AclPermissionType.ALLOW,
        )
        self._admin.create_acls([right])[right].result(timeout=20)


def test_every_act_is_allowed_or_refused_as_the_printed_rights_say(topics: Cluster) -> None:
    table: dict[str, dict[str, str]] = {}
    for role, allowed in ALLOWED.items():
        kafka = topics.settings(USERS.get(role, role), timeout_seconds=20)
        acts = Acts(kafka, READS_IN.get(role, kafka.reader_group)).all()
        assert allowed <= acts.keys()
        table[role] = {}
        # What is allowed first: an act that must be refused and is not may break what comes after it.
        for name in sorted(acts, key=lambda each: (each not in allowed, each.startswith("delete"))):
            table[role][name] = tried(acts[name])
    passed = {(role, act) for role, acts in table.items() for act, outcome in acts.items() if outcome == "done"}
    wanted = {(role, act) for role, acts in ALLOWED.items() for act in acts}
    others = {
        f"{role}: {act}: {outcome}"
        for role, acts in table.items()
        for act, outcome in acts.items()
        if outcome not in ("done", "refused")
    }
    figures = {
        "allowed": len(passed & wanted),
        "allowed_refused": len(wanted - passed),
        "forbidden_refused": sum(len(acts) for acts in table.values()) - len(passed | wanted) - len(others),
        "forbidden_passed": len(passed - wanted),
        "acts": table,
    }
    build = PROJECT_ROOT / "build"
    build.mkdir(exist_ok=True)
    (build / "security.json").write_text(json.dumps(figures, indent=2))
    assert others == set()
    assert wanted - passed == set()
    assert passed - wanted == set()


def tried(act: Callable[[], Any]) -> str:
    """What came of an act."""
    try:
        act()
    except KafkaException as error:
        code = error.args[0].code()
        return "refused" if code in DENIED else str(error.args[0])
    return "done"


def test_settings_that_would_lose_are_a_failing_check(topics: Cluster, tmp_path: Path) -> None:
    kafka = topics.settings(USERS["looker"])
    now = datetime.now(UTC)
    for who in ("looker", "airflow"):
        assert broker_keeps_offsets(topics.settings(USERS[who])) == timedelta(days=7)
    [well] = of_retention(kafka, GROUP, now)
    assert (well.level, well.subject) == (Level.OK, "retention")
    Bookmarks(topics.settings(USERS["writer"]), kafka.events_topic).move(GROUP, {0: 0, 1: 0, 2: 0})
    with Writer(topics.settings(USERS["relay"])) as writer:
        writer.write(kafka.events_topic, body(1), b"a", [(SAYS, FACT)], partition=0)
    [late] = of_retention(kafka, GROUP, now + timedelta(days=4))
    assert late.level is Level.FAIL
    assert "keeps events for 7 d" in late.seen
    end = Bookmarks(kafka, kafka.events_topic).ends()[0]
    theirs = topics.admin
    gone = theirs.delete_records([TopicPartition(kafka.events_topic, 0, end)])
    for each in gone.values():
        each.result(timeout=20)
    [lost] = of_retention(kafka, GROUP, now)
    assert lost.level is Level.FAIL
    assert f"{kafka.events_topic}[0] begins at {end}, verified is it up to 0" in lost.seen

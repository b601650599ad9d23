"""The least rights of each party on the cluster, as access control lists."""

import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dbt_lineage.core.settings import KafkaSettings

TOPIC, GROUP, TRANSACTION, CLUSTER = "topic", "group", "transactional-id", "cluster"
_CLUSTER_NAME = "kafka-cluster"
ROLES = {
    "relay": "sends events, and reads them back when receipts were dropped",
    "writer": "ingests: reads events, commits in one group, dead-letters",
    "connector": "OpenMetadata's own connector: reads the curated lineage",
    "airflow": "tasks of Airflow: manage the topics, curate the lineage for the connector, replay dead letters",
    "looker": "health, checks: read and change nothing",
}


@dataclass(frozen=True)
class Right:
    """What a principal may do.

    Args:
        principal: who, such as ``User:relay``.
        operations: what, as kafka-acls spells it.
        kind: of the resource: ``topic``, ``group``, ``transactional-id`` or ``cluster``.
        names: of the resources.
        prefixed: whether all resources are meant whose names begin so.
    """

    principal: str
    operations: tuple[str, ...]
    kind: str
    names: tuple[str, ...]
    prefixed: bool = False

    def command(self, servers: str, config: str | None = None) -> str:
        """The call of Kafka's own tool that grants it.

        Args:
            servers: the cluster.
            config: file with the login of somebody who may grant rights.
        """
        words = ["kafka-acls.sh", "--bootstrap-server", servers, "--add", "--allow-principal", self.principal]
        words[3:3] = ["--command-config", config] if config else []
        for operation in self.operations:
            words += ["--operation", operation]
        for name in self.names:
            words += ["--cluster"] if self.kind == CLUSTER else [f"--{self.kind}", name]
        return shlex.join([*words, *(["--resource-pattern-type", "prefixed"] if self.prefixed else [])])


def rights(
    kafka: KafkaSettings, writer_group: str, connector_groups: Iterable[str], principals: dict[str, str]
) -> list[Right]:
    """The rights of each party that has a principal.

    Args:
        kafka: the topics and the groups.
        writer_group: consumer group and transactional id of the ingestion.
        connector_groups: of OpenMetadata's connector; each run has one of its own, whose name begins so.
        principals: by the roles of ``ROLES``; two roles may have the same.
    """
    found = _Rights(kafka, writer_group, tuple(connector_groups))
    return [
        Right(principals[role], *each)
        for role in ROLES
        if principals.get(role)
        for each in getattr(found, f"of_{role}")
    ]


_Granted = tuple[tuple[str, ...], str, tuple[str, ...], bool]


@dataclass(frozen=True)
class _Rights:
    kafka: KafkaSettings
    writer_group: str
    connector_groups: tuple[str, ...]

    @property
    def of_relay(self) -> Iterator[_Granted]:
        kafka = self.kafka
        yield ("Write", "Describe", "DescribeConfigs"), TOPIC, (kafka.events_topic, kafka.dlq_topic), False
        # What it has sent, where receipts were dropped while the ledger was away.
        yield ("Read",), TOPIC, (kafka.events_topic, kafka.dlq_topic), False
        yield ("Read", "Describe"), GROUP, (kafka.reader_group,), False
        # Without it a message may be only as large, before compression, as its topic takes it.
        yield ("DescribeConfigs",), CLUSTER, (_CLUSTER_NAME,), False

    @property
    def of_writer(self) -> Iterator[_Granted]:
        kafka = self.kafka
        yield ("Read", "Describe", "DescribeConfigs"), TOPIC, (kafka.events_topic,), False
        yield ("Write", "Describe", "DescribeConfigs"), TOPIC, (kafka.dlq_topic,), False
        yield ("Read", "Describe"), GROUP, (self.writer_group, kafka.reader_group), False
        yield ("Write", "Describe"), TRANSACTION, (self.writer_group,), False
        # How large a message may be.
        yield ("DescribeConfigs",), CLUSTER, (_CLUSTER_NAME,), False

    @property
    def of_connector(self) -> Iterator[_Granted]:
        yield ("Read", "Describe"), TOPIC, (self.kafka.lineage_topic,), False
        yield ("Read", "Describe"), GROUP, self.connector_groups, True

    @property
    def of_airflow(self) -> Iterator[_Granted]:
        kafka = self.kafka
        everything = tuple(kafka.topics.values())
        yield ("Create", "Describe", "DescribeConfigs", "Alter", "AlterConfigs"), TOPIC, everything, False
        # Offsets are set with the right to read their topic.
        yield ("Read",), TOPIC, everything, False
        yield ("Write",), TOPIC, (kafka.lineage_topic, kafka.dlq_topic), False
        yield ("Read", "Describe"), GROUP, (kafka.reader_group, kafka.dead_letters_group), False
        # It sets where each run of the connector begins, and deletes the groups of runs that are over.
        yield ("Read", "Describe", "Delete"), GROUP, self.connector_groups, True
        yield ("Describe",), GROUP, (self.writer_group,), False
        # How long the brokers keep offsets, and how large a message may be.
        yield ("DescribeConfigs",), CLUSTER, (_CLUSTER_NAME,), False

    @property
    def of_looker(self) -> Iterator[_Granted]:
        kafka = self.kafka
        yield ("Describe", "DescribeConfigs", "Read"), TOPIC, tuple(kafka.topics.values()), False
        yield ("Read", "Describe"), GROUP, (kafka.reader_group,), False
        yield ("Describe",), GROUP, (self.writer_group, kafka.dead_letters_group), False
        yield ("Describe",), GROUP, self.connector_groups, True
        # How long the brokers keep offsets.
        yield ("DescribeConfigs",), CLUSTER, (_CLUSTER_NAME,), False

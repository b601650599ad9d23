"""Topics as code: create and correct them, refuse what Kafka cannot change."""

from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ClusterMetadata,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    NewTopic,
    ResourceType,
    TopicMetadata,
)
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from dbt_lineage.core.errors import ExpectedError
from dbt_lineage.core.settings import KafkaSettings
from dbt_lineage.kafka import clients

# The redundant name says that others may use it from here.
from dbt_lineage.kafka.clients import BrokerError as BrokerError

_MILLISECONDS_A_DAY = 24 * 60 * 60 * 1000


class TopicConflict(ExpectedError):
    """A topic exists in a form that Kafka cannot change into the required one; the message has the difference."""


@dataclass(frozen=True)
class TopicSpec:
    """How a topic should be.

    Args:
        name: its name.
        partitions: how many partitions; Kafka can add some, never take some away.
        replication_factor: replicas of each partition; Kafka changes it by reassignment only.
        config: topic-level settings, such as ``retention.ms``.
    """

    name: str
    partitions: int
    replication_factor: int
    config: dict[str, str] = field(default_factory=dict)

    @classmethod
    def kept_for_days(cls, name: str, partitions: int, replication_factor: int, days: int) -> "TopicSpec":
        """A topic whose messages are deleted after some days.

        A message is acknowledged when all replicas but one have it, so that one broker may be lost at any time.
        """
        config = {
            "retention.ms": str(days * _MILLISECONDS_A_DAY),
            "cleanup.policy": "delete",
            "min.insync.replicas": str(max(1, replication_factor - 1)),
        }
        return cls(name, partitions, replication_factor, config)

    @classmethod
    def as_set(cls, name: str, kafka: KafkaSettings) -> "TopicSpec":
        """A topic with the settings' partitions, replicas and retention."""
        days = kafka.dead_letters_retention_days if name == kafka.dlq_topic else kafka.retention_days
        return cls.kept_for_days(name, kafka.partitions, kafka.replication_factor, days)


class TopicAdmin:
    """Brings topics into their wanted form.

    Args:
        admin: client of the cluster.
        address: the cluster's bootstrap servers, for messages.
        timeout: how long each call may take, seconds.
    """

    def __init__(self, admin: AdminClient, address: str, timeout: float) -> None:
        self._admin = admin
        self._address = address
        self._timeout = timeout

    @classmethod
    def of(cls, kafka: KafkaSettings, own: clients.Own | None = None) -> "TopicAdmin":
        """With a client of its own.

        Args:
            kafka: the cluster, and how long each call may take.
            own: properties of that client.
        """
        return cls(clients.admin(kafka, own), kafka.bootstrap_servers, kafka.timeout_seconds)

    def ensure(self, wanted: TopicSpec) -> list[str]:
        """Create a topic, or correct the one that exists.

        Returns:
            What was done, in words; empty when the topic was as wanted already.

        Raises:
            BrokerError: the cluster did not answer or refused.
            TopicConflict: the topic has more partitions than wanted, or another replication factor.
        """
        existing = self.describe(wanted.name)
        if existing is None:
            created = self._create(wanted)
            existing = self._await_described(wanted.name)
            if created:
                replicas = f"replication factor {wanted.replication_factor}"
                return [f"created {wanted.name}: {wanted.partitions} partitions, {replicas}"]
        _refuse_conflicts(existing, wanted)
        return [*self._add_partitions(existing, wanted), *self._correct_config(wanted)]

    def delete(self, name: str) -> bool:
        """Delete a topic with its contents, and wait until no broker lists it.

        Returns:
            False when there was none.

        Raises:
            BrokerError: the cluster did not answer or refused.
        """
        if self.describe(name) is None:
            return False
        self._result(self._admin.delete_topics([name], request_timeout=self._timeout)[name])
        attempts = Retrying(
            retry=retry_if_result(lambda found: found is not None),
            stop=stop_after_delay(self._timeout),
            wait=wait_fixed(0.1),
            retry_error_callback=lambda _: True,
        )
        if attempts(self.describe, name) is not None:
            raise BrokerError(f"Kafka at {self._address} still has topic {name} after {self._timeout:g} s")
        return True

    def differences(self, wanted: TopicSpec) -> list[str]:
        """The differences of a topic from its settings, in words; nothing is changed. Raises BrokerError."""
        existing = self.describe(wanted.name)
        if existing is None:
            return [f"there is no topic {wanted.name}"]
        factors = sorted({len(partition.replicas) for partition in existing.partitions.values()})
        found = {"partitions": str(len(existing.partitions)), "replication factor": ", ".join(map(str, factors))}
        right = {"partitions": str(wanted.partitions), "replication factor": str(wanted.replication_factor)}
        if wanted.config:
            found |= {key: str(entry.value) for key, entry in self._config(wanted.name).items() if key in wanted.config}
            right |= wanted.config
        return [
            f"{wanted.name}: {key} is {found.get(key)}, wanted is {value}"
            for key, value in right.items()
            if found.get(key) != value
        ]

    def config(self, name: str) -> dict[str, str]:
        """A topic's settings, those of its brokers where it has none of its own. Raises BrokerError."""
        return {key: str(entry.value) for key, entry in self._config(name).items()}

    def missing_replicas(self, wanted: TopicSpec) -> list[str]:
        """Partitions whose replicas are not all in sync, in words. Raises BrokerError.

        Args:
            wanted: the topic.
        """
        existing = self.describe(wanted.name)
        least = int(wanted.config.get("min.insync.replicas", "1"))
        return [
            f"{wanted.name}[{number}]: {len(each.isrs)} of {len(each.replicas)} replicas are in sync"
            + (f", and takes nothing until {least} are" if len(each.isrs) < least else "")
            for number, each in sorted(existing.partitions.items() if existing else ())
            if len(each.isrs) < len(each.replicas)
        ]

    def describe(self, name: str) -> TopicMetadata | None:
        """The topic's metadata; None when there is no such topic.

        All topics are listed, because asking for one by name makes a broker create it where it may.

        Raises:
            BrokerError: the cluster did not answer.
        """
        return self._metadata().topics.get(name)

    def brokers(self) -> list[str]:
        """``host:port`` of each broker of the cluster. Raises BrokerError."""
        return sorted(f"{broker.host}:{broker.port}" for broker in self._metadata().brokers.values())

    def _metadata(self) -> ClusterMetadata:
        return clients.metadata(self._admin, self._address, self._timeout)

    def _create(self, wanted: TopicSpec) -> bool:
        """Create a topic; False if it exists: another process was faster, or the metadata was old."""
        future = self._admin.create_topics([_new_topic(wanted)], request_timeout=self._timeout)[wanted.name]
        try:
            future.result()
        except KafkaException as error:
            if error.args[0].code() == KafkaError.TOPIC_ALREADY_EXISTS:
                return False
            raise self._refusal(error) from error
        return True

    def _await_described(self, name: str) -> TopicMetadata:
        """The metadata of a new topic, once the brokers list it."""
        attempts = Retrying(
            retry=retry_if_result(lambda found: found is None),
            stop=stop_after_delay(self._timeout),
            wait=wait_fixed(0.1),
            retry_error_callback=lambda _: None,
        )
        found = attempts(self.describe, name)
        if found is None:
            raise BrokerError(
                f"Kafka at {self._address} made topic {name} and does not tell of it after {self._timeout:g} s"
            )
        return found

    def _add_partitions(self, existing: TopicMetadata, wanted: TopicSpec) -> list[str]:
        partitions = len(existing.partitions)
        if partitions == wanted.partitions:
            return []
        more = NewPartitions(wanted.name, wanted.partitions)
        self._result(self._admin.create_partitions([more], request_timeout=self._timeout)[wanted.name])
        return [f"{wanted.name}: partitions {partitions} -> {wanted.partitions}"]

    def _correct_config(self, wanted: TopicSpec) -> list[str]:
        existing = self._config(wanted.name)
        wrong = {key: value for key, value in wanted.config.items() if existing[key].value != value}
        if not wrong:
            return []
        changes = [ConfigEntry(key, value, incremental_operation=AlterConfigOpType.SET) for key, value in wrong.items()]
        change = ConfigResource(ResourceType.TOPIC, wanted.name, incremental_configs=changes)
        self._result(self._admin.incremental_alter_configs([change], request_timeout=self._timeout)[change])
        return [f"{wanted.name}: {key} {existing[key].value} -> {value}" for key, value in wrong.items()]

    def _config(self, name: str) -> dict[str, ConfigEntry]:
        resource = ConfigResource(ResourceType.TOPIC, name)
        return self._result(self._admin.describe_configs([resource], request_timeout=self._timeout)[resource])

    def _result(self, future: Future) -> Any:
        try:
            return future.result()
        except KafkaException as error:
            raise self._refusal(error) from error

    def _refusal(self, error: KafkaException) -> BrokerError:
        if isinstance(self._admin, clients.Admin):
            return BrokerError(f"refused: {clients.said(self._admin.kafka, error.args[0])}")
        return BrokerError(f"Kafka at {self._address} refused: {error.args[0].str()}")


def _new_topic(wanted: TopicSpec) -> NewTopic:
    return NewTopic(
        wanted.name,
        num_partitions=wanted.partitions,
        replication_factor=wanted.replication_factor,
        config=wanted.config,
    )


def _refuse_conflicts(existing: TopicMetadata, wanted: TopicSpec) -> None:
    partitions = len(existing.partitions)
    if partitions > wanted.partitions:
        raise TopicConflict(
            f"topic {wanted.name} has {partitions} partitions and {wanted.partitions} are wanted: Kafka cannot take "
            f"partitions away. Set KAFKA_PARTITIONS={partitions}, or delete the topic and run this again"
        )
    factors = {len(partition.replicas) for partition in existing.partitions.values()}
    if factors != {wanted.replication_factor}:
        found = ", ".join(str(factor) for factor in sorted(factors))
        raise TopicConflict(
            f"topic {wanted.name} has replication factor {found} and {wanted.replication_factor} is wanted: Kafka "
            f"changes it by reassigning partitions (kafka-reassign-partitions), not by a topic's settings"
        )

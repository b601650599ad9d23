"""Operators on the Kafka cluster."""

from typing import Any

from airflow.providers.apache.kafka.hooks.client import KafkaAdminClientHook
from airflow.sdk import BaseOperator
from airflow.sdk.definitions.context import Context

from dbt_lineage.core import settings
from dbt_lineage.kafka.topics import TopicAdmin, TopicSpec


class KafkaTopicOperator(BaseOperator):
    """Creates a topic, or corrects an existing one.

    Args:
        topic: its name.
        partitions: number of partitions; templated, so that a Param may set it.
        replication_factor: replicas of each partition; templated.
        retention_days: how long messages are kept, days; templated.
        kafka_config_id: the Kafka connection.

    Raises:
        BrokerError: the cluster did not answer, or refused.
        TopicConflict: the topic differs in a way that Kafka cannot change.
    """

    template_fields = ("topic", "partitions", "replication_factor", "retention_days")

    def __init__(
        self,
        *,
        topic: str,
        partitions: int | str,
        replication_factor: int | str,
        retention_days: int | str,
        kafka_config_id: str = "kafka_default",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.topic = topic
        self.partitions = partitions
        self.replication_factor = replication_factor
        self.retention_days = retention_days
        self.kafka_config_id = kafka_config_id

    def execute(self, context: Context) -> list[str]:
        """Create or correct the topic. Returns a line for each change; empty when there was nothing to do."""
        hook = KafkaAdminClientHook(kafka_config_id=self.kafka_config_id)
        address = hook.get_connection(self.kafka_config_id).extra_dejson["bootstrap.servers"]
        admin = TopicAdmin(hook.get_conn, address, settings.kafka().timeout_seconds)
        done = admin.ensure(
            TopicSpec.kept_for_days(
                self.topic, int(self.partitions), int(self.replication_factor), int(self.retention_days)
            )
        )
        for line in done or [f"{self.topic} is as wanted"]:
            self.log.info(line)
        return done

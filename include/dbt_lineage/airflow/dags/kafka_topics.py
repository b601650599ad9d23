"""
## Kafka topics

Creates the topics of the lineage, and corrects existing ones: partitions are added, settings are changed. If Kafka cannot
make a change (fewer partitions, another replication factor), the task fails, and its error names the solution. Run it once
before the first dbt run, and again after a change of the settings.
"""

from collections.abc import Iterator
from datetime import timedelta

from airflow.sdk import DAG, Param

from dbt_lineage.airflow.operators.kafka import KafkaTopicOperator
from dbt_lineage.airflow.task_defaults import task_defaults
from dbt_lineage.core import settings


def kafka_topics() -> Iterator[DAG]:
    """The DAG. Raises SettingsError, ManifestError."""
    kafka = settings.kafka()

    with DAG(
        dag_id="kafka_topics",
        description="Create, compare and correct the topics of the lineage",
        doc_md=__doc__,
        schedule=None,
        catchup=False,
        max_active_runs=1,
        tags=["lineage", "kafka"],
        default_args=task_defaults("data-platform", timedelta(minutes=2)),
        params={
            "partitions": Param(kafka.partitions, type="integer", minimum=1, description="Partitions of each topic"),
            "replication_factor": Param(
                kafka.replication_factor,
                type="integer",
                minimum=1,
                description="Replicas of each partition; 3 on a cluster",
            ),
            "retention_days": Param(
                kafka.retention_days, type="integer", minimum=1, description="How long events are kept, in days"
            ),
            "dead_letters_retention_days": Param(
                kafka.dead_letters_retention_days,
                type="integer",
                minimum=1,
                description="How long dead letters are kept, in days",
            ),
        },
    ) as dag:
        for task_id, topic in kafka.topics.items():
            kept = "dead_letters_retention_days" if topic == kafka.dlq_topic else "retention_days"
            KafkaTopicOperator(
                task_id=task_id,
                topic=topic,
                partitions="{{ params.partitions }}",
                replication_factor="{{ params.replication_factor }}",
                retention_days=f"{{{{ params.{kept} }}}}",
            )
    yield dag

"""The settings that all dbt projects share, in groups. ``dbt_lineage.core.settings`` reads them."""

import os
from pathlib import Path
from typing import Literal

from pydantic import Field, HttpUrl, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from dbt_lineage.core.project_settings import OpenMetadataSettings
from dbt_lineage.core.setting_types import (
    ApiServer,
    BootstrapServers,
    ConfigurationPath,
    DatabaseUrl,
    Days,
    GroupName,
    ProjectPath,
    Seconds,
    Text,
    TopicName,
)


class ConfigurationSettings(BaseSettings):
    """The file of the dbt projects. Without one, the variables below name one project."""

    model_config = SettingsConfigDict(env_prefix="LINEAGE_", frozen=True)

    config: ConfigurationPath | None = Field(None, description="file of the dbt projects, such as lineage.yml")


class KafkaSettings(BaseSettings):
    """The broker and its topics."""

    model_config = SettingsConfigDict(env_prefix="KAFKA_", frozen=True)

    bootstrap_servers: BootstrapServers = Field("127.0.0.1:9092", description="host:port, several separated by commas")
    events_topic: TopicName = Field("openlineage.events", description="topic of every OpenLineage event")
    dlq_topic: TopicName = Field("openlineage.events.dlq", description="topic of events that are not valid")
    lineage_topic: TopicName = Field(
        "openlineage.lineage", description="curated topic that OpenMetadata's connector reads"
    )
    partitions: int = Field(3, ge=1, le=10_000, description="partitions of each topic")
    replication_factor: int = Field(1, ge=1, le=1000, description="replicas of each partition; 3 on a cluster")
    retention_days: Days = Field(7, description="how long events are kept, days")
    dead_letters_retention_days: Days = Field(30, description="how long dead letters are kept, days")
    timeout_seconds: float = Field(10, gt=0, le=50, description="how long to wait for the broker, seconds")

    @model_validator(mode="after")
    def _topics_differ(self) -> "KafkaSettings":
        """Refuse one topic for two uses. For Kafka a dot in a topic's name is the same as an underscore."""
        seen: dict[str, str] = {}
        for field in ("events_topic", "dlq_topic", "lineage_topic"):
            topic, variable = getattr(self, field), f"KAFKA_{field}".upper()
            other = seen.setdefault(topic.replace(".", "_"), variable)
            if other != variable:
                raise ValueError(
                    f"{variable}={topic} must differ from {other}; to Kafka . and _ are the same in a topic's name"
                )
        return self

    @property
    def topics(self) -> dict[str, str]:
        """Each topic by what it is for."""
        return {
            "events": self.events_topic,
            "dead_letters": self.dlq_topic,
            "curated_lineage": self.lineage_topic,
        }


class SpoolSettings(BaseSettings):
    """Where events wait for the relay, on the disk of the machine that emits them."""

    model_config = SettingsConfigDict(env_prefix="SPOOL_", frozen=True)

    dir: ProjectPath = Field(Path("build/spool"), description="folder of the spool", validate_default=True)
    max_bytes: int = Field(
        1 << 30,
        ge=1 << 20,
        le=1 << 50,
        description="how much the events in the spool may hold, bytes; "
        "receipts that wait for the ledger, and events that wait for their columns, have a quarter each besides",
    )
    aside_max_bytes: int = Field(
        1 << 28, ge=1 << 16, le=1 << 50, description="how much may be kept aside while lineage is off, bytes"
    )
    handover: Literal["off", "wait", "handover"] = Field(
        "off",
        description="what the end of a task does for its events on a worker whose disk goes with it: off, nothing; wait, it "
        "waits until Kafka has acknowledged them; handover, it puts what Kafka has not acknowledged into the ledger's "
        "database, from where a relay takes it. If that fails, the task fails",
    )
    handover_seconds: Seconds = Field(
        60, description="how long the end of a task tries that before the task fails, seconds"
    )


class RelaySettings(BaseSettings):
    """How events come from the spool to Kafka."""

    model_config = SettingsConfigDict(env_prefix="RELAY_", frozen=True)

    columns_wait_seconds: float = Field(
        5,
        ge=0,
        le=3600,
        description="how long events wait for a warehouse that does not tell their columns, from the first question that "
        "failed; then they go on, and the columns follow, seconds",
    )
    drain_seconds: float = Field(
        0,
        ge=0,
        le=3600,
        description="how long a relay that gets SIGTERM goes on until its spool is empty, seconds; for a relay that ends "
        "with its worker, less than the worker's grace period",
    )


class LedgerSettings(BaseSettings):
    """The database that keeps how far each event has come."""

    model_config = SettingsConfigDict(env_prefix="LEDGER_", frozen=True)

    url: DatabaseUrl = Field(
        description="SQLAlchemy address of the database, such as postgresql+psycopg2://user:…@host/db"
    )
    timeout_seconds: int = Field(5, gt=0, le=50, description="how long one statement may take, seconds")
    days: Days = Field(
        400, description="how long events are kept, days; those still under way are kept until they have arrived"
    )


class OpenLineageSettings(BaseSettings):
    """Names in the events."""

    model_config = SettingsConfigDict(env_prefix="OPENLINEAGE_", frozen=True)

    namespace: Text = Field("jaffle_shop", description="namespace of the jobs")


class IngestionSettings(BaseSettings):
    """When lineage that has arrived is ingested."""

    model_config = SettingsConfigDict(env_prefix="INGESTION_", frozen=True)

    consumer_group: GroupName = Field(
        "lineage-writer", description="Kafka consumer group of the ingestion, and its transactional id"
    )
    by: Literal["dag", "service"] = Field(
        "dag",
        description="what ingests lineage that arrives: runs of the DAG lineage_ingestion, or a process of "
        "dbt-lineage ingest run --follow, which starts no run for each burst",
    )
    quiet_seconds: Seconds = Field(
        0.5, description="how long no lineage must have arrived before an ingestion starts, seconds"
    )
    max_wait_seconds: Seconds = Field(
        1, description="how long lineage waits at most for more that arrives, before an ingestion starts, seconds"
    )
    retry_seconds: Seconds = Field(
        600, description="how long after an ingestion what it left unverified is tried again, seconds"
    )
    deadline_seconds: Seconds = Field(
        1800, description="how long a run may take since it was queued before a mail says so, seconds"
    )

    @model_validator(mode="after")
    def _has_a_group_of_its_own(self) -> "IngestionSettings":
        """Refuse the connector's group: it would move the ingestion's offsets."""
        default = OpenMetadataSettings.model_fields["consumer_group"].default
        if self.consumer_group == os.environ.get("OPENMETADATA_CONSUMER_GROUP", default):
            raise ValueError(
                f"INGESTION_CONSUMER_GROUP={self.consumer_group} must differ from OPENMETADATA_CONSUMER_GROUP"
            )
        return self


class AirflowSettings(BaseSettings):
    """Airflow, as it is asked for its health from outside."""

    model_config = SettingsConfigDict(env_prefix="AIRFLOW_", frozen=True)

    url: ApiServer = Field(HttpUrl("http://127.0.0.1:8080"), description="address of the API server, without /api")


class AirflowDatabaseSettings(BaseSettings):
    """Airflow's own setting of its metadata database; asked for nothing but where the server is."""

    model_config = SettingsConfigDict(env_prefix="AIRFLOW__DATABASE__", frozen=True)

    sql_alchemy_conn: SecretStr | None = Field(None, description="SQLAlchemy address of Airflow's metadata database")


class HealthSettings(BaseSettings):
    """How long the health of the parts may take to find out."""

    model_config = SettingsConfigDict(env_prefix="HEALTH_", frozen=True)

    timeout_seconds: float = Field(5, gt=0, le=9, description="how long all probes together may take, seconds")

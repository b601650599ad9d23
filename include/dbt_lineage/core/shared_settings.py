"""The settings that all dbt projects share, in groups. ``dbt_lineage.core.settings`` reads them."""

import json
import os
from pathlib import Path
from typing import Literal

from pydantic import Field, HttpUrl, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from dbt_lineage.core import kafka_properties
from dbt_lineage.core.project_settings import OpenMetadataSettings
from dbt_lineage.core.setting_types import (
    DEAD_LETTERS_GROUP,
    ApiServer,
    BootstrapServers,
    ConfigurationPath,
    DatabaseUrl,
    Days,
    GroupName,
    KafkaProperties,
    KafkaSecretProperties,
    ProjectPath,
    ReadableFile,
    ReaderGroup,
    Seconds,
    Text,
    TopicName,
)


class ConfigurationSettings(BaseSettings):
    """The file of the dbt projects. Without one, the variables below describe one project."""

    model_config = SettingsConfigDict(env_prefix="LINEAGE_", frozen=True)

    config: ConfigurationPath | None = Field(None, description="file of the dbt projects, such as lineage.yml")


class KafkaSettings(BaseSettings):
    """The broker and its topics."""

    model_config = SettingsConfigDict(env_prefix="KAFKA_", frozen=True)

    bootstrap_servers: BootstrapServers = Field("127.0.0.1:9092", description="host:port, several separated by commas")
    properties: KafkaProperties = Field(
        {},
        description="properties of librdkafka for every client, such as security.protocol, ssl.ca.location, sasl.username; "
        "a JSON object",
        validate_default=True,
    )
    secret_properties: KafkaSecretProperties = Field(
        None,
        description="more of them that are secrets, such as sasl.password; a JSON object, or an Airflow connection's",
    )
    connector_properties: KafkaSecretProperties = Field(
        None,
        description="what differs for OpenMetadata's connector, which may log in as somebody else; a JSON object",
    )
    events_topic: TopicName = Field("openlineage.events", description="topic of every OpenLineage event")
    dlq_topic: TopicName = Field("openlineage.events.dlq", description="topic of the dead letters")
    lineage_topic: TopicName = Field(
        "openlineage.lineage", description="curated topic that OpenMetadata's connector reads"
    )
    reader_group: ReaderGroup = Field(
        "lineage-reader", description="consumer group of clients that only look: they join none and commit nothing"
    )
    dead_letters_group: ReaderGroup = Field(
        DEAD_LETTERS_GROUP, description="consumer group whose offsets say which dead letters were taken up"
    )
    partitions: int = Field(3, ge=1, le=10_000, description="partitions of each topic")
    replication_factor: int = Field(1, ge=1, le=1000, description="replicas of each partition; 3 on a cluster")
    retention_days: Days = Field(7, description="how long events are kept, days")
    dead_letters_retention_days: Days = Field(30, description="how long dead letters are kept, days")
    timeout_seconds: float = Field(10, gt=0, le=50, description="how long to wait for the broker, seconds")

    @model_validator(mode="after")
    def _topics_differ(self) -> "KafkaSettings":
        """Refuse one topic for two uses. Kafka treats a dot in a topic's name like an underscore."""
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
    def client(self) -> dict[str, str]:
        """The properties that every client has, the secrets among them; not for print."""
        return {**self.properties, **kafka_properties.revealed(self.secret_properties)}

    @property
    def login(self) -> str:
        """How clients talk to the brokers, and as whom, in words."""
        return kafka_properties.in_words(self.client)

    @property
    def of_connector(self) -> "KafkaSettings":
        """The same cluster, as OpenMetadata's connector logs in."""
        mine = {**self.client, **kafka_properties.revealed(self.connector_properties)}
        update = {"properties": {}, "secret_properties": SecretStr(json.dumps(mine)), "connector_properties": None}
        return self.model_copy(update=update)

    @property
    def topics(self) -> dict[str, str]:
        """Each topic, by its purpose."""
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
        description="room for events in the spool, bytes; receipts that wait for the ledger, and events that wait for "
        "their columns, may use a quarter of it each in addition",
    )
    aside_max_bytes: int = Field(
        1 << 28, ge=1 << 16, le=1 << 50, description="room for events that are kept aside while lineage is off, bytes"
    )
    handover: Literal["off", "wait", "handover"] = Field(
        "off",
        description="what the end of a task does for its events on a worker with a temporary disk: off, nothing; wait, it "
        "waits until Kafka has acknowledged them; handover, it moves those that Kafka has not acknowledged to the ledger's "
        "database, from where a relay sends them. If that fails, the task fails",
    )
    handover_seconds: Seconds = Field(
        60, description="how long the end of a task retries the hand-over before the task fails, seconds"
    )


class RelaySettings(BaseSettings):
    """How the relay sends events from the spool to Kafka."""

    model_config = SettingsConfigDict(env_prefix="RELAY_", frozen=True)

    columns_wait_seconds: float = Field(
        5,
        ge=0,
        le=3600,
        description="how long events wait for the columns of a warehouse that does not answer, counted from its first "
        "failure, seconds; then they are sent without, and the columns follow",
    )
    drain_seconds: float = Field(
        0,
        ge=0,
        le=3600,
        description="how long a relay goes on after SIGTERM to empty its spool, seconds; for a relay that ends with its "
        "worker, less than the worker's grace period",
    )


class LedgerSettings(BaseSettings):
    """The database that records how far each event has come."""

    model_config = SettingsConfigDict(env_prefix="LEDGER_", frozen=True)

    url: DatabaseUrl = Field(
        description="SQLAlchemy address of the database, such as postgresql+psycopg2://user:…@host/db"
    )
    timeout_seconds: int = Field(5, gt=0, le=50, description="how long one statement may take, seconds")
    days: Days = Field(
        400, description="how long events are kept, days; events under way are kept until they have arrived"
    )


class OpenLineageSettings(BaseSettings):
    """Names in the events."""

    model_config = SettingsConfigDict(env_prefix="OPENLINEAGE_", frozen=True)

    namespace: Text = Field("jaffle_shop", description="namespace of the jobs")


class IngestionSettings(BaseSettings):
    """When lineage from Kafka is ingested."""

    model_config = SettingsConfigDict(env_prefix="INGESTION_", frozen=True)

    consumer_group: GroupName = Field(
        "lineage-writer", description="Kafka consumer group of the ingestion, and its transactional id"
    )
    by: Literal["dag", "service"] = Field(
        "dag",
        description="what ingests lineage: runs of the DAG lineage_ingestion, one for each burst of events, or one "
        "process of dbt-lineage ingest run --follow",
    )
    quiet_seconds: Seconds = Field(
        0.5, description="an ingestion starts when no lineage has arrived for this long, seconds"
    )
    max_wait_seconds: Seconds = Field(
        1,
        description="how long lineage that keeps arriving waits before an ingestion starts, seconds; the service also "
        "rests four times as long as a pass took, five at most, before the next one",
    )
    retry_seconds: Seconds = Field(
        600, description="how long after an ingestion its unverified events are retried, seconds"
    )
    deadline_seconds: Seconds = Field(
        1800, description="how long a run may take, counted from when it was queued, before a mail is sent, seconds"
    )

    @model_validator(mode="after")
    def _has_a_group_of_its_own(self) -> "IngestionSettings":
        """Refuse a group of the connector's: it would move the ingestion's offsets. Each run has one that begins so."""
        default = OpenMetadataSettings.model_fields["consumer_group"].default
        connector = os.environ.get("OPENMETADATA_CONSUMER_GROUP", default)
        if self.consumer_group.startswith(connector):
            raise ValueError(
                f"INGESTION_CONSUMER_GROUP={self.consumer_group} must not begin with OPENMETADATA_CONSUMER_GROUP={connector}"
            )
        return self


class AirflowSettings(BaseSettings):
    """Airflow's API server, which the health probes."""

    model_config = SettingsConfigDict(env_prefix="AIRFLOW_", frozen=True)

    url: ApiServer = Field(HttpUrl("http://127.0.0.1:8080"), description="address of the API server, without /api")


class AirflowDatabaseSettings(BaseSettings):
    """Airflow's own setting of its metadata database. Only the server's address is used."""

    model_config = SettingsConfigDict(env_prefix="AIRFLOW__DATABASE__", frozen=True)

    sql_alchemy_conn: SecretStr | None = Field(None, description="SQLAlchemy address of Airflow's metadata database")


class WebSettings(BaseSettings):
    """How our HTTP clients know the catalogue, Superset, Airflow and the webhook, and log in by a certificate."""

    model_config = SettingsConfigDict(env_prefix="WEB_", frozen=True)

    ca_file: ReadableFile | None = Field(
        None,
        description="file with the authorities of HTTPS servers; those of SSL_CERT_FILE, else of certifi, by default",
    )
    client_certificate: ReadableFile | None = Field(
        None, description="file with the certificate that servers may ask for"
    )
    client_key: ReadableFile | None = Field(
        None, description="file with its key, where the first file does not hold it"
    )


class HealthSettings(BaseSettings):
    """How long the health probes may take."""

    model_config = SettingsConfigDict(env_prefix="HEALTH_", frozen=True)

    timeout_seconds: float = Field(5, gt=0, le=9, description="how long all probes together may take, seconds")


class PageSettings(BaseSettings):
    """The lineage page in Airflow."""

    model_config = SettingsConfigDict(env_prefix="PAGE_", frozen=True)

    proof: ProjectPath = Field(
        Path("build/proof.json"),
        description="what `make prove` wrote: which column edges were seen in the data; it need not be there",
        validate_default=True,
    )
    receipt_key: ProjectPath | None = Field(
        None,
        description="file of the private key that signs receipts, made by `dbt-lineage receipt key`; none are signed "
        "without it",
    )

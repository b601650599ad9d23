"""Every setting once: its name, type, default, unit and environment variable.

A field ``bootstrap_servers`` of a class with ``env_prefix="KAFKA_"`` is read from ``KAFKA_BOOTSTRAP_SERVERS``, or else
from include.errors import ExpectedError
from a file ``kafka_bootstrap_servers`` in ``/run/secrets``, where containers find secrets. Secrets have no default.
"""

import os
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from croniter import croniter
from pydantic import AfterValidator, Field, HttpUrl, SecretStr, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from include.errors import ExpectedError

PROJECT_ROOT = Path(__file__).resolve().parent.parent
# Where Docker and Kubernetes put secrets as files.
SECRETS_DIR = Path("/run/secrets")


class SettingsError(ExpectedError, ValueError):
    """A setting is missing or wrong; the message names its variable, its value and what is allowed."""


def _existing_dbt_project(path: Path) -> Path:
    path = path if path.is_absolute() else PROJECT_ROOT / path
    if not (path / "dbt_project.yml").is_file():
        raise ValueError("must be a folder with a dbt_project.yml")
    return path


def _from_project_root(path: Path) -> Path:
    return path if path.is_absolute() else PROJECT_ROOT / path


def _bootstrap_servers(value: str) -> str:
    for server in value.split(","):
        host, _, port = server.strip().rpartition(":")
        if not host or not port.isdigit() or not 0 < int(port) <= 65535:
            raise ValueError("must be host:port, several separated by commas")
    return value


def _cron(value: str) -> str:
    if len(value.split()) != 5 or not croniter.is_valid(value):
        raise ValueError("must be a cron expression with five fields, such as '0 5 * * *'")
    return value


ProjectPath = Annotated[Path, AfterValidator(_from_project_root)]
Cron = Annotated[str, AfterValidator(_cron)]
Port = Annotated[int, Field(ge=1, le=65535)]
Secret = Annotated[SecretStr, Field(min_length=1)]
TopicName = Annotated[str, Field(pattern=r"^[a-zA-Z0-9._-]{1,249}$")]


class WarehouseSettings(BaseSettings):
    """The PostgreSQL database that dbt builds in."""

    model_config = SettingsConfigDict(env_prefix="WAREHOUSE_", frozen=True)

    host: str = Field("127.0.0.1", description="host name")
    port: Port = Field(5432, description="TCP port")
    database: str = Field("jaffle_db", description="database name")
    user: str = Field("dbt", description="role that dbt builds as")
    password: Secret = Field(description="password of that role")
    reader_user: str = Field("lineage_reader", description="read-only role of the catalogue and of the dashboards")
    reader_password: Secret = Field(description="password of the read-only role")

    @property
    def namespace(self) -> str:
        """OpenLineage dataset namespace of the warehouse, such as ``postgres://127.0.0.1:5432``."""
        return f"postgres://{self.host}:{self.port}"

    @property
    def namespace_in_words(self) -> str:
        """The namespace, with the settings that it is made from."""
        return f"{self.namespace} (WAREHOUSE_HOST={self.host}, WAREHOUSE_PORT={self.port})"

    def is_other_server(self, namespace: str) -> bool:
        """Whether a dataset's namespace is that of a PostgreSQL at another address, as far as the texts tell."""
        return namespace.startswith("postgres://") and namespace != self.namespace


class DbtSettings(BaseSettings):
    """The dbt project whose models become Airflow tasks."""

    model_config = SettingsConfigDict(env_prefix="DBT_", frozen=True)

    project_dir: Annotated[Path, AfterValidator(_existing_dbt_project)] = Field(
        Path("dbt-jaffle-shop"), description="folder of the dbt project", validate_default=True
    )
    profiles_dir: ProjectPath | None = Field(None, description="folder of profiles.yml; the project's own by default")
    profile: str = Field("jaffle_shop", description="profile in profiles.yml")
    target: str = Field("dev", description="target of that profile")
    dag_id: str = Field("jaffle_shop", pattern=r"^[\w.-]+$", description="name of the DAG that runs the project")
    schedule: Cron = Field("0 5 * * *", description="cron expression of that DAG, UTC")
    start_date: date = Field(date(2016, 9, 1), description="first data interval of that DAG, YYYY-MM-DD")
    catchup: bool = Field(False, description="whether the DAG makes up for the intervals that it missed")
    seeds: str = Field("*", description="dbt selector of the seeds loaded before the models; empty for none")
    retries: int = Field(0, ge=0, description="how often a model or build that failed is tried again")
    deadline_seconds: float = Field(
        3600, gt=0, description="how long a run may take since it was queued before a mail says so, seconds"
    )
    timeout_seconds: float | None = Field(
        None,
        gt=0,
        description="how long a task that runs dbt may take before it is ended, seconds; no limit when unset",
    )
    pool: str = Field("default_pool", min_length=1, description="Airflow's pool of the tasks that run dbt")
    priority_weight: int = Field(1, description="Airflow's priority of the tasks that run dbt")
    execution_mode: str = Field(
        "fast", pattern="^(fast|watcher|local)$", description="fast, or Cosmos' own watcher or local"
    )
    artifacts_dir: ProjectPath = Field(
        Path("build/dbt"),
        description="folder of the manifest made ahead of time and of the last run's artifacts",
        validate_default=True,
    )

    @property
    def timeout(self) -> timedelta | None:
        """``timeout_seconds``, as Airflow has it."""
        return None if self.timeout_seconds is None else timedelta(seconds=self.timeout_seconds)

    @property
    def profiles_file(self) -> Path:
        """The profiles.yml that is used."""
        return (self.profiles_dir or self.project_dir) / "profiles.yml"

    @property
    def options(self) -> list[str]:
        """What every dbt command is told: the project, where its profile is, and which target."""
        return [
            *("--project-dir", str(self.project_dir), "--profiles-dir", str(self.profiles_file.parent)),
            *("--profile", self.profile, "--target", self.target),
        ]

    @property
    def manifest(self) -> Path:
        """The manifest made ahead of time by ``make manifest``."""
        return self.artifacts_dir / "manifest.json"

    @property
    def parse_cache(self) -> Path:
        """Folder where Cosmos keeps what dbt parsed, so that a run parses only what changed."""
        return self.artifacts_dir / "parsed"

    @property
    def run_artifacts(self) -> Path:
        """Folder of the artifacts of the last build: manifest.json, run_results.json, catalog.json."""
        return self.artifacts_dir / "last_run"


class KafkaSettings(BaseSettings):
    """The broker and its topics."""

    model_config = SettingsConfigDict(env_prefix="KAFKA_", frozen=True)

    bootstrap_servers: Annotated[str, AfterValidator(_bootstrap_servers)] = Field(
        "127.0.0.1:9092", description="host:port, several separated by commas"
    )
    events_topic: TopicName = Field("openlineage.events", description="topic of every OpenLineage event")
    dlq_topic: TopicName = Field("openlineage.events.dlq", description="topic of events that are not valid")
    lineage_topic: TopicName = Field(
        "openlineage.lineage", description="curated topic that OpenMetadata's connector reads"
    )
    partitions: int = Field(3, ge=1, description="partitions of each topic")
    replication_factor: int = Field(1, ge=1, description="replicas of each partition; 3 on a cluster")
    retention_days: int = Field(7, ge=1, description="how long events are kept, days")
    dead_letters_retention_days: int = Field(30, ge=1, description="how long dead letters are kept, days")
    timeout_seconds: float = Field(10, gt=0, le=50, description="how long to wait for the broker, seconds")

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
        description="how much the events in the spool may hold, bytes; "
        "receipts that wait for the ledger, and events that wait for their columns, have a quarter each besides",
    )
    aside_max_bytes: int = Field(
        1 << 28, ge=1 << 16, description="how much may be kept aside while lineage is off, bytes"
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


class LedgerSettings(BaseSettings):
    """The database that keeps how far each event has come."""

    model_config = SettingsConfigDict(env_prefix="LEDGER_", frozen=True)

    url: Secret = Field(description="SQLAlchemy address of the database, such as postgresql+psycopg2://user:…@host/db")
    timeout_seconds: int = Field(5, gt=0, le=50, description="how long one statement may take, seconds")
    days: int = Field(
        400, ge=1, description="how long events are kept, days; those still under way are kept until they have arrived"
    )


class OpenLineageSettings(BaseSettings):
    """Names in the events."""

    model_config = SettingsConfigDict(env_prefix="OPENLINEAGE_", frozen=True)

    namespace: str = Field("jaffle_shop", description="namespace of the jobs")


class OpenMetadataSettings(BaseSettings):
    """The catalogue and its ingestion."""

    model_config = SettingsConfigDict(env_prefix="OPENMETADATA_", frozen=True)

    url: HttpUrl = Field(HttpUrl("http://127.0.0.1:8585"), description="address of the server, without /api")
    token: Secret = Field(description="JWT of the ingestion bot")
    database_service: str = Field("jaffle_postgres", description="database service of the warehouse")
    pipeline_service: str = Field("dbt-openlineage-kafka", description="pipeline service of the lineage connector")
    dashboard_service: str = Field("jaffle_superset", description="dashboard service of Superset")
    connector: bool = Field(True, description="whether OpenMetadata's own OpenLineage connector runs once a build, too")
    consumer_group: str = Field("openmetadata-lineage", description="Kafka consumer group of that connector")
    python: ProjectPath = Field(
        Path(".venvs/openmetadata/bin/python"),
        description="interpreter with openmetadata-ingestion",
        validate_default=True,
    )
    idle_seconds: int = Field(
        5,
        ge=1,
        description="how long the connector waits for one more event; longer than group.initial.rebalance.delay.ms of "
        "the brokers, seconds",
    )
    timeout_seconds: float = Field(10, gt=0, le=50, description="how long one call may take, seconds")
    attempts: int = Field(
        3, ge=1, description="how often an event that the catalogue refuses is tried before it goes to the dead letters"
    )
    reap_limit: float = Field(
        0.25,
        gt=0,
        description="most stale edges deleted at once: below 1 a share of the project's edges, from 1 on a number",
    )


class IngestionSettings(BaseSettings):
    """When lineage that has arrived is ingested."""

    model_config = SettingsConfigDict(env_prefix="INGESTION_", frozen=True)

    consumer_group: str = Field(
        "lineage-writer", min_length=1, description="Kafka consumer group of the ingestion, and its transactional id"
    )
    by: Literal["dag", "service"] = Field(
        "dag",
        description="what ingests lineage that arrives: runs of the DAG lineage_ingestion, or a process of "
        "python -m include.ingest run --follow, which starts no run for each burst",
    )
    quiet_seconds: float = Field(
        0.5, gt=0, description="how long no lineage must have arrived before an ingestion starts, seconds"
    )
    max_wait_seconds: float = Field(
        1, gt=0, description="how long lineage waits at most for more that arrives, before an ingestion starts, seconds"
    )
    retry_seconds: float = Field(
        600, gt=0, description="how long after an ingestion what it left unverified is tried again, seconds"
    )
    deadline_seconds: float = Field(
        1800, gt=0, description="how long a run may take since it was queued before a mail says so, seconds"
    )


class AirflowSettings(BaseSettings):
    """Airflow, as it is asked for its health from outside."""

    model_config = SettingsConfigDict(env_prefix="AIRFLOW_", frozen=True)

    url: HttpUrl = Field(HttpUrl("http://127.0.0.1:8080"), description="address of the API server, without /api")


class AirflowDatabaseSettings(BaseSettings):
    """Airflow's own setting of its metadata database; asked for nothing but where the server is."""

    model_config = SettingsConfigDict(env_prefix="AIRFLOW__DATABASE__", frozen=True)

    sql_alchemy_conn: SecretStr | None = Field(None, description="SQLAlchemy address of Airflow's metadata database")


class HealthSettings(BaseSettings):
    """How long the health of the parts may take to find out."""

    model_config = SettingsConfigDict(env_prefix="HEALTH_", frozen=True)

    timeout_seconds: float = Field(5, gt=0, le=9, description="how long all probes together may take, seconds")


class CheckSettings(BaseSettings):
    """What the checks allow."""

    model_config = SettingsConfigDict(env_prefix="CHECK_", frozen=True)

    schedule: Cron = Field("*/15 * * * *", description="cron expression of the DAG of the checks, UTC")
    period_hours: float = Field(24, gt=0, le=24 * 31, description="how far back events and runs are looked at, hours")
    coverage_grace_seconds: float = Field(
        3600, ge=0, description="how long after its scheduled time a model may complete, seconds"
    )
    freshness_warn_hours: float | None = Field(
        None, gt=0, description="age of a model's last event that is a warning, hours; by default from DBT_SCHEDULE"
    )
    freshness_fail_hours: float | None = Field(
        None, gt=0, description="age of a model's last event that is a failure, hours; by default from DBT_SCHEDULE"
    )
    min_precision: float = Field(1, ge=0, le=1, description="share of the catalogue's edges that must be expected")
    min_recall: float = Field(1, ge=0, le=1, description="share of the expected edges that must be in the catalogue")
    clock_skew_seconds: float = Field(300, ge=0, description="how far clocks of emitters may differ, seconds")
    max_events: int = Field(20_000, ge=1, description="how many events of a topic are looked at, the newest ones")
    spool_warn_percent: float = Field(50, gt=0, le=100, description="use of the spool that is a warning, percent")
    spool_fail_percent: float = Field(90, gt=0, le=100, description="use of the spool that is a failure, percent")
    relay_silence_seconds: float = Field(
        30, gt=0, description="how long the relay, or the ingestion as a service, may say nothing, seconds"
    )
    lag_warn_seconds: float = Field(300, gt=0, description="how long an event may wait before a warning, seconds")
    lag_fail_seconds: float = Field(1800, gt=0, description="how long an event may wait before a failure, seconds")
    latency_topic_p95_seconds: float = Field(
        10, gt=0, description="from a model's end to the topic, 95th percentile that is a warning, seconds"
    )
    latency_verified_p95_seconds: float = Field(
        30, gt=0, description="from a model's end to verified in the catalogue, 95th percentile, seconds"
    )
    latency_fail_seconds: float = Field(900, gt=0, description="either 95th percentile that is a failure, seconds")
    results_days: float = Field(30, gt=0, description="how long results are kept in the ledger, days")


class SupersetSettings(BaseSettings):
    """The dashboards and who refreshes them."""

    model_config = SettingsConfigDict(env_prefix="SUPERSET_", frozen=True)

    url: HttpUrl = Field(HttpUrl("http://127.0.0.1:8088"), description="address of the server")
    user: str = Field("lineage_refresh", min_length=1, description="service account that refreshes the dashboards")
    password: Secret = Field(description="password of the service account")
    admin_user: str = Field("admin", min_length=1, description="who imports dashboards and makes the service account")
    admin_password: Secret | None = Field(None, description="password of that user; needed for an import only")
    assets_dir: ProjectPath = Field(
        Path("superset/assets"), description="folder of the dashboards as code", validate_default=True
    )
    timeout_seconds: float = Field(20, gt=0, le=120, description="how long one call may take, seconds")
    attempts: int = Field(4, ge=1, le=10, description="how often a call that may be tried again is made in all")


def _optional_server(value: str | None) -> str | None:
    return value if not value else _bootstrap_servers(value)


class MailSettings(BaseSettings):
    """Who hears of a failure."""

    model_config = SettingsConfigDict(env_prefix="ALERT_", frozen=True)

    mail_to: str = Field("data-team@example.com", pattern=r"^[^@\s]+@[^@\s]+$", description="address of the alerts")
    mail_from: str = Field("airflow@example.com", pattern=r"^[^@\s]+@[^@\s]+$", description="sender of the alerts")
    smtp_server: Annotated[str | None, AfterValidator(_optional_server)] = Field(
        None,
        description="host:port of the mail server, for `make health`; Airflow sends by its connection smtp_default",
    )
    webhook_url: SecretStr | None = Field(None, description="Slack-compatible webhook that is told too")
    runbook_url: str = Field("docs/operations.md", description="where whoever gets an alert finds docs/operations.md")


GROUPS: tuple[type[BaseSettings], ...] = (
    WarehouseSettings,
    DbtSettings,
    KafkaSettings,
    SpoolSettings,
    RelaySettings,
    LedgerSettings,
    OpenLineageSettings,
    OpenMetadataSettings,
    IngestionSettings,
    AirflowSettings,
    AirflowDatabaseSettings,
    HealthSettings,
    CheckSettings,
    SupersetSettings,
    MailSettings,
)


def variables(group: type[BaseSettings]) -> dict[str, str]:
    """The environment variable of each field of a group."""
    prefix = group.model_config.get("env_prefix", "")
    return {name: f"{prefix}{name}".upper() for name in group.model_fields}


_Settings = TypeVar("_Settings", bound=BaseSettings)


def read(group: type[_Settings]) -> _Settings:
    """Read one group of settings from the environment, and what is not there from the secrets' files.

    Raises:
        SettingsError: a variable is missing or its value is not allowed; all such variables are named.
    """
    try:
        return group(_secrets_dir=SECRETS_DIR if os.access(SECRETS_DIR, os.R_OK | os.X_OK) else None)
    except ValidationError as error:
        prefix = group.model_config.get("env_prefix", "")
        raise SettingsError("; ".join(_explain(prefix, group, problem) for problem in error.errors())) from None


def _explain(prefix: str, group: type[BaseSettings], problem: ErrorDetails) -> str:
    field_name = str(problem["loc"][0])
    field = group.model_fields.get(field_name)
    described = f" ({field.description})" if field is not None and field.description else ""
    variable = f"{prefix}{field_name}".upper()
    if problem["type"] == "missing":
        return f"{variable}{described} is not set"
    return f"{variable}={problem['input']!s}{described}: {problem['msg']}"


@cache
def warehouse() -> WarehouseSettings:
    """The warehouse's settings, read once. Raises SettingsError."""
    return read(WarehouseSettings)


@cache
def dbt() -> DbtSettings:
    """The dbt project's settings, read once. Raises SettingsError."""
    return read(DbtSettings)


@cache
def kafka() -> KafkaSettings:
    """The broker's settings, read once. Raises SettingsError."""
    return read(KafkaSettings)


@cache
def spool() -> SpoolSettings:
    """The spool's settings, read once. Raises SettingsError."""
    return read(SpoolSettings)


@cache
def relay() -> RelaySettings:
    """The relay's settings, read once. Raises SettingsError."""
    return read(RelaySettings)


@cache
def ledger() -> LedgerSettings:
    """The ledger's settings, read once. Raises SettingsError."""
    return read(LedgerSettings)


@cache
def openlineage() -> OpenLineageSettings:
    """The events' settings, read once. Raises SettingsError."""
    return read(OpenLineageSettings)


@cache
def openmetadata() -> OpenMetadataSettings:
    """The catalogue's settings, read once. Raises SettingsError."""
    return read(OpenMetadataSettings)


@cache
def ingestion() -> IngestionSettings:
    """When lineage is ingested, read once. Raises SettingsError."""
    return read(IngestionSettings)


@cache
def airflow() -> AirflowSettings:
    """Airflow's address, read once. Raises SettingsError."""
    return read(AirflowSettings)


@cache
def airflow_database() -> AirflowDatabaseSettings:
    """Airflow's metadata database, read once. Raises SettingsError."""
    return read(AirflowDatabaseSettings)


@cache
def health() -> HealthSettings:
    """The health command's settings, read once. Raises SettingsError."""
    return read(HealthSettings)


@cache
def check() -> CheckSettings:
    """What the checks allow, read once. Raises SettingsError."""
    return read(CheckSettings)


@cache
def superset() -> SupersetSettings:
    """The dashboards' settings, read once. Raises SettingsError."""
    return read(SupersetSettings)


def superset_is_configured() -> bool:
    """Whether this installation has a Superset: the service account's password is set."""
    return bool(os.environ.get(variables(SupersetSettings)["password"]))


@cache
def mail() -> MailSettings:
    """The alerts' settings, read once. Raises SettingsError."""
    return read(MailSettings)

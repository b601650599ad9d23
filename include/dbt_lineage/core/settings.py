"""Every setting once: its name, type, default, unit and environment variable.

A field ``bootstrap_servers`` of a class with ``env_prefix="KAFKA_"`` is read from ``KAFKA_BOOTSTRAP_SERVERS``, or else
from a file ``kafka_bootstrap_servers`` in ``/run/secrets``, where containers find secrets. Secrets have no default.
"""

import os
import re
import sys
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

from pydantic import Field, HttpUrl, SecretStr, ValidationError, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from dbt_lineage.core.errors import ExpectedError

# The redundant name says that others may use it from here.
from dbt_lineage.core.setting_types import PROJECT_ROOT as PROJECT_ROOT
from dbt_lineage.core.setting_types import (
    YEAR_SECONDS,
    ApiServer,
    BootstrapServers,
    Cron,
    DagId,
    DatabaseName,
    DatabaseUrl,
    Day,
    Days,
    DbtName,
    DbtProjectPath,
    EntityName,
    GroupName,
    Host,
    Hours,
    MailAddress,
    OptionalServer,
    Page,
    Patterns,
    Port,
    PostgresName,
    ProfilesPath,
    ProjectPath,
    Seconds,
    Secret,
    Selector,
    Text,
    Token,
    TopicName,
    Webhook,
    host_in_url,
    require_ascending,
)

# Where Docker and Kubernetes put secrets as files.
SECRETS_DIR = Path("/run/secrets")


class SettingsError(ExpectedError, ValueError):
    """A setting is missing or wrong; the message names its variable, its value and what is allowed."""


class WarehouseSettings(BaseSettings):
    """The PostgreSQL database that dbt builds in."""

    model_config = SettingsConfigDict(env_prefix="WAREHOUSE_", frozen=True)

    host: Host = Field("127.0.0.1", description="host name or IP address")
    port: Port = Field(5432, description="TCP port")
    database: DatabaseName = Field("jaffle_db", description="database name")
    user: PostgresName = Field("dbt", description="role that dbt builds as")
    password: Secret = Field(description="password of that role")
    reader_user: PostgresName = Field(
        "lineage_reader", description="read-only role of the catalogue and of the dashboards"
    )
    reader_password: Secret = Field(description="password of the read-only role")

    @property
    def namespace(self) -> str:
        """OpenLineage dataset namespace of the warehouse, such as ``postgres://127.0.0.1:5432``."""
        return f"postgres://{host_in_url(self.host)}:{self.port}"

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

    project_dir: DbtProjectPath = Field(
        Path("dbt-jaffle-shop"), description="folder of the dbt project", validate_default=True
    )
    profiles_dir: ProfilesPath | None = Field(None, description="folder of profiles.yml; the project's own by default")
    profile: DbtName = Field("jaffle_shop", description="profile in profiles.yml")
    target: DbtName = Field("dev", description="target of that profile")
    dag_id: DagId = Field("jaffle_shop", description="name of the DAG that runs the project")
    schedule: Cron = Field("0 5 * * *", description="cron expression of that DAG, UTC")
    start_date: Day = Field(date(2016, 9, 1), description="first data interval of that DAG, YYYY-MM-DD")
    catchup: bool = Field(False, description="whether the DAG makes up for the intervals that it missed")
    seeds: Selector = Field("*", description="dbt selector of the seeds loaded before the models; empty for none")
    retries: int = Field(0, ge=0, le=100, description="how often a model or build that failed is tried again")
    deadline_seconds: Seconds = Field(
        3600, description="how long a run may take since it was queued before a mail says so, seconds"
    )
    timeout_seconds: Seconds | None = Field(
        None,
        description="how long a task that runs dbt may take before it is ended, seconds; no limit when unset",
    )
    pool: Text = Field("default_pool", max_length=256, description="Airflow's pool of the tasks that run dbt")
    priority_weight: int = Field(
        1, ge=-1_000_000, le=1_000_000, description="Airflow's priority of the tasks that run dbt"
    )
    execution_mode: str = Field(
        "fast", pattern="^(fast|watcher|local)$", description="fast, or Cosmos' own watcher or local"
    )
    executable: ProjectPath | None = Field(
        None,
        description="program of a dbt that has an environment of its own, such as /srv/dbt/bin/dbt; without it the dbt of "
        "Airflow's environment runs",
    )
    env_pass: Patterns = Field(
        "",
        description="variables that dbt may read besides its own, those of warehouses' clients and those that the project "
        "names by env_var, with * as in MY_*, several separated by commas",
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
    def env_pass_patterns(self) -> list[str]:
        """``env_pass``, one by one."""
        return [each.strip() for each in self.env_pass.split(",") if each.strip()]

    @property
    def profiles_file(self) -> Path:
        """The profiles.yml that is used."""
        return (self.profiles_dir or self.project_dir) / "profiles.yml"

    @property
    def program(self) -> list[str]:
        """The words that start dbt as a process, before its own arguments."""
        return [sys.executable, "-m", "dbt.cli.main"] if self.executable is None else [str(self.executable)]

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


class OpenMetadataSettings(BaseSettings):
    """The catalogue and its ingestion."""

    model_config = SettingsConfigDict(env_prefix="OPENMETADATA_", frozen=True)

    url: ApiServer = Field(HttpUrl("http://127.0.0.1:8585"), description="address of the server, without /api")
    token: Token = Field(description="JWT of the ingestion bot")
    database_service: EntityName = Field("jaffle_postgres", description="database service of the warehouse")
    pipeline_service: EntityName = Field(
        "dbt-openlineage-kafka", description="pipeline service of the lineage connector"
    )
    dashboard_service: EntityName = Field("jaffle_superset", description="dashboard service of Superset")
    connector: bool = Field(True, description="whether OpenMetadata's own OpenLineage connector runs once a build, too")
    consumer_group: GroupName = Field("openmetadata-lineage", description="Kafka consumer group of that connector")
    python: ProjectPath = Field(
        Path(".venvs/openmetadata/bin/python"),
        description="interpreter with openmetadata-ingestion",
        validate_default=True,
    )
    idle_seconds: int = Field(
        5,
        ge=1,
        le=3600,
        description="how long the connector waits for one more event; longer than group.initial.rebalance.delay.ms of "
        "the brokers, seconds",
    )
    timeout_seconds: float = Field(10, gt=0, le=50, description="how long one call may take, seconds")
    attempts: int = Field(
        3,
        ge=1,
        le=1000,
        description="how often an event that the catalogue refuses is tried before it goes to the dead letters",
    )
    reap_limit: float = Field(
        0.25,
        gt=0,
        le=1_000_000,
        description="most stale edges deleted at once: below 1 a share of the project's edges, from 1 on a number",
    )


class IngestionSettings(BaseSettings):
    """When lineage that has arrived is ingested."""

    model_config = SettingsConfigDict(env_prefix="INGESTION_", frozen=True)

    consumer_group: GroupName = Field(
        "lineage-writer", description="Kafka consumer group of the ingestion, and its transactional id"
    )
    by: Literal["dag", "service"] = Field(
        "dag",
        description="what ingests lineage that arrives: runs of the DAG lineage_ingestion, or a process of "
        "python -m dbt_lineage.ingest run --follow, which starts no run for each burst",
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


class CheckSettings(BaseSettings):
    """What the checks allow."""

    model_config = SettingsConfigDict(env_prefix="CHECK_", frozen=True)

    schedule: Cron = Field("*/15 * * * *", description="cron expression of the DAG of the checks, UTC")
    period_hours: float = Field(24, gt=0, le=24 * 31, description="how far back events and runs are looked at, hours")
    coverage_grace_seconds: float = Field(
        3600, ge=0, le=YEAR_SECONDS, description="how long after its scheduled time a model may complete, seconds"
    )
    freshness_warn_hours: Hours | None = Field(
        None, description="age of a model's last event that is a warning, hours; by default from DBT_SCHEDULE"
    )
    freshness_fail_hours: Hours | None = Field(
        None, description="age of a model's last event that is a failure, hours; by default from DBT_SCHEDULE"
    )
    min_precision: float = Field(1, ge=0, le=1, description="share of the catalogue's edges that must be expected")
    min_recall: float = Field(1, ge=0, le=1, description="share of the expected edges that must be in the catalogue")
    clock_skew_seconds: float = Field(
        300, ge=0, le=YEAR_SECONDS, description="how far clocks of emitters may differ, seconds"
    )
    max_events: int = Field(
        20_000, ge=1, le=10_000_000, description="how many events of a topic are looked at, the newest ones"
    )
    spool_warn_percent: float = Field(50, gt=0, le=100, description="use of the spool that is a warning, percent")
    spool_fail_percent: float = Field(90, gt=0, le=100, description="use of the spool that is a failure, percent")
    relay_silence_seconds: Seconds = Field(
        30, description="how long the relay, or the ingestion as a service, may say nothing, seconds"
    )
    lag_warn_seconds: Seconds = Field(300, description="how long an event may wait before a warning, seconds")
    lag_fail_seconds: Seconds = Field(1800, description="how long an event may wait before a failure, seconds")
    latency_topic_p95_seconds: Seconds = Field(
        10, description="from a model's end to the topic, 95th percentile that is a warning, seconds"
    )
    latency_verified_p95_seconds: Seconds = Field(
        30, description="from a model's end to verified in the catalogue, 95th percentile, seconds"
    )
    latency_fail_seconds: Seconds = Field(900, description="either 95th percentile that is a failure, seconds")
    results_days: float = Field(30, gt=0, le=36_500, description="how long results are kept in the ledger, days")

    @model_validator(mode="after")
    def _warnings_come_before_failures(self) -> "CheckSettings":
        require_ascending(self, "freshness_warn_hours", "freshness_fail_hours")
        require_ascending(self, "spool_warn_percent", "spool_fail_percent")
        require_ascending(self, "lag_warn_seconds", "lag_fail_seconds")
        require_ascending(self, "latency_topic_p95_seconds", "latency_fail_seconds")
        require_ascending(self, "latency_verified_p95_seconds", "latency_fail_seconds")
        return self


class SupersetSettings(BaseSettings):
    """The dashboards and who refreshes them."""

    model_config = SettingsConfigDict(env_prefix="SUPERSET_", frozen=True)

    url: Page = Field(HttpUrl("http://127.0.0.1:8088"), description="address of the server")
    user: Text = Field("lineage_refresh", description="service account that refreshes the dashboards")
    password: Secret = Field(description="password of the service account")
    admin_user: Text = Field("admin", description="who imports dashboards and makes the service account")
    admin_password: Secret | None = Field(None, description="password of that user; needed for an import only")
    assets_dir: ProjectPath = Field(
        Path("superset/assets"), description="folder of the dashboards as code", validate_default=True
    )
    timeout_seconds: float = Field(20, gt=0, le=120, description="how long one call may take, seconds")
    attempts: int = Field(4, ge=1, le=10, description="how often a call that may be tried again is made in all")


class MailSettings(BaseSettings):
    """Who hears of a failure."""

    model_config = SettingsConfigDict(env_prefix="ALERT_", frozen=True)

    mail_to: MailAddress = Field("data-team@example.com", description="address of the alerts")
    mail_from: MailAddress = Field("airflow@example.com", description="sender of the alerts")
    smtp_server: OptionalServer = Field(
        None,
        description="host:port of the mail server, for `make health`; Airflow sends by its connection smtp_default",
    )
    webhook_url: Webhook = Field(None, description="Slack-compatible webhook that is told too")
    runbook_url: Text = Field("docs/operations.md", description="where whoever gets an alert finds docs/operations.md")


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
        return _made(group)
    except ValidationError as error:
        raise SettingsError("; ".join(_explain(group, problem) for problem in error.errors())) from None


def refuse_wrong() -> None:
    """Refuse every wrong setting at once, before anything starts. What is missing is nobody's matter who does not use it.

    Raises:
        SettingsError: a value is not allowed; all such variables are named.
    """
    left_out = {SupersetSettings: not superset_is_configured(), LedgerSettings: not ledger_is_configured()}
    problems: list[str] = []
    for group in GROUPS:
        if left_out.get(group):
            continue
        try:
            _made(group)
        except ValidationError as error:
            wrong = [problem for problem in error.errors() if problem["type"] != "missing"]
            problems += [_explain(group, problem) for problem in wrong]
    if problems:
        raise SettingsError("; ".join(problems))


def _made(group: type[_Settings]) -> _Settings:
    return group(_secrets_dir=SECRETS_DIR if os.access(SECRETS_DIR, os.R_OK | os.X_OK) else None)


def _explain(group: type[BaseSettings], problem: ErrorDetails) -> str:
    said = problem["msg"].removeprefix("Value error, ")
    if not problem["loc"]:  # a rule over several settings names them itself
        return said
    field_name = str(problem["loc"][0])
    field = group.model_fields.get(field_name)
    described = f" ({field.description})" if field is not None and field.description else ""
    variable = f"{group.model_config.get('env_prefix', '')}{field_name}".upper()
    if problem["type"] == "missing":
        return f"{variable}{described} is not set"
    value = "***" if field is not None and is_secret(field.annotation) else _shown(problem["input"])
    return f"{variable}={value}{described}: {said}"


def is_secret(annotation: Any) -> bool:
    """Whether a setting of this type is not to be shown."""
    return annotation is SecretStr or any(map(is_secret, get_args(annotation)))


def _shown(value: object) -> str:
    """A value on one line, without the password that an address may hold."""
    text = re.sub(r"//[^/@]*@", "//***@", str(value))
    return text if text.isprintable() else repr(text)


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
    """Whether this installation has a Superset: the service account's password is set, and not empty."""
    return _is_given(variables(SupersetSettings)["password"])


def ledger_is_configured() -> bool:
    """Whether this installation has a ledger: its address is set, and not empty."""
    return _is_given(variables(LedgerSettings)["url"])


def _is_given(variable: str) -> bool:
    """Whether a setting is in the environment or, where that does not name it, in a file of the secrets."""
    value = os.environ.get(variable)
    return (SECRETS_DIR / variable.lower()).is_file() if value is None else bool(value)


@cache
def mail() -> MailSettings:
    """The alerts' settings, read once. Raises SettingsError."""
    return read(MailSettings)


if __name__ == "__main__":
    from dbt_lineage.core import commands

    commands.run("settings", refuse_wrong)

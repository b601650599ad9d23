"""The settings that each dbt project has for itself, in groups. ``dbt_lineage.core.projects`` reads them."""

import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

from pydantic import Field, HttpUrl, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from dbt_lineage.core.setting_types import (
    YEAR_SECONDS,
    ApiServer,
    Cron,
    DagId,
    DatabaseName,
    Day,
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
    ReadableFile,
    Seconds,
    Secret,
    Selector,
    Text,
    Token,
    Webhook,
    host_in_url,
    require_ascending,
)


class WarehouseSettings(BaseSettings):
    """The PostgreSQL database that dbt builds in. The address of any other warehouse is in the project's dbt profile."""

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
    sslmode: Literal["disable", "allow", "prefer", "require", "verify-ca", "verify-full"] | None = Field(
        None,
        description="how much TLS is asked for; only verify-full knows the server. Without it libpq decides: PGSSLMODE, "
        "else prefer",
    )
    sslrootcert: ReadableFile | None = Field(
        None, description="file with the authorities that the server may be signed by"
    )
    sslcert: ReadableFile | None = Field(None, description="file with the certificate that logs in")
    sslkey: ReadableFile | None = Field(None, description="file with its key, without a password")

    @model_validator(mode="after")
    def _verifies_by_something(self) -> "WarehouseSettings":
        """Refuse a server that is to be verified without an authority: libpq would look into the home of its user."""
        if (self.sslmode or "").startswith("verify") and self.sslrootcert is None:
            raise ValueError(f"WAREHOUSE_SSLMODE={self.sslmode} needs WAREHOUSE_SSLROOTCERT, a file with authorities")
        if self.sslcert is not None and self.sslkey is None:
            raise ValueError(f"WAREHOUSE_SSLCERT={self.sslcert} needs WAREHOUSE_SSLKEY, the file with its key")
        return self

    @property
    def tls(self) -> dict[str, str]:
        """How connections are secured, as libpq's parameters."""
        given = {name: getattr(self, name) for name in ("sslmode", "sslrootcert", "sslcert", "sslkey")}
        return {name: str(value) for name, value in given.items() if value is not None}

    @property
    def namespace(self) -> str:
        """OpenLineage dataset namespace of the warehouse, such as ``postgres://127.0.0.1:5432``."""
        return f"postgres://{host_in_url(self.host)}:{self.port}"


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
    catchup: bool = Field(False, description="whether the DAG also runs the intervals that it missed")
    seeds: Selector = Field("*", description="dbt selector of the seeds loaded before the models; empty for none")
    retries: int = Field(0, ge=0, le=100, description="how often a failed model or build is retried")
    deadline_seconds: Seconds = Field(
        3600, description="how long a run may take, counted from when it was queued, before a mail is sent, seconds"
    )
    timeout_seconds: Seconds | None = Field(
        None,
        description="how long a task that runs dbt may take before it is stopped, seconds; no limit when unset",
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
        description="dbt program in an environment of its own, such as /srv/dbt/bin/dbt; by default the dbt of Airflow's "
        "environment runs",
    )
    env_pass: Patterns = Field(
        "",
        description="more variables that dbt may read, separated by commas, with * as in MY_*; it may always read its own, "
        "those of warehouse clients and those that the project names by env_var",
    )
    artifacts_dir: ProjectPath = Field(
        Path("build/dbt"),
        description="folder of the manifest made ahead of time and of the last run's artifacts",
        validate_default=True,
    )
    artifacts_shared: bool = Field(
        False,
        description="whether the last run's artifacts are also kept in the ledger's database, for workers that share no folder",
    )

    @property
    def timeout(self) -> timedelta | None:
        """``timeout_seconds`` as a timedelta, which Airflow needs; None for no limit."""
        return None if self.timeout_seconds is None else timedelta(seconds=self.timeout_seconds)

    @property
    def env_pass_patterns(self) -> list[str]:
        """The patterns of ``env_pass`` as a list."""
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
        """The options of every dbt command: project, profile and target."""
        return [
            *("--project-dir", str(self.project_dir), "--profiles-dir", str(self.profiles_file.parent)),
            *("--profile", self.profile, "--target", self.target),
        ]

    @property
    def manifest(self) -> Path:
        """The manifest made ahead of time by ``dbt-lineage manifest``."""
        return self.artifacts_dir / "manifest.json"

    @property
    def parse_cache(self) -> Path:
        """Folder of dbt's partial parse, kept by Cosmos, so that a run parses only what changed."""
        return self.artifacts_dir / "parsed"

    @property
    def run_artifacts(self) -> Path:
        """Folder of the artifacts of the last build: manifest.json, run_results.json, catalog.json."""
        return self.artifacts_dir / "last_run"


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
    connector: bool = Field(True, description="whether OpenMetadata's own OpenLineage connector also runs once a build")
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
        description="how long the connector waits for another event, seconds; must be longer than the brokers' "
        "group.initial.rebalance.delay.ms",
    )
    timeout_seconds: float = Field(10, gt=0, le=50, description="how long one call may take, seconds")
    attempts: int = Field(
        3,
        ge=1,
        le=1000,
        description="how many attempts an event has that the catalogue refuses, before it is dead-lettered",
    )
    reap_limit: float = Field(
        0.25,
        gt=0,
        le=1_000_000,
        description="how many stale edges may be deleted at once: below 1 a share of the project's edges, else a number",
    )


class CheckSettings(BaseSettings):
    """The thresholds of the checks."""

    model_config = SettingsConfigDict(env_prefix="CHECK_", frozen=True)

    schedule: Cron = Field("*/15 * * * *", description="cron expression of the DAG of the checks, UTC")
    period_hours: float = Field(24, gt=0, le=24 * 31, description="how far back events and runs are checked, hours")
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
    max_events: int = Field(20_000, ge=1, le=10_000_000, description="how many of a topic's newest events are checked")
    spool_warn_percent: float = Field(50, gt=0, le=100, description="use of the spool that is a warning, percent")
    spool_fail_percent: float = Field(90, gt=0, le=100, description="use of the spool that is a failure, percent")
    relay_silence_seconds: Seconds = Field(
        30, description="age of the last status of the relay, or of the ingestion service, that is a failure, seconds"
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
    """The dashboards, and the accounts that import and refresh them."""

    model_config = SettingsConfigDict(env_prefix="SUPERSET_", frozen=True)

    url: Page = Field(HttpUrl("http://127.0.0.1:8088"), description="address of the server")
    user: Text = Field("lineage_refresh", description="service account that refreshes the dashboards")
    password: Secret = Field(description="password of the service account")
    admin_user: Text = Field("admin", description="user that imports dashboards and creates the service account")
    admin_password: Secret | None = Field(None, description="password of that user; needed for an import only")
    assets_dir: ProjectPath = Field(
        Path("superset/assets"), description="folder of the dashboards as code", validate_default=True
    )
    timeout_seconds: float = Field(20, gt=0, le=120, description="how long one call may take, seconds")
    attempts: int = Field(4, ge=1, le=10, description="how many attempts a call has that can be retried")


class MailSettings(BaseSettings):
    """Who gets the alerts."""

    model_config = SettingsConfigDict(env_prefix="ALERT_", frozen=True)

    mail_to: MailAddress = Field("data-team@example.com", description="address of the alerts")
    mail_from: MailAddress = Field("airflow@example.com", description="sender of the alerts")
    smtp_server: OptionalServer = Field(
        None,
        description="host:port of the mail server, for `dbt-lineage health`; Airflow sends by its connection smtp_default",
    )
    webhook_url: Webhook = Field(None, description="Slack-compatible webhook that gets the alerts too")
    runbook_url: Text = Field("docs/operations.md", description="address of docs/operations.md for the links in alerts")

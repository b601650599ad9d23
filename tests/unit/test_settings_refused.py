"""For each setting there are values that cannot be right: each is refused by name before anything starts."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic_settings import BaseSettings

from dbt_lineage.core import settings
from dbt_lineage.core.settings import SettingsError
from stack import lifecycle
from stack.checkout import PROJECT_ROOT
from stack.config import StackConfig, StackSettings

NUMBERS = ("", "many", "nan", "inf", "-inf", "-1e300", "1e300")
SECONDS = (*NUMBERS, "0", "-1")
COUNTS = (*NUMBERS, "0", "-1", "1.5")
PORTS = (*COUNTS, "65536")
PERCENT = (*SECONDS, "101")
HOSTS = ("", " ", "a b", "http://a", "a:5432", "a/b", "user@a", "[::1", "::1::2", "a,b", "-a")
NAMES = ("", " ", "x" * 64, "ö" * 32)
FOLDERS = ("", " ", "~nobody-of-this-name/x")
PAGES = ("", "a.example.com", "ftp://a", "http://", "http://user:pw-to-hide@a", "http://a/?b", "http://a/#b")
SERVERS = (*PAGES, "http://a/api", "http://a/api/v1/")
BROKERS = (
    *("", " ", "b", "b:", ":9092", "b:0", "b:65536", "b:x", "b:²", "b:9092,", "b:9092,c", "b 1:9092"),
    *("SASL_SSL://b:9093", "PLAINTEXT://b:9092", "a:9092;b:9092", "http://a:9092", "::1:9092", "[::x]:9092"),
)
TOPICS = ("", " ", ".", "..", "a b", "a/b", "größe", "x" * 250, "__consumer_offsets", "a\nb")
CRONS = ("", "every morning", "0 25 * * *", "0 5 * * * 30", "0 5 31 2 *", "0 0 30 2 *", "0 0 31 4,6 *", "@daily")
ENTITIES = ("", " ", "a::b", 'a"b', "x" * 257)
GROUPS = ("", " ", "x" * 256, "openlineage-dead-letters")
MAILS = ("", "the data team", "a@b@c", "a@", "@b", "a@b,c@d", "A <a@b>", "a@b\nBcc: c@d")
# None of them may be shown.
EMPTY = ("", "two to-hide\nlines")
TOKENS = ("", "Bearer ey-to-hide", "ey-to-hide\nX: y", "ey-to-hide-ö")
DATABASES = (
    *("", "to-hide", "mysql://u:to-hide@h/d", "postgresql://u:to-hide@h", "postgresql://u:to@hide@h/d"),
    *("postgresql://u:to-hide@h:port/d", "postgresql://u:to-hide@h i/d"),
)
WEBHOOKS = ("to-hide", "ftp://to-hide", "https://", "http:// to-hide")

REFUSED: dict[str, tuple[str, ...]] = {
    "LINEAGE_CONFIG": (*FOLDERS, "no/such.yml", str(PROJECT_ROOT / "include")),
    "WAREHOUSE_HOST": HOSTS,
    "WAREHOUSE_PORT": PORTS,
    "WAREHOUSE_DATABASE": (*NAMES, "a/b", "a?b", "a#b", "a%20b", 'a"b', "a\\b", "a::b"),
    "WAREHOUSE_USER": NAMES,
    "WAREHOUSE_PASSWORD": EMPTY,
    "WAREHOUSE_READER_USER": NAMES,
    "WAREHOUSE_READER_PASSWORD": EMPTY,
    "DBT_PROJECT_DIR": (*FOLDERS, "no/such/project", str(PROJECT_ROOT / "include")),
    "DBT_PROFILES_DIR": (*FOLDERS, "no/such/folder", str(PROJECT_ROOT / "include")),
    "DBT_PROFILE": ("", " ", "-x"),
    "WAREHOUSE_SSLMODE": ("", "on", "verify", "verify-full"),
    "WAREHOUSE_SSLROOTCERT": ("", "/no/such/file", "/"),
    "WAREHOUSE_SSLCERT": ("", "/no/such/file", str(PROJECT_ROOT / "README.md")),
    "WAREHOUSE_SSLKEY": ("", "/no/such/file", "/"),
    "DBT_TARGET": ("", " ", "--help"),
    "DBT_DAG_ID": ("", " ", "a b", "a/b", "größe", "x" * 251, "lineage_ingestion", "kafka_topics"),
    "DBT_SCHEDULE": CRONS,
    "DBT_START_DATE": ("", "1 September", "2026-02-30", "0001-01-01", "9999-12-31"),
    "DBT_CATCHUP": ("", "perhaps"),
    "DBT_ARTIFACTS_SHARED": ("", "perhaps"),
    "DBT_SEEDS": ("--exclude", "-s"),
    "DBT_RETRIES": (*NUMBERS, "-1", "1.5", "101"),
    "DBT_DEADLINE_SECONDS": SECONDS,
    "DBT_TIMEOUT_SECONDS": SECONDS,
    "DBT_POOL": ("", " ", "x" * 257),
    "DBT_PRIORITY_WEIGHT": (*NUMBERS, "1.5", "99999999999"),
    "DBT_EXECUTION_MODE": ("", "kubernetes", "FAST"),
    "DBT_EXECUTABLE": FOLDERS,
    "DBT_ENV_PASS": ("A B", "A,B;C", "$A", "AIRFLOW__CORE__FERNET_KEY", "X,AIRFLOW__*"),
    "DBT_ARTIFACTS_DIR": FOLDERS,
    "KAFKA_BOOTSTRAP_SERVERS": BROKERS,
    "KAFKA_PROPERTIES": ("acks", "[]", '{"acks": "1"}', '{"no.such.property": "1"}', '{"sasl.password": "x"}'),
    "KAFKA_SECRET_PROPERTIES": ("password", "[]", '{"acks": "1"}', '{"no.such.property": "1"}'),
    "KAFKA_CONNECTOR_PROPERTIES": ("password", "[]", '{"acks": "1"}', '{"no.such.property": "1"}'),
    "KAFKA_READER_GROUP": ("", " ", "x" * 256),
    "KAFKA_DEAD_LETTERS_GROUP": ("", " ", "x" * 256),
    "KAFKA_EVENTS_TOPIC": TOPICS,
    "KAFKA_DLQ_TOPIC": TOPICS,
    "KAFKA_LINEAGE_TOPIC": TOPICS,
    "KAFKA_PARTITIONS": (*COUNTS, "100000"),
    "KAFKA_REPLICATION_FACTOR": (*COUNTS, "40000"),
    "KAFKA_RETENTION_DAYS": (*COUNTS, "a week", "99999999"),
    "KAFKA_DEAD_LETTERS_RETENTION_DAYS": (*COUNTS, "99999999"),
    "KAFKA_TIMEOUT_SECONDS": (*SECONDS, "51"),
    "SPOOL_DIR": FOLDERS,
    "PAGE_PROOF": FOLDERS,
    "PAGE_RECEIPT_KEY": FOLDERS,
    "SPOOL_MAX_BYTES": (*COUNTS, "1000", "9" * 20),
    "SPOOL_ASIDE_MAX_BYTES": (*COUNTS, "1000", "9" * 20),
    "SPOOL_HANDOVER": ("", "on", "Wait"),
    "SPOOL_HANDOVER_SECONDS": SECONDS,
    "RELAY_COLUMNS_WAIT_SECONDS": (*NUMBERS, "-1", "3601"),
    "RELAY_DRAIN_SECONDS": (*NUMBERS, "-1", "3601"),
    "LEDGER_URL": DATABASES,
    "LEDGER_TIMEOUT_SECONDS": (*COUNTS, "51"),
    "LEDGER_DAYS": (*COUNTS, "99999999"),
    "OPENLINEAGE_NAMESPACE": ("", " "),
    "OPENMETADATA_URL": SERVERS,
    "OPENMETADATA_TOKEN": TOKENS,
    "OPENMETADATA_DATABASE_SERVICE": ENTITIES,
    "OPENMETADATA_PIPELINE_SERVICE": ENTITIES,
    "OPENMETADATA_DASHBOARD_SERVICE": ENTITIES,
    "OPENMETADATA_CONNECTOR": ("", "perhaps"),
    "OPENMETADATA_CONSUMER_GROUP": GROUPS,
    "OPENMETADATA_PYTHON": FOLDERS,
    "OPENMETADATA_IDLE_SECONDS": (*COUNTS, "3601"),
    "OPENMETADATA_TIMEOUT_SECONDS": (*SECONDS, "51"),
    "OPENMETADATA_ATTEMPTS": (*COUNTS, "1001"),
    "OPENMETADATA_REAP_LIMIT": SECONDS,
    "INGESTION_CONSUMER_GROUP": (*GROUPS, "openmetadata-lineage"),
    "INGESTION_BY": ("", "hand"),
    "INGESTION_QUIET_SECONDS": SECONDS,
    "INGESTION_MAX_WAIT_SECONDS": SECONDS,
    "INGESTION_RETRY_SECONDS": SECONDS,
    "INGESTION_DEADLINE_SECONDS": SECONDS,
    "AIRFLOW_URL": SERVERS,
    "WEB_CA_FILE": ("", "/no/such/file", "/"),
    "WEB_CLIENT_CERTIFICATE": ("", "/no/such/file", "/"),
    "WEB_CLIENT_KEY": ("", "/no/such/file", "/"),
    "HEALTH_TIMEOUT_SECONDS": (*SECONDS, "10"),
    "CHECK_SCHEDULE": CRONS,
    "CHECK_PERIOD_HOURS": (*SECONDS, "1000"),
    "CHECK_COVERAGE_GRACE_SECONDS": (*NUMBERS, "-1"),
    "CHECK_FRESHNESS_WARN_HOURS": SECONDS,
    "CHECK_FRESHNESS_FAIL_HOURS": SECONDS,
    "CHECK_MIN_PRECISION": (*NUMBERS, "-0.1", "1.1"),
    "CHECK_MIN_RECALL": (*NUMBERS, "-0.1", "1.1"),
    "CHECK_CLOCK_SKEW_SECONDS": (*NUMBERS, "-1"),
    "CHECK_MAX_EVENTS": (*COUNTS, "99999999"),
    "CHECK_SPOOL_WARN_PERCENT": (*PERCENT, "91"),
    "CHECK_SPOOL_FAIL_PERCENT": (*PERCENT, "49"),
    "CHECK_RELAY_SILENCE_SECONDS": SECONDS,
    "CHECK_LAG_WARN_SECONDS": (*SECONDS, "1801"),
    "CHECK_LAG_FAIL_SECONDS": (*SECONDS, "299"),
    "CHECK_LATENCY_TOPIC_P95_SECONDS": (*SECONDS, "901"),
    "CHECK_LATENCY_VERIFIED_P95_SECONDS": (*SECONDS, "901"),
    "CHECK_LATENCY_FAIL_SECONDS": (*SECONDS, "29"),
    "CHECK_RESULTS_DAYS": (*SECONDS, "99999999"),
    "SUPERSET_URL": PAGES,
    "SUPERSET_USER": ("", " "),
    "SUPERSET_PASSWORD": EMPTY,
    "SUPERSET_ADMIN_USER": ("", " "),
    "SUPERSET_ADMIN_PASSWORD": EMPTY,
    "SUPERSET_ASSETS_DIR": FOLDERS,
    "SUPERSET_TIMEOUT_SECONDS": (*SECONDS, "121"),
    "SUPERSET_ATTEMPTS": (*COUNTS, "11"),
    "ALERT_MAIL_TO": MAILS,
    "ALERT_MAIL_FROM": MAILS,
    "ALERT_SMTP_SERVER": ("mail", "mail:", "smtp://mail:25", "mail:0", "a:1,b:2"),
    "ALERT_WEBHOOK_URL": WEBHOOKS,
    "ALERT_RUNBOOK_URL": ("", " "),
    "STACK_HOME": (*FOLDERS, ".", "..", "/", str(PROJECT_ROOT), "~"),
    "STACK_DAGS_DIR": FOLDERS,
    "STACK_WAREHOUSE": ("", "trino", "DuckDB"),
    "STACK_START_TIMEOUT_SECONDS": SECONDS,
    "STACK_WELL_KNOWN_PORTS": ("", "perhaps"),
    "STACK_TLS": ("", "perhaps"),
    **{f"STACK_{name}".upper(): PORTS for name in StackSettings.model_fields if name.endswith("_port")},
}
# Airflow's own: it says itself what is wrong with it.
OF_OTHERS = {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"}
ALL_GROUPS = (*settings.GROUPS, StackSettings)


def fields() -> Iterator[tuple[type[BaseSettings], str, str]]:
    """Each setting, with its group and its variable."""
    for group in ALL_GROUPS:
        for field, variable in settings.variables(group).items():
            yield group, field, variable


CASES = [
    pytest.param(group, field, variable, value, id=f"{variable}={value[:40]!r}")
    for group, field, variable in fields()
    for value in REFUSED.get(variable, ())
]


def test_every_setting_refuses_something() -> None:
    known = {variable for _, _, variable in fields()}
    assert known - REFUSED.keys() == OF_OTHERS
    assert REFUSED.keys() - known == set()


@pytest.mark.parametrize(("group", "field", "variable", "value"), CASES)
def test_a_wrong_value_is_refused_by_name(
    environment: pytest.MonkeyPatch, group: type[BaseSettings], field: str, variable: str, value: str
) -> None:
    environment.setenv(variable, value)
    with pytest.raises(SettingsError) as refused:
        settings.read(group)
    message = str(refused.value)
    assert f"{variable}=" in message
    assert "\n" not in message
    assert "to-hide" not in message
    if settings.is_secret(group.model_fields[field].annotation) or variable == "KAFKA_PROPERTIES":
        assert f"{variable}=***" in message
    elif value.isprintable() and "to-hide" not in value:
        assert (
            value in message or repr(value)[1:-1] in message or float(value) == float(message.split("=")[1].split()[0])
        )


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        (
            {"KAFKA_DLQ_TOPIC": "openlineage.events"},
            "KAFKA_DLQ_TOPIC=openlineage.events must differ from KAFKA_EVENTS_TOPIC; to Kafka . and _ are the same in a "
            "topic's name",
        ),
        (
            {"KAFKA_EVENTS_TOPIC": "a_b", "KAFKA_LINEAGE_TOPIC": "a.b"},
            "KAFKA_LINEAGE_TOPIC=a.b must differ from KAFKA_EVENTS_TOPIC; to Kafka . and _ are the same in a topic's name",
        ),
        (
            {"CHECK_LAG_WARN_SECONDS": "2000"},
            "CHECK_LAG_WARN_SECONDS=2000 must not be above CHECK_LAG_FAIL_SECONDS=1800",
        ),
        (
            {"CHECK_FRESHNESS_WARN_HOURS": "10", "CHECK_FRESHNESS_FAIL_HOURS": "5"},
            "CHECK_FRESHNESS_WARN_HOURS=10 must not be above CHECK_FRESHNESS_FAIL_HOURS=5",
        ),
        (
            {"OPENMETADATA_CONSUMER_GROUP": "lineage-writer"},
            "INGESTION_CONSUMER_GROUP=lineage-writer must not begin with OPENMETADATA_CONSUMER_GROUP=lineage-writer",
        ),
    ],
)
def test_settings_that_do_not_go_together_are_named(
    environment: pytest.MonkeyPatch, chosen: dict[str, str], message: str
) -> None:
    for variable, value in chosen.items():
        environment.setenv(variable, value)
    refused = []
    for group in (settings.KafkaSettings, settings.CheckSettings, settings.IngestionSettings):
        try:
            settings.read(group)
        except SettingsError as error:
            refused.append(str(error))
    assert refused == [message]


@pytest.mark.parametrize(
    ("variable", "value", "read"),
    [
        ("WAREHOUSE_HOST", "::1", "::1"),
        ("WAREHOUSE_HOST", "[::1]", "::1"),
        ("WAREHOUSE_HOST", "fe80::1%eth0", "fe80::1%eth0"),
        ("WAREHOUSE_HOST", "db_1.example.com.", "db_1.example.com."),
        ("WAREHOUSE_READER_USER", "team/reader", "team/reader"),
        ("WAREHOUSE_USER", "a:b@c d'e\"f", "a:b@c d'e\"f"),
        ("WAREHOUSE_DATABASE", "größe b", "größe b"),
        ("DBT_DAG_ID", "x" * 250, "x" * 250),
        ("DBT_SCHEDULE", "0 5 29 2 *", "0 5 29 2 *"),
        ("DBT_SEEDS", "", ""),
        ("KAFKA_EVENTS_TOPIC", "x" * 249, "x" * 249),
        ("KAFKA_BOOTSTRAP_SERVERS", "[::1]:9092,b_1:9092", "[::1]:9092,b_1:9092"),
        ("ALERT_SMTP_SERVER", "", ""),
        ("ALERT_SMTP_SERVER", "[::1]:25", "[::1]:25"),
        ("OPENMETADATA_DATABASE_SERVICE", "a.b c", "a.b c"),
    ],
)
def test_a_value_that_is_right_is_read_as_it_is_spelled(
    environment: pytest.MonkeyPatch, variable: str, value: str, read: str
) -> None:
    environment.setenv(variable, value)
    [(group, field)] = [(group, field) for group, field, name in fields() if name == variable]
    assert getattr(settings.read(group), field) == read


@pytest.mark.parametrize("variable", ["DBT_PROJECT_DIR", "DBT_PROFILES_DIR"])
def test_a_path_may_begin_at_home(
    environment: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory, variable: str
) -> None:
    home = tmp_path_factory.mktemp("home")
    (home / "x").mkdir()
    for name in ("dbt_project.yml", "profiles.yml"):
        (home / "x" / name).touch()
    environment.setenv("HOME", str(home))
    environment.setenv(variable, "~/x")
    assert home / "x" in (settings.dbt().project_dir, settings.dbt().profiles_dir)


@pytest.mark.parametrize("variable", ["SUPERSET_PASSWORD", "LEDGER_URL"])
def test_a_secret_in_a_file_says_that_the_part_is_there(
    environment: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory, variable: str
) -> None:
    configured = {
        "SUPERSET_PASSWORD": settings.superset_is_configured,
        "LEDGER_URL": settings.ledger_is_configured,
    }[variable]
    folder = tmp_path_factory.mktemp("secrets")
    environment.setattr(settings, "SECRETS_DIR", folder)
    environment.delenv(variable)
    assert not configured()
    (folder / variable.lower()).write_text("of a file")
    assert configured()
    environment.setenv(variable, "")
    assert not configured()


def test_every_wrong_setting_is_named_at_once_also_where_secrets_are_missing(environment: pytest.MonkeyPatch) -> None:
    for secret in ("WAREHOUSE_PASSWORD", "WAREHOUSE_READER_PASSWORD", "OPENMETADATA_TOKEN", "LEDGER_URL"):
        environment.delenv(secret)
    # Set and empty: there is none.
    environment.setenv("SUPERSET_PASSWORD", "")
    settings.refuse_wrong()
    environment.setenv("WAREHOUSE_HOST", "")
    environment.setenv("OPENMETADATA_URL", "http://a/api")
    environment.setenv("KAFKA_DLQ_TOPIC", "openlineage.events")
    with pytest.raises(SettingsError) as refused:
        settings.refuse_wrong()
    named = ["WAREHOUSE_HOST", "KAFKA_DLQ_TOPIC", "OPENMETADATA_URL"]
    assert [problem.split("=")[0] for problem in str(refused.value).split("; ") if "=" in problem] == named


def test_a_stack_with_a_wrong_setting_is_not_started(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment.setenv("WAREHOUSE_HOST", "a b")
    with pytest.raises(SettingsError, match="WAREHOUSE_HOST=a b"):
        lifecycle.up(StackConfig(StackSettings(home=tmp_path / "stack")))
    assert not (tmp_path / "stack").exists()

"""Wrong settings are refused with the variable, its value and what is allowed; secrets stay secret."""

from collections.abc import Callable
from pathlib import Path

import pytest

from dbt_lineage.core import settings
from dbt_lineage.core.settings import SettingsError
from stack.checkout import PROJECT_ROOT

GROUP_OF: dict[str, Callable[[], object]] = {
    "WAREHOUSE": settings.warehouse,
    "DBT": settings.dbt,
    "KAFKA": settings.kafka,
    "OPENLINEAGE": settings.openlineage,
    "OPENMETADATA": settings.openmetadata,
    "SUPERSET": settings.superset,
    "ALERT": settings.mail,
}


def read_group_of(variable: str) -> object:
    return GROUP_OF[variable.split("_", 1)[0]]()


@pytest.mark.parametrize(
    ("variable", "described"),
    [
        ("WAREHOUSE_PASSWORD", "password of that role"),
        ("WAREHOUSE_READER_PASSWORD", "password of the read-only role"),
        ("OPENMETADATA_TOKEN", "JWT of the ingestion bot"),
        ("SUPERSET_PASSWORD", "password of the service account"),
    ],
)
def test_a_missing_secret_is_named(environment: pytest.MonkeyPatch, variable: str, described: str) -> None:
    environment.delenv(variable)
    with pytest.raises(SettingsError) as refused:
        read_group_of(variable)
    assert str(refused.value) == f"{variable} ({described}) is not set"


@pytest.mark.parametrize(
    ("variable", "value", "allowed"),
    [
        ("KAFKA_BOOTSTRAP_SERVERS", "broker", "must be host:port, several separated by commas"),
        ("KAFKA_BOOTSTRAP_SERVERS", "broker:", "must be host:port, several separated by commas"),
        ("KAFKA_BOOTSTRAP_SERVERS", ":9092", "must be host:port, several separated by commas"),
        ("KAFKA_BOOTSTRAP_SERVERS", "broker:9092,other", "must be host:port, several separated by commas"),
        ("KAFKA_BOOTSTRAP_SERVERS", "broker:9092,", "must be host:port, several separated by commas"),
        ("KAFKA_BOOTSTRAP_SERVERS", "broker:99999", "must be host:port"),
        ("KAFKA_EVENTS_TOPIC", "open lineage", "pattern '^[a-zA-Z0-9._-]{1,249}$'"),
        ("KAFKA_PARTITIONS", "0", "greater than or equal to 1"),
        ("KAFKA_RETENTION_DAYS", "a week", "a valid integer"),
        ("KAFKA_TIMEOUT_SECONDS", "51", "less than or equal to 50"),
        ("DBT_SCHEDULE", "every morning", "must be a cron expression with five fields, such as '0 5 * * *'"),
        ("DBT_SCHEDULE", "0 25 * * *", "must be a cron expression with five fields, such as '0 5 * * *'"),
        ("DBT_SCHEDULE", "0 5 * * * 30", "must be a cron expression with five fields"),
        ("DBT_START_DATE", "1 September", "YYYY-MM-DD"),
        ("DBT_START_DATE", "2026-02-30", "YYYY-MM-DD"),
        ("DBT_PROJECT_DIR", "no/such/project", "must be a folder with a dbt_project.yml"),
        ("DBT_PROJECT_DIR", str(PROJECT_ROOT / "include"), "must be a folder with a dbt_project.yml"),
        ("DBT_EXECUTION_MODE", "kubernetes", "pattern '^(fast|watcher|local)$'"),
        ("DBT_CATCHUP", "perhaps", "a valid boolean"),
        ("WAREHOUSE_PORT", "0", "greater than or equal to 1"),
        ("WAREHOUSE_PORT", "65536", "less than or equal to 65535"),
        ("WAREHOUSE_PORT", "postgres", "a valid integer"),
        ("OPENMETADATA_URL", "localhost:8585", "URL scheme should be 'http' or 'https'"),
        ("SUPERSET_URL", "superset.example.com", "a valid URL"),
        ("SUPERSET_TIMEOUT_SECONDS", "0", "greater than 0"),
        ("ALERT_MAIL_TO", "the data team", "must be one mail address"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(
    environment: pytest.MonkeyPatch, variable: str, value: str, allowed: str
) -> None:
    environment.setenv(variable, value)
    with pytest.raises(SettingsError) as refused:
        read_group_of(variable)
    message = str(refused.value)
    assert message.startswith(f"{variable}=")
    assert value in message
    assert allowed in message


def test_every_wrong_variable_of_a_group_is_named_at_once(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("WAREHOUSE_PORT", "99999")
    environment.delenv("WAREHOUSE_PASSWORD")
    environment.delenv("WAREHOUSE_READER_PASSWORD")
    with pytest.raises(SettingsError) as refused:
        settings.warehouse()
    assert [problem.split("=")[0].split(" ")[0] for problem in str(refused.value).split("; ")] == [
        "WAREHOUSE_PORT",
        "WAREHOUSE_PASSWORD",
        "WAREHOUSE_READER_PASSWORD",
    ]


@pytest.mark.parametrize("group", settings.GROUPS, ids=lambda group: group.__name__)
def test_the_defaults_and_the_secrets_are_enough(group: type[settings.BaseSettings]) -> None:
    assert settings.read(group)


@pytest.mark.parametrize("show", [repr, str, lambda group: group.model_dump_json()], ids=["repr", "str", "json"])
@pytest.mark.parametrize("group", settings.GROUPS, ids=lambda group: group.__name__)
def test_no_secret_is_shown(
    secrets: dict[str, str], group: type[settings.BaseSettings], show: Callable[[object], str]
) -> None:
    shown = show(settings.read(group))
    assert not [secret for secret in secrets.values() if secret in shown]


@pytest.mark.parametrize(
    ("variable", "value"),
    [("WAREHOUSE_PORT", "0"), ("WAREHOUSE_PASSWORD", None), ("OPENMETADATA_URL", "nowhere")],
)
def test_no_secret_is_in_the_message_about_another_variable(
    environment: pytest.MonkeyPatch, secrets: dict[str, str], variable: str, value: str | None
) -> None:
    environment.delenv(variable, raising=False)
    if value is not None:
        environment.setenv(variable, value)
    with pytest.raises(SettingsError) as refused:
        read_group_of(variable)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__, "pydantic's own message shows every value"
    assert not [secret for secret in secrets.values() if secret in str(refused.value)]


def test_relative_folders_start_at_the_project_not_at_the_working_directory(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    environment.setenv("DBT_PROJECT_DIR", "dbt-jaffle-shop")
    environment.setenv("DBT_ARTIFACTS_DIR", "somewhere/else")
    environment.chdir(tmp_path)
    dbt = settings.dbt()
    assert dbt.project_dir == PROJECT_ROOT / "dbt-jaffle-shop"
    assert dbt.manifest == PROJECT_ROOT / "somewhere/else/manifest.json"
    assert dbt.profiles_file == PROJECT_ROOT / "dbt-jaffle-shop/profiles.yml"


def test_several_brokers_are_allowed(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("KAFKA_BOOTSTRAP_SERVERS", "one.example.com:9092, [::1]:9093")
    assert settings.kafka().bootstrap_servers == "one.example.com:9092, [::1]:9093"


def test_no_two_settings_share_a_variable() -> None:
    names = [name for group in settings.GROUPS for name in settings.variables(group).values()]
    assert sorted(names) == sorted(set(names))

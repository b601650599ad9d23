"""lineage.yml: what it may hold, what wins over what, and the sentences that refuse a wrong one."""

import json
import re
import shutil
from pathlib import Path

import pytest

from dbt_lineage.core import settings
from dbt_lineage.core.configuration import secret_sources
from dbt_lineage.core.configuration.file import ConfigurationError, load
from dbt_lineage.core.projects import Project, UnknownProject, chosen, project, projects
from dbt_lineage.core.settings import SettingsError
from tests.second_project import PROJECT

ROOT = Path(__file__).resolve().parents[2]

SHOP, BOOKS = ROOT / "dbt-jaffle-shop", PROJECT
GROUPS = "dbt, warehouse, openmetadata, superset, check, mail"
SHARED = "kafka, spool, relay, ledger, openlineage, ingestion, airflow, web, health, page"
TWO = f"""\
projects:
  - name: shop
    owner: sales
    dbt: {{project_dir: {SHOP}}}
    mail: {{mail_to: shop@example.com}}
  - name: books
    dbt: {{project_dir: {BOOKS}, profile: finance, target: night, dag_id: the_books}}
defaults:
  owner: platform
  mail: {{mail_to: all@example.com}}
  check: {{period_hours: 12}}
shared:
  kafka: {{partitions: 6}}
"""


@pytest.fixture
def file(environment: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The file that LINEAGE_CONFIG names; a test writes it."""
    environment.setenv("LINEAGE_CONFIG", str(tmp_path / "lineage.yml"))
    return tmp_path / "lineage.yml"


def refusal(file: Path, text: str) -> list[str]:
    """What is said of a wrong file, without its path."""
    file.write_text(text)
    with pytest.raises(ConfigurationError) as refused:
        load(file)
    lines = str(refused.value).splitlines()
    assert all(line.startswith(f"{file}:") for line in lines)
    return [line.removeprefix(f"{file}:") for line in lines]


# --- what is refused


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        pytest.param("", ["1: projects: must be a list with at least one project, each with a name"], id="empty"),
        pytest.param(
            "projects: []\n", ["1: projects: must be a list with at least one project, each with a name"], id="none"
        ),
        pytest.param(
            "- shop\n",
            [
                "1: projects: must be a list with at least one project, each with a name",
                "1: the file: must be a mapping of keys: projects, defaults, shared",
            ],
            id="no mapping",
        ),
        pytest.param("projects: [\n", ["2: is not YAML: did not find expected node content"], id="no YAML"),
        pytest.param(
            "projects:\n  - name: a\n    dbt: {schedule: !often x}\n",
            ["3: is not YAML: could not determine a constructor for the tag '!often'"],
            id="tag",
        ),
        pytest.param(
            "projects:\n  - name: a\n    dbt:\n      retries: 1\n      retries: 2\n",
            ["5: retries: is a duplicate key, first in line 4"],
            id="key twice",
        ),
        pytest.param(
            "projects:\n  - name: a\n    dbt: {retries: 1, retries: 2}\n",
            ["3: retries: is a duplicate key, first in line 3"],
            id="key twice in a line",
        ),
        pytest.param(
            "projects:\n  - {name: a}\nshare:\n  kafka: {partitions: 1}\n",
            ["3: share: unknown key; did you mean shared? allowed: projects, defaults, shared"],
            id="unknown key at the top",
        ),
        pytest.param(
            "projects:\n  - name: a\n    warehuose: {port: 1}\n",
            [f"3: projects.a.warehuose: unknown key; did you mean warehouse? allowed: name, owner, {GROUPS}"],
            id="unknown group",
        ),
        pytest.param(
            "projects:\n  - name: a\n    mail: {to: a@b}\n",
            ["3: projects.a.mail.to: unknown key; allowed: mail_to, mail_from, smtp_server, webhook_url, runbook_url"],
            id="unknown key without a near one",
        ),
        pytest.param(
            "projects:\n  - {name: a}\nshared:\n  dbt: {retries: 1}\n",
            [f"4: shared.dbt: unknown key; allowed: {SHARED}"],
            id="group of a project among the shared",
        ),
        pytest.param(
            "projects:\n  - dbt: {retries: 1}\n",
            ["2: projects[0].name: is missing; must be 1 to 100 letters, digits, _ or -"],
            id="no name",
        ),
        pytest.param(
            "projects:\n  -\n",
            ["2: projects[0].name: is missing; must be 1 to 100 letters, digits, _ or -"],
            id="nothing of a project",
        ),
        pytest.param(
            "projects:\n  - name: a b\n  - name: 7\n  - x\n",
            [
                "2: projects.a b.name=a b: must be 1 to 100 letters, digits, _ or -",
                "3: projects[1].name=7: must be 1 to 100 letters, digits, _ or -",
                f"4: projects[2]=x: must be a mapping of keys: name, owner, {GROUPS}",
            ],
            id="wrong names",
        ),
        pytest.param(
            "projects:\n  - name: a\n    owner: [b]\n    dbt: 7\n",
            [
                "3: projects.a.owner=['b']: must be text",
                "4: projects.a.dbt=7: must be a mapping of keys: " + ", ".join(settings.DbtSettings.model_fields),
            ],
            id="wrong shapes",
        ),
        pytest.param(
            "projects:\n  - name: a\n    dbt:\n      retries: many\n      schedule: daily\n      catchup: {x: 1}\n",
            [
                "4: projects.a.dbt.retries=many (how often a failed model or build is retried): Input should be a "
                "valid integer, unable to parse string as an integer",
                "5: projects.a.dbt.schedule=daily (cron expression of that DAG, UTC): must be a cron expression with five "
                "fields, such as '0 5 * * *'",
                "6: projects.a.dbt.catchup={'x': 1} (whether the DAG also runs the intervals that it missed): Input "
                "should be a valid boolean",
            ],
            id="wrong values, all of them",
        ),
        pytest.param(
            "projects:\n  - name: a\n    dbt: {start_date: 2026-02-30}\n",
            [
                "3: projects.a.dbt.start_date=2026-02-30 (first data interval of that DAG, YYYY-MM-DD): Input should be a "
                "valid date or datetime, day value is outside expected range"
            ],
            id="no such day",
        ),
        pytest.param(
            "projects:\n  - name: lineage_checks\n",
            [
                "2: projects.lineage_checks.name=lineage_checks (name of the DAG that runs the project): must not be one "
                "of the project's own DAGs: kafka_topics, lineage_checks, lineage_ingestion, lineage_reaper, "
                "lineage_replay, openmetadata_ingestion, superset_refresh"
            ],
            id="name of a DAG of our own",
        ),
        pytest.param(
            "projects:\n  - name: a\n    check: {lag_fail_seconds: 10}\ndefaults:\n  check: {lag_warn_seconds: 20}\n",
            ["3: defaults.check.lag_warn_seconds=20 must not be above projects.a.check.lag_fail_seconds=10"],
            id="a rule over several places",
        ),
        pytest.param(
            "projects:\n  - name: a\nshared:\n  kafka: {events_topic: x, dlq_topic: x}\n",
            [
                "4: shared.kafka.dlq_topic=x must differ from shared.kafka.events_topic; to Kafka . and _ are the same in "
                "a topic's name"
            ],
            id="a rule over what is shared",
        ),
        pytest.param(
            "projects:\n  - name: a\n    openmetadata: {consumer_group: w}\nshared:\n  ingestion: {consumer_group: w}\n",
            [
                "3: projects.a.openmetadata.consumer_group=w: must not be the beginning of shared.ingestion.consumer_group in line 5",
            ],
            id="the writer's group for a connector",
        ),
        pytest.param(
            "projects:\n  - name: a\ndefaults:\n  dbt: {dag_id: x}\n  superset: {assets_dir: y}\n",
            [
                "4: defaults.dbt.dag_id: belongs to a single project: set it there",
                "5: defaults.superset.assets_dir: belongs to a single project: set it there",
            ],
            id="what one project has among the defaults",
        ),
        pytest.param(
            f"projects:\n  - {{name: a, dbt: {{project_dir: {SHOP}}}}}\n  - {{name: a, dbt: {{project_dir: {BOOKS}}}}}\n",
            ["3: projects.a.name=a: this name belongs to projects.a.name in line 2"],
            id="a name twice",
        ),
        pytest.param(
            f"projects:\n  - {{name: a, dbt: {{project_dir: {SHOP}}}}}\n"
            f"  - {{name: b, dbt: {{project_dir: {BOOKS}, dag_id: a}}}}\n",
            ["3: projects.b.dbt.dag_id=a: a DAG of this name belongs to projects.a.name in line 2"],
            id="a DAG id twice",
        ),
        pytest.param(
            f"projects:\n  - {{name: a, dbt: {{project_dir: {SHOP}}}}}\n"
            f"  - {{name: b, dbt: {{project_dir: {BOOKS}, dag_id: lineage_checks__a}}}}\n",
            [
                "3: projects.b.dbt.dag_id=lineage_checks__a: a DAG of this name belongs to projects.a.name in line 2",
            ],
            id="the id of another project's checks",
        ),
        pytest.param(
            f"projects:\n  - name: a\n    dbt: {{project_dir: {SHOP}, artifacts_dir: x/../same}}\n"
            f"  - name: b\n    dbt: {{project_dir: {BOOKS}, artifacts_dir: same}}\n",
            [
                "5: projects.b.dbt.artifacts_dir={folder}/same: this folder belongs to projects.a.dbt.artifacts_dir in "
                "line 3"
            ],
            id="an artifacts folder twice",
        ),
        pytest.param(
            f"projects:\n  - name: a\n    dbt: {{project_dir: {SHOP}}}\n  - name: b\n    dbt: {{project_dir: {SHOP}}}\n",
            [
                "4: projects.b.name=b: it is the same dbt project as another, and their jobs would have the same names: "
                "give it another name in its dbt_project.yml; the other is projects.a.name in line 2"
            ],
            id="a dbt project twice",
        ),
    ],
)
def test_a_wrong_file_is_refused_with_line_key_value_and_what_is_allowed(
    tmp_path: Path, text: str, sentences: list[str]
) -> None:
    expected = [sentence.replace("{folder}", str(tmp_path)) for sentence in sentences]
    assert refusal(tmp_path / "lineage.yml", text) == expected


@pytest.mark.parametrize(
    "value", ["to-hide", "{env: ''}", "{env: A, file: b}", "{vault: to-hide}", "[to-hide]", "{env: [A]}"]
)
def test_a_secret_must_not_stand_in_the_file_and_is_not_repeated(tmp_path: Path, value: str) -> None:
    text = f"projects:\n  - name: a\n    warehouse:\n      password: {value}\n"
    assert refusal(tmp_path / "lineage.yml", text) == [
        "4: projects.a.warehouse.password=***: a secret must not stand in this file; say where it is: {env: NAME}, "
        "{file: PATH} or {connection: ID}"
    ]


def test_a_rule_over_what_the_file_and_the_environment_say_is_held_when_they_are_read(
    environment: pytest.MonkeyPatch, file: Path
) -> None:
    file.write_text(f"projects:\n  - name: a\n    check: {{lag_fail_seconds: 100}}\n    dbt: {{project_dir: {SHOP}}}\n")
    for read in (lambda: projects()[0].check, settings.refuse_wrong):
        with pytest.raises(SettingsError) as refused:
            read()
        assert str(refused.value) == (
            f"{file}:3: CHECK_LAG_WARN_SECONDS=300 must not be above projects.a.check.lag_fail_seconds=100"
        )
    environment.setenv("CHECK_LAG_WARN_SECONDS", "50")
    settings.forget()
    assert projects()[0].check.lag_fail_seconds == 100


def test_a_file_that_is_not_there_is_refused_by_its_variable(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment.setenv("LINEAGE_CONFIG", str(tmp_path / "none.yml"))
    with pytest.raises(SettingsError) as refused:
        settings.kafka()
    assert str(refused.value) == (
        f"LINEAGE_CONFIG={tmp_path / 'none.yml'} (file of the dbt projects, such as lineage.yml): must be a file that can "
        "be read"
    )


def test_nothing_starts_with_a_wrong_file(file: Path) -> None:
    file.write_text("projects:\n  - name: a\n    dbt: {retries: -1}\n")
    with pytest.raises(SettingsError, match=r"lineage.yml:3: projects\.a\.dbt\.retries=-1 "):
        settings.refuse_wrong()


def test_the_folder_of_the_only_project_is_looked_for_before_anything_starts(file: Path) -> None:
    file.write_text("projects:\n  - name: a\n    dbt: {project_dir: gone}\n")
    with pytest.raises(SettingsError) as refused:
        settings.refuse_wrong()
    assert str(refused.value) == (
        f"{file}:3: projects.a.dbt.project_dir={file.parent}/gone (folder of the dbt project): must be a folder with a "
        "dbt_project.yml"
    )


def test_one_of_several_projects_without_its_folder_keeps_nothing_from_starting(file: Path) -> None:
    file.write_text(TWO.replace(str(BOOKS), "gone"))
    settings.refuse_wrong()


def test_a_wrong_secret_that_the_file_names_keeps_everything_from_starting(
    environment: pytest.MonkeyPatch, file: Path
) -> None:
    environment.setenv("OF_THE_LEDGER", "mysql://to-hide")
    file.write_text(TWO + "  ledger: {url: {env: OF_THE_LEDGER}}\n")
    with pytest.raises(
        SettingsError, match=r"lineage.yml:14: shared\.ledger\.url=\*\*\* .* must be the address of a PostgreSQL"
    ):
        settings.refuse_wrong()


# --- what holds


def test_two_projects_have_their_own_and_share_the_rest(file: Path) -> None:
    file.write_text(TWO)
    shop, books = projects()
    assert (shop.name, shop.owner, shop.is_only) == ("shop", "sales", False)
    assert (shop.dbt.project_dir, shop.dbt.dag_id, shop.mail.mail_to) == (SHOP, "shop", "shop@example.com")
    assert (books.owner, books.mail.mail_to) == ("platform", "all@example.com")
    assert (books.dbt.project_dir, books.dbt.profile, books.dbt.dag_id) == (BOOKS, "finance", "the_books")
    assert {each.check.period_hours for each in (shop, books)} == {12}
    assert settings.kafka().partitions == 6


def test_a_project_wins_over_the_defaults_these_over_the_environment_and_that_over_what_is_built_in(
    environment: pytest.MonkeyPatch, file: Path
) -> None:
    for variable, value in {"CHECK_PERIOD_HOURS": "3", "CHECK_MAX_EVENTS": "30", "CHECK_RESULTS_DAYS": "300"}.items():
        environment.setenv(variable, value)
    file.write_text(
        f"projects:\n  - name: shop\n    dbt: {{project_dir: {SHOP}}}\n    check: {{period_hours: 1}}\n"
        "defaults:\n  check: {period_hours: 2, max_events: 20}\n"
    )
    check = projects()[0].check
    assert (check.period_hours, check.max_events, check.results_days, check.clock_skew_seconds) == (1, 20, 300, 300)


def test_what_is_shared_wins_over_the_environment(environment: pytest.MonkeyPatch, file: Path) -> None:
    environment.setenv("KAFKA_PARTITIONS", "9")
    environment.setenv("KAFKA_RETENTION_DAYS", "9")
    file.write_text(TWO)
    assert (settings.kafka().partitions, settings.kafka().retention_days) == (6, 9)


def test_each_of_several_projects_has_an_artifacts_folder_of_its_own(
    environment: pytest.MonkeyPatch, file: Path
) -> None:
    environment.setenv("DBT_ARTIFACTS_DIR", "/var/dbt")
    file.write_text(TWO.replace("dag_id: the_books", "artifacts_dir: books_artifacts"))
    assert [each.dbt.artifacts_dir for each in projects()] == [Path("/var/dbt/shop"), file.parent / "books_artifacts"]


def test_the_only_project_of_a_file_has_the_folder_that_the_environment_names(
    environment: pytest.MonkeyPatch, file: Path
) -> None:
    environment.setenv("DBT_ARTIFACTS_DIR", "/var/dbt")
    file.write_text(f"projects:\n  - name: shop\n    dbt: {{project_dir: {SHOP}}}\n")
    assert projects()[0].dbt.artifacts_dir == Path("/var/dbt") == settings.dbt().artifacts_dir


def test_relative_folders_start_at_the_file(environment: pytest.MonkeyPatch, file: Path) -> None:
    environment.setenv("DBT_ARTIFACTS_DIR", "artifacts")
    shutil.copytree(BOOKS, file.parent / "projects" / "books")
    file.write_text(
        "projects:\n  - name: books\n    dbt: {project_dir: projects/books}\nshared:\n  spool: {dir: ../spool}\n"
    )
    assert projects()[0].dbt.project_dir == file.parent / "projects" / "books"
    assert settings.spool().dir == file.parent.parent / "spool"
    # Those of the environment and of the defaults, too.
    assert projects()[0].dbt.artifacts_dir == file.parent / "artifacts"
    assert projects()[0].openmetadata.python == file.parent / ".venvs" / "openmetadata" / "bin" / "python"


def test_what_stands_once_may_be_referred_to(file: Path) -> None:
    file.write_text(
        f"projects:\n  - name: a\n    dbt: &dbt {{project_dir: {SHOP}, retries: 2, pool: p}}\n"
        f"  - name: b\n    dbt: {{<<: *dbt, project_dir: {BOOKS}, retries: 3}}\n"
    )
    a, b = (each.dbt for each in projects())
    assert (a.project_dir, a.retries, a.pool) == (SHOP, 2, "p")
    assert (b.project_dir, b.retries, b.pool) == (BOOKS, 3, "p")


def test_without_a_file_there_is_the_project_that_the_environment_names(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("DBT_DAG_ID", "of_the_environment")
    [only] = projects()
    assert (only.name, only.is_only, only.dbt.dag_id) == ("of_the_environment", True, "of_the_environment")
    assert only.dbt == settings.dbt()
    assert only.dag_id("lineage_checks") == "lineage_checks"


def test_a_process_without_the_dbt_folder_knows_the_projects(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("DBT_PROJECT_DIR", "/no/such/folder")
    assert [each.name for each in projects()] == ["jaffle_shop"]
    assert projects()[0].warehouse.port == 5432


def test_a_broken_project_is_named_and_the_others_are_there(file: Path) -> None:
    file.write_text(TWO.replace(str(BOOKS), "gone"))
    shop, books = projects()
    assert shop.dbt.project_dir == SHOP
    with pytest.raises(
        SettingsError, match=r"^project books: .*lineage.yml:7: projects\.books\.dbt\.project_dir=.*/gone "
    ):
        _ = books.dbt


def test_what_is_for_one_project_asks_for_a_name_where_there_are_several(file: Path) -> None:
    file.write_text(TWO)
    with pytest.raises(SettingsError, match="has several projects, shop, books: name one of them"):
        settings.dbt()
    with pytest.raises(UnknownProject, match="there are several projects: name one by --project: shop, books"):
        chosen(None)
    with pytest.raises(UnknownProject, match="no project 'x'; there are: shop, books"):
        project("x")
    assert chosen("books") is project("books")


def test_the_projects_are_those_of_the_file_that_is_there_now(environment: pytest.MonkeyPatch, file: Path) -> None:
    file.write_text(TWO)
    assert len(projects()) == 2
    environment.delenv("LINEAGE_CONFIG")
    settings.forget()
    assert [each.name for each in projects()] == ["jaffle_shop"]


# --- secrets


def with_password(file: Path, where: str) -> Project:
    file.write_text(f"projects:\n  - name: shop\n    warehouse:\n      password: {where}\n")
    return projects()[0]


def test_a_secret_comes_from_the_variable_that_the_file_names(environment: pytest.MonkeyPatch, file: Path) -> None:
    environment.setenv("OF_THE_SHOP", "s3cret")
    assert with_password(file, "{env: OF_THE_SHOP}").warehouse.password.get_secret_value() == "s3cret"


def test_a_variable_that_is_not_set_is_not_replaced_by_another(environment: pytest.MonkeyPatch, file: Path) -> None:
    environment.setenv("WAREHOUSE_PASSWORD", "of another warehouse")
    with pytest.raises(SettingsError) as refused:
        _ = with_password(file, "{env: NOT_SET}").warehouse
    assert str(refused.value) == (
        f"{file}:4: projects.shop.warehouse.password (password of that role): {{env: NOT_SET}} is not set"
    )


def test_a_secret_comes_from_a_file_beside_the_configuration(file: Path) -> None:
    (file.parent / "password").write_text("s3cret\n")
    assert with_password(file, "{file: password}").warehouse.password.get_secret_value() == "s3cret"


def test_a_secrets_file_that_is_not_there_is_named(file: Path) -> None:
    with pytest.raises(
        SettingsError, match=r"lineage.yml:4: projects\.shop\.warehouse\.password .*/none cannot be read: "
    ):
        _ = with_password(file, "{file: none}").warehouse


def test_a_secret_that_is_empty_is_refused_without_being_shown(environment: pytest.MonkeyPatch, file: Path) -> None:
    environment.setenv("OF_THE_SHOP", "two to-hide\nlines")
    with pytest.raises(SettingsError) as refused:
        _ = with_password(file, "{env: OF_THE_SHOP}").warehouse
    assert str(refused.value) == (
        f"{file}:4: projects.shop.warehouse.password=*** (password of that role): must be one line without control "
        "characters"
    )


def test_a_connection_is_asked_of_airflow_and_nowhere_else_known(environment: pytest.MonkeyPatch, file: Path) -> None:
    shop = with_password(file, "{connection: shop_db}")
    environment.setattr(secret_sources, "_password", None)
    with pytest.raises(
        SettingsError, match=r"\{connection: shop_db\}: only Airflow's own processes can read its connections"
    ):
        _ = shop.warehouse
    environment.setattr(secret_sources, "_password", {"shop_db": "s3cret"}.__getitem__)
    assert shop.warehouse.password.get_secret_value() == "s3cret"


def test_a_connection_of_airflow_gives_its_password(environment: pytest.MonkeyPatch) -> None:
    from dbt_lineage.airflow.connections import password

    environment.setenv("AIRFLOW_CONN_SHOP_DB", '{"conn_type": "postgres", "password": "s3cret"}')
    environment.setenv("AIRFLOW_CONN_WITHOUT", '{"conn_type": "postgres"}')
    assert password("shop_db") == "s3cret"
    with pytest.raises(SettingsError, match=r"^Airflow's connection without has no password$"):
        password("without")


def test_a_connection_to_kafka_gives_the_properties_in_its_extra(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from dbt_lineage.airflow.connections import password

    extra = {"bootstrap.servers": "broker:9093", "security.protocol": "ssl", "sasl.password": "s3cret"}
    environment.setenv("AIRFLOW_CONN_BROKER", json.dumps({"conn_type": "kafka", "extra": extra}))
    environment.setenv("AIRFLOW_CONN_BARE", '{"conn_type": "kafka"}')
    environment.setattr(secret_sources, "_password", password)
    kafka = "bootstrap_servers: broker:9093, secret_properties: {connection: broker}"
    file = tmp_path / "lineage.yml"
    file.write_text(f"shared:\n  kafka: {{{kafka}}}\nprojects:\n  - name: a\n")
    environment.setenv("LINEAGE_CONFIG", str(file))
    settings.forget()
    assert settings.kafka().client == extra
    with pytest.raises(SettingsError, match=r"^Airflow's connection bare has no extra$"):
        password("bare")


def test_whatever_of_airflow_is_imported_knows_its_connections() -> None:
    import dbt_lineage.airflow
    from dbt_lineage.airflow.connections import password

    assert dbt_lineage.airflow.__file__
    assert secret_sources._password is password


def test_what_needs_no_secret_asks_for_none(environment: pytest.MonkeyPatch, file: Path) -> None:
    environment.setattr(secret_sources, "_password", None)
    file.write_text("projects:\n  - name: a\n    mail: {mail_to: a@b, webhook_url: {connection: hook}}\n")
    [only] = projects()
    assert only.read(settings.MailSettings, secrets=False).mail_to == "a@b"
    with pytest.raises(SettingsError, match="only Airflow's own processes"):
        _ = only.mail


def test_an_optional_secret_may_be_missing_in_a_process_that_is_not_given_it(file: Path) -> None:
    file.write_text("projects:\n  - name: a\n    mail: {webhook_url: {env: NOT_SET}}\n")
    assert projects()[0].mail.webhook_url is None


def test_no_message_and_no_picture_of_a_project_has_a_secret(environment: pytest.MonkeyPatch, file: Path) -> None:
    environment.setenv("OF_THE_SHOP", "to-hide")
    shop = with_password(file, "{env: OF_THE_SHOP}")
    assert "to-hide" not in repr(shop) + repr(shop.warehouse) + str(vars(shop))


# --- dashboards


@pytest.mark.parametrize(
    ("superset", "has"),
    [("", False), ("    superset: {url: http://s}\n", False), ("    superset: {assets_dir: d}\n", True)],
)
def test_of_several_projects_those_have_dashboards_that_name_their_folder(file: Path, superset: str, has: bool) -> None:
    file.write_text(
        f"projects:\n  - name: a\n    dbt: {{project_dir: {SHOP}}}\n{superset}  - name: b\n    dbt: {{project_dir: {BOOKS}}}\n"
    )
    a, b = projects()
    assert (a.has_superset, b.has_superset) == (has, False)
    assert (a.superset is not None, b.superset) == (has, None)


def test_the_example_of_the_page_is_right(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "projects.md").read_text(encoding="utf-8")
    [example] = re.findall(r"^```yaml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    (tmp_path / "lineage.yml").write_text(example)
    found = load(tmp_path / "lineage.yml")
    assert [entry.name for entry in found.projects] == ["shop", "finance"]
    said = dict(re.findall(r"^  (\S+) .*\(/etc/lineage.yml:(\d+)", page, re.MULTILINE))
    shop = {**found.projects[0].given("dbt"), "owner": found.projects[0].owner, "url": found.shared["ledger"]["url"]}
    assert said == {key: str(shop[key.rsplit(".")[-1]].line) for key in ("ledger.url", "owner", "dbt.schedule")}

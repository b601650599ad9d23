"""Two dbt projects in one Airflow: each has its own DAGs, mails and assets, and neither takes the other's away."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from airflow.sdk.definitions.context import _AIRFLOW_PARSING_CONTEXT_DAG_ID
from test_dags import DAG_FILES, Facts, load
from typer.testing import CliRunner

from dbt_lineage.airflow.dags import make_dags
from dbt_lineage.airflow.preload import projects_of_this_dbt
from dbt_lineage.core import settings
from dbt_lineage.core.dag_ids import OF_ALL, OF_PROJECTS
from dbt_lineage.core.projects import UnknownProject, projects
from dbt_lineage.core.settings import SettingsError
from dbt_lineage.dashboards.command_line import with_dashboards
from dbt_lineage.events import dbt_command
from dbt_lineage.manifest.environment import environment as environment_of_dbt
from dbt_lineage.manifest.parse import ParseError, make_manifest
from dbt_lineage.manifest.parse import app as manifests
from stack import airflow
from stack.config import StackConfig, StackSettings
from stack.of_lineage import ANY_OF_THEM
from stack.services import SERVICES
from tests.second_project import PROJECT

ROOT = Path(__file__).resolve().parents[2]

TEXT = """\
projects:
  - name: shop
    owner: sales
    dbt: {{project_dir: {shop}, artifacts_dir: {artifacts}/shop}}
    superset: {{assets_dir: {dashboards}}}
    mail: {{mail_to: shop@example.com}}
    check: {{schedule: 0 * * * *}}
  - name: books
    dbt:
      project_dir: {books}
      artifacts_dir: {artifacts}/books
      profile: finance
      target: night
      dag_id: the_books
      schedule: 30 2 * * 1-5
      pool: books
    mail: {{mail_to: books@example.com}}
"""
WITH_DASHBOARDS = {*(f"{dag}__shop" for dag in OF_PROJECTS), *(f"{dag}__books" for dag in OF_PROJECTS[:-1])}


def write(folder: Path, artifacts: Path, **changed: str) -> Path:
    """The file of the two projects."""
    places = {"shop": str(ROOT / "dbt-jaffle-shop"), "books": str(PROJECT), "artifacts": str(artifacts)}
    dashboards = str(ROOT / "superset" / "assets")
    (folder / "lineage.yml").write_text(TEXT.format(**{**places, "dashboards": dashboards, **changed}))
    return folder / "lineage.yml"


@pytest.fixture(scope="module")
def artifacts(tmp_path_factory: pytest.TempPathFactory, secrets: dict[str, str]) -> Path:
    """The manifests of both, made by our own code as the file has them."""
    folder = tmp_path_factory.mktemp("two")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**secrets, "LINEAGE_CONFIG": str(write(folder, folder))}.items():
            patch.setenv(name, value)
        settings.forget()
        for project in projects():
            make_manifest(project.dbt)
    settings.forget()
    return folder


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory, artifacts: Path, secrets: dict[str, str]) -> Facts:
    folder = tmp_path_factory.mktemp("dags")
    return load(folder, artifacts, **secrets, LINEAGE_CONFIG=str(write(folder, artifacts)))


Broken = Callable[..., Facts]


@pytest.fixture
def broken(tmp_path: Path, artifacts: Path, secrets: dict[str, str]) -> Broken:
    """The DAGs when something of the file is another."""

    def read(**changed: str) -> Facts:
        where = Path(changed.pop("artifacts", artifacts))
        return load(tmp_path, artifacts, **secrets, LINEAGE_CONFIG=str(write(tmp_path, where, **changed)))

    return read


def test_each_has_its_own_dags_and_what_is_shared_is_there_once(facts: Facts) -> None:
    assert facts["import_errors"] == {}
    assert set(facts["dags"]) == {"shop", "the_books", *OF_ALL, *WITH_DASHBOARDS}


def test_loading_them_touches_no_network_and_imports_nothing_heavy(facts: Facts) -> None:
    assert (facts["attempts"], facts["connections"], facts["heavy_modules"]) == ([], [], [])


def test_each_has_its_own_models_schedule_and_limits(facts: Facts) -> None:
    shop, books = facts["dags"]["shop"], facts["dags"]["the_books"]
    assert {"models.orders", "models.customers"} <= shop["tasks"].keys()
    assert {"models.invoices", "models.people_history"} <= books["tasks"].keys()
    assert not {"models.orders"} & books["tasks"].keys()
    assert (shop["expression"], books["expression"]) == ("0 5 * * *", "30 2 * * 1-5")
    assert (shop["tasks"]["models.dbt_build"]["pool"], books["tasks"]["models.dbt_build"]["pool"]) == (
        "default_pool",
        "books",
    )
    assert facts["dags"]["lineage_checks__shop"]["time"] == "0 * * * *"
    assert facts["dags"]["lineage_checks__books"]["time"] == "*/15 * * * *"


def test_each_has_its_own_owner_mails_and_tags_and_what_is_shared_is_mailed_to_all(facts: Facts) -> None:
    of_both = {"shop": ({"shop@example.com"}, {"sales"}), "books": ({"books@example.com"}, None)}
    for name, (mails_to, owners) in of_both.items():
        dags = [
            dag
            for dag_id, dag in facts["dags"].items()
            if dag_id in (name, f"the_{name}") or dag_id.endswith(f"__{name}")
        ]
        assert len(dags) == (5 if name == "shop" else 4)
        tasks = [task for dag in dags for task in dag["tasks"].values()]
        assert {address for task in tasks for address in task["mails_to"]} == mails_to
        assert owners is None or {task["owner"] for task in tasks} == owners
        assert all(name in dag["tags"] for dag in dags)
    shared = [task for dag_id in OF_ALL for task in facts["dags"][dag_id]["tasks"].values()]
    assert {tuple(*task["mails_to"]) for task in shared} == {("shop@example.com", "books@example.com")}


def test_a_build_starts_the_ingestion_of_its_own_project_and_that_its_checks(facts: Facts) -> None:
    for name, dag_id in {"shop": "shop", "books": "the_books"}.items():
        ingestion = facts["dags"][f"openmetadata_ingestion__{name}"]
        assert ingestion["assets"] == [f"dbt_built__{dag_id}"]
        assert ingestion["tasks"]["lineage"]["starts"] == "lineage_ingestion"
        assert facts["dags"][f"lineage_checks__{name}"]["assets"] == [f"lineage_verified__{name}"]
        assert ingestion["tasks"]["verify_catalogue"]["updates"] == [f"lineage_verified__{name}"]


def test_only_the_project_with_dashboards_refreshes_and_describes_them(facts: Facts) -> None:
    assert len(facts["dags"]["superset_refresh__shop"]["assets"]) == 3
    described = {name: f"openmetadata_ingestion__{name}" for name in ("shop", "books")}
    assert "superset_metadata" in facts["dags"][described["shop"]]["tasks"]
    assert "superset_metadata" not in facts["dags"][described["books"]]["tasks"]


def test_a_replay_is_followed_by_the_ingestion_of_each(facts: Facts) -> None:
    tasks = facts["dags"]["lineage_replay"]["tasks"]
    assert {task_id: task["starts"] for task_id, task in tasks.items() if task["starts"]} == {
        "ingest__shop": "openmetadata_ingestion__shop",
        "ingest__books": "openmetadata_ingestion__books",
    }
    assert {tuple(tasks[f"ingest__{name}"]["upstream"]) for name in ("shop", "books")} == {("replay_events",)}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (
            {"books": "/no/such/folder"},
            "dbt.project_dir=/no/such/folder (folder of the dbt project): must be a folder with",
        ),
        (
            {"books": str(ROOT / "tests" / "data" / "node_types")},
            "project books: DBT_PROFILE=finance: ",
        ),
    ],
    ids=["no folder", "another profile"],
)
def test_a_broken_project_is_an_import_error_and_the_dags_of_the_others_are_there(
    broken: Broken, changed: dict[str, str], said: str
) -> None:
    facts = broken(**changed)
    [(file, message)] = facts["import_errors"].items()
    assert Path(file).name == "project_errors.py"
    assert "project books: " in message
    assert said in message
    assert "project shop" not in message
    # What needs no folder is there of both: the checks are what tells of a project that does not run.
    of_books = {"lineage_checks__books", "lineage_reaper__books"}
    assert set(facts["dags"]) == {"shop", *OF_ALL, *(f"{dag}__shop" for dag in OF_PROJECTS), *of_books}


def test_a_manifest_that_is_missing_is_the_matter_of_its_project(
    broken: Broken, tmp_path: Path, artifacts: Path
) -> None:
    elsewhere = tmp_path / "artifacts"
    (elsewhere / "shop").mkdir(parents=True)
    (elsewhere / "shop" / "manifest.json").symlink_to(artifacts / "shop" / "manifest.json")
    facts = broken(artifacts=str(elsewhere))
    [message] = facts["import_errors"].values()
    assert f"project books: {elsewhere}/books/manifest.json is missing: " in message
    assert {"shop", "openmetadata_ingestion__shop"} <= facts["dags"].keys()


def test_a_wrong_file_is_an_import_error_that_says_where(
    tmp_path: Path, artifacts: Path, secrets: dict[str, str]
) -> None:
    file = tmp_path / "lineage.yml"
    file.write_text("projects:\n  - name: shop\n    dbt: {retries: -1}\n")
    errors = load(tmp_path, artifacts, **secrets, LINEAGE_CONFIG=str(file))["import_errors"]
    assert {Path(name).name for name in errors} == {each.name for each in DAG_FILES}
    assert all(
        f"{file}:3: projects.shop.dbt.retries=-1 (how often a failed model" in message for message in errors.values()
    )


@pytest.mark.parametrize(
    "wanted", ["the_books", "openmetadata_ingestion__books", "lineage_checks__shop", "lineage_replay"]
)
def test_for_a_task_of_a_dag_no_other_one_is_made(
    environment: pytest.MonkeyPatch, tmp_path: Path, artifacts: Path, wanted: str
) -> None:
    environment.setenv("LINEAGE_CONFIG", str(write(tmp_path, artifacts)))
    environment.setenv(_AIRFLOW_PARSING_CONTEXT_DAG_ID, wanted)
    assert set(make_dags()) == {wanted}


# --- what one must not know of the other


def two_with_secrets(folder: Path) -> Path:
    file = folder / "lineage.yml"
    file.write_text(
        f"projects:\n  - name: shop\n    dbt: {{project_dir: {ROOT / 'dbt-jaffle-shop'}}}\n"
        "    warehouse: {password: {env: OF_SHOP}}\n    superset: {password: {env: OF_DASHBOARDS}, assets_dir: d}\n"
        f"  - name: books\n    dbt: {{project_dir: {PROJECT}}}\n    warehouse: {{password: {{env: OF_BOOKS}}}}\n"
        "shared:\n  ledger: {url: {env: OF_LEDGER}}\n"
    )
    return file


def test_dbt_reads_the_password_of_its_own_warehouse_and_that_of_no_other_project(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    environment.setenv("LINEAGE_CONFIG", str(two_with_secrets(tmp_path)))
    given = dict.fromkeys(("OF_SHOP", "OF_BOOKS", "OF_LEDGER", "OF_DASHBOARDS", "OF_NOBODY"), "x")
    for project, own in zip(projects(), ("OF_SHOP", "OF_BOOKS"), strict=True):
        dbt = project.dbt.model_copy(update={"env_pass": "OF_*"})
        assert environment_of_dbt(dbt, given).keys() == {own, "OF_NOBODY"}


def test_the_processes_of_the_stack_are_given_the_file_and_the_secrets_that_each_uses(
    environment: pytest.MonkeyPatch, tmp_path: Path, secrets: dict[str, str]
) -> None:
    config = StackConfig(StackSettings(home=tmp_path / "stack"))
    config.prepare()
    for name in ("OF_SHOP", "OF_BOOKS", "OF_LEDGER", "OF_DASHBOARDS"):
        environment.setenv(name, f"value of {name}")
    environment.setenv("LINEAGE_CONFIG", str(two_with_secrets(tmp_path)))
    given = {service.name: dict(service.environment(config)) for service in SERVICES}
    ours = (
        "relay",
        "ingestion",
        "airflow-scheduler",
        "airflow-dag-processor",
        "airflow-triggerer",
        "airflow-api-server",
    )
    assert {given[name]["LINEAGE_CONFIG"] for name in ours} == {str(tmp_path / "lineage.yml")}
    assert {name: {each for each in given[name] if each.startswith("OF_")} for name in ours} == {
        "relay": {"OF_SHOP", "OF_BOOKS", "OF_LEDGER"},
        "ingestion": {"OF_SHOP", "OF_BOOKS", "OF_LEDGER"},
        "airflow-scheduler": {"OF_SHOP", "OF_BOOKS", "OF_LEDGER", "OF_DASHBOARDS"},
        "airflow-dag-processor": {"OF_SHOP", "OF_BOOKS", "OF_DASHBOARDS"},
        "airflow-triggerer": set(),
        "airflow-api-server": {"OF_LEDGER"},
    }
    assert airflow.environment(config)["OF_SHOP"] == "value of OF_SHOP"


# --- commands


@pytest.fixture
def one_broken(environment: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Two projects in force, of which dbt cannot parse one; returns the folder of their artifacts."""
    environment.setenv("LINEAGE_CONFIG", str(write(tmp_path, tmp_path / "artifacts", books="/no/such/folder")))
    return tmp_path / "artifacts"


def test_the_manifest_of_one_project_is_made_also_where_that_of_another_cannot_be(one_broken: Path) -> None:
    result = CliRunner().invoke(manifests, [])
    assert result.exit_code == 1
    assert isinstance(result.exception, ParseError)
    assert str(result.exception).startswith("project books: ")
    assert (one_broken / "shop" / "manifest.json").is_file()


def test_a_program_that_is_missing_is_the_matter_of_its_project(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    artifacts, books = tmp_path / "artifacts", f"{PROJECT}\n      executable: /no/such/dbt"
    environment.setenv("LINEAGE_CONFIG", str(write(tmp_path, artifacts, books=books)))
    result = CliRunner().invoke(manifests, [])
    assert str(result.exception).startswith("project books: DBT_EXECUTABLE=/no/such/dbt: there is no such file. ")
    assert (artifacts / "shop" / "manifest.json").is_file()


def test_where_one_may_fail_the_others_are_enough(one_broken: Path) -> None:
    made = one_broken / "shop" / "manifest.json"
    made.parent.mkdir(parents=True)
    made.write_text("made before")
    result = CliRunner().invoke(manifests, ["--lenient", "--missing"])
    assert result.exit_code == 0, result.output
    assert "project books: " in result.stderr
    assert made.read_text() == "made before"


def test_all_of_them_must_not_fail(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = write(tmp_path, tmp_path, shop="/no/such/shop", books="/no/such/books")
    environment.setenv("LINEAGE_CONFIG", str(file))
    result = CliRunner().invoke(manifests, ["--lenient"])
    assert [line.split(":")[0] for line in str(result.exception).splitlines()] == ["project shop", "project books"]


def test_dbt_by_hand_runs_the_project_that_is_named(
    environment: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    environment.setenv("LINEAGE_CONFIG", str(write(tmp_path, tmp_path)))
    environment.setenv("DBT_SEND_ANONYMOUS_USAGE_STATS", "false")
    assert dbt_command.main(["--quiet", "list", "--project", "books", "--resource-type", "snapshot"]) == 0
    assert capfd.readouterr().out.split() == ["book_keeping.people_history"]
    with pytest.raises(UnknownProject, match="there are several projects: name one by --project: shop, books"):
        dbt_command.main(["list"])


def test_the_dashboards_of_a_project_that_has_none_are_asked_for_in_vain(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    environment.setenv("LINEAGE_CONFIG", str(write(tmp_path, tmp_path)))
    assert [project.name for project, _ in with_dashboards(None)] == ["shop"]
    with pytest.raises(SettingsError, match="project books has no dashboards: "):
        with_dashboards("books")


@pytest.mark.parametrize(
    ("dag_id", "is_ours"),
    [
        ("openmetadata_ingestion", True),
        ("lineage_checks__shop", True),
        ("shop", False),
        ("lineage_checks_of_mine", False),
    ],
)
def test_what_is_paused_when_the_lineage_is_removed_are_the_dags_of_each_project(dag_id: str, is_ours: bool) -> None:
    assert bool(re.match(ANY_OF_THEM, dag_id)) == is_ours


def test_the_scheduler_gets_ready_for_a_project_also_when_another_is_broken(
    environment: pytest.MonkeyPatch, tmp_path: Path, artifacts: Path, caplog: pytest.LogCaptureFixture
) -> None:
    environment.setenv("LINEAGE_CONFIG", str(write(tmp_path, artifacts, shop="/no/such/folder")))
    [dbt] = projects_of_this_dbt()
    assert dbt.dag_id == "the_books"
    # A task that is forked then reads the file as it is.
    assert settings.configuration.cache_info().currsize == 0
    assert "no dbt project to get ready for: project shop: " in caplog.text


def test_the_scheduler_gets_no_dbt_ready_for_a_project_whose_dbt_is_a_program(
    environment: pytest.MonkeyPatch, tmp_path: Path, artifacts: Path
) -> None:
    shop = f"{ROOT / 'dbt-jaffle-shop'}, executable: dbt/bin/dbt"
    environment.setenv("LINEAGE_CONFIG", str(write(tmp_path, artifacts, shop=shop)))
    assert [dbt.dag_id for dbt in projects_of_this_dbt()] == ["the_books"]
    assert projects()[0].dbt.program == [str(tmp_path / "dbt" / "bin" / "dbt")]

"""Superset in containers is the Superset of the local stack: its configuration, variables, command and versions."""

import json
import re
import shutil
from pathlib import Path

import pytest

from dbt_lineage.core import settings
from dbt_lineage.core.settings import SupersetSettings
from dbt_lineage.dashboards.command_line import import_
from dbt_lineage.dashboards.folder import AssetsError
from dbt_lineage.dashboards.last_import import code_of, unless_last
from dbt_lineage.manifest.graph import Manifest
from dbt_lineage.warehouse.postgres import PostgresWarehouse
from stack import superset
from stack.checkout import PROJECT_ROOT
from stack.config import DEFAULT_PORTS, StackConfig, StackSettings
from tests.compose_model import MAIN, Model, load, secrets_of_make

DOCKERFILE = PROJECT_ROOT / "docker" / "superset" / "Dockerfile"
# The administrator's password is given where dashboards are imported, and nowhere else.
ADMIN_PASSWORD = "SUPERSET_ADMIN_PASSWORD"
OURS = set(settings.variables(SupersetSettings).values())
# Folders, addresses and secrets.
PLACES = {
    "PYTHONPATH",
    "SUPERSET_ADMIN_PASSWORD",
    "SUPERSET_CACHE_DIR",
    "SUPERSET_DATABASE_URI",
    "SUPERSET_HOME",
    "SUPERSET_SECRET_KEY",
}


@pytest.fixture(scope="module")
def secrets_file(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The variables that `make secrets` writes."""
    return secrets_of_make(tmp_path_factory.mktemp("secrets"))


@pytest.fixture(scope="module")
def model(secrets_file: dict[str, str]) -> Model:
    """The whole stack, as `make secrets` leaves it."""
    return load((MAIN,), ("full", "mail"), secrets_file)


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> StackConfig:
    """A local stack that is prepared and not started."""
    config = StackConfig(StackSettings(home=tmp_path_factory.mktemp("stack")))
    config.prepare()
    return config


def test_it_is_given_what_the_local_one_is_given(model: Model, local: StackConfig) -> None:
    there, here = superset.environment(local), model.environment("superset")
    assert here.keys() == there.keys()
    assert {name: here[name] for name in here.keys() - PLACES} == {name: there[name] for name in there.keys() - PLACES}


def test_it_is_started_as_the_local_one(model: Model, local: StackConfig) -> None:
    here = model.services["superset"]["command"]
    there = superset.command(local)
    places = ("--bind", "--worker-tmp-dir")
    assert options(here, places) == options(there, places)


def options(command: list[str], places: tuple[str, ...]) -> list[str]:
    """What stands behind ``-m gunicorn``, without some options and their values."""
    words = [part for word in command[command.index("gunicorn") + 1 :] for part in word.split("=", 1)]
    left_out = {at + beside for at, word in enumerate(words) if word in places for beside in (0, 1)}
    return [word for at, word in enumerate(words) if at not in left_out]


def test_its_image_has_every_file_of_the_configuration() -> None:
    copied = set(re.findall(r"superset/(\w+\.py)", DOCKERFILE.read_text()))
    assert copied == {file.name for file in (PROJECT_ROOT / "superset").glob("*.py")}


def test_it_is_of_the_locked_version(model: Model) -> None:
    locked = re.search(
        r"^apache-superset==([\d.]+)", (PROJECT_ROOT / "requirements" / "superset.txt").read_text(), re.M
    )
    assert locked
    assert f"FROM apache/superset:{locked[1]}\n" in DOCKERFILE.read_text()
    assert model.services["superset"]["image"].endswith(f":{locked[1]}")


def test_a_person_finds_it_at_the_port_of_the_local_one(model: Model) -> None:
    port = DEFAULT_PORTS["superset"]
    assert model.services["superset"]["ports"] == [f"127.0.0.1:{port}:{port}"]
    assert model.services["superset"]["healthcheck"]["test"][-1] == f"http://localhost:{port}/health"


@pytest.mark.parametrize("service", ["airflow-scheduler", "airflow-dag-processor", "commands", "superset-dashboards"])
def test_what_a_user_sets_reaches_the_container(secrets_file: dict[str, str], service: str) -> None:
    made = {name: f"made by the user: {name}" for name in OURS}
    given = load((MAIN,), ("full", "tools"), {**secrets_file, **made}).environment(service)
    wanted = OURS if service == "superset-dashboards" else OURS - {ADMIN_PASSWORD}
    assert {name: value for name, value in given.items() if name in OURS} == {name: made[name] for name in wanted}


def test_the_dashboards_are_imported_by_a_command_that_there_is(model: Model) -> None:
    from typer.main import get_command

    from dbt_lineage.dashboards.command_line import app

    *_, module, room, word, if_made, last, _ = model.services["superset-dashboards"]["command"]
    assert (module, room) == ("dbt_lineage", "dashboards")
    command = get_command(app).commands[word]  # type: ignore[attr-defined]
    assert {if_made, last} <= {name for parameter in command.params for name in parameter.opts}


def test_what_was_imported_last_outlives_the_container(model: Model) -> None:
    service = model.services["superset-dashboards"]
    file = Path(service["command"][-1])
    assert f"superset-published:{file.parent}" in service["volumes"]
    manifest = Path(model.environment("superset-dashboards")["DBT_ARTIFACTS_DIR"])
    assert f"dbt-artifacts:{manifest}" in service["volumes"]


@pytest.fixture
def nobody_listens(environment: pytest.MonkeyPatch, artifacts_dir: Path, tmp_path: Path) -> Path:
    """Settings of a Superset that is not there; gives the folder of the dashboards, which a test may change."""
    assets = tmp_path / "assets"
    shutil.copytree(PROJECT_ROOT / "superset" / "assets", assets)
    values = {
        "DBT_ARTIFACTS_DIR": str(artifacts_dir),
        "SUPERSET_ADMIN_PASSWORD": "dummy",
        "SUPERSET_ASSETS_DIR": str(assets),
        "SUPERSET_ATTEMPTS": "1",
        "SUPERSET_URL": "http://127.0.0.1:1",
    }
    for name, value in values.items():
        environment.setenv(name, value)
    return assets


def test_an_import_is_not_made_again_until_the_code_changes(
    nobody_listens: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    last = tmp_path / "published"
    with pytest.raises(AssetsError, match="Connection refused"):
        import_(if_made=True, last=last)
    assert not last.exists(), "what failed was not imported"
    code = code_of(settings.superset(), PostgresWarehouse(settings.warehouse()), Manifest.load(settings.dbt().manifest))
    assert unless_last(last, code, lambda: "14 charts") == "14 charts"
    import_(if_made=True, last=last)
    assert "what was changed in Superset stays" in capsys.readouterr().out
    changed = next(nobody_listens.rglob("*.yaml"))
    changed.write_text(changed.read_text() + "\n")
    with pytest.raises(AssetsError, match="Connection refused"):
        import_(if_made=True, last=last)
    with pytest.raises(AssetsError, match="Connection refused"):
        import_(if_made=True)


@pytest.mark.parametrize(
    "name", ["WAREHOUSE_READER_PASSWORD", "WAREHOUSE_HOST", "SUPERSET_PASSWORD", "DBT_ARTIFACTS_DIR"]
)
def test_what_is_put_into_the_dashboards_counts_as_their_code(
    nobody_listens: Path, environment: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    manifest = json.loads(settings.dbt().manifest.read_text())
    for node in manifest["nodes"].values():
        node["schema"] = "another"
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))

    def code() -> str:
        dbt, superset, warehouse = (
            settings.read(group)
            for group in (settings.DbtSettings, settings.SupersetSettings, settings.WarehouseSettings)
        )
        return code_of(superset, PostgresWarehouse(warehouse), Manifest.load(dbt.manifest))

    before = code()
    assert code() == before
    environment.setenv(name, "elsewhere" if name == "WAREHOUSE_HOST" else str(tmp_path))
    assert code() != before


def test_the_administrator_has_the_password_that_a_user_sets(secrets_file: dict[str, str]) -> None:
    model = load((MAIN,), ("full",), {**secrets_file, ADMIN_PASSWORD: "chosen"})
    assert model.environment("superset")[ADMIN_PASSWORD] == "chosen"
    assert model.environment("superset-dashboards")[ADMIN_PASSWORD] == "chosen"


def test_the_account_that_refreshes_has_the_password_of_its_settings(model: Model) -> None:
    passwords = {
        model.environment(service)["SUPERSET_PASSWORD"] for service in ("airflow-scheduler", "superset-dashboards")
    }
    assert len(passwords) == 1
    assert model.environment("superset")[ADMIN_PASSWORD] == model.environment("superset-dashboards")[ADMIN_PASSWORD]


def test_an_empty_password_says_that_there_is_no_superset(
    secrets_file: dict[str, str], environment: pytest.MonkeyPatch
) -> None:
    for password, configured in (({}, True), ({"SUPERSET_PASSWORD": ""}, False)):
        given = load((MAIN,), ("lineage",), {**secrets_file, **password}).environment("airflow-scheduler")
        environment.setenv("SUPERSET_PASSWORD", given["SUPERSET_PASSWORD"])
        assert settings.superset_is_configured() is configured

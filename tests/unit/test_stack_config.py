"""The local stack's ports and credentials: chosen once, kept, and refused with a way out when they cannot be had."""

import json
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from dbt_lineage.core.projects import Project
from dbt_lineage.core.settings import SettingsError
from dbt_lineage.warehouse.of_project import warehouse_of
from stack import airflow, config, postgres, services
from stack import java as javas
from stack.checkout import PROJECT_ROOT
from stack.config import Credentials, StackConfig, StackError, StackSettings, port_is_free, unused_ports
from stack.java import NoJava

Occupy = Callable[[int], None]


@pytest.fixture(autouse=True)
def no_choices(environment: pytest.MonkeyPatch) -> None:
    """The settings of the stack are as if the user had chosen nothing."""
    for name in StackSettings.model_fields:
        environment.delenv(f"STACK_{name}".upper(), raising=False)


@pytest.fixture
def occupy() -> Iterator[Occupy]:
    """Listens on ports of this machine, as another program would."""
    with ExitStack() as listeners:

        def listen(port: int) -> None:
            listener = listeners.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
            listener.bind((config.HOST, port))
            listener.listen()

        yield listen


@pytest.fixture
def defaults(environment: pytest.MonkeyPatch) -> dict[str, int]:
    """Default ports that are free: a stack that is running on the real ones is none of these tests' business."""
    ports = dict(zip(config.DEFAULT_PORTS, unused_ports(len(config.DEFAULT_PORTS)), strict=True))
    environment.setattr(config, "DEFAULT_PORTS", ports)
    return ports


def test_the_stack_is_in_the_checkout_wherever_the_file_of_the_projects_is(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "lineage.yml").write_text("projects: [{name: shop}]\n")
    environment.setenv("LINEAGE_CONFIG", str(tmp_path / "lineage.yml"))
    assert StackSettings().dags_dir == PROJECT_ROOT / "dags"
    environment.setenv("STACK_HOME", ".stack-other")
    assert StackSettings().home == PROJECT_ROOT / ".stack-other"


def stack_in(home: Path, **chosen: int) -> StackConfig:
    return StackConfig(StackSettings(home=home, **chosen))


def test_the_default_ports_are_taken_when_they_are_free(tmp_path: Path, defaults: dict[str, int]) -> None:
    stack = stack_in(tmp_path)
    stack.prepare()
    assert stack.ports == defaults
    assert stack.address("kafka") == f"127.0.0.1:{defaults['kafka']}"


def test_the_default_ports_are_left_to_others_when_a_stack_is_to(tmp_path: Path, defaults: dict[str, int]) -> None:
    stack = stack_in(tmp_path, well_known_ports=False)
    stack.prepare()
    assert stack.ports.keys() == defaults.keys()
    assert set(stack.ports.values()).isdisjoint(defaults.values())
    stack.check_ports_free()


def test_no_chosen_port_is_one_that_the_system_gives_to_connections(tmp_path: Path) -> None:
    # The kernel may give such a port away while its service restarts.
    stack = stack_in(tmp_path, well_known_ports=False)
    stack.prepare()
    with ExitStack() as connections:
        given = set()
        for _ in range(200):
            probe = connections.enter_context(socket.socket())
            probe.bind((config.HOST, 0))
            given.add(probe.getsockname()[1])
        assert max(stack.ports.values()) < min(given)


@pytest.mark.parametrize("name", config.DEFAULT_PORTS)
def test_another_free_port_is_taken_when_the_default_is_not_free(
    tmp_path: Path, defaults: dict[str, int], occupy: Occupy, name: str
) -> None:
    occupy(defaults[name])
    stack = stack_in(tmp_path)
    stack.prepare()
    assert stack.ports[name] not in defaults.values()
    assert port_is_free(stack.ports[name])
    assert {**stack.ports, name: None} == {**defaults, name: None}
    stack.check_ports_free()


def test_two_stacks_that_start_at_the_same_time_get_ports_of_their_own(
    tmp_path: Path, defaults: dict[str, int]
) -> None:
    # It has chosen its ports, and nothing listens on them yet.
    code = (
        "import json, sys; from pathlib import Path; from stack import config; "
        "config.DEFAULT_PORTS.update(json.loads(sys.argv[1])); "
        "config.StackConfig(config.StackSettings(home=Path(sys.argv[2]))).prepare(); print('ready', flush=True); input()"
    )
    command = [sys.executable, "-c", code, json.dumps(defaults), str(tmp_path / "other")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=PROJECT_ROOT) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "ready\n"
        stack = stack_in(tmp_path / "mine")
        stack.prepare()
        other.communicate("\n")
    assert set(stack.ports.values()).isdisjoint(stack_in(tmp_path / "other").ports.values())


def test_the_ports_stay_the_same_when_the_default_becomes_free_again(tmp_path: Path, defaults: dict[str, int]) -> None:
    with socket.socket() as other:
        other.bind((config.HOST, defaults["kafka"]))
        stack_in(tmp_path).prepare()
    first = stack_in(tmp_path).ports
    stack_in(tmp_path).prepare()
    assert stack_in(tmp_path).ports == first
    assert first["kafka"] != defaults["kafka"]


def test_the_ports_stay_the_same_while_the_stack_itself_holds_them(
    tmp_path: Path, defaults: dict[str, int], occupy: Occupy
) -> None:
    stack_in(tmp_path).prepare()
    occupy(defaults["kafka"])
    stack_in(tmp_path).prepare()
    assert stack_in(tmp_path).ports == defaults


def test_a_chosen_port_wins_over_the_default_and_over_the_kept_one(
    environment: pytest.MonkeyPatch, tmp_path: Path, defaults: dict[str, int]
) -> None:
    stack_in(tmp_path).prepare()
    [chosen] = unused_ports(1)
    environment.setenv("STACK_HOME", str(tmp_path))
    environment.setenv("STACK_AIRFLOW_PORT", str(chosen))
    config.load().prepare()
    assert config.load().ports == {**defaults, "airflow": chosen}


@pytest.mark.parametrize("name", config.DEFAULT_PORTS)
def test_a_chosen_port_that_is_taken_is_named_with_the_way_out(
    tmp_path: Path, defaults: dict[str, int], occupy: Occupy, name: str
) -> None:
    [chosen] = unused_ports(1)
    occupy(chosen)
    stack = stack_in(tmp_path, **{f"{name}_port": chosen})
    stack.prepare()
    with pytest.raises(StackError) as refused:
        stack.check_ports_free()
    message = str(refused.value)
    assert message.startswith(f"port {chosen} of {name} is taken")
    assert f"STACK_{name.upper()}_PORT" in message


def test_one_port_for_two_services_is_refused(tmp_path: Path, defaults: dict[str, int]) -> None:
    with pytest.raises(StackError, match="two services were given the same port") as refused:
        stack_in(tmp_path, smtp_port=defaults["airflow"], airflow_port=defaults["airflow"]).prepare()
    assert str(defaults["airflow"]) in str(refused.value)


@pytest.mark.parametrize(
    ("variable", "value", "allowed"),
    [
        ("STACK_KAFKA_PORT", "0", "greater than or equal to 1"),
        ("STACK_AIRFLOW_PORT", "80800", "less than or equal to 65535"),
        ("STACK_START_TIMEOUT_SECONDS", "0", "greater than 0"),
    ],
)
def test_a_wrong_setting_is_named(environment: pytest.MonkeyPatch, variable: str, value: str, allowed: str) -> None:
    environment.setenv(variable, value)
    with pytest.raises(SettingsError) as refused:
        config.load()
    assert str(refused.value).startswith(f"{variable}={value} (")
    assert allowed in str(refused.value)


def test_only_the_owner_can_read_the_credentials(tmp_path: Path, defaults: dict[str, int]) -> None:
    stack_in(tmp_path).prepare()
    secrets = stack_in(tmp_path).credentials.model_dump().values()
    holding = [file for file in tmp_path.rglob("*") if file.is_file() and any(s in file.read_text() for s in secrets)]
    assert [(file.name, stat.S_IMODE(file.stat().st_mode)) for file in holding] == [("credentials.json", 0o600)]


def test_the_credentials_are_generated_once(tmp_path: Path, defaults: dict[str, int]) -> None:
    stack_in(tmp_path).prepare()
    first = stack_in(tmp_path).credentials
    stack_in(tmp_path).prepare()
    assert stack_in(tmp_path).credentials == first


def test_a_database_whose_passwords_were_deleted_is_refused_before_it_starts(
    tmp_path: Path, defaults: dict[str, int]
) -> None:
    """Root's data may be outside of the home. So they outlive a home that is deleted."""
    stack_in(tmp_path).prepare()
    try:
        postgres.initialise(stack_in(tmp_path))
        postgres.initialise(stack_in(tmp_path))
        (tmp_path / "credentials.json").unlink()
        stack_in(tmp_path).prepare()
        with pytest.raises(
            StackError, match=r"data of an earlier stack are in .*\. To delete the data: make stack-clean"
        ):
            postgres.initialise(stack_in(tmp_path))
    finally:
        postgres.clean(stack_in(tmp_path))


def test_a_home_that_lacks_a_secret_gets_it_and_keeps_the_others(tmp_path: Path, defaults: dict[str, int]) -> None:
    stack_in(tmp_path).prepare()
    file = tmp_path / "credentials.json"
    kept = json.loads(file.read_text())
    added = kept.pop("ledger_password")
    file.write_text(json.dumps(kept))
    completed = stack_in(tmp_path).credentials.model_dump()
    assert completed.items() > kept.items()
    assert completed["ledger_password"] not in ("", added)
    stack_in(tmp_path).prepare()
    assert stack_in(tmp_path).credentials.model_dump() == completed
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_no_two_stacks_and_no_two_services_share_a_secret(tmp_path: Path, defaults: dict[str, int]) -> None:
    secrets: list[str] = []
    for home in ("one", "two"):
        stack_in(tmp_path / home).prepare()
        secrets += stack_in(tmp_path / home).credentials.model_dump().values()
    assert len(set(secrets)) == len(secrets) == 2 * len(Credentials.model_fields)
    assert min(map(len, secrets)) >= 16


@pytest.mark.parametrize("part", ["ports", "credentials"])
def test_a_stack_that_was_never_prepared_says_how_to_start_it(
    environment: pytest.MonkeyPatch, tmp_path: Path, part: str
) -> None:
    environment.setenv("STACK_HOME", str(tmp_path / "none"))
    with pytest.raises(StackError) as refused:
        getattr(config.load(), part)
    assert str(refused.value) == f"there is no local stack in {tmp_path}/none: start it with `make stack-up`"
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("home", "expected"),
    [
        (None, PROJECT_ROOT / ".stack"),
        (".stack-of-tests", PROJECT_ROOT / ".stack-of-tests"),
        ("/srv/stack/../other", Path("/srv/other")),
    ],
)
def test_the_home_is_an_absolute_folder_wherever_the_command_is_given(
    environment: pytest.MonkeyPatch, tmp_path: Path, home: str | None, expected: Path
) -> None:
    environment.chdir(tmp_path)
    if home:
        environment.setenv("STACK_HOME", home)
    assert config.load().home == expected


def test_a_socket_is_in_a_folder_that_only_its_user_can_open(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment.setattr("tempfile.tempdir", str(tmp_path))
    folder = stack_in(tmp_path / "home").socket("stack").parent
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stack_in(tmp_path / "other").socket("stack").parent == folder
    assert stack_in(tmp_path / "other").socket("stack") != stack_in(tmp_path / "home").socket("stack")


@pytest.mark.parametrize("kind", ["open", "link", "of another"])
def test_a_socket_is_in_no_folder_that_others_made(environment: pytest.MonkeyPatch, tmp_path: Path, kind: str) -> None:
    environment.setattr("tempfile.tempdir", str(tmp_path))
    folder = stack_in(tmp_path / "home").socket("stack").parent
    if kind == "open":
        folder.chmod(0o755)
    elif kind == "link":
        folder.rename(tmp_path / "elsewhere")
        folder.symlink_to(tmp_path / "elsewhere")
    else:
        other = folder.stat().st_uid + 1
        environment.setattr("os.geteuid", lambda: other)
        folder.rename(tmp_path / f"lineage-{other}")
    with pytest.raises(StackError, match="must be a folder that only this user can open"):
        stack_in(tmp_path / "home").socket("stack")


# --- where dbt builds


def test_a_stack_builds_on_duckdb_without_superset_until_it_is_told_otherwise(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("DBT_TARGET", "OPENMETADATA_DATABASE_SERVICE", "SUPERSET_PASSWORD"):
        environment.delenv(name, raising=False)
    StackConfig(StackSettings(home=tmp_path, well_known_ports=False, warehouse="duckdb")).prepare()
    again = stack_in(tmp_path)
    variables = airflow.environment(again)
    assert variables["DBT_TARGET"] == "duckdb"
    assert Path(variables["DUCKDB_PATH"]).parent == tmp_path / "data"
    assert "SUPERSET_PASSWORD" not in variables
    assert "superset" not in {service.name for service in services.by_name(again, ())}
    # PostgreSQL has the ledger and Airflow's own tables.
    assert "postgres" in {service.name for service in services.by_name(again, ())}
    before = StackConfig(StackSettings(home=tmp_path, warehouse="postgres"))
    assert "DBT_TARGET" not in airflow.environment(before)
    assert "superset" in {service.name for service in services.by_name(before, ())}


def test_the_stacks_file_of_duckdb_is_the_one_that_the_example_project_builds(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stack = StackConfig(StackSettings(home=tmp_path, well_known_ports=False, warehouse="duckdb"))
    stack.prepare()
    for name, value in airflow.environment(stack).items():
        environment.setenv(name, value)
    warehouse = warehouse_of(Project("jaffle_shop"))
    assert warehouse.namespace == f"duckdb://{tmp_path / 'data' / 'jaffle_shop.duckdb'}"
    assert (warehouse.database, warehouse.is_shared) == ("jaffle_shop", False)


def java(folder: Path, modules: str) -> Path:
    """A home whose ``java`` lists these modules."""
    program = folder / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\nprintf '{modules}'\n")
    program.chmod(0o755)
    return folder


MODULES = "java.base@17.0.15\\njdk.incubator.vector@17.0.15\\n"


def test_a_stack_builds_on_spark_with_a_java_and_packages_beside_airflows(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("DBT_TARGET", "OPENMETADATA_DATABASE_SERVICE", "SUPERSET_PASSWORD", "SPARK_WAREHOUSE_DIR"):
        environment.delenv(name, raising=False)
    home = java(tmp_path / "jdk", MODULES)
    environment.setenv("JAVA_HOME", str(home))
    python = tmp_path / "spark" / "bin" / "python"
    packages = tmp_path / "spark" / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
    environment.setattr("stack.spark.interpreter", lambda _: python)
    stack = StackConfig(StackSettings(home=tmp_path / "home", well_known_ports=False, warehouse="spark"))
    stack.prepare()
    with pytest.raises(StackError, match=r"has no pyspark: `make setup WAREHOUSE=spark` makes this environment"):
        airflow.environment(stack)
    (packages / "pyspark").mkdir(parents=True)
    variables = airflow.environment(stack)
    assert (variables["DBT_TARGET"], variables["JAVA_HOME"]) == ("spark", str(home))
    assert variables["PYTHONPATH"].endswith(f":{packages}")
    assert "SUPERSET_PASSWORD" not in variables
    for name, value in variables.items():
        environment.setenv(name, value)
    warehouse = warehouse_of(Project("jaffle_shop"))
    assert (warehouse.namespace, warehouse.database, warehouse.is_shared) == ("spark://localhost", "default", False)


@pytest.mark.parametrize(
    ("modules", "said"),
    [
        ("java.base@11.0.2\\njdk.incubator.vector@11.0.2\\n", "is Java 11"),
        ("java.base@25.0.2\\n", "has no module jdk.incubator.vector"),
        ("Unrecognized option: --list-modules\\n", "is older than Java 9"),
    ],
)
def test_a_java_that_spark_does_not_run_on_is_refused(
    environment: pytest.MonkeyPatch, tmp_path: Path, modules: str, said: str
) -> None:
    home = java(tmp_path / "jdk", modules)
    environment.setenv("JAVA_HOME", str(home))
    environment.setenv("PATH", str(tmp_path))
    with pytest.raises(NoJava, match=rf"^Spark needs Java 17 or newer with the module .*\. JAVA_HOME={home} {said}$"):
        javas.home()


def test_a_java_on_the_path_is_taken_where_the_one_of_java_home_does_not_suit(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    environment.setenv("JAVA_HOME", str(tmp_path / "none"))
    home = java(tmp_path / "jdk", MODULES)
    environment.setenv("PATH", f"{home / 'bin'}:/bin")
    assert javas.home() == home

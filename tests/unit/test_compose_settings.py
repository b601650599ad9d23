"""The containers are given what the local stack is given: the same settings, the same Airflow, the same ports and paths."""

import json
import re
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import ModuleType
from typing import ClassVar
from urllib.parse import urlsplit

import pytest
from airflow.sdk import Connection

from dbt_lineage.core import settings
from stack import airflow, healthy, ingestion, kafka, postgres, relay, services
from stack.checkout import PROJECT_ROOT
from stack.config import DEFAULT_PORTS, StackConfig, StackSettings
from tests.compose_model import MAIN, ZOOKEEPER, Model, load, secrets_of_make

OURS = ("relay", "ingestion", "airflow-init", "airflow-scheduler", "airflow-triggerer", "airflow-dag-processor", "dbt")
PROFILES = ("full", "mail", "tools")
# Those of Superset have tests of their own, in test_compose_superset.py.
SETTINGS = {
    name for group in settings.GROUPS for name in settings.variables(group).values() if not name.startswith("SUPERSET_")
}
SECRETS = {
    variable
    for group in settings.GROUPS
    for name, variable in settings.variables(group).items()
    if settings.is_secret(group.model_fields[name].annotation)
}
# Folders and addresses inside of the containers: nothing that a user could choose.
INSIDE = {
    "AIRFLOW_URL",
    "DBT_ARTIFACTS_DIR",
    "OPENMETADATA_PYTHON",
    "SPOOL_DIR",
}
# What other programs read, by names that look like settings.
OF_OTHERS = {"DBT_SEND_ANONYMOUS_USAGE_STATS", "OPENLINEAGE__TRANSPORT__TYPE"}
# Variables of the local stack whose values are addresses, folders or secrets: different by nature.
PLACES = INSIDE | {
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN",
    "AIRFLOW_CONN_KAFKA_DEFAULT",
    "AIRFLOW_CONN_SMTP_DEFAULT",
    "AIRFLOW__API_AUTH__JWT_SECRET",
    "AIRFLOW__API__BASE_URL",
    "AIRFLOW__API__SECRET_KEY",
    "AIRFLOW__CORE__DAGS_FOLDER",
    "AIRFLOW__CORE__EXECUTION_API_SERVER_URL",
    "AIRFLOW__CORE__FERNET_KEY",
    "AIRFLOW__CORE__PLUGINS_FOLDER",
    "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE",
    "AIRFLOW__LOGGING__BASE_LOG_FOLDER",
    "ALERT_SMTP_SERVER",
    "KAFKA_BOOTSTRAP_SERVERS",
    "LEDGER_URL",
    "OPENMETADATA_URL",
    "WAREHOUSE_HOST",
    "WAREHOUSE_PASSWORD",
    "WAREHOUSE_PORT",
    "WAREHOUSE_READER_PASSWORD",
}
# The image says where code and Airflow's home are; the token is fetched by a job; the broker is as patient with a group as Kafka is, unlike the local one.
NOT_GIVEN = {
    *("AIRFLOW_HOME", "PYTHONPATH", "OPENMETADATA_TOKEN"),
    "OPENMETADATA_IDLE_SECONDS",
}


@pytest.fixture(scope="module")
def secrets_file(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The variables that `make secrets` writes."""
    return secrets_of_make(tmp_path_factory.mktemp("secrets"))


@pytest.fixture(scope="module")
def model(secrets_file: dict[str, str]) -> Model:
    """The whole stack, as `make secrets` leaves it."""
    return load((MAIN,), PROFILES, secrets_file)


@pytest.fixture
def local(tmp_path: Path) -> StackConfig:
    """A local stack that is prepared and not started."""
    config = StackConfig(StackSettings(home=tmp_path / "stack"))
    config.prepare()
    return config


class Recorder(BaseHTTPRequestHandler):
    """Answers as Airflow's health endpoint does, and keeps the paths that it was asked for."""

    asked: ClassVar[list[str]] = []
    answer: ClassVar = {
        "metadatabase": {"status": "healthy"},
        "scheduler": {"status": "unhealthy"},
        "triggerer": {"status": None},
    }

    def do_GET(self) -> None:
        """Keep the path."""
        type(self).asked.append(self.path)
        body = json.dumps(self.answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[HTTPServer]:
    """A server on a free port; its paths are in ``Recorder.asked``."""
    Recorder.asked.clear()
    with HTTPServer(("127.0.0.1", 0), Recorder) as listening:
        threading.Thread(target=listening.serve_forever, args=(0.01,), daemon=True).start()
        yield listening
        listening.shutdown()


@pytest.mark.parametrize("service", OURS)
def test_what_a_user_sets_reaches_the_container(secrets_file: dict[str, str], service: str) -> None:
    made = {name: f"made by the user: {name}" for name in SETTINGS}
    given = load((MAIN,), PROFILES, {**secrets_file, **made}).environment(service)
    # Secrets only where they are used: tests/unit/test_own_secrets.py.
    wanted = SETTINGS - (SECRETS - given.keys())
    assert sorted(wanted - given.keys()) == [], "add them to x-settings in docker-compose.yml"
    assert {name: given[name] for name in wanted - INSIDE} == {name: made[name] for name in wanted - INSIDE}


def test_what_a_user_cannot_set_is_said() -> None:
    document = (PROJECT_ROOT / "docs" / "deployment.md").read_text()
    listed = document.split("win, except these:")[1].split("Your own dbt project")[0]
    assert {name for name in INSIDE if f"`{name}`" not in listed} == set()


def test_passwords_of_the_warehouse_that_a_user_sets_are_those_of_its_roles(secrets_file: dict[str, str]) -> None:
    chosen = {"WAREHOUSE_PASSWORD": "of dbt", "WAREHOUSE_READER_PASSWORD": "of the reader"}
    for variables in ({}, chosen):
        model = load((MAIN,), PROFILES, {**secrets_file, **variables})
        made, used = model.environment("databases"), model.environment("airflow-scheduler")
        assert made["DATABASES_DBT_PASSWORD"] == used["WAREHOUSE_PASSWORD"]
        assert made["DATABASES_LINEAGE_READER_PASSWORD"] == used["WAREHOUSE_READER_PASSWORD"]


def test_an_empty_mail_server_says_that_there_is_none(
    secrets_file: dict[str, str], environment: pytest.MonkeyPatch
) -> None:
    given = load((MAIN,), ("lineage",), {**secrets_file, "ALERT_SMTP_SERVER": ""}).environment("relay")
    environment.setenv("ALERT_SMTP_SERVER", given["ALERT_SMTP_SERVER"])
    assert not settings.mail().smtp_server


@pytest.mark.parametrize("service", OURS)
def test_no_container_is_given_a_setting_that_there_is_not(secrets_file: dict[str, str], service: str) -> None:
    declared = load((MAIN,), PROFILES, {**secrets_file, **dict.fromkeys(SETTINGS, "x")})
    prefixes = tuple(str(group.model_config.get("env_prefix")) for group in settings.GROUPS)
    others = {name for name in declared.environment(service) if name.startswith(prefixes)} - SETTINGS - OF_OTHERS
    allowed = re.compile(r"AIRFLOW__\w+__\w+|AIRFLOW_CONN_\w+|AIRFLOW_ADMIN_PASSWORD")
    assert [name for name in sorted(others) if not allowed.fullmatch(name) and not name.startswith("SUPERSET_")] == []


def test_what_the_containers_are_given_is_what_the_settings_allow(
    model: Model, environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "openmetadata_token").write_text("the-token-that-the-job-has-fetched")
    environment.setattr(settings, "SECRETS_DIR", tmp_path)
    for name in ("OPENMETADATA_TOKEN", "LEDGER_URL"):
        environment.delenv(name)
    for name, value in model.environment("airflow-scheduler").items():
        environment.setenv(name, value)
    for group in settings.GROUPS:
        settings.read(group)
    assert settings.openmetadata().token.get_secret_value() == "the-token-that-the-job-has-fetched"
    assert settings.warehouse().namespace == "postgres://postgres:5432"


def test_airflow_is_told_the_same_as_on_the_local_stack(model: Model, local: StackConfig) -> None:
    there, here = airflow.environment(local), model.environment("airflow-scheduler")
    there = {name: value for name, value in there.items() if not name.startswith("SUPERSET_")}
    assert there.keys() - here.keys() == NOT_GIVEN
    policy = "AIRFLOW__OPENLINEAGE__EMISSION_POLICY"
    assert json.loads(here[policy]) == json.loads(there[policy])
    # The local stack has a viewer besides.
    same = there.keys() - NOT_GIVEN - PLACES - {policy, "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS"}
    assert {name: here[name] for name in same} == {name: there[name] for name in same}


def test_airflow_has_nothing_that_the_local_stack_has_not(model: Model, local: StackConfig) -> None:
    here = {name for name in model.environment("airflow-scheduler") if name.startswith("AIRFLOW")}
    assert here - airflow.environment(local).keys() == set()


@pytest.mark.parametrize("name", ["kafka_default", "smtp_default"])
def test_connections_differ_by_their_address_only(model: Model, local: StackConfig, name: str) -> None:
    here, there = (
        connection(variables[f"AIRFLOW_CONN_{name.upper()}"])
        for variables in (model.environment("airflow-scheduler"), airflow.environment(local))
    )
    assert here.conn_type == there.conn_type
    addresses = {"bootstrap.servers"}
    assert {k: v for k, v in here.extra_dejson.items() if k not in addresses} == {
        k: v for k, v in there.extra_dejson.items() if k not in addresses
    }


def connection(text: str) -> Connection:
    """A connection as Airflow reads it from a variable."""
    return (
        Connection.from_json(text, conn_id="any") if text.startswith("{") else Connection.from_uri(text, conn_id="any")
    )


@pytest.mark.parametrize("component", ["api-server", "scheduler", "dag-processor", "triggerer"])
def test_airflow_is_started_as_on_the_local_stack(model: Model, local: StackConfig, component: str) -> None:
    here = model.services[f"airflow-{component}"]["command"]
    there = airflow.command(local, component)
    there = there[there.index("-m") + 1 :]
    address = {"127.0.0.1", "0.0.0.0", "8080", str(local.ports["airflow"])}  # noqa: S104 - inside of a container
    assert [word for word in here if word not in address] == [word for word in there if word not in address]


@pytest.mark.parametrize("part", [relay, ingestion])
def test_what_is_ours_is_started_as_on_the_local_stack(model: Model, local: StackConfig, part: ModuleType) -> None:
    here, there = model.services[part.__name__.removeprefix("stack.")]["command"], part.command(local)
    assert here[here.index("-m") :] == there[there.index("-m") :]


@pytest.mark.parametrize(
    ("service", "name"),
    [("airflow-api-server", "airflow"), ("kafka", "kafka"), ("openmetadata-server", "openmetadata")],
)
def test_a_person_finds_it_at_the_port_of_the_local_stack(model: Model, service: str, name: str) -> None:
    [published] = model.services[service]["ports"]
    port = DEFAULT_PORTS[name]  # type: ignore[index]
    assert published == f"127.0.0.1:{port}:{port}"


def test_the_catalogue_is_asked_for_its_health_as_on_the_local_stack(
    model: Model, local: StackConfig, server: HTTPServer, environment: pytest.MonkeyPatch
) -> None:
    environment.setattr(StackConfig, "ports", {**local.ports, "openmetadata": server.server_port})
    [standin] = services.by_name(local, ("openmetadata-standin",))
    assert standin.is_ready(local)
    address = urlsplit(model.services["openmetadata-server"]["healthcheck"]["test"][-1])
    assert [address.path] == Recorder.asked
    assert address.port == DEFAULT_PORTS["openmetadata"]


def test_airflow_is_asked_for_its_health_as_on_the_local_stack(
    local: StackConfig, server: HTTPServer, environment: pytest.MonkeyPatch
) -> None:
    environment.setattr(StackConfig, "ports", {**local.ports, "airflow": server.server_port})
    environment.setenv("AIRFLOW_URL", f"http://127.0.0.1:{server.server_port}")
    for component in ("metadatabase", "scheduler", "triggerer", "dag_processor"):
        assert (healthy.reason(component) is None) == airflow.component_is_healthy(local, component)
    assert healthy.reason("scheduler") == "Airflow says that it is unhealthy"
    assert healthy.reason("triggerer") == "Airflow says that it is not there"
    assert len(set(Recorder.asked)) == 1


def test_each_container_asks_for_a_part_that_there_is(model: Model) -> None:
    asked = {
        name: service["healthcheck"]["test"][-1]
        for name, service in model.services.items()
        if "stack.healthy" in service["healthcheck"].get("test", [])
    }
    assert asked == {
        "relay": "relay",
        "ingestion": "ingestion",
        "airflow-api-server": "metadatabase",
        "airflow-scheduler": "scheduler",
        "airflow-dag-processor": "dag_processor",
        "airflow-triggerer": "triggerer",
    }
    assert set(asked.values()) == {*healthy.SIGNS_OF_LIFE, *healthy.AIRFLOW_COMPONENTS}


def test_without_a_relay_its_container_is_not_healthy(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment.setenv("SPOOL_DIR", str(tmp_path))
    assert "it has never been at work" in (healthy.reason("relay") or "")


def test_kafka_is_told_the_same_as_on_the_local_stack(model: Model) -> None:
    here = {
        name.removeprefix("KAFKA_").lower().replace("_", "."): value
        for name, value in model.environment("kafka").items()
        if name.startswith("KAFKA_")
    }
    there = properties(kafka.CONFIGURATION / "server.properties.template")
    # Where it listens, by which names, and where it keeps its data.
    places = {name for name in there if "listener" in name or "quorum" in name or name == "log.dirs"}
    assert {name: here.get(name) for name in there.keys() - places} == {
        name: there[name] for name in there.keys() - places
    }


def test_kafka_with_zookeeper_differs_in_what_keeps_its_metadata(model: Model) -> None:
    folder = PROJECT_ROOT / "kafka" / "config" / "zookeeper"
    here, there = properties(folder / "server.properties"), model.environment("kafka")
    for name in ("offsets.topic.replication.factor", "auto.create.topics.enable", "group.initial.rebalance.delay.ms"):
        assert here[name] == there["KAFKA_" + name.upper().replace(".", "_")]
    assert here["advertised.listeners"] == there["KAFKA_ADVERTISED_LISTENERS"]
    assert here["zookeeper.connect"].endswith(properties(folder / "zookeeper.properties")["clientPort"])
    assert "process.roles" not in here


def properties(file: Path) -> dict[str, str]:
    """A Java properties file."""
    lines = (line for line in file.read_text().splitlines() if line and not line.startswith("#"))
    return dict(line.split("=", 1) for line in lines)  # type: ignore[misc]


def test_the_databases_are_of_the_version_of_the_local_stack(model: Model) -> None:
    said = subprocess.run([str(postgres._of_wheel() / "postgres"), "--version"], capture_output=True, text=True).stdout
    assert model.services["postgres"]["image"] == f"postgres:{said.split()[-1]}"
    assert "max_connections=200" in model.services["postgres"]["command"]


@pytest.mark.parametrize(("files", "lock"), [((MAIN,), "kafka"), ((MAIN, ZOOKEEPER), "kafka/zookeeper")])
def test_kafka_is_of_the_version_that_the_tests_run(secrets_file: dict[str, str], files: tuple, lock: str) -> None:
    locked = re.search(r"kafka_2\.13:([\d.]+)", (PROJECT_ROOT / lock / "jgo.toml").read_text())
    assert locked
    for name in {"kafka", "zookeeper"} & load(files, PROFILES, secrets_file).services.keys():
        assert load(files, PROFILES, secrets_file).services[name]["image"] == f"apache/kafka:{locked[1]}"

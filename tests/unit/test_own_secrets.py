"""Each container and each process of the local stack is given the secrets that it uses, and none of another."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from stack import compose
from stack.checkout import PROJECT_ROOT
from stack.config import StackConfig, StackSettings
from stack.services import SERVICES
from tests.compose_model import FILES, Model, load, secrets_of_make

AIRFLOW = {"AIRFLOW_DATABASE_PASSWORD", "AIRFLOW_API_KEY", "AIRFLOW_JWT_KEY", "AIRFLOW_FERNET_KEY"}
WAREHOUSE = {"DBT_DATABASE_PASSWORD", "READER_DATABASE_PASSWORD"}
LEDGER, REFRESH = {"LEDGER_DATABASE_PASSWORD"}, {"SUPERSET_REFRESH_PASSWORD"}
OPENMETADATA = {"OPENMETADATA_DATABASE_PASSWORD", "OPENMETADATA_FERNET_KEY", "OPENMETADATA_JWT_KEY_ID"}
WORKER = AIRFLOW | WAREHOUSE | LEDGER | REFRESH
OF_CONTAINERS: dict[str, set[str]] = {
    "postgres": {"POSTGRES_PASSWORD"},
    "databases": {
        *("POSTGRES_PASSWORD", "AIRFLOW_DATABASE_PASSWORD", "OPENMETADATA_DATABASE_PASSWORD"),
        *("SUPERSET_DATABASE_PASSWORD", "LEDGER_READER_DATABASE_PASSWORD", *WAREHOUSE, *LEDGER),
    },
    "relay": WAREHOUSE | LEDGER,
    "ingestion": WAREHOUSE | LEDGER,
    "airflow-init": AIRFLOW | WAREHOUSE | LEDGER | {"AIRFLOW_ADMIN_PASSWORD"},
    "airflow-api-server": AIRFLOW | {"LEDGER_READER_DATABASE_PASSWORD"},
    "airflow-triggerer": AIRFLOW,
    "airflow-dag-processor": AIRFLOW | WAREHOUSE | REFRESH,
    "airflow-scheduler": WORKER,
    "commands": WORKER,
    "dbt": WAREHOUSE,
    "superset": {"SUPERSET_DATABASE_PASSWORD", "SUPERSET_KEY", "SUPERSET_ADMIN_PASSWORD"},
    "superset-dashboards": WAREHOUSE | REFRESH | {"SUPERSET_ADMIN_PASSWORD"},
    "openmetadata-migrate": OPENMETADATA,
    "openmetadata-server": OPENMETADATA,
}
# By hand, or in a volume.
OF_USERS = {
    "OPENMETADATA_TOKEN": {"ingestion", "airflow-scheduler", "commands"},
    "ALERT_WEBHOOK_URL": {"airflow-scheduler", "commands"},
    "KAFKA_SECRET_PROPERTIES": {
        *("relay", "ingestion", "airflow-init", "airflow-triggerer", "airflow-scheduler", "commands"),
        # It has another value there, of a login that only looks.
        "airflow-api-server",
    },
    "AIRFLOW_CONN_KAFKA_DEFAULT": {"airflow-scheduler", "commands"},
    "KAFKA_CONNECTOR_PROPERTIES": {"airflow-scheduler", "commands"},
}
OF_VOLUMES = {
    "openmetadata-token": {"ingestion", "airflow-scheduler", "commands", "openmetadata-token"},
    "openmetadata-keys": {"openmetadata-keys", "openmetadata-server", "openmetadata-migrate"},
    "airflow-login": {name for name in OF_CONTAINERS if name.startswith("airflow-")} | {"commands"},
}

OF_AIRFLOW = {"airflow_database_password", "airflow_secret_key", "airflow_jwt_secret", "airflow_fernet_key"}
OF_WAREHOUSE = {"warehouse_password", "warehouse_reader_password"}
OF_TASKS = {"ledger_password", "openmetadata_token", "superset_password", "superset_admin_password", *OF_WAREHOUSE}
OF_PROCESSES: dict[str, set[str]] = {
    "postgres": set(),
    "kafka": set(),
    "mail": set(),
    "superset": {"superset_database_password", "superset_secret_key", "superset_admin_password"},
    "openmetadata-standin": {"openmetadata_token"},
    "relay": {"ledger_password", *OF_WAREHOUSE},
    "ingestion": {"ledger_password", "openmetadata_token", *OF_WAREHOUSE},
    "airflow-api-server": {"ledger_reader_password", *OF_AIRFLOW},
    "airflow-triggerer": OF_AIRFLOW,
    "airflow-dag-processor": {"warehouse_password", "superset_password", *OF_AIRFLOW},
    "airflow-scheduler": OF_AIRFLOW | OF_TASKS,
}


@pytest.fixture(scope="module")
def secrets_file(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return secrets_of_make(tmp_path_factory.mktemp("secrets"))


@pytest.fixture(params=FILES, ids=len)
def model(request: pytest.FixtureRequest, secrets_file: dict[str, str]) -> Model:
    """The whole stack, with what a user may add."""
    chosen = {name: f"of-the-user-{name}" for name in OF_USERS}
    return load(request.param, ("full", "mail", "tools"), {**secrets_file, **chosen})


@pytest.fixture
def with_tls(tmp_path: Path) -> StackConfig:
    config = StackConfig(StackSettings(home=tmp_path / "secured", well_known_ports=False, tls=True))
    config.prepare()
    return config


@pytest.fixture
def local(tmp_path: Path) -> StackConfig:
    config = StackConfig(StackSettings(home=tmp_path / "stack", well_known_ports=False))
    config.prepare()
    return config


def test_each_container_has_its_own_secrets_only(model: Model, secrets_file: dict[str, str]) -> None:
    secrets = {
        name.removeprefix("SECRET_"): value for name, value in secrets_file.items() if name.startswith("SECRET_")
    }
    has = {
        name: {secret for secret, value in secrets.items() if value in json.dumps(service)}
        for name, service in model.services.items()
    }
    assert {name: found for name, found in has.items() if found} == OF_CONTAINERS


def test_what_a_user_keeps_secret_is_where_it_is_used(model: Model) -> None:
    has = {secret: {name for name in model.services if secret in model.environment(name)} for secret in OF_USERS}
    assert has == OF_USERS


def test_the_api_server_logs_in_to_kafka_as_somebody_who_only_looks(secrets_file: dict[str, str]) -> None:
    chosen = {"KAFKA_SECRET_PROPERTIES": "of tasks", "KAFKA_LOOKER_SECRET_PROPERTIES": "of the looker"}
    model = load(FILES[0], ("full",), {**secrets_file, **chosen})
    assert model.environment("airflow-api-server")["KAFKA_SECRET_PROPERTIES"] == "of the looker"
    assert "of tasks" not in json.dumps(model.services["airflow-api-server"])
    del chosen["KAFKA_LOOKER_SECRET_PROPERTIES"]
    model = load(FILES[0], ("full",), {**secrets_file, **chosen})
    assert not model.environment("airflow-api-server")["KAFKA_SECRET_PROPERTIES"]


def test_a_volume_with_a_secret_is_where_it_is_used(model: Model) -> None:
    has = {
        volume: {
            name
            for name, service in model.services.items()
            if any(each.startswith(f"{volume}:") for each in service.get("volumes", ()))
        }
        for volume in OF_VOLUMES
    }
    assert has == OF_VOLUMES


def test_commands_by_hand_run_where_every_secret_is(model: Model) -> None:
    assert compose.COMMANDS_RUN_IN == "commands"
    assert model.services["commands"]["profiles"] == ["tools"]


def test_each_process_of_the_local_stack_has_its_own_secrets_only(
    environment: pytest.MonkeyPatch, local: StackConfig, secrets: dict[str, str]
) -> None:
    # What a user sets would win over what the stack has made.
    for name in secrets:
        environment.delenv(name)
    made = local.credentials.model_dump()
    has = {
        service.name: {
            name
            for name, value in made.items()
            if value in json.dumps([dict(service.environment(local)), service.command(local)])
        }
        for service in SERVICES
    }
    assert has == OF_PROCESSES


def test_the_dag_files_are_read_with_what_the_dag_processor_has(
    environment: pytest.MonkeyPatch, local: StackConfig, artifacts_dir: Path
) -> None:
    environment.setenv("DBT_ARTIFACTS_DIR", str(artifacts_dir))
    [processor] = [service for service in SERVICES if service.name == "airflow-dag-processor"]
    # As supervisord starts it: of the environment here it has nothing.
    given = {**processor.environment(local), "PATH": os.environ["PATH"], "HOME": os.environ["HOME"]}
    read = "from airflow.dag_processing.dagbag import DagBag; bag = DagBag(dag_folder='dags'); "
    told = (
        "import json; print(json.dumps([sorted(bag.dags), {k: str(v)[-300:] for k, v in bag.import_errors.items()}]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", read + told], env=given, capture_output=True, text=True, cwd=PROJECT_ROOT
    )
    assert done.returncode == 0, done.stderr[-3000:]
    dags, errors = json.loads(done.stdout.splitlines()[-1])
    assert errors == {}
    assert {"jaffle_shop", "superset_refresh", "lineage_checks"} <= set(dags)


def test_kafka_s_password_of_the_local_stack_is_where_topics_are_read_or_written(
    environment: pytest.MonkeyPatch, with_tls: StackConfig, secrets: dict[str, str]
) -> None:
    for name in secrets:
        environment.delenv(name)
    password = with_tls.credentials.kafka_password
    given = {each.name: dict(each.environment(with_tls)) for each in SERVICES}
    has = {name for name, variables in given.items() if password in json.dumps(variables)}
    assert has == {"relay", "ingestion", "airflow-api-server", "airflow-triggerer", "airflow-scheduler"}
    by_connection = {name for name, variables in given.items() if "AIRFLOW_CONN_KAFKA_DEFAULT" in variables}
    assert by_connection == {"airflow-scheduler"}

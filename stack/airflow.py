"""Airflow of the local stack: four processes on PostgreSQL, and the environment that they and the tools share."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from dbt_lineage.core import settings
from dbt_lineage.core.airflow_variables import VARIABLES
from dbt_lineage.core.processes import matcher
from dbt_lineage.core.projects import variables_of_secrets
from stack import kafka, ledger, postgres, spark, variables
from stack.checkout import PROJECT_ROOT
from stack.config import HOST, PYTHON_PATH, StackConfig, StackError, interpreter

ADMIN = "admin"
# May look at everything and start nothing.
VIEWER = "viewer"
_NOT_FOR_THE_PAGE = (
    *("OPENMETADATA_TOKEN", "SUPERSET_ADMIN_PASSWORD", "ALERT_WEBHOOK_URL"),
    *("WAREHOUSE_READER_PASSWORD", "KAFKA_CONNECTOR_PROPERTIES"),
)
_NOT_FOR_DAG_FILES = ("LEDGER_URL", *_NOT_FOR_THE_PAGE)
# Only tasks log in by Airflow's own connection.
_OF_TASKS = "AIRFLOW_CONN_KAFKA_DEFAULT"
_NOT_FOR: Mapping[str, tuple[str, ...]] = {
    # The lineage page, which it serves, reads the ledger and the topics.
    "api-server": (*_NOT_FOR_THE_PAGE, "WAREHOUSE_PASSWORD", "SUPERSET_PASSWORD", _OF_TASKS),
    "triggerer": (*_NOT_FOR_DAG_FILES, "WAREHOUSE_PASSWORD", "SUPERSET_PASSWORD", _OF_TASKS),
    # A profile may name the warehouse's password, and a project has dashboards if Superset's password is given.
    "dag-processor": (*_NOT_FOR_DAG_FILES, "KAFKA_SECRET_PROPERTIES", _OF_TASKS),
}


def environment(config: StackConfig) -> dict[str, str]:
    """The variables that Airflow, dbt and our own commands run with on this stack.

    A setting that the user made wins over the stack's own value. The variables that the file of the projects takes
    secrets from are the user's, too.
    """
    known = {variable for group in settings.GROUPS for variable in settings.variables(group).values()}
    known |= variables_of_secrets().keys()
    made_by_user = {name: value for name, value in os.environ.items() if name in known}
    return {**_settings(config), **made_by_user, **_airflow(config), **_executor(), **_connections(config)}


def environment_without(config: StackConfig, *patterns: str) -> dict[str, str]:
    """What a process is given that does not need all.

    Args:
        config: the stack.
        patterns: names of variables that it is not given, such as ``SUPERSET_*``.
    """
    is_left_out, secrets = matcher(patterns), variables_of_secrets()
    of_file = {name for name, of_settings in secrets.items() if all(map(is_left_out, of_settings))}
    return {name: value for name, value in environment(config).items() if not is_left_out(name) and name not in of_file}


@contextmanager
def in_force(config: StackConfig) -> Iterator[None]:
    """The stack's variables in this process, and its settings by them, as long as it is entered."""
    before = dict(os.environ)
    os.environ.update(environment(config))
    settings.forget()
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        settings.forget()


def environment_of(config: StackConfig, component: str) -> dict[str, str]:
    """The variables of one of Airflow's processes: its own secrets, and of the others' those that it uses.

    The scheduler's children run the tasks, which work with every part.
    """
    given = environment_without(config, *_NOT_FOR.get(component, ()))
    if component == "api-server":
        # A ledger of the user's own is read as the user names it.
        given["LEDGER_URL"] = os.environ.get("LEDGER_URL") or ledger.reader_url(config)
    return given


def full_environment(config: StackConfig) -> dict[str, str]:
    """The stack's variables on top of those that this process inherited."""
    return {**os.environ, **environment(config)}


def command(config: StackConfig, component: str) -> list[str]:
    """Command line of one of Airflow's processes: api-server, scheduler, dag-processor or triggerer."""
    options = {
        "api-server": ["--host", HOST, "--port", str(config.ports["airflow"]), "--workers", "1"],
        # The API server reads the logs from disk: no need for servers that listen on every address.
        "scheduler": ["--skip-serve-logs"],
        "triggerer": ["--skip-serve-logs"],
        "dag-processor": [],
    }
    # What only shows how dbt fares gives way to dbt, which the scheduler's workers run.
    priority = [] if component == "scheduler" else ["nice", "-n", "5"]
    return [*priority, sys.executable, "-m", "airflow", component, *options[component]]


def initialise(config: StackConfig) -> None:
    """Migrate Airflow's database and write the administrator's password file.

    Raises:
        StackError: the migration failed; the message carries its last lines.
    """
    write_login(config)
    done = subprocess.run(
        [sys.executable, "-m", "airflow", "db", "migrate"],
        env=full_environment(config),
        capture_output=True,
        text=True,
    )
    (config.logs / "airflow-migrate.log").write_text(done.stdout + done.stderr)
    if done.returncode != 0:
        raise StackError("airflow db migrate failed:\n" + "\n".join(done.stderr.strip().splitlines()[-15:]))


def write_login(config: StackConfig) -> None:
    """Write the file of passwords that Airflow's simple auth manager reads. Raises OSError."""
    _home(config).mkdir(mode=0o700, parents=True, exist_ok=True)
    variables.write(_home(config) / "passwords.json", passwords(config))


def passwords(config: StackConfig) -> dict[str, str]:
    """The password of each user of Airflow."""
    secrets = config.credentials
    return {ADMIN: secrets.airflow_admin_password, VIEWER: secrets.airflow_viewer_password}


def component_is_healthy(config: StackConfig, component: str) -> bool:
    """Whether Airflow's own health endpoint calls a component healthy (``metadatabase`` for the API server)."""
    try:
        answer = httpx.get(f"http://{config.address('airflow')}/api/v2/monitor/health", timeout=5)
    except httpx.TransportError:
        return False
    return answer.status_code == 200 and (answer.json().get(component) or {}).get("status") == "healthy"


def dag_file_logs(config: StackConfig) -> Path:
    """Folder of what the DAG processor writes about each DAG file; in it a folder of each day."""
    return _home(config) / "logs" / "dag_processor"


def _home(config: StackConfig) -> Path:
    return config.home / "airflow"


def _settings(config: StackConfig) -> dict[str, str]:
    """What ``dbt_lineage.core.settings`` reads, filled with this stack's addresses and secrets."""
    secrets = config.credentials
    return {
        **_of_warehouse(config),
        "WAREHOUSE_HOST": HOST,
        "WAREHOUSE_PORT": str(config.ports["postgres"]),
        "WAREHOUSE_DATABASE": postgres.WAREHOUSE_DATABASE,
        "WAREHOUSE_USER": postgres.WAREHOUSE_USER,
        "WAREHOUSE_PASSWORD": secrets.warehouse_password,
        "WAREHOUSE_READER_USER": postgres.READER_USER,
        "WAREHOUSE_READER_PASSWORD": secrets.warehouse_reader_password,
        "KAFKA_BOOTSTRAP_SERVERS": config.address("kafka"),
        **_tls(config),
        "OPENMETADATA_URL": f"http://{config.address('openmetadata')}",
        "OPENMETADATA_TOKEN": secrets.openmetadata_token,
        "SUPERSET_URL": f"http://{config.address('superset')}",
        # Without it there is no Superset.
        **({"SUPERSET_PASSWORD": secrets.superset_password} if config.has_superset else {}),
        "SUPERSET_ADMIN_PASSWORD": secrets.superset_admin_password,
        # The checkout's, also where the file of the projects is elsewhere.
        "SUPERSET_ASSETS_DIR": str(PROJECT_ROOT / "superset" / "assets"),
        "OPENMETADATA_PYTHON": str(interpreter("openmetadata")),
        # The broker of the stack lets a group of one member begin at once (group.initial.rebalance.delay.ms).
        "OPENMETADATA_IDLE_SECONDS": "2",
        # Sooner than runs of a DAG, on a machine that dbt keeps busy.
        "INGESTION_BY": "service",
        "SPOOL_DIR": str(config.home / "spool"),
        "LEDGER_URL": ledger.url(config),
        "AIRFLOW_URL": f"http://{config.address('airflow')}",
        "ALERT_SMTP_SERVER": config.address("smtp"),
        "DBT_ARTIFACTS_DIR": str(config.home / "dbt"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }


def _tls(config: StackConfig) -> dict[str, str]:
    """The settings of a stack with TLS; none of another."""
    if config.authority is None:
        return {}
    return {
        "KAFKA_PROPERTIES": json.dumps(kafka.client_properties(config)),
        "KAFKA_SECRET_PROPERTIES": json.dumps(kafka.secret_properties(config)),
        **{f"WAREHOUSE_{name.upper()}": value for name, value in postgres.tls(config).items()},
    }


def _of_warehouse(config: StackConfig) -> dict[str, str]:
    """Where dbt builds, if that is not the stack's PostgreSQL."""
    if config.warehouse == "duckdb":
        return {
            "DBT_TARGET": "duckdb",
            "DUCKDB_PATH": str(config.data / "jaffle_shop.duckdb"),
            "OPENMETADATA_DATABASE_SERVICE": "jaffle_duckdb",
        }
    if config.warehouse == "spark":
        return {
            "DBT_TARGET": "spark",
            "SPARK_WAREHOUSE_DIR": str(config.data / "spark"),
            "OPENMETADATA_DATABASE_SERVICE": "jaffle_spark",
        }
    return {}


def _airflow(config: StackConfig) -> dict[str, str]:
    secrets = config.credentials
    page = f"http://{config.address('airflow')}"
    return {
        "AIRFLOW_HOME": str(_home(config)),
        "PYTHONPATH": PYTHON_PATH,
        # In place of the PYTHONPATH above.
        **(spark.environment() if config.warehouse == "spark" else {}),
        "AIRFLOW__CORE__DAGS_FOLDER": str(config.settings.dags_dir),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJECT_ROOT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "8",
        "AIRFLOW__CORE__FERNET_KEY": secrets.airflow_fernet_key,
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{page}/execution/",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{ADMIN}:admin,{VIEWER}:viewer",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(_home(config) / "passwords.json"),
        "AIRFLOW__API__BASE_URL": page,
        "AIRFLOW__API__SECRET_KEY": secrets.airflow_secret_key,
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.airflow_jwt_secret,
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": postgres.address(
            config, postgres.AIRFLOW_USER, secrets.airflow_database_password, postgres.AIRFLOW_DATABASE
        ),
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "30",
        # A task whose worker was killed is found in two minutes instead of five. It must not be less: a build whose models'
        # assets are being recorded sends no heartbeat, and with 3,000 models that took 76 s.
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "120",
        "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "10",
        # How long a scheduler that found nothing to do sleeps, seconds: each task waits for half of it, and a run's end.
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.25",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(config.logs / "tasks"),
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "AIRFLOW__COSMOS__ENABLE_TELEMETRY": "False",
        "AIRFLOW__OPENLINEAGE__NAMESPACE": settings.openlineage().namespace,
        **VARIABLES,
    }


def _executor() -> dict[str, str]:
    """Variables of the executor that the environment chooses; without one, tasks run beside the scheduler."""
    if "CeleryExecutor" not in os.environ.get("AIRFLOW__CORE__EXECUTOR", ""):
        return {}
    return {
        name: os.environ[name]
        for name in os.environ
        if name.startswith(("AIRFLOW__CORE__EXECUTOR", "AIRFLOW__CELERY__"))
    }


def _connections(config: StackConfig) -> dict[str, str]:
    of_kafka = {
        "bootstrap.servers": config.address("kafka"),
        "socket.timeout.ms": 10000,
        **kafka.client_properties(config),
        **kafka.secret_properties(config),
    }
    connections = {
        "kafka_default": {"conn_type": "kafka", "extra": of_kafka},
        "smtp_default": {
            "conn_type": "smtp",
            "host": HOST,
            "port": config.ports["smtp"],
            "extra": {"disable_tls": True, "disable_ssl": True, "timeout": 10, "retry_limit": 3},
        },
    }
    return {f"AIRFLOW_CONN_{name.upper()}": json.dumps(connection) for name, connection in connections.items()}

"""The services of the local stack: how each is prepared, started and asked for its health, in starting order."""

import os
import smtplib
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from dbt_lineage.core import settings
from stack import airflow, dbt, ingestion, kafka, ledger, postgres, relay, superset
from stack.config import HOST, PYTHON_PATH, StackConfig, StackError, interpreter


def _nothing(_: StackConfig) -> None:
    """Most services need no preparation."""


@dataclass(frozen=True)
class Service:
    """One supervised process.

    Args:
        name: what the supervisor, the logs and the messages call it.
        command: its command line.
        is_ready: whether it does its work, asked until it says yes.
        prepare: made ready before each start; doing it twice changes nothing.
        complete: what it must hold before others use it, done after each start; doing it twice changes nothing.
        environment: its variables besides those that it inherits.
        address: where a user opens it, if a user does.
        stop_signal: how it is asked to end.
        beside_others: whether those after it start before it is ready: nothing that starts needs it.
        doing: what a long start is busy with, in words.
    """

    name: str
    command: Callable[[StackConfig], list[str]]
    is_ready: Callable[[StackConfig], bool]
    prepare: Callable[[StackConfig], None] = _nothing
    complete: Callable[[StackConfig], None] = _nothing
    environment: Callable[[StackConfig], Mapping[str, str]] = field(default=lambda _: {})
    address: Callable[[StackConfig], str] | None = None
    stop_signal: str = "TERM"
    beside_others: bool = False
    doing: Callable[[StackConfig], str] = field(default=lambda _: "")


def _mail_sink(config: StackConfig) -> list[str]:
    maildir = str(config.mail / "inbox")
    return [
        sys.executable,
        "-m",
        "aiosmtpd",
        "-n",
        "-l",
        config.address("smtp"),
        "-c",
        "aiosmtpd.handlers.Mailbox",
        maildir,
    ]


def _mail_sink_is_ready(config: StackConfig) -> bool:
    try:
        with smtplib.SMTP(HOST, config.ports["smtp"], timeout=5) as client:
            return client.noop()[0] == 250
    except (OSError, smtplib.SMTPException):
        return False


def _standin(_: StackConfig) -> list[str]:
    return [str(interpreter("openmetadata")), "-m", "stack.standin"]


def _standin_environment(config: StackConfig) -> dict[str, str]:
    return {
        "PYTHONPATH": PYTHON_PATH,
        "STANDIN_HOST": HOST,
        "STANDIN_PORT": str(config.ports["openmetadata"]),
        "STANDIN_TOKEN": config.credentials.openmetadata_token,
        "STANDIN_DATABASE": str(config.data / "standin.sqlite"),
    }


def _standin_is_ready(config: StackConfig) -> bool:
    try:
        answer = httpx.get(f"http://{config.address('openmetadata')}/api/v1/system/version", timeout=5)
    except httpx.TransportError:
        return False
    return answer.status_code == 200


def _airflow(component: str, health: str, prepare: Callable[[StackConfig], None] = _nothing, **extra: Any) -> Service:
    return Service(
        name=f"airflow-{component}",
        command=lambda config: airflow.command(config, component),
        is_ready=lambda config: airflow.component_is_healthy(config, health),
        prepare=prepare,
        environment=lambda config: airflow.environment_of(config, component),
        **extra,
    )


def _prepare_kafka(config: StackConfig) -> None:
    kafka.KAFKA.install()
    kafka.initialise(config)


def _complete_postgres(config: StackConfig) -> None:
    postgres.create_databases(config)
    ledger.migrate(config)


def _prepare_airflow(config: StackConfig) -> None:
    airflow.initialise(config)
    dbt.make_manifest(config)


SERVICES: tuple[Service, ...] = (
    # SIGINT is PostgreSQL's fast shutdown: it ends sessions instead of waiting for them.
    Service(
        "postgres",
        postgres.command,
        postgres.is_ready,
        prepare=postgres.initialise,
        complete=_complete_postgres,
        stop_signal="INT",
    ),
    # Long before what it starts beside: its first start takes longer than theirs together.
    Service(
        "superset",
        superset.command,
        superset.is_ready,
        prepare=superset.prepare,
        complete=superset.publish,
        environment=superset.environment,
        address=lambda config: f"http://{config.address('superset')}",
        beside_others=True,
        doing=superset.doing,
    ),
    Service("kafka", kafka.command, kafka.is_ready, prepare=_prepare_kafka),
    Service("mail", _mail_sink, _mail_sink_is_ready),
    Service(
        "openmetadata-standin",
        _standin,
        _standin_is_ready,
        environment=_standin_environment,
        address=lambda config: f"http://{config.address('openmetadata')}/api/v1/system/version",
    ),
    Service("relay", relay.command, relay.is_ready, environment=relay.environment),
    Service("ingestion", ingestion.command, ingestion.is_ready, environment=ingestion.environment),
    _airflow(
        "api-server",
        "metadatabase",
        prepare=_prepare_airflow,
        address=lambda config: f"http://{config.address('airflow')}",
    ),
    _airflow("scheduler", "scheduler"),
    _airflow("dag-processor", "dag_processor"),
    _airflow("triggerer", "triggerer"),
)


def by_name(config: StackConfig, names: tuple[str, ...]) -> tuple[Service, ...]:
    """The services of these names, in starting order; all of them when none is named.

    Raises:
        StackError: there is no service of such a name.
    """
    known = {service.name for service in SERVICES}
    if unknown := set(names) - known:
        raise StackError(f"there is no service {', '.join(sorted(unknown))}; there are: {', '.join(sorted(known))}")
    # A user may run against servers of their own, or ingest by the DAG: then the stack starts none.
    elsewhere = {
        "openmetadata-standin": _is_elsewhere("OPENMETADATA_URL", config.address("openmetadata")),
        "superset": not config.has_superset or _is_elsewhere("SUPERSET_URL", config.address("superset")),
    }
    by = settings.given_of(settings.IngestionSettings).get("by")
    elsewhere["ingestion"] = (by.value if by else os.environ.get("INGESTION_BY", "service")) != "service"
    wanted = names or tuple(known)
    return tuple(s for s in SERVICES if s.name in wanted and not elsewhere.get(s.name, False))


def _is_elsewhere(variable: str, address: str) -> bool:
    """Whether the user gave the address of another server."""
    return os.environ.get(variable, f"http://{address}").rstrip("/") != f"http://{address}"

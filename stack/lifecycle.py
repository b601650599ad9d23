"""Up, down, status and clean of the local stack."""

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import rich
from rich.status import Status
from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_fixed

from dbt_lineage.core import settings
from stack import airflow, dag_files, postgres, superset
from stack.config import StackConfig, StackError
from stack.services import SERVICES, Service, by_name
from stack.supervisor import GIVEN_UP, Supervisor

console = rich.get_console()
_MOMENT_SECONDS = 2


def up(config: StackConfig, *names: str) -> None:
    """Start the named services, or all of them, each when the one before it is healthy, but for slow ones.

    Raises:
        StackError: a setting is wrong, a port is taken, or a service did not become healthy: it is named with the
            last lines of its log. A DAG file cannot be read: the services run, and the file is named.
    """
    settings.refuse_wrong()
    supervisor = Supervisor(config)
    config.prepare()
    if not supervisor.is_running():
        config.check_ports_free()
    supervisor.start_daemon(SERVICES)
    slow, since = [], datetime.now(UTC)
    for service in by_name(config, names):
        if service.beside_others:
            _begin(config, supervisor, service)
            slow.append(service)
            continue
        with step(service.name) as shown:
            _begin(config, supervisor, service)
            _await_health(config, supervisor, service, shown)
            service.complete(config)
    for service in slow:
        with step(service.name) as shown:
            _await_health(config, supervisor, service, shown)
            service.complete(config)
    if not names:
        with step("DAG files"):
            dag_files.await_all(config, since)


def start(config: StackConfig, name: str) -> None:
    """Start one service of a running stack and wait until it is healthy; one that runs stays as it is.

    Raises:
        StackError: it did not become healthy: the message has the last lines of its log.
    """
    [service] = by_name(config, (name,))
    supervisor = Supervisor(config)
    _begin(config, supervisor, service)
    _await_health(config, supervisor, service)
    service.complete(config)


def down(config: StackConfig) -> None:
    """Stop everything, supervisord included. Nothing to stop is no error."""
    supervisor = Supervisor(config)
    if not supervisor.is_running():
        console.print(f"no stack is running from {config.home}", markup=False)
        return
    with step("stop"):
        # All at once but PostgreSQL, which the others need to end well; supervisord's shutdown waits for each.
        for name in supervisor.states():
            if name != "postgres":
                supervisor.stop(name, wait=False)
        supervisor.shutdown()


def status(config: StackConfig) -> dict[str, str]:
    """Each service's state: ``healthy``, ``unhealthy`` (it runs, and does not do its work) or supervisord's word."""
    supervisor = Supervisor(config)
    if not supervisor.is_running():
        return {service.name: "stopped" for service in SERVICES}
    states = supervisor.states()
    return {service.name: _state(config, service, states[service.name]["statename"]) for service in SERVICES}


def clean(config: StackConfig) -> None:
    """Stop everything and delete its data, logs and credentials."""
    down(config)
    postgres.clean(config)
    shutil.rmtree(config.home, ignore_errors=True)
    console.print(f"deleted {config.home}", markup=False)


def print_addresses(config: StackConfig) -> None:
    """Say where a user opens what, and as whom."""
    for service in SERVICES:
        if service.address and (service.name != "superset" or config.has_superset):
            console.print(f"{service.name}: {service.address(config)}", markup=False)
    for user, password in airflow.passwords(config).items():
        console.print(f"Airflow user {user}, password {password}", markup=False)
    for slug in superset.dashboards(config):
        console.print(f"dashboard: http://{config.address('superset')}/superset/dashboard/{slug}/")
    if config.has_superset:
        console.print(
            f"Superset user {superset.ADMIN}, password {config.credentials.superset_admin_password}", markup=False
        )
    console.print(f"mails: {config.mail / 'inbox' / 'new'}", markup=False)


@contextmanager
def step(name: str) -> Iterator[Status]:
    """Show that a long step is under way, and how long it took when it is done; gives what is shown meanwhile."""
    started = time.monotonic()
    # Without a terminal there is nothing that turns: a line says what takes longer than a moment.
    slow = threading.Timer(_MOMENT_SECONDS, console.print, [f"[dim]… {name}[/]"])
    if not console.is_terminal:
        slow.start()
    try:
        with console.status(f"{name} …") as shown:
            yield shown
    finally:
        slow.cancel()
    console.print(f"[green]✓[/] {name} [dim]{time.monotonic() - started:.1f} s[/]")


def _state(config: StackConfig, service: Service, supervised: str) -> str:
    if supervised != "RUNNING":
        return supervised.lower()
    return "healthy" if service.is_ready(config) else "unhealthy"


def _begin(config: StackConfig, supervisor: Supervisor, service: Service) -> None:
    service.prepare(config)
    supervisor.start(service.name)


def _await_health(config: StackConfig, supervisor: Supervisor, service: Service, shown: Status | None = None) -> None:
    seconds = config.settings.start_timeout_seconds
    attempts = Retrying(
        retry=retry_if_result(lambda ready: not ready), stop=stop_after_delay(seconds), wait=wait_fixed(0.5)
    )
    try:
        attempts(_is_ready_or_dead, config, supervisor, service, shown)
    except RetryError:
        raise StackError(
            f"{service.name} was not healthy after {seconds:.0f} s. Its log ends:\n{supervisor.last_lines(service.name)}"
        ) from None


def _is_ready_or_dead(config: StackConfig, supervisor: Supervisor, service: Service, shown: Status | None) -> bool:
    state = supervisor.states()[service.name]["statename"]
    if state in GIVEN_UP:
        raise StackError(f"{service.name} crashed. Its log ends:\n{supervisor.last_lines(service.name)}")
    if shown is not None and (doing := service.doing(config)):
        shown.update(f"{service.name}: {doing} …")
    return state == "RUNNING" and service.is_ready(config)

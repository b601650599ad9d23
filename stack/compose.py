"""The stack in containers, by the words of the local stack: ``python3 -m stack.compose up``, or ``make stack-up DOCKER=1``.

Docker Compose does the work. Only Python's own library is used, so that nothing has to be installed first.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stack.compose_secrets import ENV_FILE, GENERATED, variables

ROOT = ENV_FILE.parent
# Its container has every setting, the spool and nothing else to do: commands of ours run in one like it.
COMMANDS_RUN_IN = "relay"
START_TIMEOUT_SECONDS = 900
POLL_SECONDS = 2
LOG_LINES = "20"


class ComposeError(RuntimeError):
    """The containers cannot do what was asked; the message says which part, why, and the way out."""


@dataclass(frozen=True)
class Container:
    """What Docker says of one service's container.

    Args:
        service: which service.
        state: ``running``, ``exited``, ``created`` …
        health: ``healthy``, ``unhealthy``, ``starting``, or empty where there is no health check.
        exit_code: of a container that has ended.
        addresses: where a person on this machine reaches it.
    """

    service: str
    state: str
    health: str
    exit_code: int
    addresses: tuple[str, ...]

    @property
    def told(self) -> str:
        """Its state in one word: ``healthy``, ``done`` for a job that has ended well, else what is wrong."""
        if self.state == "exited":
            return "done" if self.exit_code == 0 else f"failed with exit code {self.exit_code}"
        if self.state == "running":
            return self.health or "running"
        return self.state

    @property
    def is_well(self) -> bool:
        """Whether it does its work, or has done it."""
        return self.told in ("healthy", "done")

    @property
    def has_failed(self) -> bool:
        """Whether waiting for it is of no use."""
        return self.state in ("exited", "dead") and self.told != "done"


def up(services: Sequence[str] = ()) -> None:
    """Build, start and wait until every service is healthy and every job done.

    Args:
        services: those to start, with what they need; all of the profiles when none is named.

    Raises:
        ComposeError: something is missing, or a service did not become healthy: it is named with the end of its log.
    """
    _check_elsewhere()
    _compose("up", "--detach", "--build", "--remove-orphans", *services)
    for container in _await_health():
        for address in container.addresses:
            print(f"{container.service}: {address}")
    print(f"passwords: SECRET_…_PASSWORD in {ENV_FILE.name}; the user of Airflow and of Superset is admin")


def down() -> None:
    """Stop and remove the containers; the data stay in their volumes."""
    _compose("down", "--remove-orphans")


def restart() -> None:
    """Stop and start."""
    down()
    up()


def status() -> None:
    """Show each service's state; exit code 1 unless all are healthy or done."""
    containers = _containers()
    for container in containers:
        print(f"{container.service:24} {container.told}")
    if not containers:
        sys.exit("nothing was started")
    if not all(container.is_well for container in containers):
        sys.exit(1)


def clean() -> None:
    """Stop everything and delete the data. The file with the secrets stays: it may hold settings too."""
    _compose("down", "--volumes", "--remove-orphans")


def run(command: Sequence[str]) -> None:
    """Run one of our commands in a container of its own, with the settings of the others; exit code as the command's."""
    sys.exit(_compose("run", "--rm", "--no-deps", "--no-TTY", COMMANDS_RUN_IN, *command, check=False).returncode)


def logs(service: str) -> None:
    """Follow the log of one service."""
    sys.exit(_compose("logs", "--follow", "--tail", "50", service, check=False).returncode)


def _check_elsewhere() -> None:
    """Without OpenMetadata's server and Superset in the stack, somebody must say where they are."""
    chosen = {**_env_file(), **os.environ}
    if "full" in chosen.get("COMPOSE_PROFILES", "").split(","):
        return
    missing = [name for name in ("OPENMETADATA_URL", "OPENMETADATA_TOKEN") if not chosen.get(name)]
    if "SUPERSET_PASSWORD" not in chosen:
        missing.append("SUPERSET_PASSWORD (empty for no Superset)")
    if missing:
        raise ComposeError(
            f"the profile lineage has neither OpenMetadata's server nor Superset: set {', '.join(missing)} in "
            f"{ENV_FILE.name}, or COMPOSE_PROFILES=full"
        )


def _await_health() -> list[Container]:
    give_up_at = time.monotonic() + START_TIMEOUT_SECONDS
    told: dict[str, str] = {}
    while True:
        containers = _containers()
        told = _show_changes(containers, told)
        if failed := next((each for each in containers if each.has_failed), None):
            raise ComposeError(f"{failed.service} {failed.told}. Its log ends:\n{_last_lines(failed.service)}")
        waiting = [each for each in containers if not each.is_well]
        if containers and not waiting:
            return containers
        if time.monotonic() > give_up_at:
            services = ", ".join(each.service for each in waiting) or "nothing was started"
            log = _last_lines(waiting[0].service) if waiting else ""
            raise ComposeError(f"not healthy after {START_TIMEOUT_SECONDS} s: {services}\n{log}".rstrip())
        time.sleep(POLL_SECONDS)


def _show_changes(containers: Iterable[Container], told: Mapping[str, str]) -> dict[str, str]:
    now = {each.service: each.told for each in containers}
    for service, state in now.items():
        if told.get(service) != state:
            print(f"{service}: {state}", flush=True)
    return now


def _containers() -> list[Container]:
    answer = _compose("ps", "--all", "--format", "json", capture=True).stdout
    return sorted((_container(each) for each in _json_objects(answer)), key=lambda each: each.service)


def _container(told: Mapping[str, Any]) -> Container:
    published = {(each.get("URL"), each.get("PublishedPort")) for each in told.get("Publishers") or ()}
    return Container(
        service=told["Service"],
        state=told["State"],
        health=told.get("Health") or "",
        exit_code=int(told.get("ExitCode") or 0),
        addresses=tuple(sorted(f"http://{host}:{port}" for host, port in published if host and port)),
    )


def _json_objects(text: str) -> list[Any]:
    """Compose prints one list, or one object a line, as its version has it."""
    if text.lstrip().startswith("["):
        return json.loads(text)
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def _last_lines(service: str) -> str:
    return _compose("logs", "--no-color", "--tail", LOG_LINES, service, capture=True, check=False).stdout.rstrip()


def _compose(*arguments: str, capture: bool = False, check: bool = True) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        ["docker", "compose", *arguments], cwd=ROOT, text=True, stdout=subprocess.PIPE if capture else None
    )
    if check and done.returncode != 0:
        raise ComposeError(f"docker compose {arguments[0]} failed with exit code {done.returncode}; see above")
    return done


def _check_docker() -> None:
    if shutil.which("docker") is None:
        raise ComposeError("there is no docker on this machine: install Docker Engine, or leave DOCKER=1 away")
    if (said := _asked("docker", "compose", "version")) is not None:
        raise ComposeError(f"docker has no compose plugin: install docker-compose-plugin ({said})")
    if (said := _asked("docker", "info")) is not None:
        raise ComposeError(f"the Docker engine does not answer: {said}")


def _asked(*command: str) -> str | None:
    """The last line of what a command said when it failed."""
    done = subprocess.run(command, capture_output=True, text=True)
    lines = (done.stderr or done.stdout).strip().splitlines()
    return None if done.returncode == 0 else (lines[-1] if lines else f"exit code {done.returncode}")


def _check_secrets() -> None:
    missing = GENERATED.keys() - _env_file().keys() - os.environ.keys()
    if missing:
        raise ComposeError(f"{ENV_FILE.name} lacks {', '.join(sorted(missing))}: run `make secrets`")


def _env_file() -> dict[str, str]:
    text = ENV_FILE.read_text(encoding="utf-8") if ENV_FILE.exists() else ""
    return variables(text)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; what cannot be done is said in one message."""
    parser = argparse.ArgumentParser(prog="stack.compose", description=__doc__)
    commands = parser.add_subparsers(dest="name", required=True)
    for command in (down, restart, status, clean):
        commands.add_parser(command.__name__, help=(command.__doc__ or "").splitlines()[0])
    commands.add_parser("up", help=(up.__doc__ or "").splitlines()[0]).add_argument("services", nargs="*")
    commands.add_parser("logs", help=logs.__doc__).add_argument("service")
    commands.add_parser("run", help=run.__doc__).add_argument("command", nargs=argparse.REMAINDER)
    chosen = parser.parse_args(arguments)
    try:
        _check_docker()
        _check_secrets()
        if chosen.name == "up":
            up(chosen.services)
        elif chosen.name == "logs":
            logs(chosen.service)
        elif chosen.name == "run":
            run(chosen.command[1:] if chosen.command[:1] == ["--"] else chosen.command)
        else:
            {"down": down, "restart": restart, "status": status, "clean": clean}[chosen.name]()
    except ComposeError as error:
        sys.exit(f"stack: {error}")


if __name__ == "__main__":
    main()

"""The stack in containers, by the words of the local stack: ``python3 -m stack.compose up``, or ``make stack-up DOCKER=1``.

Docker Compose does the work. Only Python's own library is used, so that nothing has to be installed first.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from dbt_lineage.core import commands
from dbt_lineage.core.errors import ExpectedError
from stack import of_lineage
from stack.compose_secrets import ENV_FILE, GENERATED, IN_ADDRESSES, variables

ROOT = ENV_FILE.parent
# It is there for commands of ours only, with every setting, every secret and the spool.
COMMANDS_RUN_IN = "commands"
DBT_RUNS_IN = "dbt"
# Our image, and the one service that builds it.
IMAGE, BUILDER = "dbt-lineage-airflow:0.1.0", "databases"
# What has nothing to do without the lineage: beside the services of the local stack, those that only Kafka needs.
OF_LINEAGE = (*of_lineage.SERVICES, "kafka-ui", "zookeeper")
# What a person reaches by a program and not in a browser.
WITHOUT_PAGE = ("kafka",)
START_TIMEOUT_SECONDS = 900
POLL_SECONDS = 2
LOG_LINES = "20"
ONE_OFF = "com.docker.compose.oneoff=True"


class ComposeError(ExpectedError):
    """The containers cannot do what was asked; the message says which part, why, and the way out."""


@dataclass(frozen=True)
class Container:
    """What Docker says of one service's container.

    Args:
        service: which service.
        is_job: whether it does one thing and ends.
        state: ``running``, ``exited``, ``created`` …, or ``absent``: the service has no container.
        health: ``healthy``, ``unhealthy``, ``starting``, or empty where there is no health check.
        exit_code: of a container that has ended.
        addresses: where a person on this machine reaches it.
    """

    service: str
    is_job: bool
    state: str
    health: str = ""
    exit_code: int = 0
    addresses: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        """Its state in one word: ``healthy``, ``done`` for a job that has ended well, else what is wrong."""
        if self.state == "exited" and self.exit_code == 0:
            return "done" if self.is_job else "stopped"
        if self.state == "exited":
            return f"failed with exit code {self.exit_code}"
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

    @property
    def is_broken(self) -> bool:
        """Whether its log says why others could not start."""
        return self.has_failed or self.state == "restarting" or self.told == "unhealthy"


def up(services: Sequence[str] = ()) -> None:
    """Build, start and wait until every service is healthy and every job done.

    Args:
        services: those to start, with what they need; all of the profiles when none is named.

    Raises:
        ComposeError: something is missing, or a service did not become healthy: it is named with the end of its log.
    """
    _check_elsewhere()
    try:
        _compose("up", "--detach", "--build", "--remove-orphans", *services)
    except ComposeError as error:
        # Compose itself waits for those that others need, and only names the first that it waited for in vain.
        ends = [_end_of(each) for each in _containers() if each.is_broken]
        raise ComposeError("\n".join([str(error), *ends])) from None
    for container in _await_health():
        for address in container.addresses:
            print(f"{container.service}: {address}")
    print(f"passwords: SECRET_…_PASSWORD in {ENV_FILE.name}; the user of Airflow and of Superset is admin")


def down() -> None:
    """Stop and remove the containers; the data stay in their volumes."""
    _down()


def restart() -> None:
    """Stop and start."""
    down()
    up()


def status() -> None:
    """Show each service's state; exit code 1 unless all are healthy or done."""
    containers = _containers()
    if not containers:
        sys.exit("nothing was started")
    absent = _services().keys() - {each.service for each in containers}
    shown = [*containers, *(Container(name, is_job=False, state="absent") for name in absent)]
    for container in sorted(shown, key=lambda each: each.service):
        print(f"{container.service:24} {container.told}")
    if not all(container.is_well for container in shown):
        sys.exit(1)


def clean() -> None:
    """Stop everything and delete the data. The file with the secrets stays: it may hold settings too."""
    _down("--volumes")


def run(command: Sequence[str]) -> None:
    """Run one of our commands in a container of its own, with the settings of the others; exit code as the command's."""
    sys.exit(_run_in(COMMANDS_RUN_IN, *command, check=False).returncode)


def dbt(arguments: Sequence[str]) -> None:
    """Run dbt by hand with its lineage; exit code as dbt's."""
    sys.exit(_run_in(DBT_RUNS_IN, *arguments, check=False).returncode)


def lineage_remove(dry_run: bool, force: bool) -> None:
    """Remove the lineage, its services and their data; dbt and Airflow go on.

    Args:
        dry_run: only say what would be removed.
        force: even when events are lost that Kafka does not have.

    Raises:
        ComposeError: events would be lost, and nothing was changed; or a part cannot be removed: those before it are.
    """
    remove = ("python", "-m", "dbt_lineage", "remove", *(["--force"] if force else []))
    services = [name for name in OF_LINEAGE if name in _services()]
    volumes = _volumes_of(services)
    # Before a removal too: it refuses when events would be lost, and nothing was changed yet.
    _run_in(COMMANDS_RUN_IN, *remove, "--dry-run", capture=not dry_run)
    if dry_run:
        print(f"services: {', '.join(services)}; their data: {', '.join(volumes)}")
        print(f"DAGs that would be paused: {', '.join(of_lineage.DAGS)}; that of the dbt project goes on")
        return
    _run_in(COMMANDS_RUN_IN, "airflow", "dags", "pause", "--yes", "--treat-dag-id-as-regex", of_lineage.ANY_OF_THEM)
    stopped = [name for name in of_lineage.STOPPED_FIRST if name in services]
    _compose("stop", *stopped)
    try:
        _run_in(COMMANDS_RUN_IN, *remove)
    except ComposeError:
        # Events may have come since they were counted, which only the relay can bring away.
        _compose("start", *stopped)
        raise
    _compose("rm", "--stop", "--force", *services)
    _docker("volume", "rm", "--force", *volumes)
    print("lineage is removed and stays off; `make stack-up` and `make lineage-on` bring it back, empty")


def logs(service: str) -> None:
    """Follow the log of one service."""
    sys.exit(_compose("logs", "--follow", "--tail", "50", service, check=False).returncode)


def _check_elsewhere() -> None:
    """Without OpenMetadata's server and Superset in the stack, somebody must say where they are."""
    chosen = {**_env_file(), **os.environ}
    if "full" in chosen.get("COMPOSE_PROFILES", "").split(","):
        return
    wanted = ["OPENMETADATA_URL", "OPENMETADATA_TOKEN", *(["SUPERSET_URL"] if chosen.get("SUPERSET_PASSWORD") else [])]
    missing = [name for name in wanted if not chosen.get(name)]
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
            raise ComposeError(_end_of(failed))
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
    """Those of the services; not those of commands that somebody ran."""
    services = _services()
    answer = _json_objects(_compose("ps", "--all", "--format", "json", capture=True).stdout)
    of_services = [each for each in answer if ONE_OFF not in each.get("Labels", "").split(",")]
    return sorted((_container(each, services) for each in of_services), key=lambda each: each.service)


def _container(told: Mapping[str, Any], services: Mapping[str, Any]) -> Container:
    service = told["Service"]
    published = {(each.get("URL"), each.get("PublishedPort")) for each in told.get("Publishers") or ()}
    scheme = "" if service in WITHOUT_PAGE else "http://"
    return Container(
        service=service,
        is_job=services.get(service, {}).get("restart") == "no",
        state=told["State"],
        health=told.get("Health") or "",
        exit_code=int(told.get("ExitCode") or 0),
        addresses=tuple(sorted(f"{scheme}{host}:{port}" for host, port in published if host and port)),
    )


@cache
def _model() -> dict[str, Any]:
    """The compose files as Compose understands them, with the services of the chosen profiles only."""
    return json.loads(_compose("config", "--format", "json", capture=True).stdout)


def _services() -> dict[str, Any]:
    return _model()["services"]


def _volumes_of(services: Collection[str]) -> list[str]:
    """The volumes that these services mount and no other does, by the names that Docker has for them."""

    def mounted(names: Iterable[str]) -> set[str]:
        mounts = (each for name in names for each in _services()[name].get("volumes", ()))
        return {each["source"] for each in mounts if each["type"] == "volume"}

    theirs_alone = mounted(services) - mounted(_services().keys() - set(services))
    return sorted(_model()["volumes"][name]["name"] for name in theirs_alone)


def _json_objects(text: str) -> list[Any]:
    """Compose prints one list, or one object a line, as its version has it."""
    if text.lstrip().startswith("["):
        return json.loads(text)
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def _end_of(container: Container) -> str:
    return f"{container.service}: {container.told}. Its log ends:\n{_last_lines(container.service)}"


def _last_lines(service: str) -> str:
    return _compose("logs", "--no-color", "--tail", LOG_LINES, service, capture=True, check=False).stdout.rstrip()


def _run_in(service: str, *command: str, **how: bool) -> subprocess.CompletedProcess[str]:
    """Run a command in a container like those of a service, and remove it."""
    if _asked("docker", "image", "inspect", IMAGE) is not None:
        # Compose would build it only with the service that says how.
        _compose("build", BUILDER)
    return _compose("run", "--rm", "--no-deps", "--no-TTY", service, *command, **how)


def _down(*options: str) -> None:
    # Of every profile: also what somebody ran by hand, and what a change of the profiles has left behind.
    _compose("--profile", "*", "down", *options, "--remove-orphans")


def _compose(*arguments: str, capture: bool = False, check: bool = True) -> subprocess.CompletedProcess[str]:
    return _docker("compose", *arguments, capture=capture, check=check)


def _docker(*arguments: str, capture: bool = False, check: bool = True) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(["docker", *arguments], cwd=ROOT, text=True, stdout=subprocess.PIPE if capture else None)
    if check and done.returncode != 0:
        raise ComposeError(f"docker {' '.join(arguments)} failed with exit code {done.returncode}; see above")
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
    chosen = {**_env_file(), **os.environ}
    unsafe = [name for name in IN_ADDRESSES if not re.fullmatch(r"[\w.~-]+", chosen[name], re.ASCII)]
    if unsafe:
        raise ComposeError(
            f"{', '.join(unsafe)}: may hold letters, digits and - . _ ~ only, since it becomes part of an address"
        )


def _env_file() -> dict[str, str]:
    text = ENV_FILE.read_text(encoding="utf-8") if ENV_FILE.exists() else ""
    return variables(text)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; what cannot be done is said in one message."""
    chosen = _parser().parse_args(arguments)
    _check_docker()
    _check_secrets()
    chosen.do(chosen)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="stack.compose", description=__doc__)
    commands = parser.add_subparsers(required=True)

    def command(function: Callable[..., None], do: Callable[[argparse.Namespace], None]) -> argparse.ArgumentParser:
        name = function.__name__.replace("_", "-")
        added = commands.add_parser(name, help=(function.__doc__ or "").splitlines()[0])
        added.set_defaults(do=do)
        return added

    command(up, lambda chosen: up(chosen.services)).add_argument("services", nargs="*")
    command(down, lambda _: down())
    command(restart, lambda _: restart())
    command(status, lambda _: status())
    command(clean, lambda _: clean())
    command(logs, lambda chosen: logs(chosen.service)).add_argument("service")
    command(run, lambda chosen: run(_behind_dashes(chosen.words))).add_argument("words", nargs=argparse.REMAINDER)
    command(dbt, lambda chosen: dbt(_behind_dashes(chosen.words))).add_argument("words", nargs=argparse.REMAINDER)
    removal = command(lineage_remove, lambda chosen: lineage_remove(chosen.dry_run, chosen.force))
    removal.add_argument("--dry-run", action="store_true", help="only say what would be removed")
    removal.add_argument("--force", action="store_true", help="even when events are lost that Kafka does not have")
    return parser


def _behind_dashes(words: Sequence[str]) -> Sequence[str]:
    return words[1:] if words[:1] == ["--"] else words


if __name__ == "__main__":
    commands.run("stack", main)

"""Running one of OpenMetadata's workflows: by the process that has the package imported, or by one of its own."""

import json
import logging
import os
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import TracebackType

from tenacity import retry, retry_if_exception, stop_after_delay, wait_fixed

from include.openmetadata.workflows import TEMPLATES, WorkflowError, Workflows
from include.processes import die_with_parent
from include.settings import PROJECT_ROOT

# Runs the connector in a consumer group, kills it after so many seconds, and returns its exit code; negative: the signal
# that ended it.
Connector = Callable[[str, float], int]

# Ten minutes: the connector reads some tens of thousands of events in that time.
DEADLINE_SECONDS = 600.0
# From asking a process until it has started the workflow: it may have the package to import before.
_START_SECONDS = 90.0

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Ended:
    """How a run of the connector ended.

    Args:
        code: its exit code; negative: the signal that ended it.
        how: the same in words, after "the connector …".
        read: up to where it has read, by partition; nothing for one that died.
    """

    code: int
    how: str
    read: Mapping[int, int] = field(default_factory=dict)

    @property
    def died(self) -> bool:
        """Whether it was ended, rather than ended by itself."""
        return self.code < 0


class NobodyThere(ConnectionError):
    """No process with the package imported answers at the socket."""


class WarmRun:
    """A workflow that runs as a child of the process at a socket, used as a context manager: leaving it ends it.

    When this process ends, however it does, the workflow is killed.

    Args:
        path: the socket.
        workflow: which one.
        variables: what its template names.
        outputs: where its standard output and its errors go, as file descriptors; to those of this process by default.

    Raises:
        NobodyThere: nobody answers.
    """

    def __init__(
        self, path: Path, workflow: str, variables: Mapping[str, str], outputs: tuple[int, int] = (1, 2)
    ) -> None:
        request = {"template": str(TEMPLATES / f"{workflow}.yaml"), "variables": dict(variables)}
        self._connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._connection.settimeout(_START_SECONDS)
        try:
            self._connection.connect(str(path))
            # In the kernel at once, since it is smaller than the socket's buffer.
            socket.send_fds(self._connection, [json.dumps(request).encode() + b"\n"], list(outputs))
            self._answers = self._connection.makefile("r")
            self.process_id = self._answer()
        except OSError as error:
            self._connection.close()
            raise NobodyThere(f"{path}: {error}") from error
        self._connection.settimeout(None)

    def __enter__(self) -> "WarmRun":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._answers.close()
        self._connection.close()

    def wait(self, seconds: float) -> int:
        """Wait for its end.

        Args:
            seconds: when it is killed.

        Returns:
            Its exit code; negative for the signal that ended it, also when that ended its parent too.
        """
        if not select.select([self._connection], [], [], seconds)[0]:
            # To hang up is to have it killed; the answer comes when it is dead.
            self._connection.shutdown(socket.SHUT_WR)
        try:
            return self._answer()
        except ConnectionError:
            return -signal.SIGKILL

    def _answer(self) -> int:
        answer = self._answers.readline()
        if not answer:
            raise ConnectionResetError("the process that starts workflows is gone")
        return int(answer)


class WarmParent:
    """A process with the package imported that is started here and ends with this one, used as a context manager.

    All that its runs print goes to this process's errors.

    Args:
        python: the interpreter with openmetadata-ingestion.
    """

    def __init__(self, python: Path) -> None:
        self._python = python

    def __enter__(self) -> "WarmParent":
        # A socket's path may have 107 bytes only.
        self._folder = Path(tempfile.mkdtemp(prefix="warm-"))
        self._process = subprocess.Popen(
            [str(self._python), "-m", "include.openmetadata.warm", str(self._socket)],
            cwd=PROJECT_ROOT,
            stdout=2,
            preexec_fn=partial(die_with_parent, os.getpid()),
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self._folder)

    def connector(self, workflows: Workflows) -> Connector:
        """The connector as a child of this process."""

        def run(consumer_group: str, deadline_seconds: float) -> int:
            with self.start(workflows, consumer_group) as started:
                return started.wait(deadline_seconds)

        return run

    def start(self, workflows: Workflows, consumer_group: str) -> WarmRun:
        """Start the connector. Raises NobodyThere when the process is gone, or does not listen in time."""
        attempts = retry(
            retry=retry_if_exception(lambda error: isinstance(error, NobodyThere) and self._process.poll() is None),
            stop=stop_after_delay(_START_SECONDS),
            wait=wait_fixed(0.05),
            reraise=True,
        )
        variables = workflows.connector_environment(consumer_group)
        return attempts(WarmRun)(self._socket, "openlineage", variables, (2, 2))

    @property
    def _socket(self) -> Path:
        return self._folder / "socket"


def run_workflow(
    workflows: Workflows, workflow: str, variables: Mapping[str, str], deadline_seconds: float = DEADLINE_SECONDS
) -> int:
    """Run a workflow, which writes to this process's output, by the process at ``OPENMETADATA_SOCKET`` if that answers.

    Args:
        workflows: how it is run.
        workflow: ``postgres``, ``openlineage`` or ``dbt``.
        variables: what its template names.
        deadline_seconds: when it is killed, seconds: one waits for minutes for a catalogue that does not answer.

    Returns:
        Its exit code; negative for the signal that ended it.

    Raises:
        WorkflowError: there is no such template, or the ingestion is not installed.
    """
    command, path = workflows.command(workflow), workflows.openmetadata.socket
    if path is not None:
        try:
            with WarmRun(path, workflow, variables) as run:
                return run.wait(deadline_seconds)
        except NobodyThere as error:
            log.warning("%s starts by itself, which takes some seconds more: %s", workflow, error)
    return _as_process(command, variables, deadline_seconds)


def connector(workflows: Workflows) -> Connector:
    """The OpenLineage connector, run as ``run_workflow`` does.

    Args:
        workflows: how it is run.
    """

    def run(consumer_group: str, deadline_seconds: float) -> int:
        variables = workflows.connector_environment(consumer_group)
        return run_workflow(workflows, "openlineage", variables, deadline_seconds)

    return run


def ended(connector: Connector, consumer_group: str, deadline_seconds: float) -> Ended:
    """How a run of the connector ends.

    Args:
        connector: runs it.
        consumer_group: the group that it reads in.
        deadline_seconds: when it is killed, seconds.
    """
    begun = time.monotonic()
    code = connector(consumer_group, deadline_seconds)
    if code >= 0:
        return Ended(code, f"ended with exit code {code}")
    if code == -signal.SIGKILL and time.monotonic() - begun >= deadline_seconds:
        return Ended(code, f"did not end within {deadline_seconds:g} s")
    return Ended(code, f"was ended by signal {-code}")


def describe_warehouse(workflows: Workflows, deadline_seconds: float = DEADLINE_SECONDS) -> None:
    """Bring the warehouse's tables and columns into the catalogue.

    Args:
        workflows: how it is run.
        deadline_seconds: when it is killed, seconds.

    Raises:
        WorkflowError: the workflow ended with an error, or cannot be started.
    """
    group, artifacts = workflows.openmetadata.consumer_group, workflows.dbt.run_artifacts
    require_success(
        "postgres", run_workflow(workflows, "postgres", workflows.environment(group, artifacts), deadline_seconds)
    )


def require_success(workflow: str, code: int) -> None:
    """Raises WorkflowError unless a workflow ended with exit code 0."""
    if code != 0:
        how = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
        raise WorkflowError(f"workflow {workflow} {how}: the lines above say why")


def _as_process(command: Sequence[str], variables: Mapping[str, str], deadline_seconds: float) -> int:
    # The kernel ends it with this process, however that ends.
    with subprocess.Popen(
        command, env={**os.environ, **variables}, preexec_fn=partial(die_with_parent, os.getpid())
    ) as process:
        try:
            return process.wait(deadline_seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()
        except BaseException:
            process.kill()
            raise

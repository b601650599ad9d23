"""Running OpenMetadata's OpenLineage connector without Airflow."""

import json
import os
import select
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from include.openmetadata.tied import die_with_parent
from include.openmetadata.workflows import TEMPLATES, WorkflowError, Workflows
from include.settings import PROJECT_ROOT

# Runs the connector in a consumer group and returns its exit code; negative: the signal that ended it.
Connector = Callable[[str], int]

# Ten minutes: one run reads some tens of thousands of events in that time.
DEADLINE_SECONDS = 600.0


def as_process(workflows: Workflows, deadline_seconds: float = DEADLINE_SECONDS) -> Connector:
    """The connector as a process of its own, which writes to this one's output.

    Args:
        workflows: how it is run.
        deadline_seconds: when it is killed, seconds: it waits for minutes for a catalogue that does not answer.
    """

    def run(consumer_group: str) -> int:
        variables = workflows.connector_environment(consumer_group)
        command, environment = workflows.command("openlineage"), {**os.environ, **variables}
        with subprocess.Popen(command, env=environment, preexec_fn=die_with_parent) as process:
            try:
                return process.wait(deadline_seconds)
            except subprocess.TimeoutExpired:
                process.kill()
                return process.wait()
            except BaseException:
                process.kill()
                raise

    return run


class WarmParent:
    """A process that has imported the connector and forks for each run, which saves its start: for many short runs.

    Used as a context manager; one run at a time. It ends with the thread that entered it.

    Args:
        python: the interpreter with openmetadata-ingestion.
        deadline_seconds: when a run is killed, seconds.
    """

    def __init__(self, python: Path, deadline_seconds: float = DEADLINE_SECONDS) -> None:
        self._python = python
        self._deadline = deadline_seconds
        self._child: int | None = None

    def __enter__(self) -> "WarmParent":
        self._process = subprocess.Popen(
            [str(self._python), "-m", "include.openmetadata.warm"],
            cwd=PROJECT_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._child is not None:
            os.kill(self._child, signal.SIGKILL)
        self._process.communicate()

    def connector(self, workflows: Workflows) -> Connector:
        """The connector as a child of this process."""

        def run(consumer_group: str) -> int:
            self.start(workflows, consumer_group)
            return self.wait()

        return run

    def start(self, workflows: Workflows, consumer_group: str) -> int:
        """Start a run.

        Returns:
            Its process id.

        Raises:
            WorkflowError: the process that should start it is gone.
        """
        variables = workflows.connector_environment(consumer_group)
        order = {"template": str(TEMPLATES / "openlineage.yaml"), "variables": variables}
        assert self._process.stdin is not None  # noqa: S101 - it was opened with a pipe
        self._process.stdin.write(json.dumps(order) + "\n")
        self._child = self._answer()
        return self._child

    def wait(self) -> int:
        """Wait for the end of the run; returns its exit code, negative for a signal. Raises WorkflowError."""
        if self._child is not None and not select.select([self._process.stdout], [], [], self._deadline)[0]:
            os.kill(self._child, signal.SIGKILL)
        code = self._answer()
        self._child = None
        return code

    def _answer(self) -> int:
        assert self._process.stdout is not None  # noqa: S101 - it was opened with a pipe
        answer = self._process.stdout.readline()
        if not answer:
            raise WorkflowError(f"the process that starts the connector ended with exit code {self._process.wait()}")
        return int(answer)

"""Run dbt in a task, in its own process or as a program beside it, with the same messages and results."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from airflow.sdk.exceptions import AirflowException, AirflowFailException
from cosmos.dbt import runner
from cosmos.operators.local import DbtBuildLocalOperator, DbtSeedLocalOperator

from dbt_lineage.airflow.dbt_tasks.reports import outcome_of_status
from dbt_lineage.events.dbt_messages import CommandEnd, Message, NodeStatus, of_callback
from dbt_lineage.events.dbt_process import DbtProcess

Hear = Callable[[Message], None]
# A way to run dbt. Parameters: the command with the program first, its variables, its folder, and a callback for messages.
Way = Callable[[list[str], Mapping[str, str], str, Hear], CommandEnd]


class DbtBuildFailed(AirflowException):
    """A node failed because of its SQL or its data. The message has each failed node with dbt's message."""


class DbtBuildFailedForGood(DbtBuildFailed, AirflowFailException):
    """A node failed, and Airflow must not retry."""


class DbtKilled(AirflowException):
    """dbt's process was killed, for example because memory ran out. Airflow retries, as after a worker's crash."""


def in_this_process(command: list[str], env: Mapping[str, str], cwd: str, hear: Hear) -> CommandEnd:
    """Run dbt in the task's process with Cosmos' runner, from the package that is installed here."""

    def call_back(said: Any) -> None:
        message = of_callback(said)
        if message is not None:
            hear(message)

    # The task's log has dbt's messages. dbt's own log file would be deleted with Cosmos' copy of the project.
    options = ("--log-level-file", "none")
    result = runner.run_command([*command, *options], dict(env), cwd, callbacks=[call_back])
    nodes = getattr(result.result, "results", None) or ()
    return CommandEnd(
        success=result.success,
        error=None if result.exception is None else str(result.exception),
        nodes=tuple(NodeStatus(each.node.unique_id, str(each.status), each.message) for each in nodes),
    )


def require_success(end: CommandEnd, kind: type[DbtBuildFailed] = DbtBuildFailed) -> None:
    """Raise unless dbt succeeded. The message has the failed nodes, each with dbt's message.

    Args:
        end: how dbt ended.
        kind: the error to raise for a failure.

    Raises:
        DbtBuildFailed: dbt failed. Its class is ``kind``.
        DbtKilled: dbt's process was killed.
    """
    if end.success:
        return
    failures = [
        f"{node.unique_id}: {(node.message or '').strip()}"
        for node in end.nodes
        if outcome_of_status(node.status) == "failed"
    ]
    message = "\n".join(failures) or end.error or "dbt failed"
    raise DbtKilled(message) if end.was_killed else kind(message)


class WithProgram:
    """Replaces the way in which Cosmos' local operators run a dbt program (``InvocationMode.SUBPROCESS``).

    dbt is stopped when its task is, and does not outlive it.
    """

    _process: DbtProcess | None = None

    def as_program(self, command: list[str], env: Mapping[str, str], cwd: str, hear: Hear) -> CommandEnd:
        """Run dbt as a process of its own."""
        self._process = DbtProcess(hear)
        return self._process.run(command, env, Path(cwd))

    def run_subprocess(self, command: list[str], env: dict[str, str], cwd: str, **_: Any) -> CommandEnd:
        """Run the command that Cosmos has built."""
        return self.as_program(command, env, cwd, lambda _: None)

    def handle_exception_subprocess(self, result: CommandEnd) -> None:
        """Fail with the nodes that failed."""
        require_success(result)

    def on_kill(self) -> None:
        """Let dbt cancel its queries. Airflow calls this when it stops the task."""
        if self._process is not None:
            self._process.stop()


class BuildOperator(WithProgram, DbtBuildLocalOperator):
    """``dbt build`` of one node."""


class SeedOperator(WithProgram, DbtSeedLocalOperator):
    """``dbt seed``."""

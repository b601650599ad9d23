"""Run dbt as a process of its own, and read its log line by line as it runs."""

import json
import logging
import signal
import subprocess
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from dbt_lineage.core.processes import watched
from dbt_lineage.events.dbt_messages import SHOWN_LEVELS, CommandEnd, Message, NodeStatus, of_line
from dbt_lineage.events.dbt_run import run_results
from dbt_lineage.manifest.dbt_program import ALLOWED, DbtProgramError, require_program

# Start and end of a node are messages of level debug. The project's own settings may suppress those.
LOG_OPTIONS = ("--log-format", "json", "--log-level", "debug", "--no-quiet", "--log-level-file", "none")
LOG_VERSION = 3
LINES_KEPT = 20
# A shell's exit code is this plus the signal's number when a signal ended its program.
_BY_SIGNAL = 128
_LEVELS = {"info": logging.INFO, "warn": logging.WARNING, "error": logging.ERROR}

log = logging.getLogger(__name__)


class DbtProcess:
    """A dbt command, run by the program of ``DBT_EXECUTABLE``.

    Each of dbt's messages is logged as it comes. So is a line that is not a message.

    Args:
        hear: called with each of dbt's messages, on the thread that waits for dbt.
    """

    def __init__(self, hear: Callable[[Message], None]) -> None:
        self._hear = hear
        self._process: subprocess.Popen[str] | None = None
        self._is_stopped = False
        self._invocation_id: str | None = None
        # Errors that belong to no node: dbt's own, and lines that are not messages, such as a usage.
        self._errors: deque[str] = deque(maxlen=LINES_KEPT)
        self._other_lines: deque[str] = deque(maxlen=LINES_KEPT)

    def run(self, command: Sequence[str], environment: Mapping[str, str], folder: Path) -> CommandEnd:
        """Run the command to its end. dbt ends too when this raises, or when the caller's process ends for any reason.

        Args:
            command: the program, then dbt's own arguments.
            environment: its variables.
            folder: the project's folder. dbt runs there and writes its artifacts to ``target`` in it.

        Returns:
            How it ended.

        Raises:
            DbtProgramError: there is no dbt to run, or its log cannot be read.
        """
        require_program(Path(command[0]))
        with watched([*command, *LOG_OPTIONS], environment, folder) as process:
            self._process = process
            assert process.stdout is not None  # noqa: S101 - it is a pipe
            if self._is_stopped:
                self.stop()
            try:
                for line in process.stdout:
                    self._read(line.rstrip("\n"), command[0])
                code = process.wait()
            except BaseException:
                self.stop()
                # dbt may have more output than the pipe holds, and would not end before it is read.
                process.stdout.read()
                raise
        return self._ended(code, command[0], folder)

    def stop(self) -> None:
        """Let dbt cancel its queries and end. After ten seconds it is killed. This returns at once."""
        self._is_stopped = True
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()

    def _read(self, line: str, program: str) -> None:
        try:
            said = json.loads(line)
            message = of_line(said)
        except (KeyError, ValueError, TypeError, AttributeError):
            self._other_lines.append(line)
            log.info("%s", line)
            return
        if said["info"]["name"] == "MainReportVersion":
            _require_version(said["data"], program)
            self._invocation_id = said["info"]["invocation_id"]
        if message is None:
            return
        if message.level in SHOWN_LEVELS and message.text.strip():
            log.log(_LEVELS[message.level], "%s", message.text)
        if message.level == "error" and not message.unique_id:
            self._errors.append(message.text)
        self._hear(message)

    def _ended(self, code: int, program: str, folder: Path) -> CommandEnd:
        killed_by = None if self._is_stopped else _signal_of(code)
        if self._is_stopped:
            error = "dbt was told to end before it was done"
        elif killed_by is not None:
            error = f"dbt was ended by {killed_by.name}"
        elif self._invocation_id is None:
            said = "\n".join(self._other_lines)
            raise DbtProgramError(
                f"DBT_EXECUTABLE={program} wrote no log that can be read as dbt's. It ended with exit code {code} and "
                f"said {said!r}. {ALLOWED}"
            )
        else:
            error = "\n".join(self._errors) or "\n".join((f"dbt ended with exit code {code}", *self._other_lines))
        return CommandEnd(code == 0, None if code == 0 else error, self._nodes(folder), killed_by is not None)

    def _nodes(self, folder: Path) -> tuple[NodeStatus, ...]:
        results = run_results(folder / "target")
        # If this command never reached its nodes, the file is of an earlier one.
        if results is None or results["metadata"]["invocation_id"] != self._invocation_id:
            return ()
        return tuple(NodeStatus(each["unique_id"], each["status"], each.get("message")) for each in results["results"])


def _signal_of(code: int) -> signal.Signals | None:
    """The signal that ended the program, or the program that a script ran; None when none did."""
    number = -code if code < 0 else code - _BY_SIGNAL
    return next((each for each in signal.Signals if each == number), None)


def _require_version(said: Mapping[str, Any], program: str) -> None:
    """Refuse a log of another version. Raises DbtProgramError."""
    if said.get("log_version") != LOG_VERSION:
        raise DbtProgramError(
            f"DBT_EXECUTABLE={program}: dbt{said.get('version')} logs in version {said.get('log_version')}, and only "
            f"version {LOG_VERSION} can be read. {ALLOWED}"
        )

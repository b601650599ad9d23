"""The process that ingests, from outside: asked for passes, killed, and started again when it is needed."""

import select
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import IO

from stack.config import StackError

_LOG_LINES = 30


class Ingester:
    """The process of ``stack.chaos.ingestion``, used as a context manager.

    Args:
        log: where it writes what it does.
    """

    def __init__(self, log: Path) -> None:
        self.log = log
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> "Ingester":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self.kill()

    def start(self) -> None:
        """Start the process if it does not run; until it has all imported, what it is asked for waits."""
        if self._process is not None and self._process.poll() is None:
            return
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "stack.chaos.ingestion"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                text=True,
                bufsize=1,
            )

    def begin(self, title: str) -> None:
        """Ask for a pass.

        Args:
            title: what the log says before it.
        """
        self.start()
        with self.log.open("a") as output:
            output.write(f"\n=== {title}\n")
        _opened(self._running.stdin).write("go\n")

    def is_done(self) -> bool:
        """Whether the pass has ended, or its process."""
        return bool(select.select([self._running.stdout], [], [], 0)[0])

    def wait(self, seconds: float) -> int:
        """Wait for the end of the pass.

        Args:
            seconds: how long at most.

        Returns:
            How it ended; ``-signal.SIGKILL`` when the process was killed.

        Raises:
            StackError: it did not end in time, or its process ended by itself.
        """
        if not select.select([self._running.stdout], [], [], seconds)[0]:
            raise self._unforeseen(f"did not end within {seconds:.0f} s")
        answer = _opened(self._running.stdout).readline()
        if answer:
            return int(answer)
        code = self._running.wait()
        if code != -signal.SIGKILL:
            raise self._unforeseen(f"ended with exit code {code}")
        return code

    def stop(self) -> None:
        """SIGSTOP the process: it stalls in the middle of what it is doing."""
        self._running.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """SIGCONT the process."""
        self._running.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """SIGKILL the process."""
        self._running.kill()
        self._running.wait()

    @property
    def _running(self) -> "subprocess.Popen[str]":
        if self._process is None:
            raise StackError("the ingestion was not started")
        return self._process

    def _unforeseen(self, what: str) -> StackError:
        tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-_LOG_LINES:])
        return StackError(f"the ingestion {what}. {self.log} ends:\n{tail}")


def _opened(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None  # noqa: S101 - it was opened with the process
    return pipe

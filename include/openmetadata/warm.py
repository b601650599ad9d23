"""A process that keeps openmetadata-ingestion imported and forks for each workflow: ``… -m include.openmetadata.warm SOCKET``.

Runs in the environment of openmetadata-ingestion; ``include.openmetadata.runs`` speaks to it, over a socket file that
only its user can open. A request is one line of JSON, the template's path and the variables, and brings along what the
workflow is to write to, as file descriptors. The answer is the process id of the workflow and, at its end, its exit
code (negative: the signal), a line each. The workflow of a caller that hangs up, for whatever reason, is killed.

Never two workflows in one process: the package remembers edges that the server may have lost. And one thread only: what
other threads hold as a process forks, the child would wait for without end.
"""

import json
import logging
import os
import selectors
import signal
import socket
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from include.processes import die_with_parent

# A caller sends its request as soon as it is connected.
_REQUEST_SECONDS = 5.0
_REQUEST_BYTES = 1 << 16
_OUTPUTS = 2

log = logging.getLogger("warm")


@dataclass(frozen=True)
class Run:
    """A workflow under way.

    Args:
        caller: who asked for it.
        child: its process id.
        end: a pipe that ends with the process.
    """

    caller: socket.socket
    child: int
    end: int


class Forks:
    """Starts a child for each request, and tells how it ended.

    Args:
        listener: where callers connect.
        metadata: the package's command line.
    """

    def __init__(self, listener: socket.socket, metadata: Any) -> None:
        self._listener = listener
        self._metadata = metadata
        self._runs: list[Run] = []
        self._waiting = selectors.DefaultSelector()
        self._waiting.register(listener, selectors.EVENT_READ)

    def serve(self) -> None:
        """Serve without end."""
        while True:
            ready = {key.fileobj for key, _ in self._waiting.select()}
            # The run of a caller that is gone must not write beside that of the next caller, so it ends first.
            for run in [each for each in self._runs if ready & {each.caller, each.end}]:
                self._end(run)
            if self._listener in ready:
                self._accept()

    def _end(self, run: Run) -> None:
        """The process has ended, or its caller has hung up: it has nothing more to say."""
        os.kill(run.child, signal.SIGKILL)
        code = os.waitstatus_to_exitcode(os.waitpid(run.child, 0)[1])
        log.info("workflow %d ended with %d", run.child, code)
        self._runs.remove(run)
        self._waiting.unregister(run.caller)
        self._waiting.unregister(run.end)
        os.close(run.end)
        _tell(run.caller, code)
        run.caller.close()

    def _accept(self) -> None:
        caller, _ = self._listener.accept()
        caller.settimeout(_REQUEST_SECONDS)
        outputs: list[int] = []
        try:
            text, outputs, _, _ = socket.recv_fds(caller, _REQUEST_BYTES, _OUTPUTS)
            # Who only looks whether somebody is here says nothing.
            if text:
                self._start(caller, _request(caller, text), outputs)
        except (OSError, ValueError) as error:
            log.warning("a request was refused: %r", error)
        finally:
            for output in outputs:
                os.close(output)
        if all(run.caller is not caller for run in self._runs):
            caller.close()

    def _start(self, caller: socket.socket, request: dict[str, Any], outputs: Sequence[int]) -> None:
        if len(outputs) != _OUTPUTS:
            raise ValueError(f"{len(outputs)} outputs came with the request")
        run = self._fork(caller, request, outputs)
        log.info("workflow %d is %s", run.child, request["template"])
        self._runs.append(run)
        self._waiting.register(run.caller, selectors.EVENT_READ)
        self._waiting.register(run.end, selectors.EVENT_READ)
        _tell(caller, run.child)

    def _fork(self, caller: socket.socket, request: dict[str, Any], outputs: Sequence[int]) -> Run:
        end, kept_by_child = os.pipe()
        parent = os.getpid()
        child = os.fork()
        if child == 0:
            die_with_parent(parent)
            self._forget_the_others(caller, end)
            for number, output in enumerate(outputs, start=1):
                os.dup2(output, number)
            os.environ.update(request["variables"])
            _work(self._metadata, request["template"])
        os.close(kept_by_child)
        return Run(caller, child, end)

    def _forget_the_others(self, caller: socket.socket, end: int) -> None:
        """In a child: what would keep a caller from seeing that this process's parent hung up."""
        self._waiting.close()
        for connection in (self._listener, caller, *(run.caller for run in self._runs)):
            connection.close()
        for pipe in (end, *(run.end for run in self._runs)):
            os.close(pipe)


def listening(path: Path) -> socket.socket:
    """A socket file that only its user can open; one that was left behind is replaced."""
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    mask = os.umask(0o177)
    try:
        listener.bind(str(path))
    finally:
        os.umask(mask)
    listener.listen()
    return listener


def _request(caller: socket.socket, text: bytes) -> dict[str, Any]:
    """The whole request, of which ``text`` has come. Raises ValueError when it is none, OSError when it does not come."""
    while not text.endswith(b"\n"):
        more = caller.recv(_REQUEST_BYTES)
        if not more:
            raise ValueError("the request has no end")
        text += more
    request = json.loads(text)
    if not {"template", "variables"} <= request.keys():
        raise ValueError(f"the request has {sorted(request)} only")
    return request


def _tell(caller: socket.socket, number: int) -> None:
    try:
        caller.sendall(f"{number}\n".encode())
    except OSError as error:
        log.info("the caller is gone: %r", error)


def _work(metadata: Any, template: str) -> None:
    """Run one workflow and end the process with its exit code, without the parent's cleaning up."""
    code = 1
    try:
        metadata(["ingest", "-c", template])
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    else:
        code = 0
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def main() -> None:
    """Serve at the socket that the command line names."""
    # Who calls before the package is imported waits.
    listener = listening(Path(sys.argv[1]))
    # The imports that a workflow would make first; the rest of it is what is left to do in a child.
    from metadata.cmd import metadata
    from metadata.ingestion.ometa.ometa_api import OpenMetadata  # noqa: F401
    from metadata.ingestion.source.database.dbt import metadata as dbt  # noqa: F401
    from metadata.ingestion.source.database.postgres import metadata as postgres  # noqa: F401
    from metadata.ingestion.source.pipeline.openlineage import metadata as openlineage  # noqa: F401

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    log.info("ready at %s", sys.argv[1])
    Forks(listener, metadata).serve()


if __name__ == "__main__":
    main()

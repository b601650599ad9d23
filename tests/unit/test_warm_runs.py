"""A workflow that is started by a warm process writes to its caller's output, and ends with its caller."""

import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from tenacity import Retrying, retry_if_exception_type, retry_if_result, stop_after_delay, wait_fixed

from include import settings
from include.openmetadata.runs import NobodyThere, WarmRun, ended, run_workflow
from include.openmetadata.workflows import Workflows
from include.settings import PROJECT_ROOT

# What a workflow does is told by its variables; the real ones are run by the integration tests.
SERVER = """
import os, sys, time
from pathlib import Path
from include.openmetadata.warm import Forks, listening

def metadata(arguments):
    print("ran", arguments[-1].rsplit("/", 1)[-1], flush=True)
    time.sleep(float(os.environ["SECONDS"]))
    sys.exit(int(os.environ["CODE"]))

Forks(listening(Path(sys.argv[1])), metadata).serve()
"""
CALLER = """
import sys
from pathlib import Path
from include.openmetadata.runs import WarmRun

with WarmRun(Path(sys.argv[1]), "dbt", {"SECONDS": sys.argv[2], "CODE": sys.argv[3]}) as run:
    print("started", run.process_id, file=sys.stderr, flush=True)
    print("ended", run.wait(60), file=sys.stderr, flush=True)
"""


def eventually(condition: Callable[[], bool]) -> bool:
    return Retrying(
        retry=retry_if_result(lambda holds: not holds),
        stop=stop_after_delay(20),
        wait=wait_fixed(0.01),
        retry_error_callback=lambda _: False,
    )(condition)


def is_alive(process_id: int) -> bool:
    """Whether a process runs; one that was killed and that nobody has asked for yet does not."""
    try:
        return psutil.Process(process_id).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture
def server(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", SERVER, str(tmp_path / "socket")], cwd=PROJECT_ROOT) as process:
        yield process
        process.kill()


@pytest.fixture
def path(server: subprocess.Popen[bytes], tmp_path: Path) -> Path:
    """The socket, once somebody listens."""
    path = tmp_path / "socket"
    attempts = Retrying(retry=retry_if_exception_type(NobodyThere), stop=stop_after_delay(20), wait=wait_fixed(0.01))
    attempts(started, path).__exit__(None, None, None)
    return path


def started(path: Path, seconds: float = 60, code: int = 0) -> WarmRun:
    return WarmRun(path, "dbt", {"SECONDS": str(seconds), "CODE": str(code)})


@pytest.fixture
def caller(path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that waits for a workflow of a minute."""
    command = [sys.executable, "-c", CALLER, str(path), "60", "0"]
    with subprocess.Popen(command, cwd=PROJECT_ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as made:
        yield made
        made.kill()


def workflow_of(caller: subprocess.Popen[str]) -> int:
    assert caller.stderr is not None
    word, process_id = caller.stderr.readline().split()
    assert word == "started"
    return int(process_id)


def test_it_writes_to_the_callers_output_and_tells_its_exit_code(path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CALLER, str(path), "0", "3"], cwd=PROJECT_ROOT, capture_output=True, text=True
    )
    assert done.stdout == "ran dbt.yaml\n"
    assert done.stderr.splitlines()[-1] == "ended 3"


def test_several_run_side_by_side(path: Path) -> None:
    with started(path) as long, started(path, 0, 4) as short:
        assert short.wait(20) == 4
        assert is_alive(long.process_id)


def test_the_workflow_of_a_killed_caller_is_killed_before_the_next_one_starts(
    path: Path, caller: subprocess.Popen[str]
) -> None:
    orphan = workflow_of(caller)
    caller.kill()
    caller.wait()
    with started(path, 0):
        assert not is_alive(orphan)


def test_one_that_takes_too_long_is_killed_and_gone(path: Path) -> None:
    with started(path) as run:
        assert run.wait(0.1) == -signal.SIGKILL
        assert not is_alive(run.process_id)


@pytest.mark.parametrize(
    ("code", "deadline", "died", "how"),
    [
        (1, 0, False, "ended with exit code 1"),
        (-signal.SIGSEGV, 0, True, "was ended by signal 11"),
        (-signal.SIGKILL, 3600, True, "was ended by signal 9"),
        (-signal.SIGKILL, 0, True, "did not end within 0 s"),
    ],
)
def test_how_the_connector_ended_is_said_in_words(code: int, deadline: float, died: bool, how: str) -> None:
    outcome = ended(lambda group, seconds: code, "group", deadline)
    assert (outcome.died, outcome.how) == (died, how)


def test_a_workflow_that_was_killed_says_by_what(path: Path) -> None:
    with started(path) as run:
        os.kill(run.process_id, signal.SIGTERM)
        assert run.wait(20) == -signal.SIGTERM


def test_when_the_warm_process_dies_its_workflows_die_and_the_caller_knows(
    path: Path, server: subprocess.Popen[bytes]
) -> None:
    with started(path) as run:
        server.kill()
        server.wait()
        assert run.wait(20) == -signal.SIGKILL
        assert eventually(lambda: not is_alive(run.process_id))


def test_what_is_no_request_does_not_end_the_warm_process(path: Path) -> None:
    for nonsense in (b"", b"no request\n", b"{}\n", b'{"template": "x", "variables": {}}\n'):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.connect(str(path))
            connection.sendall(nonsense)
    with started(path, 0, 5) as run:
        assert run.wait(20) == 5


def test_only_its_user_may_open_the_socket(path: Path) -> None:
    assert path.stat().st_mode & 0o777 == 0o600


def test_without_a_warm_process_a_workflow_starts_by_itself_and_says_so(
    environment: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    # This interpreter has no openmetadata-ingestion, so the workflow's own process ends with 1, and fast.
    environment.setenv("OPENMETADATA_PYTHON", sys.executable)
    environment.setenv("OPENMETADATA_SOCKET", str(tmp_path / "nobody"))
    workflows = Workflows(settings.openmetadata(), settings.warehouse(), settings.kafka(), settings.dbt())
    with caplog.at_level(logging.WARNING):
        assert run_workflow(workflows, "openlineage", {}) == 1
    assert f"openlineage starts by itself, which takes some seconds more: {tmp_path / 'nobody'}: " in caplog.text

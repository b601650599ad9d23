"""dbt as a program of its own: what it says is read as it says it, and it does not outlive whoever runs it."""

import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from tenacity import retry, retry_if_result, stop_after_delay, wait_fixed

from dbt_lineage.airflow.dbt_tasks.running import DbtBuildFailed, DbtKilled, require_success
from dbt_lineage.core import settings
from dbt_lineage.events.dbt_messages import CommandEnd, Message, NodeStatus
from dbt_lineage.events.dbt_process import DbtProcess
from dbt_lineage.manifest.dbt_program import DbtProgramError
from stack.checkout import PROJECT_ROOT
from stack.config import PYTHON_PATH

# The console script of the dbt in this environment: a program like any other.
DBT = Path(sys.executable).with_name("dbt")
PATIENCE_SECONDS = 20
VERSION = {
    "info": {
        **{"name": "MainReportVersion", "level": "info", "msg": "Running with dbt=1.11.16"},
        **{"invocation_id": "an invocation", "ts": "2026-11-22T14:12:07.083879Z"},
    },
    "data": {"version": "=1.11.16", "log_version": 3},
}
ERROR = {
    "info": {**VERSION["info"], "name": "MainEncounteredError", "level": "error", "msg": "no such table"},
    "data": {},
}
FROM_HERE = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "WAREHOUSE_PASSWORD": "unused"}

until = retry(
    retry=retry_if_result(lambda seen: not seen), stop=stop_after_delay(PATIENCE_SECONDS), wait=wait_fixed(0.02)
)
MakeProgram = Callable[[str], Path]


@pytest.fixture
def program(tmp_path: Path) -> MakeProgram:
    """Makes a program of a shell script, in a folder of its own."""

    def make(script: str) -> Path:
        file = tmp_path / "a folder" / "dbt"
        file.parent.mkdir()
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)
        return file

    return make


def says(*messages: object) -> str:
    """A script that says messages of dbt."""
    return "\n".join(f"echo {shlex.quote(json.dumps(message))}" for message in messages)


def run(program: Path, folder: Path, *arguments: str) -> tuple[CommandEnd, list[Message]]:
    heard: list[Message] = []
    return DbtProcess(heard.append).run([str(program), *arguments], FROM_HERE, folder), heard


def processes_of(mark: str) -> list[psutil.Process]:
    """The processes that have a word in their command line."""
    return [
        process
        for process in psutil.process_iter(["cmdline", "status"])
        if mark in (process.info["cmdline"] or []) and process.info["status"] != psutil.STATUS_ZOMBIE
    ]


# --- the dbt of this environment, as a program


def options(target: Path) -> list[str]:
    return [*settings.dbt().options, "--target-path", str(target), "--no-partial-parse"]


def test_what_dbt_says_is_heard_and_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    end, heard = run(DBT, tmp_path, "parse", *options(tmp_path / "target"))
    assert end == CommandEnd(True, None, ())
    assert heard[0].name == "MainReportVersion"
    assert {message.invocation_id for message in heard} == {heard[0].invocation_id}
    assert [record.getMessage() for record in caplog.records if "Running with dbt=" in record.getMessage()]
    assert '"info":' not in caplog.text
    assert (tmp_path / "target" / "manifest.json").exists()


def test_what_a_project_chose_of_its_log_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = {"DBT_LOG_LEVEL": "error", "DBT_QUIET": "true", "DBT_LOG_FORMAT": "text"}
    monkeypatch.setitem(FROM_HERE, "DBT_LOG_PATH", str(tmp_path / "logs"))
    for name, value in chosen.items():
        monkeypatch.setitem(FROM_HERE, name, value)
    end, heard = run(DBT, tmp_path, "parse", *options(tmp_path / "target"))
    assert end.success
    assert "MainReportVersion" in [message.name for message in heard]
    assert not (tmp_path / "logs" / "dbt.log").exists()


def test_a_dbt_that_cannot_begin_says_why(tmp_path: Path) -> None:
    end, _ = run(DBT, tmp_path, "parse", "--project-dir", str(tmp_path), "--profiles-dir", str(tmp_path))
    assert not end.success
    assert end.error is not None
    assert "dbt_project.yml" in end.error
    with pytest.raises(DbtBuildFailed, match=r"dbt_project\.yml"):
        require_success(end)


def test_an_option_that_dbt_does_not_know_is_named(tmp_path: Path) -> None:
    with pytest.raises(DbtProgramError, match=r"exit code 2 and said .*No such option:? .*--no-such-thing.*Allowed is"):
        run(DBT, tmp_path, "build", "--no-such-thing")


# --- what is no dbt


def test_a_program_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DbtProgramError, match=r"DBT_EXECUTABLE=.*/nothing: there is no such file\. Allowed is"):
        run(tmp_path / "nothing", tmp_path)


def test_a_file_that_may_not_be_run_is_refused(program: MakeProgram, tmp_path: Path) -> None:
    file = program("exit 0")
    file.chmod(0o644)
    with pytest.raises(DbtProgramError, match=r"DBT_EXECUTABLE=.*/dbt: this user may not run that file\. Allowed is"):
        run(file, tmp_path)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("exit 0", "exit code 0 and said ''"),
        ("echo hello; exit 3", "exit code 3 and said 'hello'"),
        ("echo '{\"hello\": 1}'; echo '[]' >&2", "exit code 0 and said "),
        ("exec /no/such/interpreter", "exit code 127 and said "),
    ],
)
def test_a_program_that_is_no_dbt_is_refused(program: MakeProgram, tmp_path: Path, script: str, said: str) -> None:
    with pytest.raises(DbtProgramError) as refused:
        run(program(script), tmp_path)
    assert "wrote no log that can be read as dbt's" in str(refused.value)
    assert said in str(refused.value)


def test_a_log_of_another_version_is_refused_at_once(program: MakeProgram, tmp_path: Path) -> None:
    other = {**VERSION, "data": {"version": "=9.0.0", "log_version": 4}}
    file = program(f"{says(other)}\nexec sleep 3600")
    with pytest.raises(DbtProgramError, match=r"dbt=9\.0\.0 logs in version 4, and only version 3 can be read"):
        run(file, tmp_path)


def test_a_line_that_is_no_message_is_logged_as_it_is(
    program: MakeProgram, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    end, heard = run(program(f"echo a warning of Python >&2\n{says(VERSION)}\necho '{{\"info\": {{}}}}'"), tmp_path)
    assert end.success
    assert [message.name for message in heard] == ["MainReportVersion"]
    logged = [record.getMessage() for record in caplog.records]
    assert logged == ["a warning of Python", "Running with dbt=1.11.16", '{"info": {}}']


def test_the_results_of_an_earlier_command_are_not_those_of_one_that_did_not_come_to_its_nodes(
    program: MakeProgram, tmp_path: Path
) -> None:
    (tmp_path / "target").mkdir()
    left = {"unique_id": "seed.a", "status": "success", "message": "INSERT 5"}

    def leave(invocation: str) -> None:
        results = {"metadata": {"invocation_id": invocation}, "results": [left]}
        (tmp_path / "target" / "run_results.json").write_text(json.dumps(results))

    file = program(f"{says(VERSION, ERROR)}\nexit 2")
    leave("another invocation")
    assert run(file, tmp_path)[0] == CommandEnd(False, "no such table", ())
    leave("an invocation")
    assert run(file, tmp_path)[0].nodes == (NodeStatus("seed.a", "success", "INSERT 5"),)


# --- how it ends


@pytest.mark.parametrize(
    "how", ["kill -s KILL $$", "sh -c 'kill -s KILL $$'; exit $?"], ids=["itself", "below a script"]
)
def test_a_dbt_that_is_killed_is_tried_again(program: MakeProgram, tmp_path: Path, how: str) -> None:
    end, _ = run(program(f"{says(VERSION)}\n{how}"), tmp_path)
    assert end == CommandEnd(False, "dbt was ended by SIGKILL", (), was_killed=True)
    with pytest.raises(DbtKilled, match="dbt was ended by SIGKILL"):
        require_success(end)


def test_a_dbt_that_is_told_to_end_gets_an_interrupt_and_has_time(program: MakeProgram, tmp_path: Path) -> None:
    file = program(f"trap 'echo cancelled; exit 2' INT\n{says(VERSION)}\nwhile :; do sleep 0.1; done")
    process = DbtProcess(lambda _: process.stop())
    end = process.run([str(file)], FROM_HERE, tmp_path)
    assert end == CommandEnd(False, "dbt was told to end before it was done", ())


def test_a_dbt_that_was_told_to_end_before_it_began_ends(program: MakeProgram, tmp_path: Path) -> None:
    process = DbtProcess(lambda _: None)
    process.stop()
    assert not process.run([str(program("exec sleep 3600"))], FROM_HERE, tmp_path).success


def test_what_a_script_started_ends_with_it(program: MakeProgram, tmp_path: Path) -> None:
    mark = f"3600.{os.getpid()}"
    run(program(f"{says(VERSION)}\nsleep {mark} >/dev/null 2>&1 &"), tmp_path)
    until(lambda: not processes_of(mark))()


def test_an_error_of_whoever_hears_ends_dbt(program: MakeProgram, tmp_path: Path) -> None:
    mark = f"3601.{os.getpid()}"

    def hear(message: Message) -> None:
        raise LookupError(message.name)

    with pytest.raises(LookupError, match="MainReportVersion"):
        DbtProcess(hear).run([str(program(f"{says(VERSION)}\nsleep {mark}"))], FROM_HERE, tmp_path)
    assert not processes_of(mark)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
@pytest.mark.parametrize("deaf", [False, True], ids=["hears", "ignores SIGINT"])
def test_dbt_does_not_outlive_the_process_that_runs_it(
    program: MakeProgram, tmp_path: Path, number: signal.Signals, deaf: bool
) -> None:
    if deaf and number != signal.SIGKILL:
        pytest.skip("the same for each signal")
    mark = f"36{number.value:02}.{os.getpid()}"
    ignored = "trap '' INT\n" if deaf else ""
    # A script that runs another program, as a wrapper does.
    file = program(f"{ignored}{says(VERSION)}\nsleep {mark}\necho not reached")
    script = (
        "import signal, sys; from pathlib import Path\n"
        "from dbt_lineage.events.dbt_process import DbtProcess\n"
        # What a shell starts in the background ignores it.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "DbtProcess(lambda message: print(message.name, flush=True)).run([sys.argv[1]], {}, Path(sys.argv[2]))\n"
    )
    task = subprocess.Popen(
        [sys.executable, "-c", script, str(file), str(tmp_path)],
        stdout=subprocess.PIPE,
        cwd=PROJECT_ROOT,
        env={**os.environ, "PYTHONPATH": PYTHON_PATH},
        text=True,
    )
    with task:
        assert task.stdout is not None
        assert task.stdout.readline() == "MainReportVersion\n"
        until(lambda: processes_of(mark))()
        task.send_signal(number)
    until(lambda: not processes_of(mark))()
    until(lambda: not processes_of(str(file)))()


def test_dbt_hears_the_signal_though_the_process_that_runs_it_ignores_it(program: MakeProgram, tmp_path: Path) -> None:
    """As where a shell has started Airflow in the background. A shell cannot hear what was ignored before it began."""
    mark, heard = f"3602.{os.getpid()}", tmp_path / "heard"
    file = program(f"trap 'echo >{heard}' INT\n{says(VERSION)}\nsleep {mark}")
    script = (
        "import signal, sys; from pathlib import Path\n"
        "from dbt_lineage.events.dbt_process import DbtProcess\n"
        "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "DbtProcess(lambda message: None).run([sys.argv[1]], {}, Path(sys.argv[2]))\n"
    )
    task = subprocess.Popen(
        [sys.executable, "-c", script, str(file), str(tmp_path)],
        cwd=PROJECT_ROOT,
        env={**os.environ, "PYTHONPATH": PYTHON_PATH},
    )
    with task:
        until(lambda: processes_of(mark))()
        task.kill()
    until(heard.exists)()
    until(lambda: not processes_of(mark))()

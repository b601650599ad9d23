"""What every command says when something goes wrong: one sentence, exit code 1, and where the traceback is."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from dbt_lineage.core.settings import PROJECT_ROOT


def run(code: str, tmp_path: Path) -> tuple[subprocess.CompletedProcess[str], str]:
    """Run a command whose main function is this code; returns how it ended and what its log has."""
    script = (
        "from pathlib import Path\nfrom dbt_lineage.core import commands\nfrom dbt_lineage.core.errors import ExpectedError\n"
        f"commands.LOG_FOLDER = Path({str(tmp_path)!r})\ndef main():\n    {code}\ncommands.run('try', main)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=PROJECT_ROOT, capture_output=True, text=True)
    log = tmp_path / "try.log"
    return done, log.read_text() if log.is_file() else ""


def test_what_was_to_be_expected_is_printed_as_it_is(tmp_path: Path) -> None:
    done, log = run("raise ExpectedError('[red]a%s{b}[/]: not allowed')", tmp_path)
    assert done.returncode == 1
    assert done.stderr.splitlines() == ["try: [red]a%s{b}[/]: not allowed", f"try: traceback in {tmp_path / 'try.log'}"]
    assert "Traceback (most recent call last)" in log


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import httpx; httpx.get('http://127.0.0.1:9/api/x', timeout=5)", r"HTTP: GET http://127\.0\.0\.1:9/api/x: "),
        ("import psycopg2; psycopg2.connect(host='127.0.0.1', port=9)", "PostgreSQL: .*port 9 failed"),
        ("import requests; requests.get('http://127.0.0.1:9/api/x')", r"HTTP: GET http://127\.0\.0\.1:9/api/x: "),
        ("open('/not/there')", "/not/there: No such file or directory"),
        ("{}['key']", "unexpected KeyError: 'key'"),
    ],
)
def test_a_failed_call_says_what_failed_and_where(tmp_path: Path, code: str, said: str) -> None:
    done, log = run(code, tmp_path)
    assert done.returncode == 1
    assert re.match(f"try: {said}", done.stderr), done.stderr
    assert "Traceback" not in done.stderr
    assert "Traceback" in log


def test_what_main_returns_is_the_exit_code(tmp_path: Path) -> None:
    assert run("return 3", tmp_path)[0].returncode == 3
    assert run("return 'text'", tmp_path)[0].returncode == 0


def test_where_no_log_can_be_written_the_sentence_is_said_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "try.log").mkdir()
    done, _ = run("raise ExpectedError('the disk is full')", tmp_path)
    assert done.stderr.startswith("try: the disk is full\ntry: traceback in ")
    assert "Traceback" not in done.stderr

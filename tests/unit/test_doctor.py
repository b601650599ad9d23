"""The preflight: what stops the project is named with its remedy, before anything is installed."""

import os
import re
import shutil
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from stack.checkout import PROJECT_ROOT


def doctor(*options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The preflight, with these variables."""
    command = [sys.executable, "-m", "stack.doctor", *options]
    # Another home: a stack that runs from this checkout holds its own ports.
    variables = {**os.environ, "STACK_HOME": ".stack-of-no-stack", **environment}
    return subprocess.run(command, cwd=PROJECT_ROOT, env=variables, capture_output=True, text=True)


def test_a_machine_that_suits_passes_every_check() -> None:
    done = doctor()
    assert done.returncode == 0, done.stderr
    assert all(line.startswith("ok  ") for line in done.stdout.splitlines())
    assert doctor("--quiet").stdout == ""


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("SSL_CERT_FILE", "/not/there", "certificates: SSL_CERT_FILE=/not/there: this file cannot be read"),
        ("STACK_AIRFLOW_PORT", "eighty", "ports: STACK_AIRFLOW_PORT=eighty: a port is a number from 1 to 65535"),
        ("STACK_HOME", "/proc/stack", "folders: /proc: "),
    ],
)
def test_a_wrong_variable_is_named_with_its_remedy(variable: str, value: str, said: str) -> None:
    done = doctor("--quiet", **{variable: value})
    assert done.returncode == 1
    assert f"doctor: {said}" in done.stderr
    assert "Traceback" not in done.stderr


def test_java_is_looked_for_where_dbt_builds_on_spark_alone(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    without = {"PATH": str(tmp_path), "JAVA_HOME": str(tmp_path), "STACK_HOME": str(home)}
    assert "Java" not in doctor("--quiet", **without).stderr
    said = f"doctor: Java: none for Spark: Spark needs Java 17 or newer .* JAVA_HOME={tmp_path} cannot be run: "
    assert re.search(said, doctor("--quiet", STACK_WAREHOUSE="spark", **without).stderr)
    # As at the last start of the stack.
    (home / "warehouse").write_text("spark")
    assert re.search(said, doctor("--quiet", **without).stderr)


def test_a_folder_for_sockets_that_is_too_long(tmp_path: Path) -> None:
    folder = tmp_path / ("t" * 100)
    folder.mkdir()
    assert "a socket file's path is too long there" in doctor("--quiet", TMPDIR=str(folder)).stderr


def test_a_port_that_another_program_has() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said = doctor("--quiet", STACK_KAFKA_PORT=str(port)).stderr
    assert f"port {port} (STACK_KAFKA_PORT)" in said
    assert "choose another port with STACK_KAFKA_PORT" in said


def test_a_pip_that_starts_slowly_is_waited_for(tmp_path: Path) -> None:
    # A checkout where nothing is installed, on a machine where pip needs seconds to begin.
    for name in ("stack", "include", "requirements"):
        shutil.copytree(PROJECT_ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "page"))
    shutil.copy(PROJECT_ROOT / "requirements.txt", tmp_path)
    slow = tmp_path / "sitecustomize.py"
    slow.write_text("import sys, time\ntime.sleep(6 * any('pip' in word for word in sys.orig_argv))\n")
    variables = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "STACK_"))},
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": "https://127.0.0.1:9/simple",
        "PYTHONPATH": f"{tmp_path}:{tmp_path / 'include'}",
    }
    done = subprocess.run(
        [sys.executable, "-m", "stack.doctor"], cwd=tmp_path, env=variables, capture_output=True, text=True
    )
    said = "doctor: network: the package index does not answer through the proxy http://127.0.0.1:9: "
    assert said in done.stderr, done.stdout + done.stderr


def find_python(path: Path, *named: str) -> subprocess.CompletedProcess[str]:
    """The search for an interpreter, where PATH has one folder beside those of sh."""
    environment = {"PATH": f"{path}:/bin", "HOME": str(path), "PYENV_ROOT": str(path)}
    script = PROJECT_ROOT / "stack" / "find_python.sh"
    return subprocess.run(["/bin/sh", script, *named], env=environment, capture_output=True, text=True)


def other_python(folder: Path, name: str, version: str) -> None:
    """A program that says it is an old Python."""
    file = folder / name
    file.write_text(f'#!/bin/sh\n[ "$1" = --version ] && echo "Python {version}" && exit 0\nexit 1\n')
    file.chmod(file.stat().st_mode | stat.S_IXUSR)


def test_another_interpreter_is_taken_where_python3_is_too_old(tmp_path: Path) -> None:
    other_python(tmp_path, "python3", "3.9.2")
    (tmp_path / "python3.12").symlink_to(sys.executable)
    found = find_python(tmp_path)
    assert found.stdout.strip() in (sys.executable, str(tmp_path / "python3.12"))


def test_a_named_interpreter_that_is_too_old_is_refused_by_its_version(tmp_path: Path) -> None:
    other_python(tmp_path, "old", "3.9.2")
    found = find_python(tmp_path, str(tmp_path / "old"))
    assert found.returncode == 1
    assert "found Python 3.9.2; Python 3.11, 3.12 or 3.13 is required" in found.stderr
    assert found.stdout == ""

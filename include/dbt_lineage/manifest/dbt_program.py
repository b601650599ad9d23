"""dbt as a program: the one of ``DBT_EXECUTABLE``, or the dbt of this Python's environment."""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dbt_lineage.core.errors import ExpectedError
from dbt_lineage.core.settings import DbtSettings
from dbt_lineage.manifest.environment import environment

ALLOWED = (
    "Allowed is the path of a dbt program, such as /srv/dbt/bin/dbt, that logs in version 3, as dbt-core 1.11 does"
)


class DbtProgramError(ExpectedError):
    """There is no dbt that can be run and read; the message says what is allowed."""


def require_program(file: Path) -> None:
    """Make sure that ``DBT_EXECUTABLE`` is a program.

    Raises:
        DbtProgramError: it is not there, or may not be run.
    """
    if not file.is_file():
        raise DbtProgramError(f"DBT_EXECUTABLE={file}: there is no such file. {ALLOWED}")
    if not os.access(file, os.X_OK):
        raise DbtProgramError(f"DBT_EXECUTABLE={file}: this user may not run that file. {ALLOWED}")


def run_dbt(dbt: DbtSettings, arguments: Sequence[str], **options: Any) -> "subprocess.CompletedProcess[str]":
    """Run a command of dbt to its end, with no variables but those that it may read.

    Args:
        dbt: the project.
        arguments: dbt's own.
        options: of ``subprocess.run``. Its ``env`` is added to what dbt may read.

    Raises:
        DbtProgramError: there is no dbt to run.
    """
    if dbt.executable is not None:
        require_program(dbt.executable)
    elif importlib.util.find_spec("dbt") is None:
        raise DbtProgramError(
            f"dbt is not installed in the environment of {sys.executable}, and DBT_EXECUTABLE is not set. {ALLOWED}"
        )
    variables = {**environment(dbt), **options.pop("env", {})}
    try:
        return subprocess.run([*dbt.program, *arguments], env=variables, **options)
    except OSError as error:
        raise DbtProgramError(f"{' '.join(dbt.program)} cannot be run: {error.strerror}. {ALLOWED}") from None


def make_artifacts(dbt: DbtSettings, command: str, target: Path, refused: type[ExpectedError]) -> None:
    """Let dbt put its artifacts into a folder, manifest.json among them.

    Args:
        dbt: the project.
        command: ``parse`` or ``compile``.
        target: the folder.
        refused: the error to raise when dbt cannot do it; its message has dbt's words.

    Raises:
        DbtProgramError: there is no dbt to run, or what ran is none.
    """
    where = ("--target-path", str(target), "--log-path", str(target))
    done = run_dbt(dbt, ["--quiet", command, *dbt.options, *where], capture_output=True, text=True, errors="replace")
    said = (done.stdout + done.stderr).strip()
    if done.returncode != 0:
        by = "" if dbt.executable is None else f" by DBT_EXECUTABLE={dbt.executable}"
        raise refused(f"dbt {command} of {dbt.project_dir}{by} failed with exit code {done.returncode}:\n{said}")
    if not (target / "manifest.json").is_file():
        raise DbtProgramError(f"{' '.join(dbt.program)} is no dbt: its {command} made no manifest.json. {ALLOWED}")

"""Make one of the locked environments, and say how far it is: ``python3 -m stack.environments airflow LOCK …``.

Only Python's own library is used. Packages come as wheels alone: a compiler would run for minutes, and then fail where a
header is missing.
"""

import re
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from dbt_lineage.core import commands
from dbt_lineage.core.errors import ExpectedError

VENVS = Path(__file__).resolve().parent.parent / ".venvs"
UV = VENVS / "uv" / "bin" / "uv"
# Packages without a wheel, or without one for Python 3.13; each is built in seconds, without a compiler too.
MAY_BE_BUILT = ("antlr4-python3-runtime", "dsnparse", "odfpy", "pyspark", "sqlalchemy", "wtforms-json")
# A line of uv for each package that is installed would hide those that say how far it is.
_NOISE = re.compile(r"^ [-+~] |^Using Python|^Bytecode compiled|^Resolved|^Audited")


class EnvironmentFailed(ExpectedError):
    """An environment could not be made; the message says which package, and why."""


def make(name: str, locks: Sequence[str]) -> None:
    """Make or correct an environment so that it holds exactly what its locks name.

    Args:
        name: of the environment, a folder in ``.venvs``.
        locks: requirement files with hashes.

    Raises:
        EnvironmentFailed: uv could not do it; its whole output is in the log that the message names.
    """
    folder, started = VENVS / name, time.monotonic()
    version = ".".join(map(str, sys.version_info[:2]))
    packages = _names(locks)
    print(f"environment {name}: {len(packages)} packages for Python {version} …", flush=True)
    if not (folder / "lib" / f"python{version}").exists():
        _uv(name, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder))
    wheels = [option for package in packages if package not in MAY_BE_BUILT for option in ("--only-binary", package)]
    exact = ["--require-hashes", *wheels]
    # Compiled to bytecode ahead of time: without, each first workflow of the ingestion costs 5 s more.
    _uv(name, "pip", "sync", "--compile-bytecode", *exact, "--python", str(folder / "bin" / "python"), *locks)
    (folder / ".ready").touch()
    print(f"environment {name}: ready after {time.monotonic() - started:.0f} s", flush=True)


def _names(locks: Sequence[str]) -> list[str]:
    found = (re.findall(r"^([\w.-]+)(?:\[.*\])?==", Path(lock).read_text(), re.MULTILINE) for lock in locks)
    return sorted({name for names in found for name in names})


def _uv(name: str, *arguments: str) -> None:
    log = VENVS / f"{name}.log"
    with log.open("w") as kept:
        process = subprocess.Popen([UV, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        lines = []
        for line in process.stdout or ():
            kept.write(line)
            lines.append(line.rstrip())
            if not _NOISE.match(line) and not line.startswith("error"):
                print(f"  {line.rstrip()}", flush=True)
    if process.wait() != 0:
        first = next((number for number, line in enumerate(lines) if line.startswith("error")), 0)
        said = " ".join(" ".join(lines[first:]).split())
        raise EnvironmentFailed(f"environment {name}: uv {arguments[0]} failed: {said} (all that it said: {log})")


if __name__ == "__main__":
    commands.run("setup", lambda: make(sys.argv[1], sys.argv[2:]))

"""A Java that Spark runs on: ``python3 -m stack.java`` prints its home. Only Python's own library is used."""

import functools
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from dbt_lineage.core import commands
from dbt_lineage.core.errors import ExpectedError

OLDEST = 17
MODULE = "jdk.incubator.vector"


class NoJava(ExpectedError):
    """There is no Java that Spark runs on. The message has what was looked at, and what is needed."""


def home() -> Path:
    """The home of a Java that Spark runs on: that of ``JAVA_HOME``, else that of the ``java`` on the path.

    Raises:
        NoJava: neither is new enough and has the module.
    """
    return _home(os.environ.get("JAVA_HOME", ""), os.environ.get("PATH", os.defpath))


@functools.cache
def _home(java_home: str, path: str) -> Path:
    seen = []
    for where, java in _programs(java_home, path):
        lacks = _lacks(java)
        if lacks is None:
            return java.parent.parent
        seen.append(f"{where} {lacks}")
    raise NoJava(
        f"Spark needs Java {OLDEST} or newer with the module {MODULE}, which Debian's openjdk-17-jre-headless and Temurin have: "
        f"install one, and name its folder in JAVA_HOME. {'; '.join(seen) or 'There is no java on the path'}"
    )


def _programs(java_home: str, path: str) -> Iterator[tuple[str, Path]]:
    if java_home:
        yield f"JAVA_HOME={java_home}", Path(java_home, "bin", "java")
    if found := shutil.which("java", path=path):
        yield found, Path(found).resolve()


def _lacks(java: Path) -> str | None:
    """Why Spark does not run on a Java; None if it does."""
    try:
        done = subprocess.run([java, "--list-modules"], capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"cannot be run: {error}"
    version = re.search(r"^java\.base@(\d+)", done.stdout, re.MULTILINE)
    if version is None or int(version[1]) < OLDEST:
        return f"is Java {version[1]}" if version else "is older than Java 9"
    return None if re.search(rf"^{re.escape(MODULE)}@", done.stdout, re.MULTILINE) else f"has no module {MODULE}"


if __name__ == "__main__":
    commands.run("java", lambda: print(home()))

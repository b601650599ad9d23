"""A team that has an Airflow project already: its folder, its environment, and what it does with the wheel."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dbt_lineage.core import settings
from stack.checkout import PROJECT_ROOT

UV = PROJECT_ROOT / ".venvs" / "uv" / "bin" / "uv"
THEIR_PROJECT = PROJECT_ROOT / "tests" / "data" / "foreign_airflow"
THEIR_DAGS = sorted(file.stem for file in (THEIR_PROJECT / "dags").glob("*.py"))


def uv(*arguments: str | Path) -> str:
    """Run uv on packages that `make setup` has fetched; where its cache was emptied, it fetches them again."""
    for options in (["--offline"], []):
        done = subprocess.run([UV, *arguments, *options], capture_output=True, text=True)
        if done.returncode == 0:
            return done.stdout
    raise AssertionError(f"uv {arguments[0]} failed:\n{done.stderr[-3000:]}")


def built_wheel(folder: Path) -> Path:
    """Build the wheel of this checkout into a folder."""
    uv("build", "--quiet", "--wheel", "--out-dir", folder, PROJECT_ROOT)
    [wheel] = folder.glob("*.whl")
    return wheel


@dataclass(frozen=True)
class Adopter:
    """The team.

    Args:
        home: ``AIRFLOW_HOME``, which is the project, as Astro and others have it.
        environment: folder of the virtual environment.
    """

    home: Path
    environment: Path

    @classmethod
    def arrived(cls, folder: Path) -> "Adopter":
        """A project of their own and a fresh environment with Airflow, as the lock of this repository has it."""
        adopter = cls(folder / "airflow", folder / "environment")
        shutil.copytree(THEIR_PROJECT, adopter.home, ignore=shutil.ignore_patterns("__pycache__"))
        uv("venv", "--quiet", "--clear", "--python", sys.executable, adopter.environment)
        lock = PROJECT_ROOT / "requirements.txt"
        uv("pip", "sync", "--quiet", "--require-hashes", "--python", adopter.python, lock)
        return adopter

    @property
    def python(self) -> Path:
        """Their interpreter."""
        return self.environment / "bin" / "python"

    @property
    def packages(self) -> Path:
        """The folder of the installed packages."""
        [found] = self.environment.glob("lib/python3*/site-packages")
        return found

    @property
    def variables(self) -> dict[str, str]:
        """Those of their shell: nothing of this checkout is on the path, and no setting of it is there."""
        known = {variable for group in settings.GROUPS for variable in settings.variables(group).values()}
        own = ("AIRFLOW", "OPENLINEAGE", "PYTHON", "DBT_")
        inherited = {
            name: value for name, value in os.environ.items() if name not in known and not name.startswith(own)
        }
        return {
            **inherited,
            "PATH": f"{self.environment / 'bin'}:/usr/bin:/bin",
            "HOME": str(self.home.parent),
            "AIRFLOW_HOME": str(self.home),
            "PYTHONPATH": str(self.home),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__COSMOS__ENABLE_TELEMETRY": "False",
            "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        }

    def run(self, *command: str | Path, **variables: str) -> str:
        """What a command in their environment prints. It must end well."""
        done = subprocess.run(
            [self.environment / "bin" / command[0], *command[1:]],
            env={**self.variables, **variables},
            cwd=self.home,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"{command[0]} {command[1:]}:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
        return done.stdout

    def read_dags(self, **variables: str) -> dict[str, Any]:
        """What Airflow finds in their folder of DAG files."""
        script = Path(__file__).with_name("read_dags.py")
        return json.loads(self.run("python", script, self.home / "dags", **variables).splitlines()[-1])


@dataclass(frozen=True)
class Adoption:
    """What was there before the wheel came, and what after.

    Args:
        adopter: the team.
        packages_before: top-level names among the installed packages.
        programs_before: programs of the environment.
        dags_before: what Airflow found in their DAG files.
        said: what ``dbt-lineage init`` said.
    """

    adopter: Adopter
    packages_before: frozenset[str]
    programs_before: frozenset[str]
    dags_before: dict[str, Any]
    said: str


def names(folder: Path) -> frozenset[str]:
    """What stands in a folder."""
    return frozenset(each.name for each in folder.iterdir() if each.name != "__pycache__")

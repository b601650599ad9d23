"""Where relative paths begin, for a package in a checkout and for one that is installed."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dbt_lineage.core import places
from stack.checkout import PROJECT_ROOT

SHOW = "from dbt_lineage.core import places; print(places.base_folder()); print(places.error_logs())"


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The module as a wheel puts it: in a folder of packages."""
    packages = tmp_path / "environment" / "site-packages"
    folder = packages / "dbt_lineage" / "core"
    folder.mkdir(parents=True)
    for name in ("__init__.py", "core/__init__.py", "core/places.py"):
        shutil.copy(PROJECT_ROOT / "include" / "dbt_lineage" / name, packages / "dbt_lineage" / name)
    return packages


def base_folder(packages: Path, **variables: str) -> Path:
    work = packages.parents[1] / "work"
    work.mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-c", SHOW],
        env={"PYTHONPATH": str(packages), **variables},
        cwd=work,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    base, logs = map(Path, done.stdout.splitlines())
    assert logs == base / "build" / "errors"
    return base


def test_of_an_installed_package_it_is_the_folder_of_the_configuration_else_airflows_home_else_the_working_folder(
    installed: Path, tmp_path: Path
) -> None:
    home, configured = str(tmp_path / "home"), str(tmp_path / "etc" / "lineage.yml")
    assert base_folder(installed) == tmp_path / "work"
    assert base_folder(installed, AIRFLOW_HOME=home) == tmp_path / "home"
    assert base_folder(installed, AIRFLOW_HOME=home, LINEAGE_CONFIG=configured) == tmp_path / "etc"
    assert base_folder(installed, AIRFLOW_HOME=home, LINEAGE_CONFIG="etc/lineage.yml") == tmp_path / "work" / "etc"


def test_in_a_checkout_it_is_the_checkout_whatever_airflows_home_is(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    environment.delenv("LINEAGE_CONFIG", raising=False)
    environment.setenv("AIRFLOW_HOME", str(tmp_path))
    assert places.base_folder() == PROJECT_ROOT


def test_a_package_in_the_folder_include_of_a_project_takes_that_project(installed: Path, tmp_path: Path) -> None:
    project = tmp_path / "theirs"
    shutil.copytree(installed, project / "include")
    assert base_folder(project / "include", AIRFLOW_HOME="/elsewhere") == project

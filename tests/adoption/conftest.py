"""A team with an Airflow project of its own takes up the wheel, step by step as docs/adopt.md has it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from adopter import Adopter, Adoption, built_wheel, names, uv

from stack.checkout import PROJECT_ROOT

HOME = PROJECT_ROOT / ".stack-adopter"


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this checkout."""
    return built_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def adoption(wheel: Path) -> Iterator[Adoption]:
    """The wheel is installed beside what they have, and ``dbt-lineage init`` was run."""
    # Below the checkout, where packages can be hard links into uv's cache.
    shutil.rmtree(HOME, ignore_errors=True)
    adopter = Adopter.arrived(HOME)
    packages, programs, dags = names(adopter.packages), names(adopter.environment / "bin"), adopter.read_dags()
    uv("pip", "install", "--quiet", "--no-deps", "--python", adopter.python, wheel)
    said = adopter.run("dbt-lineage", "init", adopter.home)
    yield Adoption(adopter, packages, programs, dags, said)
    shutil.rmtree(HOME)

"""A small stack of these tests' own: PostgreSQL and Superset, over a warehouse that dbt built by hand."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from include import settings
from include.settings import PROJECT_ROOT
from stack import airflow, lifecycle
from stack.config import StackConfig, StackSettings

HOME = PROJECT_ROOT / ".stack-browser"


def _forget_settings() -> None:
    for member in vars(settings).values():
        if hasattr(member, "cache_clear"):
            member.cache_clear()


@pytest.fixture(scope="session")
def stack() -> Iterator[StackConfig]:
    """The running stack, from nothing."""
    config = StackConfig(StackSettings(home=HOME))
    lifecycle.clean(config)
    with pytest.MonkeyPatch.context() as environment:
        lifecycle.up(config, "postgres", "superset")
        for name, value in airflow.environment(config).items():
            environment.setenv(name, value)
        _forget_settings()
        try:
            yield config
        finally:
            lifecycle.down(config)
    _forget_settings()


@pytest.fixture(scope="session")
def built(stack: StackConfig) -> None:
    """The warehouse, built by dbt."""
    dbt = [str(Path(sys.executable).parent / "dbt"), "--quiet"]
    where = [*settings.dbt().options, "--target-path", str(stack.home / "target"), "--log-path", str(stack.logs)]
    for command in (["seed"], ["build", "--exclude", "resource_type:seed"]):
        subprocess.run([*dbt, *command, *where], env=airflow.full_environment(stack), check=True)

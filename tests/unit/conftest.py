"""What the unit tests share: a clean environment for the settings, and the jaffle shop's manifest, made by dbt once."""

import copy
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from dbt_lineage.core import settings
from dbt_lineage.manifest.parse import make_manifest
from tests.support import path_without_dbt

SECRETS = {
    "WAREHOUSE_PASSWORD": "dummy-password-of-dbt",
    "WAREHOUSE_READER_PASSWORD": "dummy-password-of-the-reader",
    "OPENMETADATA_TOKEN": "dummy-token-of-the-bot",
    "LEDGER_URL": "postgresql+psycopg2://dummy:dummy-password-of-the-ledger@127.0.0.1/dummy",
    "SUPERSET_PASSWORD": "dummy-password-of-the-refresher",
}


@contextmanager
def _clean_environment() -> Iterator[pytest.MonkeyPatch]:
    """Every setting has its default and every secret a dummy value, whatever the shell has set."""
    with pytest.MonkeyPatch.context() as patch:
        for group in settings.GROUPS:
            for variable in settings.variables(group).values():
                patch.delenv(variable, raising=False)
        for variable, value in SECRETS.items():
            patch.setenv(variable, value)
        settings.forget()
        yield patch
    settings.forget()


@pytest.fixture(autouse=True)
def environment() -> Iterator[pytest.MonkeyPatch]:
    """A clean environment for each test; what a test sets in it is undone."""
    with _clean_environment() as patch:
        yield patch


@pytest.fixture(scope="session")
def secrets() -> dict[str, str]:
    """The dummy secrets of the environment, by variable."""
    return dict(SECRETS)


@pytest.fixture(scope="session")
def artifacts_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the manifest of dbt-jaffle-shop, made by the project's own code."""
    folder = tmp_path_factory.mktemp("dbt")
    with _clean_environment() as patch:
        patch.setenv("DBT_ARTIFACTS_DIR", str(folder))
        make_manifest(settings.dbt())
    return folder


@pytest.fixture(scope="session")
def _manifest_content(artifacts_dir: Path) -> dict[str, Any]:
    return json.loads((artifacts_dir / "manifest.json").read_text(encoding="utf-8"))


@pytest.fixture
def manifest_content(_manifest_content: dict[str, Any]) -> dict[str, Any]:
    """The parsed manifest of dbt-jaffle-shop; a test may change it."""
    return copy.deepcopy(_manifest_content)


@pytest.fixture
def without_dbt(tmp_path: Path) -> str:
    """A PYTHONPATH with which Python has our code and every package of this environment but dbt."""
    return path_without_dbt(tmp_path / "without_dbt")

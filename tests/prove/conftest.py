"""A PostgreSQL of these tests' own, and one proof of the tiny project that all of them look at."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from tiny_project import TINY

from dbt_lineage.core.settings import DbtSettings, WarehouseSettings
from prove.observations import Store
from prove.postgres import own_postgres
from prove.run import Evidence, gather
from prove.scratch import Scratch

SEED = 1
# What came of the statements at random: their number and seed are in the summary of every run.
FUZZED = pytest.StashKey[str]()


@pytest.fixture
def at_the_end(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Says something in the summary of the whole run."""
    return lambda text: request.config.stash.__setitem__(FUZZED, text)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say how many statements were made at random, from which seed, and what came of them."""
    if FUZZED in config.stash:
        terminalreporter.section("column lineage of statements at random")
        terminalreporter.write_line(config.stash[FUZZED])


@pytest.fixture(scope="session")
def warehouse() -> Iterator[WarehouseSettings]:
    """An empty warehouse; no process and no file of it is left."""
    with own_postgres() as settings:
        yield settings


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the proof keeps dbt's artifacts and what was tried."""
    return tmp_path_factory.mktemp("prove")


@pytest.fixture(scope="session")
def dbt() -> DbtSettings:
    """The tiny project."""
    return DbtSettings(project_dir=TINY, profile="tiny", target="dev", seeds="*")


@pytest.fixture(scope="session")
def scratch(dbt: DbtSettings, warehouse: WarehouseSettings, folder: Path) -> Scratch:
    """Two copies of the warehouse, once they are made."""
    return Scratch(dbt, warehouse, folder / "dbt", copies=2)


@pytest.fixture(scope="session")
def evidence(scratch: Scratch, folder: Path) -> Evidence:
    """What the tiny project's data shows."""
    return gather(scratch, Store(folder / "observations"), SEED)


@pytest.fixture
def connection(warehouse: WarehouseSettings) -> Iterator[Any]:
    """A connection to the warehouse; what a test does in it is undone."""
    opened = psycopg2.connect(
        host=warehouse.host,
        port=warehouse.port,
        dbname=warehouse.database,
        user=warehouse.user,
        password=warehouse.password.get_secret_value(),
    )
    yield opened
    opened.close()

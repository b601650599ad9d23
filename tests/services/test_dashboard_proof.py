"""What the warehouse says of the dashboards' tables, on a real PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dbt_lineage.core import settings
from dbt_lineage.dashboards.proof import CheckError, Checks, checks, difference
from dbt_lineage.warehouse.postgres import PostgresWarehouse
from stack.config import StackConfig
from tests.support import query

SCHEMA = "Proof of dashboards"


@pytest.fixture
def reader(stack: StackConfig) -> Iterator[Checks]:
    """Reads a schema of the test's own."""
    query(f'create schema "{SCHEMA}"')
    ours = settings.warehouse()
    as_owner = ours.model_copy(update={"reader_user": ours.user, "reader_password": ours.password})
    try:
        with checks(PostgresWarehouse(as_owner), timeout_seconds=10) as connected:
            yield connected
    finally:
        query(f'drop schema "{SCHEMA}" cascade')


@pytest.mark.parametrize("column", ["t", "T", "fingerprint", "text"])
def test_a_change_of_any_column_is_seen_whatever_the_others_are_called(reader: Checks, column: str) -> None:
    query(f'create table "{SCHEMA}"."Sales" as select 1 as "{column}", 2 as amount')
    before = reader.fingerprint(SCHEMA, "Sales")
    query(f'update "{SCHEMA}"."Sales" set amount = 3')
    assert reader.fingerprint(SCHEMA, "Sales") != before


def check(folder: Path, text: bytes) -> Path:
    file = folder / "check.sql"
    file.write_bytes(text)
    return file


def test_numbers_that_are_none_are_compared(reader: Checks, tmp_path: Path) -> None:
    expected = reader.expected(check(tmp_path, b"select 'NaN'::numeric as n, 'Infinity'::numeric as most"), SCHEMA)
    assert difference(expected, [{"n": None, "most": float("inf")}]) is None
    assert difference(expected, [{"n": 1.0, "most": float("inf")}]) == "n is 1.0 instead of NaN"
    assert difference(expected, [{"n": None, "most": 7.0}]) == "most is 7.0 instead of Infinity"


@pytest.mark.parametrize(
    "text", [b"", b"selec 1", "select 'größer'".encode("latin-1"), b"select '0044-03-15 BC'::date"]
)
def test_a_check_that_cannot_be_read_is_named(reader: Checks, tmp_path: Path, text: bytes) -> None:
    with pytest.raises(CheckError, match=r"/check\.sql"):
        reader.expected(check(tmp_path, text), SCHEMA)

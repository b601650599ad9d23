"""What a chart should show, computed without Superset, and whether it does.

Beside the charts, ``checks/<chart>.sql`` has the data that each must equal. It is written by hand from the chart's meaning,
so a metric that is wrong in Superset differs from it. The type of a column decides the precision: an integer exactly,
``numeric(16, 2)`` to half a cent. The order of rows does not count.
"""

import math
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from dbt_lineage.core.errors import ExpectedError
from dbt_lineage.warehouse.naming import Adapter
from dbt_lineage.warehouse.port import Reader, Row, Warehouse, WarehouseError


class CheckError(ExpectedError):
    """The warehouse could not compute a chart's check; the message names the check, or the warehouse's address."""


class Checks:
    """Computes what the charts should show; used by ``checks``.

    Args:
        reader: reads the warehouse as the role that the charts read with.
        adapter: the rules of its SQL.
    """

    def __init__(self, reader: Reader, adapter: Adapter) -> None:
        self._reader = reader
        self.adapter = adapter

    def expected(self, check: Path, schema: str) -> list[Row]:
        """The rows of a check.

        Args:
            check: file with one query.
            schema: where its tables are.

        Raises:
            CheckError: the file is missing, or the warehouse refuses the query.
        """
        name = f"{check.parent.name}/{check.name}"
        try:
            query = check.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise CheckError(f"there is no {name} that says what it should show") from None
        except UnicodeDecodeError as error:
            raise CheckError(f"{name} is not UTF-8: {error}") from None
        try:
            return self._reader.rows(query, schema)
        except WarehouseError as error:
            raise CheckError(f"{name}: {error}") from None

    def fingerprint(self, schema: str, table: str) -> str:
        """A fingerprint of a table: it changes with any row, whatever their order.

        Raises:
            CheckError: the table cannot be read.
        """
        try:
            return self._reader.fingerprint(schema, table)
        except WarehouseError as error:
            raise CheckError(f"table {schema}.{table}: {error}") from None


@contextmanager
def checks(warehouse: Warehouse, timeout_seconds: float) -> Iterator[Checks]:
    """The checks of a warehouse, while it is read.

    Args:
        warehouse: the warehouse.
        timeout_seconds: how long one query may take, seconds.

    Raises:
        CheckError: it does not take a connection.
    """
    with ExitStack() as opened:
        try:
            reader = opened.enter_context(warehouse.reader(timeout_seconds))
        except WarehouseError as error:
            raise CheckError(str(error)) from None
        yield Checks(reader, warehouse.adapter)


def difference(expected: list[Row], shown: list[Row]) -> str | None:
    """The first difference between a chart's data and its check, in words; None if there is none.

    Args:
        expected: rows of the check. Columns that only the chart has, such as shares of a total, are not compared.
        shown: rows that Superset gave.
    """
    if len(expected) != len(shown):
        return f"{len(shown)} rows instead of {len(expected)}"
    if not expected:
        return None
    columns = list(expected[0])
    if lacking := [column for column in columns if column not in shown[0]]:
        return f"no column {', '.join(lacking)} among {', '.join(shown[0])}"
    # In the order of what is exact before what may differ in its last digit.
    order = sorted(columns, key=lambda column: any(isinstance(row[column], Decimal) for row in expected))
    pairs = zip(_sorted(expected, order), _sorted(shown, order), strict=True)
    for should, does in pairs:
        for column in columns:
            if not _equal(should[column], does[column]):
                where = ", ".join(str(value) for value in should.values() if isinstance(value, str | date))
                return f"{column}{f' of {where}' if where else ''} is {does[column]} instead of {should[column]}"
    return None


def _sorted(rows: Iterable[Row], columns: list[str]) -> list[Row]:
    return sorted(rows, key=lambda row: [_key(row[column]) for column in columns])


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal)


def _key(value: Any) -> tuple[int, Any]:
    value = _plain(value)
    if value is None:
        return (0, 0)
    return (1, float(value)) if _is_number(value) else (2, str(value))


def _plain(value: Any) -> Any:
    """Dates in Superset's form, milliseconds since 1970; None for what is no number."""
    if isinstance(value, datetime):
        return int((value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp() * 1000)
    if isinstance(value, date):
        return int(datetime(value.year, value.month, value.day, tzinfo=UTC).timestamp() * 1000)
    return None if isinstance(value, float | Decimal) and math.isnan(value) else value


def _equal(should: Any, does: Any) -> bool:
    should, does = _plain(should), _plain(does)
    if isinstance(should, Decimal) and should.is_finite() and _is_number(does):
        exponent = should.as_tuple().exponent
        # Half of the last digit: the chart has more digits than the check.
        return abs(should - Decimal(repr(does))) <= Decimal(5).scaleb(int(exponent) - 1)
    return should == does

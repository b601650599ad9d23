"""DuckDB's part of the dialects' corpus, run by DuckDB: the expected edges are those that the data shows."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from dbt_lineage.columns.model import DIRECT
from prove.dialects import Statement, statements

duckdb = pytest.importorskip("duckdb")

CORPUS = [statement for statement in statements() if statement.dialect == "duckdb"]
DAYS = [f"2026-01-0{day} 00:00:00" for day in range(1, 8)]
# The values of columns of a type or name; the first ones are there, and each is changed into each other.
VALUES: dict[str, list[Any]] = {
    "status": ["paid", "open", "paid", "sent"],
    "product": ["apple", "a", "b", "apple"],
    "q1": [3, 1, 4, 9],
    "q2": [1, 8, 3, 4],
    "q3": [2, 7, 1, 6],
    "q4": [6, 2, 9, 3],
    "amount": [20, 3, 14, 30],
    "discount": [1, 2, 4, 3],
    "id": [1, 2, 3, 4],
    "customer_id": [1, 1, 2, 2],
    "INTEGER": [5, 1, 8, 3],
    "VARCHAR": ["x", "y", "z", "x"],
    "TIMESTAMP": [DAYS[3], DAYS[1], DAYS[4], DAYS[0]],
    "VARCHAR[]": ["['paid', 'k']", "['v', 'w', 'u']", "['open']", "['k']"],
    "JSON": ['{"user": {"name": "Li"}, "n": 1}', '{"user": {"name": "Bo"}, "n": 2}', "{}", '{"n": 1}'],
    "MAP(VARCHAR, VARCHAR)": ["{colour=red}", "{colour=blue}", "{size=big}", "{colour=red}"],
    "STRUCT(street VARCHAR, zip INTEGER)": [
        "{'street': 'a', 'zip': 1}",
        "{'street': 'b', 'zip': 2}",
        "{'street': 'c', 'zip': 3}",
        "{'street': 'a', 'zip': 4}",
    ],
    "STRUCT(x INTEGER, y INTEGER)[]": [
        "[{'x': 1, 'y': 2}]",
        "[{'x': 3, 'y': 4}, {'x': 5, 'y': 6}]",
        "[{'x': 7, 'y': 8}]",
        "[{'x': 1, 'y': 9}]",
    ],
}
Change = tuple[str, str, dict[int, Any]]


def values_of(column: str, type_: str) -> list[Any]:
    return VALUES.get(column) or VALUES[type_]


def changes(statement: Statement) -> Iterator[Change]:
    """Other values for each column that the statement may read: for one row at a time, and for all."""
    for relation, columns in statement.schema.items():
        if relation.rpartition(".")[2] not in statement.sql.lower():
            continue
        for name, type_ in columns.items():
            values = values_of(name, type_)
            for row in range(4):
                for other in {str(value): value for value in (*values, None) if value != values[row]}.values():
                    yield relation, name, {row: other}
            yield relation, name, {row: values[(row + 1) % 4] for row in range(4)}


@cache
def warehouse() -> Any:
    connection = duckdb.connect(":memory:")
    connection.execute("attach ':memory:' as shop")
    connection.execute("use shop")
    for relation, columns in CORPUS[0].schema.items():
        listed = ", ".join(f'"{name}" {type_}' for name, type_ in columns.items())
        connection.execute(f"create table {relation} ({listed})")
        for row in range(4):
            marks = ", ".join(f"cast(? as {type_})" for type_ in columns.values())
            values = [values_of(name, type_)[row] for name, type_ in columns.items()]
            connection.execute(f"insert into {relation} values ({marks})", values)
    connection.execute("delete from shop.main.returns where id in (1, 4)")
    return connection


def output(statement: Statement, change: Change | None = None) -> dict[str, list[str]]:
    """The values of each output column, sorted, so that only what they are is compared."""
    connection = warehouse()
    connection.execute("begin")
    try:
        if change is not None:
            relation, name, others = change
            type_ = statement.schema[relation][name]
            for row, other in others.items():
                where = f"update {relation} set {name} = cast(? as {type_}) where rowid = {row}"
                connection.execute(where, [other])
        result = connection.execute(statement.sql)
        if is_written(statement):
            written = statement.expected.relation
            result = connection.execute(f"select {', '.join(statement.expected.columns)} from {written}")
        names = [column[0].lower() for column in result.description]
        table = result.fetchall()
    finally:
        connection.execute("rollback")
    return {name: sorted(str(row[place]) for row in table) for place, name in enumerate(names)}


def is_written(statement: Statement) -> bool:
    return statement.sql.startswith(("insert", "merge"))


@pytest.mark.parametrize("statement", CORPUS, ids=str)
def test_the_engine_runs_it_and_its_columns_have_these_names(statement: Statement) -> None:
    found = list(output(statement))
    expected = list(statement.expected.columns)
    assert found[: len(expected)] == expected
    assert len(found) == len(expected) or "*" in statement.unresolved


@pytest.mark.parametrize("statement", [each for each in CORPUS if "sample" not in each.sql], ids=str)
def test_the_data_shows_the_edges_and_no_other(statement: Statement) -> None:
    before = output(statement)
    seen: set[tuple[str, str, str]] = set()
    for change in changes(statement):
        after = output(statement, change)
        seen |= {(change[0], change[1], target) for target, values in before.items() if after.get(target, []) != values}
    expected = statement.expected
    direct = {
        (edge.source.relation, edge.source.name, edge.target.name) for edge in expected.edges if edge.kind == DIRECT
    }
    indirect = {(edge.source.relation, edge.source.name, edge.target.name) for edge in expected.edges} - direct
    whole = {(column.relation, column.name) for column, _ in expected.dataset_edges}
    assert direct <= seen
    # The rows that were there stay there: those of the relation that is written are no sources.
    written = expected.relation if is_written(statement) else None
    unclaimed = {each for each in seen - direct - indirect if each[:2] not in whole and each[0] != written}
    if not statement.unresolved:
        assert unclaimed == set()

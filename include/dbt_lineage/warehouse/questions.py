"""The SQL that reads the columns of relations from a warehouse's catalogue.

Each query returns rows of database, schema, relation, column and type, in the order of the columns. Names are compared in
lower case, because dbt and events do not record quotes.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import Any, NamedTuple

from dbt_lineage.warehouse.naming import Adapter

# How many relations one query asks for: SQL texts have limits.
_AT_ONCE = 500
# Of these, information_schema belongs to one schema.
_OF_EACH_SCHEMA = ("bigquery",)
# These have no information_schema.
_DESCRIBING = ("spark", "glue")


class Relation(NamedTuple):
    """A relation whose columns are read."""

    database: str
    schema: str
    name: str


class Question(NamedTuple):
    """One query for columns.

    Args:
        sql: the query.
        about: its relation, if the rows have only column and type; otherwise None.
    """

    sql: str
    about: Relation | None = None


def questions(adapter: Adapter, relations: Iterable[Relation]) -> Iterator[Question]:
    """The queries for the columns of relations, as few as the warehouse allows.

    Args:
        adapter: of the warehouse.
        relations: as events spell them.
    """
    asked = sorted(set(relations))
    if adapter.type in _DESCRIBING:
        for each in asked:
            yield Question(f"describe table {adapter.quoted(each.schema, each.name)}", each)
        return
    one_schema = adapter.type in _OF_EACH_SCHEMA
    for (database, schema), group in groupby(asked, lambda each: (each.database, each.schema if one_schema else "")):
        there = list(group)
        for start in range(0, len(there), _AT_ONCE):
            yield Question(_of_catalogue(adapter, database, schema, there[start : start + _AT_ONCE]))


def everything(adapter: Adapter, database: str, rows: Callable[[str], Iterable[Any]]) -> Iterator[Question]:
    """The queries for the columns of every relation of a database.

    Args:
        adapter: of the warehouse.
        database: its name.
        rows: runs a query, for a warehouse without information_schema: that lists its relations first.
    """
    if adapter.type not in _DESCRIBING:
        yield Question(_select(adapter, database, "", f"{_database(adapter)} = {_text(adapter, database)}"))
        return
    relations = (
        Relation(database, schema, name)
        for schema, *_ in rows("show schemas")
        for _, name, is_temporary, *_ in rows(f"show tables in {adapter.quoted(schema)}")
        if not is_temporary
    )
    yield from questions(adapter, relations)


def _of_catalogue(adapter: Adapter, database: str, schema: str, relations: Iterable[Relation]) -> str:
    schemas, names = _schema_and_name(adapter)
    wanted: dict[str, list[str]] = {}
    for each in relations:
        wanted.setdefault(each.schema.lower(), []).append(each.name.lower())
    conditions = [
        f"lower({schemas}) = {_text(adapter, schema)} and lower({names}) in "
        f"({', '.join(_text(adapter, name) for name in dict.fromkeys(of_schema))})"
        for schema, of_schema in wanted.items()
    ]
    where = " or ".join(f"({each})" for each in conditions)
    if adapter.has_databases and adapter.type not in _OF_EACH_SCHEMA:
        where = f"lower({_database(adapter)}) = {_text(adapter, database.lower())} and ({where})"
    return _select(adapter, database, schema, where)


def _select(adapter: Adapter, database: str, schema: str, where: str) -> str:
    schemas, names = _schema_and_name(adapter)
    columns = (
        "'default', database, table, name, type, position"
        if adapter.type == "clickhouse"
        else f"{_database(adapter)}, {schemas}, {names}, column_name, data_type, ordinal_position"
    )
    *shown, order = columns.rsplit(", ", 1)
    return (
        f"select {shown[0]} from {_view(adapter, database, schema)} where {where} order by {schemas}, {names}, {order}"  # noqa: S608 - each text is escaped
    )


def _view(adapter: Adapter, database: str, schema: str) -> str:
    if adapter.type == "clickhouse":
        return "system.columns"
    if adapter.type in _OF_EACH_SCHEMA:
        return f"{adapter.quoted(database, schema)}.INFORMATION_SCHEMA.COLUMNS"
    if adapter.type == "redshift":
        # It has late-binding views and external tables, too.
        return "svv_all_columns"
    if adapter.type == "duckdb":
        # That of each attached database is the same.
        return "information_schema.columns"
    # Without quotes Snowflake reads the name in upper case; where a database is quoted, dbt names it so.
    database = database if adapter.type == "snowflake" else adapter.quoted(database)
    return f"{database}.information_schema.columns"


def _database(adapter: Adapter) -> str:
    return "database_name" if adapter.type == "redshift" else "table_catalog"


def _schema_and_name(adapter: Adapter) -> tuple[str, str]:
    if adapter.type == "clickhouse":
        return "database", "table"
    return ("schema_name" if adapter.type == "redshift" else "table_schema"), "table_name"


def _text(adapter: Adapter, value: str) -> str:
    if adapter.type in ("bigquery", "databricks", "clickhouse"):
        escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    else:
        escaped = value.replace("'", "''")
    return f"'{escaped}'"

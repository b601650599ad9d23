"""States of the tables, each made once and found by ``search_path``."""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg2
from psycopg2 import sql

from prove.content import Content
from prove.fuzz import tables
from prove.relations import Relation
from prove.workbench import FLOAT_TYPES, SESSION

# Results of far values may be large, and a recursion endless.
MOST_ROWS = 2000
MERGE = "merge into"
SESSION_HERE = SESSION.replace("SET LOCAL", "SET") + "; SET statement_timeout = '2s'; SET synchronous_commit = off"


@dataclass(frozen=True)
class Change:
    """A way to make a state of a table from another one.

    Args:
        query: gets the table's name, its columns and the arguments; one of those of ``prove.mutations``.
        arguments: such as the column that is changed, and the seed.
    """

    query: Callable[..., sql.Composable]
    arguments: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Output:
    """What a statement gives.

    Args:
        text: the statement.
        reading: the query that shows it: the statement itself, or one of what a MERGE has written.
        columns: names, in order.
        floats: those that are floating-point numbers.
    """

    text: str
    reading: str
    columns: tuple[str, ...]
    floats: frozenset[str]


class Refused(Exception):
    """PostgreSQL does not run the statement; the message is its own."""


class States:
    """The states of the tables in one database.

    Args:
        connection: of a database of their own.
        seed: decides the rows.
    """

    def __init__(self, connection: Any, seed: int) -> None:
        connection.autocommit = True
        self._cursor = connection.cursor()
        self._kept: dict[tuple[str, tuple[Change, ...]], str] = {}
        self._values: dict[tuple[str, str, str], frozenset[str]] = {}
        self._path = ""
        self.tables: Mapping[str, Relation] = tables.make(self._cursor, seed)
        self._cursor.execute(SESSION_HERE)

    def output(self, text: str) -> Output:
        """The columns of a statement. Raises Refused when PostgreSQL does not understand it."""
        self._choose({})
        reading = f"TABLE {tables.STORED}" if text.startswith(MERGE) else text
        try:
            self._cursor.execute(f"SELECT * FROM (\n{reading}\n) AS described LIMIT 0")
        except psycopg2.Error as error:
            raise Refused(str(error).strip()) from None
        described = self._cursor.description
        return Output(
            text,
            reading,
            tuple(column.name for column in described),
            frozenset(column.name for column in described if column.type_code in FLOAT_TYPES),
        )

    def content(self, output: Output, state: Mapping[str, tuple[Change, ...]]) -> Content:
        """The rows that a statement gives.

        Args:
            output: the statement.
            state: by table, the changes that are made to it, one after the other; the others are as they are.

        Raises:
            Refused: it fails on these rows, or does not come to an end.
        """
        written = io.StringIO()
        reading = f"COPY (SELECT * FROM (\n{output.reading}\n) AS made LIMIT {MOST_ROWS + 1}) TO STDOUT"
        try:
            self._choose(state)
            if output.reading == output.text:
                self._cursor.copy_expert(reading, written)
            else:
                self._write_and_read(output.text, reading, written)
        except psycopg2.Error as error:
            raise Refused(str(error).strip()) from None
        content = Content.parse(written.getvalue(), output.columns, output.floats)
        if content.rows > MOST_ROWS:
            raise Refused(f"more than {MOST_ROWS} rows")
        return content

    def _write_and_read(self, text: str, reading: str, written: io.StringIO) -> None:
        """What is written is taken back."""
        self._cursor.execute("BEGIN")
        try:
            self._cursor.execute(text)
            self._cursor.copy_expert(reading, written)
        finally:
            self._cursor.execute("ROLLBACK")

    def values(self, table: str, column: str, state: Mapping[str, tuple[Change, ...]]) -> frozenset[str]:
        """The values of a column in a state, as COPY writes them."""
        schema = self._schema(table, state.get(table, ()))
        key = (schema, table, column)
        if key not in self._values:
            written = io.StringIO()
            self._cursor.copy_expert(f"COPY (SELECT {column} FROM {schema}.{table}) TO STDOUT", written)
            self._values[key] = frozenset(written.getvalue().splitlines())
        return self._values[key]

    def plan(self, settings: str) -> None:
        """Make PostgreSQL find the rows in another way; empty for its own."""
        self._cursor.execute(f"RESET ALL; {SESSION_HERE}; {settings}".rstrip("; "))
        self._path = ""

    def _choose(self, state: Mapping[str, tuple[Change, ...]]) -> None:
        schemas = [self._schema(table, changes) for table, changes in state.items() if changes]
        path = ", ".join([*schemas, tables.SCHEMA])
        if path != self._path:
            self._cursor.execute(f"SET search_path = {path}")
            self._path = path

    def _schema(self, table: str, changes: tuple[Change, ...]) -> str:
        """The schema that holds the table in a state."""
        if not changes:
            return tables.SCHEMA
        key = (table, changes)
        if key not in self._kept:
            before = sql.Identifier(self._schema(table, changes[:-1]), table)
            name = f"state_{len(self._kept)}"
            made = changes[-1].query(before, self.tables[table].columns, *changes[-1].arguments)
            statement = sql.SQL("CREATE SCHEMA {0}; CREATE TABLE {0}.{1} WITH (autovacuum_enabled = off) AS {2}")
            self._cursor.execute(statement.format(sql.Identifier(name), sql.Identifier(table), made))
            self._kept[key] = name
        return self._kept[key]

"""One scratch copy in a transaction, with tables in place of relations."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import psycopg2
from psycopg2 import sql

from prove.content import Content
from prove.relations import Relation

FLOAT_TYPES = (700, 701)
# The time limit of a statement: a multiple of its time on unchanged data, and some seconds.
PATIENCE = 20
PATIENCE_SECONDS = 5.0
FIRST_PATIENCE_SECONDS = 600.0
# And of its rows: a multiple, and some. Keys that lead in a circle make a recursion endless.
ROWS = 20
MORE_ROWS = 100_000
# The same rows in the same order each time, in a fixed time zone.
SESSION = (
    "SET LOCAL synchronize_seqscans = off; SET LOCAL max_parallel_workers_per_gather = 0;"
    " SET LOCAL jit = off; SET LOCAL timezone = 'UTC'; SET LOCAL client_min_messages = error"
)


@dataclass(frozen=True)
class Query:
    """A SELECT and the columns that it gives.

    Args:
        statement: the SELECT.
        columns: names, in order.
        floats: those that are floating-point numbers.
    """

    statement: sql.Composable
    columns: tuple[str, ...]
    floats: frozenset[str]


# Other plans for the same rows: what changes with them depends on an order that the statement leaves open.
OTHER_PLANS = (
    "SET LOCAL enable_mergejoin = off; SET LOCAL enable_nestloop = off; SET LOCAL enable_sort = off",
    "SET LOCAL enable_hashjoin = off; SET LOCAL enable_hashagg = off; SET LOCAL enable_presorted_aggregate = off",
)


class Workbench:
    """A scratch copy in which everything can be undone.

    Args:
        connection: of the copy; its transaction is rolled back at the end.
        patience: how long a statement may take on unchanged data, seconds.
    """

    def __init__(self, connection: Any, patience: float = FIRST_PATIENCE_SECONDS) -> None:
        self._connection = connection
        self._patience = patience
        self._cursor = connection.cursor()
        self._names = count()
        self._most_rows: int | None = None
        self.failure = ""

    @contextmanager
    def opened(self) -> Iterator[None]:
        """A transaction that is rolled back at the end."""
        try:
            self._cursor.execute(SESSION)
            self._limit(self._patience)
            yield
        finally:
            self._connection.rollback()

    @contextmanager
    def undone(self) -> Iterator[None]:
        """A part of the transaction that is rolled back."""
        name = sql.Identifier(f"undone_{next(self._names)}")
        self._cursor.execute(sql.SQL("SAVEPOINT {}").format(name))
        try:
            yield
        finally:
            self._cursor.execute(sql.SQL("ROLLBACK TO SAVEPOINT {0}; RELEASE SAVEPOINT {0}").format(name))

    def limit_by(self, seconds: float, rows: int) -> None:
        """Limit each later statement to a multiple of the time and rows on unchanged data."""
        self._limit(PATIENCE_SECONDS + PATIENCE * seconds)
        self._most_rows = ROWS * rows + MORE_ROWS

    def _limit(self, seconds: float) -> None:
        self._cursor.execute(f"SET LOCAL statement_timeout = '{seconds:.0f}s'")

    def plan_otherwise(self, settings: str) -> None:
        """Make PostgreSQL use one of the other plans, until it is undone."""
        self._cursor.execute(settings)

    def replace(self, relation: Relation, query: Callable[..., sql.Composable], *arguments: object) -> None:
        """Put a table with the rows of a query in the place of a relation.

        Args:
            relation: a table or a view.
            query: gets the name of the replaced relation, its columns and the arguments.
            arguments: for the query.
        """
        name = sql.Identifier(relation.schema, relation.identifier)
        aside = f"prove_{next(self._names)}"
        self._cursor.execute(sql.SQL("ALTER TABLE {} RENAME TO {}").format(name, sql.Identifier(aside)))
        made = query(sql.Identifier(relation.schema, aside), relation.columns, *arguments)
        self._cursor.execute(sql.SQL("CREATE TABLE {} AS {}").format(name, made))

    def query(self, text: str) -> Query:
        """A SELECT with its columns. Raises psycopg2.Error when PostgreSQL does not understand it."""
        self._cursor.execute(sql.SQL("SELECT * FROM (\n{}\n) AS described LIMIT 0").format(sql.SQL(text)))
        described = self._cursor.description
        floats = frozenset(column.name for column in described if column.type_code in FLOAT_TYPES)
        return Query(sql.SQL(text), tuple(column.name for column in described), floats)

    @staticmethod
    def stored(relation: Relation, query: Query) -> Query:
        """What a relation holds in the columns that a SELECT gives."""
        columns = sql.SQL(", ").join(map(sql.Identifier, query.columns))
        name = sql.Identifier(relation.schema, relation.identifier)
        return replace(query, statement=sql.SQL("SELECT {} FROM {}").format(columns, name))

    def content(self, query: Query) -> Content | None:
        """The rows of a SELECT; None if it fails on the present data, or does not end."""
        written = io.StringIO()
        most = sql.SQL("ALL") if self._most_rows is None else sql.Literal(self._most_rows + 1)
        statement = sql.SQL("COPY (SELECT * FROM (\n{}\n) AS made LIMIT {}) TO STDOUT").format(query.statement, most)
        if not self.attempt(lambda: self._cursor.copy_expert(statement, written)):
            return None
        content = Content.parse(written.getvalue(), query.columns, query.floats)
        if self._most_rows is not None and content.rows > self._most_rows:
            self.failure = f"more than {self._most_rows} rows"
            return None
        return content

    def attempt(self, action: Callable[[], object]) -> bool:
        """Whether PostgreSQL did it; a refused statement is rolled back, and its error is in ``failure``."""
        self._cursor.execute("SAVEPOINT attempt")
        try:
            action()
        except psycopg2.Error as error:
            self.failure = str(error).strip()
            self._cursor.execute("ROLLBACK TO SAVEPOINT attempt; RELEASE SAVEPOINT attempt")
            return False
        self._cursor.execute("RELEASE SAVEPOINT attempt")
        return True

    def row_count(self, relation: Relation) -> int:
        """How many rows a relation has."""
        name = sql.Identifier(relation.schema, relation.identifier)
        self._cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(name))
        return self._cursor.fetchone()[0]

    def distinct_values(self, relation: Relation, column: str, at_most: int) -> set[str]:
        """The different values of a column, as text."""
        self._cursor.execute(
            sql.SQL("SELECT DISTINCT {c}::text FROM {t} WHERE {c} IS NOT NULL LIMIT {most}").format(
                c=sql.Identifier(column),
                t=sql.Identifier(relation.schema, relation.identifier),
                most=sql.Literal(at_most),
            )
        )
        return {value for (value,) in self._cursor.fetchall()}

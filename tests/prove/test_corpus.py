"""The hand-written corpus of statements against data: whatever a change of the data shows has to be written down.

The corpus and its reviewers could share a mistake with the code that it tests; rows of a database do not.
"""

import json
import random
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

import psycopg2
import pytest
from psycopg2 import sql

from dbt_lineage.core.settings import WarehouseSettings
from prove.observations import Observations
from prove.relations import ProveError, Relation, Statement
from prove.statements import with_columns
from prove.trials import StatementTrials
from prove.verdict import judge
from prove.workbench import Workbench
from tests.column_corpus import Case, cases, relations

DATABASE = "shop"
ROWS = 40
WORDS = ("ada", "ben", "cleo", "dan", "eva", "finn", "gita", "hugo")
# What the statements ask for, so that some rows answer.
CHOICES = {
    "status": ("x", "paid", "open", "returned", "p", "o"),
    "kind": ("a", "click", "view", "signup"),
    "country": ("FR", "DE", "US"),
    "city": ("x", "Paris", "Graz"),
}
# It takes other rows each time.
RANDOM = {"only and tablesample"}
PATIENCE_SECONDS = 3.0
# All statements take three minutes: each eighth of them is tried. 1 tries all.
EVERY = 8
QUERY = re.compile(r"\s*(--.*\n\s*|/\*.*?\*/\s*)*(select|with|\(|values|table)\b", re.IGNORECASE | re.DOTALL)


@pytest.fixture(scope="module")
def shop(warehouse: WarehouseSettings) -> Iterator[Any]:
    """A connection to the corpus' database, with made-up rows in its relations."""
    password = warehouse.password.get_secret_value()
    where = {"host": warehouse.host, "port": warehouse.port, "user": warehouse.user, "password": password}
    server = psycopg2.connect(**where, dbname=warehouse.database)
    server.autocommit = True
    server.cursor().execute(f"CREATE DATABASE {DATABASE}")
    connection = psycopg2.connect(**where, dbname=DATABASE)
    with connection, connection.cursor() as cursor:
        fill(cursor)
    yield connection
    connection.close()
    server.cursor().execute(f"DROP DATABASE {DATABASE}")
    server.close()


def fill(cursor: Any) -> None:
    """Make the relations and their rows."""
    chance = random.Random(5)  # noqa: S311 - no secret
    for name, columns in relations().items():
        _, schema, table = name.split(".")
        types = [sql.SQL("{} {}").format(sql.Identifier(column), sql.SQL(type_)) for column, type_ in columns.items()]
        target = sql.Identifier(schema, table)
        cursor.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(schema)))
        cursor.execute(sql.SQL("CREATE TABLE {} ({})").format(target, sql.SQL(", ").join(types)))
        for row in range(1 if table == "limits" else ROWS if columns else 0):
            values = [value(chance, column, type_, row) for column, type_ in columns.items()]
            places = sql.SQL(", ").join(sql.Placeholder() * len(values))
            cursor.execute(sql.SQL("INSERT INTO {} VALUES ({})").format(target, places), values)


def value(chance: random.Random, column: str, type_: str, row: int) -> Any:
    """A value for a column: keys lead somewhere or nowhere, the rest is of few values, with gaps."""
    if column.lower() == "id":
        return row + 1
    if chance.random() < 0.1 and type_ not in ("date", "boolean", "timestamp", "jsonb"):
        return None
    made = {
        "integer": lambda: chance.randrange(1, ROWS + 4 if column.endswith("_id") else 9),
        "numeric": lambda: chance.randrange(-200, 20_000) / 100,
        "text": lambda: chance.choice(CHOICES.get(column, [f"{one} {chance.choice(WORDS)}" for one in WORDS])),
        "timestamp": lambda: datetime(2023, 1, 1) + timedelta(minutes=chance.randrange(600_000)),
        "date": lambda: date(2023, 1, 1) + timedelta(days=9 * row),
        "boolean": lambda: chance.random() < 0.4,
        "text[]": lambda: [chance.choice(WORDS) for _ in range(chance.randrange(3))],
        "numeric[]": lambda: [chance.randrange(20) for _ in range(chance.randrange(3))],
        "jsonb": lambda: json.dumps({"a": chance.choice(WORDS), "b": chance.randrange(9), "n": chance.randrange(9)}),
    }
    return made[type_]()


def observed(shop: Any, case: Case) -> Observations | None:
    """What the data shows of a statement; None when it does not run, or does not end, on these rows."""
    with shop.cursor() as cursor:
        read = [
            with_columns(cursor, Relation(name, *name.split(".")[1:]))
            for name in case.schema
            if re.search(rf"\b{re.escape(name.split('.')[-1])}\b", case.sql, re.IGNORECASE)
        ]
    shop.rollback()
    text = case.sql.rstrip().rstrip(";")
    parents = tuple(relation for relation in read if relation.columns)
    statement = Statement(case.expected.relation, "full", (text,), parents, DATABASE)
    try:
        return StatementTrials(Workbench(shop, PATIENCE_SECONDS), statement, text, seed=1).run()
    except ProveError:
        return None


@pytest.mark.long
def test_what_the_data_shows_of_the_corpus_is_written_down(shop: Any) -> None:
    tried, edges = 0, 0
    missing: dict[str, list[str]] = {}
    for case in islice(cases(), 0, None, EVERY):
        runs = case.dialect == "postgres" and not case.not_in_postgres and not case.unresolved
        seen = observed(shop, case) if runs and QUERY.match(case.sql) and case.name not in RANDOM else None
        if seen is not None:
            verdict = judge([(seen, case.expected)])
            tried, edges = tried + 1, edges + len(verdict.observed)
            errors = [f"{finding}: {finding.reason} {finding.trials}" for finding in verdict.recall_errors.values()]
            missing |= {case.name: errors} if errors else {}
    assert missing == {}
    assert tried > 160 // EVERY
    assert edges > 480 // EVERY

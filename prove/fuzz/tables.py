"""The tables that the statements read, and the extensions' operators."""

import json
import random
from typing import Any

from psycopg2 import sql

from prove.relations import Relation
from prove.statements import with_columns

DATABASE = "fuzz"
SCHEMA = "base"
ROWS = 7

# Words for types: what the grammar calls them, by the name that PostgreSQL has.
TYPES = {
    "integer": "int",
    "numeric": "num",
    "text": "text",
    "timestamp": "ts",
    "boolean": "bool",
    "text[]": "tags",
    "jsonb": "doc",
}
TABLES: dict[str, dict[str, str]] = {
    "sale": {
        "id": "integer",
        "acct_id": "integer",
        "amt": "numeric",
        "fee": "numeric",
        "state": "text",
        "at": "timestamp",
        "paid": "boolean",
        "tags": "text[]",
        "doc": "jsonb",
    },
    "acct": {"id": "integer", "name": "text", "region": "text", "opened": "timestamp", "boss_id": "integer"},
    "item": {"sale_id": "integer", "sku": "text", "qty": "integer", "price": "numeric"},
    "old_sale": {"id": "integer", "acct_id": "integer", "amt": "numeric"},
}
# What MERGE writes into; no other statement reads it.
STORED = "stored"
STORED_COLUMNS = {"id": "integer", "amt": "numeric", "state": "text", "at": "timestamp"}
WORDS = ("a", "b", "ab", "open x", "c d e")

# Operators as extensions have them, functions of one's own, and an aggregate.
EXTRAS = (
    "CREATE FUNCTION near(text, text) RETURNS int IMMUTABLE LANGUAGE sql AS $$ SELECT length($1) - length($2) $$",
    "CREATE FUNCTION alike(text, text) RETURNS boolean IMMUTABLE LANGUAGE sql AS $$ SELECT left($1, 1) = left($2, 1) $$",
    "CREATE FUNCTION twice(numeric) RETURNS numeric IMMUTABLE LANGUAGE sql AS $$ SELECT $1 * 2 $$",
    "CREATE FUNCTION pair(int) RETURNS TABLE (lo int, hi int) IMMUTABLE LANGUAGE sql"
    " AS $$ SELECT $1, $1 + 1 UNION ALL SELECT $1 - 1, 0 WHERE $1 > 3 $$",
    "CREATE OPERATOR <#> (FUNCTION = near, LEFTARG = text, RIGHTARG = text)",
    "CREATE OPERATOR <-> (FUNCTION = near, LEFTARG = text, RIGHTARG = text)",
    "CREATE OPERATOR <% (FUNCTION = alike, LEFTARG = text, RIGHTARG = text)",
    "CREATE OPERATOR %> (FUNCTION = alike, LEFTARG = text, RIGHTARG = text)",
    "CREATE OPERATOR <<-> (FUNCTION = near, LEFTARG = text, RIGHTARG = text)",
    "CREATE OPERATOR @+ (FUNCTION = twice, RIGHTARG = numeric)",
    "CREATE AGGREGATE total(numeric) (SFUNC = numeric_add, STYPE = numeric, INITCOND = 0)",
)


def make(cursor: Any, seed: int) -> dict[str, Relation]:
    """Make the tables with rows that the seed decides, in place of those that were there.

    Returns:
        Each table by its name.
    """
    chance = random.Random(seed)  # noqa: S311 - no secret
    cursor.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE; CREATE SCHEMA {SCHEMA}; SET search_path = {SCHEMA}")
    for extra in EXTRAS:
        cursor.execute(extra)
    made = {**TABLES, STORED: STORED_COLUMNS}
    for name, columns in made.items():
        listed = ", ".join(f"{column} {type_}" for column, type_ in columns.items())
        cursor.execute(f"CREATE TABLE {name} ({listed}) WITH (autovacuum_enabled = off)")
        for row in range(ROWS - chance.randrange(2)):
            values = [_value(chance, column, type_, row) for column, type_ in columns.items()]
            places = sql.SQL(", ").join(sql.Placeholder() * len(values))
            cursor.execute(sql.SQL("INSERT INTO {} VALUES ({})").format(sql.Identifier(name), places), values)
    return {name: with_columns(cursor, Relation(f"{DATABASE}.{SCHEMA}.{name}", SCHEMA, name)) for name in made}


def _value(chance: random.Random, column: str, type_: str, row: int) -> Any:
    """Keys mostly lead somewhere, other values are few, some are missing."""
    if column == "id":
        return row + 1
    if chance.random() < 0.12:
        return None
    if column.endswith("_id"):
        return chance.randrange(1, ROWS + 1)
    return {
        "integer": lambda: chance.randrange(1, 6),
        "numeric": lambda: chance.choice((-2, 1, 2.5, 3, 4, 7.25)),
        "text": lambda: chance.choice(WORDS),
        "timestamp": lambda: f"2024-0{chance.randrange(1, 7)}-1{chance.randrange(0, 4)} 0{chance.randrange(9)}:30:00",
        "boolean": lambda: chance.random() < 0.5,
        "text[]": lambda: [chance.choice(WORDS) for _ in range(chance.randrange(4))],
        "jsonb": lambda: json.dumps(
            {
                "a": chance.choice(WORDS),
                "n": chance.randrange(6),
                "b": [{"c": chance.randrange(6), "d": chance.choice(WORDS)} for _ in range(chance.randrange(3))],
            }
        ),
    }[type_]()

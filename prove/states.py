"""States of the data that hide less than the rows as they are."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from psycopg2 import sql

from prove.mutations import FILL, MUTATIONS, Mutation, cells, row_hash
from prove.relations import ColumnType

# With the rows as they are, each mutation; in other states those that show what was hidden.
FEWER = ("mark", "fresh", "far", "negate", "half", "rotate")
# A fallback of a column without values shows in the gaps of other columns only.
IN_GAPS = (*FEWER, FILL)
# Longer lists of values would be rare in each column.
MOST_ASKED = 40
_TEXT = re.compile(r"'((?:[^']|'')*)'")
_NUMBER = re.compile(r"[=<>(,]\s*(\d{1,4})\b")
_DATE = re.compile(r"\d{4}-\d\d-\d\d( \d\d:\d\d(:\d\d)?)?")

Make = Callable[[sql.Composable, Sequence[ColumnType], int], sql.Composed]


@dataclass(frozen=True)
class State:
    """A state of the data.

    Args:
        name: what the results call it.
        made_by: makes the query of a relation in this state from it, its columns and a seed; None as it is.
        kinds: the mutations that are tried in it.
    """

    name: str
    made_by: Make | None
    kinds: tuple[Mutation, ...]


def states(statement: str) -> list[State]:
    """The states in which a statement is tried.

    Args:
        statement: its SQL.
    """
    found = [
        State("as_is", None, MUTATIONS),
        State("decorrelated", decorrelate, _kinds(FEWER)),
        State("sparse", sparse, _kinds(IN_GAPS)),
    ]
    wanted = asked_for(statement)
    if wanted:
        found.append(State("asked", partial(asked, wanted=wanted), _kinds(FEWER)))
    return found


def decorrelate(relation: sql.Composable, columns: Sequence[ColumnType], seed: int) -> sql.Composed:
    """The values of every column in an order of its own, so that none goes along with another."""
    numbered = sql.SQL("(SELECT {c}, row_number() OVER (ORDER BY {hash}) AS n FROM {relation} o) {alias}")
    sources = [
        numbered.format(c=_name(column), hash=row_hash(seed + at), relation=relation, alias=sql.Identifier(f"c{at}"))
        for at, column in enumerate(columns)
    ]
    joined = sql.SQL(" JOIN ").join([sources[0], *(sql.SQL("{} USING (n)").format(source) for source in sources[1:])])
    names = [sql.SQL("{}.{}").format(sql.Identifier(f"c{at}"), _name(column)) for at, column in enumerate(columns)]
    return sql.SQL("SELECT {} FROM {} ORDER BY n").format(sql.SQL(", ").join(names), joined)


def sparse(relation: sql.Composable, columns: Sequence[ColumnType], seed: int) -> sql.Composed:
    """A third of the values of every column removed, so that fallbacks for missing values show."""
    gaps = {
        column.name: sql.SQL("CASE WHEN {hash} % 3 <> 0 THEN {c} END").format(hash=row_hash(seed + at), c=_name(column))
        for at, column in enumerate(columns)
    }
    return cells(relation, columns, gaps)


def asked(
    relation: sql.Composable, columns: Sequence[ColumnType], seed: int, wanted: dict[str, list[str]]
) -> sql.Composed:
    """Half of the values of every column replaced by values of the statement's text, so that its filters and branches pass."""
    changed = {
        column.name: sql.SQL(
            "CASE WHEN {hash} % 2 = 0 THEN {c} ELSE ({wanted}::{type}[])[1 + abs({which} % {n})] END"
        ).format(
            hash=row_hash(seed + at),
            which=row_hash(seed + len(columns) + at),
            c=_name(column),
            wanted=sql.Literal(wanted[column.category]),
            type=sql.SQL(column.type),
            n=sql.Literal(len(wanted[column.category])),
        )
        for at, column in enumerate(columns)
        if column.category in wanted
    }
    return cells(relation, columns, changed)


def asked_for(statement: str) -> dict[str, list[str]]:
    """Values in a statement's text, by PostgreSQL's category of types, whatever their use."""
    texts = [text.replace("''", "'") for text in _TEXT.findall(statement) if text]
    found = {
        "S": texts,
        "D": [text for text in texts if _DATE.fullmatch(text)],
        "N": _NUMBER.findall(_TEXT.sub("''", statement)),
    }
    return {category: list(dict.fromkeys(values))[:MOST_ASKED] for category, values in found.items() if values}


def _kinds(names: Sequence[str]) -> tuple[Mutation, ...]:
    return tuple(kind for kind in MUTATIONS if kind.name in names)


def _name(column: ColumnType) -> sql.Identifier:
    return sql.Identifier(column.name)

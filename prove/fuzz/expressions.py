"""Writes expressions from the templates."""

import re
from collections.abc import Callable
from functools import cache
from typing import Protocol

from prove.fuzz.choices import Choices
from prove.fuzz.place import Place
from prove.fuzz.row_templates import AGGREGATES, BOUNDS, WINDOWED, WINDOWS, WINDOWS_OF_ALL
from prove.fuzz.templates import (
    ANY_TYPE,
    EXPRESSIONS,
    HITS_OF_SELDOM,
    INSTEAD,
    LITERALS,
    OF_ANY_BUT_ARRAYS,
    OF_ORDERED,
    ORDERED,
    SELDOM,
)

HOLE = re.compile(r"\{(\w+)((?: \w+)*)\}")
ALONE = re.compile(r"[\w.]+|'[^']*'")
OBJECT = """('{"a": "b", "n": 2, "b": [{"c": 1, "d": "x"}]}'::jsonb)"""
# In so many cases of a hundred an expression is a column or a constant; and goes without parentheses where it may not.
LEAVES, BARE = 40, 4
MOST_LEVELS = 2
WITHOUT_PARENTHESES = ("rows", "sorted", "row_scalar", "exists", "win", "all", "everything", "json_rows")


class Subqueries(Protocol):
    """Writes the queries inside expressions."""

    def subquery(self, place: Place, types: tuple[str, ...] | None, single: bool = False) -> str:
        """A query without parentheses that gives columns of the types; ``single``: at most one row."""


class Expressions:
    """Writes expressions.

    Args:
        choices: decide which.
        subqueries: writes the queries in them.
    """

    def __init__(self, choices: Choices, subqueries: Subqueries) -> None:
        self._choices = choices
        self._subqueries = subqueries
        self._holes: dict[str, Callable[[tuple[str, ...], Place, int], str]] = {
            "col": lambda types, place, depth: self.column(types[0], place),
            "lit": lambda types, place, depth: choices.one_of(LITERALS[types[0]]),
            "field": lambda types, place, depth: self._field(types[0], place),
            "row": lambda types, place, depth: self._row(place),
            "object": lambda types, place, depth: self._object(place),
            "scalar": lambda types, place, depth: self._scalar(types, place),
            "row_scalar": lambda types, place, depth: f"({subqueries.subquery(place, types, single=True)})",
            "rows": lambda types, place, depth: f"({subqueries.subquery(place, types)})",
            "sorted": lambda types, place, depth: f"({subqueries.subquery(place, types)} order by 1)",
            "json_rows": lambda types, place, depth: f"{subqueries.subquery(place, types)} order by 1",
            "exists": lambda types, place, depth: f"({subqueries.subquery(place, None)})",
            "win": lambda types, place, depth: self.filled(self.template(WINDOWS), place, min(depth, 1)),
            "all": lambda types, place, depth: self.filled(choices.one_of(WINDOWS_OF_ALL), place, min(depth, 1)),
            "everything": lambda types, place, depth: ", ".join(place.everything()),
            "bound": lambda types, place, depth: choices.one_of(BOUNDS),
            "agg": lambda types, place, depth: self.filled(self.template(AGGREGATES[types[0]]), place, depth),
            "key": lambda types, place, depth: self._key(types[0], place),
            "over": lambda types, place, depth: self.filled(self.template(WINDOWED[types[0]]), place, depth),
        }

    def expression(self, type_: str, place: Place, depth: int) -> str:
        """An expression of a type.

        Args:
            type_: in words of the grammar.
            place: its place in the query.
            depth: how many expressions may be in it, one in the other.
        """
        if depth <= 0 or self._choices.in_100(LEAVES):
            is_constant = self._choices.in_100(8)
            return self._choices.one_of(LITERALS[type_]) if is_constant else self.column(type_, place)
        return self.filled(self.template(_templates(type_)), place, depth)

    def template(self, templates: tuple[str, ...]) -> str:
        """One of the templates, rarely of those that are known to be named as not understood."""
        usual = templates if self._choices.in_100(HITS_OF_SELDOM) else _without_seldom(templates)
        return self._choices.one_of(usual)

    def filled(self, template: str, place: Place, depth: int) -> str:
        """A template with its holes filled."""
        written: list[str] = []

        def filling(hole: re.Match[str]) -> str:
            kind, types = hole.group(1), tuple(hole.group(2).split())
            if kind == "same":
                text = written[0]
            elif kind in self._holes:
                text = self._holes[kind](types, place, depth - 1)
            else:
                text = self.expression(kind, place, depth - 1)
            written.append(text)
            return text if self._stands_alone(text, hole) else f"({text})"

        return HOLE.sub(filling, template)

    def _stands_alone(self, text: str, hole: re.Match[str]) -> bool:
        before, after = hole.string[: hole.start()].rstrip()[-1:], hole.string[hole.end() :].lstrip()[:1]
        if ALONE.fullmatch(text) or hole.group(1) in WITHOUT_PARENTHESES:
            return True
        is_whole = before in ("", *"([,") and after in ("", *")],")
        return is_whole or self._choices.in_100(BARE)

    def column(self, type_: str, place: Place) -> str:
        """A column of the type; something made from another column, or a constant, where there is none."""
        found = place.references(type_)
        if found:
            return self._choices.one_of(found)
        other, template = INSTEAD[type_]
        found = place.references(other)
        return template.format(self._choices.one_of(found)) if found else LITERALS[type_][0]

    def _field(self, type_: str, place: Place) -> str:
        fields = [
            f"({item.alias}).{name}"
            for item in place.rows()
            for name, its in item.columns
            if its == type_ and not item.is_scalar
        ]
        return self._choices.one_of(fields) if fields else self.column(type_, place)

    def _row(self, place: Place) -> str:
        items = [item for item in place.rows() if not item.is_scalar]
        return self._choices.one_of(items).alias if items else "row(1, 'a')"

    def _object(self, place: Place) -> str:
        objects = [name for name in place.references("doc") if name.split(".")[-1] == "doc"]
        return self._choices.one_of(objects) if objects else OBJECT

    def _scalar(self, types: tuple[str, ...], place: Place) -> str:
        if place.level >= MOST_LEVELS:
            return self.column(types[0], place)
        return f"({self._subqueries.subquery(place, types, single=True)})"

    def _key(self, type_: str, place: Place) -> str:
        keys = [key for key, its in place.keys if its == type_]
        return self._choices.one_of(keys) if keys else self.filled(self.template(AGGREGATES[type_]), place, 1)


@cache
def _templates(type_: str) -> tuple[str, ...]:
    of_any = (*ANY_TYPE, *(OF_ANY_BUT_ARRAYS if type_ != "tags" else ()), *(OF_ORDERED if type_ in ORDERED else ()))
    return (*(template.replace("T}", f"{type_}}}") for template in of_any), *EXPRESSIONS[type_])


@cache
def _without_seldom(templates: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(template for template in templates if template not in SELDOM)

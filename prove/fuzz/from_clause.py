"""Writes FROM: tables, queries, functions and joins."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Protocol

from prove.fuzz.choices import Choices
from prove.fuzz.expressions import MOST_LEVELS, Expressions
from prove.fuzz.place import Columns, Item, Place
from prove.fuzz.row_templates import FROM_FUNCTIONS
from prove.fuzz.tables import TABLES, TYPES


class Queries(Protocol):
    """Writes the queries in FROM."""

    def query(self, place: Place, types: tuple[str, ...] | None = None) -> tuple[str, Columns]:
        """A query and its columns."""


@dataclass(frozen=True)
class Chain:
    """Items that are joined.

    Args:
        sql: the text.
        items: those that may be named.
        bare: the columns that they give together.
    """

    sql: str
    items: tuple[Item, ...]
    bare: Columns


class FromClause:
    """Writes FROM.

    Args:
        choices: decide what is written.
        expressions: writes conditions and arguments.
        queries: writes derived tables.
    """

    def __init__(self, choices: Choices, expressions: Expressions, queries: Queries) -> None:
        self._choices = choices
        self._expressions = expressions
        self._queries = queries
        self._numbers = count(1)

    def of(self, around: Place, extent: int) -> tuple[str, Place]:
        """FROM, and the place that it makes.

        Args:
            around: the place of the query.
            extent: how many items there may be besides the first.
        """
        chains = [self._first(around)]
        for _ in range(self._choices.below(extent + 1)):
            if self._choices.in_100(20):
                chains.append(self._first(self._beside(around, chains)))
            else:
                chains[-1] = self._joined(around, chains[:-1], chains[-1])
        place = self._beside(around, chains)
        return ", ".join(chain.sql for chain in chains), place

    @staticmethod
    def _beside(around: Place, chains: Sequence[Chain]) -> Place:
        return replace(
            around,
            items=tuple(item for chain in chains for item in chain.items),
            bare=tuple(column for chain in chains for column in chain.bare),
        )

    def _first(self, place: Place) -> Chain:
        return self._item(place, is_lateral=True)

    def _item(self, place: Place, is_lateral: bool) -> Chain:
        """One item; a lateral one may name earlier items."""
        kind = self._choices.below(100)
        outside = replace(place, items=(), bare=())
        if kind >= 96 and is_lateral:
            return self._parenthesised(outside)
        if kind >= 84 and is_lateral:
            return self._function(place)
        if kind >= 76 and is_lateral and place.items and place.level < MOST_LEVELS:
            inside = Place(outer=place, queries=place.queries, level=place.level + 1)
            return self._aliased("lateral ({})", *self._queries.query(inside))
        if kind >= 62 and place.level < MOST_LEVELS:
            inside = Place(outer=place.outer, queries=place.queries, level=place.level + 1)
            return self._aliased("({})", *self._queries.query(inside))
        if kind >= 58:
            return self._values(outside)
        if kind >= 35 and place.queries:
            item = self._choices.one_of(place.queries)
            return self._aliased("{}", item.alias, item.columns)
        return self._table(place)

    def _table(self, place: Place) -> Chain:
        hidden = {item.alias for item in place.queries}
        name = self._choices.one_of([table for table in TABLES if table not in hidden])
        columns = table_columns(name)
        only = self._choices.one_of(("", "", "", "", "only ", "star"))
        text = f"{name} *" if only == "star" else f"{only}{name}"
        if name not in place.names() and self._choices.in_100(40):
            item = Item(name, columns)
            return Chain(text, (item,), columns)
        return self._aliased("{}", text, columns)

    def _aliased(self, form: str, text: str, columns: Columns) -> Chain:
        alias = f"t{next(self._numbers)}"
        renamed = 0
        if self._choices.in_100(12):
            renamed = 1 + self._choices.below(len(columns))
        columns = tuple((f"{alias}_{at}" if at < renamed else name, type_) for at, (name, type_) in enumerate(columns))
        listed = f" ({', '.join(name for name, _ in columns[:renamed])})" if renamed else ""
        word = self._choices.one_of((" as ", " "))
        return Chain(form.format(text) + word + alias + listed, (Item(alias, columns),), columns)

    def _values(self, place: Place) -> Chain:
        types = [self._choices.one_of(("int", "text", "num")) for _ in range(1 + self._choices.below(2))]
        rows = [
            f"({', '.join(self._expressions.expression(type_, place, 0) for type_ in types)})"
            for _ in range(1 + self._choices.below(2))
        ]
        columns = tuple((f"column{at}", type_) for at, type_ in enumerate(types, start=1))
        return self._aliased("({})", f"values {', '.join(rows)}", columns)

    def _function(self, place: Place) -> Chain:
        by_template = {function[0]: function for function in FROM_FUNCTIONS}
        template, alias, columns = by_template[self._expressions.template(tuple(by_template))]
        if alias != "A" and alias in place.names():
            template, alias, columns = FROM_FUNCTIONS[0]
        alias = f"f{next(self._numbers)}" if alias == "A" else alias
        text = self._expressions.filled(template.replace("{A}", alias), place, 1)
        named = tuple((name.replace("{A}", alias), type_) for name, type_ in columns)
        return Chain(text, (Item(alias, named, is_scalar=len(named) == 1),), named)

    def _parenthesised(self, outside: Place) -> Chain:
        first = self._table(outside)
        chain = self._joined(outside, [], first)
        if not self._choices.in_100(50) or len({name for name, _ in chain.bare}) < len(chain.bare):
            return replace(chain, sql=f"({chain.sql})")
        return self._aliased("({})", chain.sql, chain.bare)

    def _joined(self, around: Place, before: Sequence[Chain], left: Chain) -> Chain:
        kind = self._choices.one_of(
            ("join", "inner join", "left join", "cross join", "right join", "full join", "left outer join")
        )
        before_and_left = self._beside(around, [*before, left])
        may_be_lateral = kind not in ("right join", "full join")
        right = self._item(before_and_left, may_be_lateral)
        both = Chain("", (*left.items, *right.items), (*left.bare, *right.bare))
        if kind == "cross join":
            return replace(both, sql=f"{left.sql} cross join {right.sql}")
        shared = _shared(left.bare, right.bare)
        if shared and self._choices.in_100(50):
            return self._using(kind, left, right, both, shared)
        if kind == "full join":
            condition = self._equality(left, right)
            if condition is None:
                return replace(both, sql=f"{left.sql} cross join {right.sql}")
        else:
            place = self._beside(around, [both])
            condition = self._equality(left, right) if self._choices.in_100(75) else None
            condition = condition or self._expressions.expression("bool", place, 2)
        return replace(both, sql=f"{left.sql} {kind} {right.sql} on {condition}")

    def _equality(self, left: Chain, right: Chain) -> str | None:
        pairs = [
            f"{one.alias}.{name} = {other.alias}.{its}"
            for one in left.items
            for name, type_ in one.columns
            for other in right.items
            for its, its_type in other.columns
            if type_ == its_type and type_ in ("int", "text")
        ]
        return self._choices.one_of(pairs) if pairs else None

    def _using(self, kind: str, left: Chain, right: Chain, both: Chain, shared: Columns) -> Chain:
        is_natural = self._choices.in_100(12)
        by_name = {name for name, _ in left.bare} & {name for name, _ in right.bare}
        if is_natural and by_name == {name for name, _ in shared}:
            used, clause, kind = shared, "", f"natural {kind}"
        else:
            used = shared[: 1 + self._choices.below(len(shared))]
            clause = f" using ({', '.join(name for name, _ in used)})"
        items = both.items
        if clause and self._choices.in_100(25):
            alias = f"u{next(self._numbers)}"
            clause += f" as {alias}"
            items += (Item(alias, used, is_join=True),)
        merged = {name for name, _ in used}
        rest = tuple(column for column in both.bare if column[0] not in merged)
        return Chain(f"{left.sql} {kind} {right.sql}{clause}", items, (*used, *rest))


def table_columns(name: str) -> Columns:
    """The columns of a table with their types in words of the grammar."""
    return tuple((column, TYPES[type_]) for column, type_ in TABLES[name].items())


def _shared(left: Columns, right: Columns) -> Columns:
    """Columns that are in both sides once, and of one type that can be compared."""
    names_left, names_right = [name for name, _ in left], [name for name, _ in right]
    return tuple(
        (name, type_)
        for name, type_ in left
        if names_left.count(name) == 1 and names_right.count(name) == 1 and (name, type_) in right
    )

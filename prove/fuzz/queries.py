"""Writes queries: SELECT in its forms, set operations, WITH."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count

from prove.fuzz.choices import Choices
from prove.fuzz.expressions import MOST_LEVELS, Expressions
from prove.fuzz.from_clause import FromClause, table_columns
from prove.fuzz.place import Columns, Item, Place
from prove.fuzz.row_templates import AGGREGATES, NAMED_WINDOW, OVER_NAMED, ROW_FUNCTIONS, WINDOWED
from prove.fuzz.states import MERGE
from prove.fuzz.tables import STORED
from prove.fuzz.templates import EXPRESSIONS, LITERALS

ALL_TYPES = tuple(EXPRESSIONS)
SET_OPERATIONS = (
    "union all",
    "union",
    "union all",
    "intersect",
    "except",
    "intersect all",
    "except all",
    "union distinct",
)
# What a grouped query may give besides keys and aggregates.
OF_GROUPS = {
    "int": (
        "sum(count(*)) over (order by {agg int})",
        "rank() over (order by {agg num}, {agg int})",
        "{agg int} + {agg int}",
    ),
    "num": ("sum(sum({num})) over (partition by {agg int})", "{agg num} / nullif({agg num}, 0)"),
    "text": ("{agg text} || {key text}", "max(min({text})) over ()"),
}
# A query of WITH may be called like a table, which is hidden then.
HIDDEN = "sale"


class Queries:
    """Writes queries.

    Args:
        choices: decide which.
    """

    def __init__(self, choices: Choices) -> None:
        self._choices = choices
        self._expressions = Expressions(choices, self)
        self._from = FromClause(choices, self._expressions, self)
        self._numbers = count(1)

    def statement(self) -> str:
        """A whole statement: a query, or a MERGE as dbt's incremental models have it."""
        return self._merge() if self._choices.in_100(4) else self.query(Place())[0]

    def _merge(self) -> str:
        columns = (("id", "int"), ("amt", "num"), ("state", "text"), ("at", "ts"))
        text, inside = self._from_and_place(Place(level=1))
        # One row for each key: no row may be written twice.
        aggregates = [f"{self._expressions.filled(f'{{agg {its}}}', inside, 1)} as {name}" for name, its in columns[1:]]
        key = self._expressions.column("int", inside)
        query = f"select {key} as id, {', '.join(aggregates)} from {text}{self._where(inside, 20)} group by 1"
        both = Place((Item("s", columns), Item("d", columns)), level=MOST_LEVELS)
        new = Place((Item("s", columns),), level=MOST_LEVELS)
        old = Place((Item("d", columns),), level=MOST_LEVELS)
        matched = self._choices.one_of(
            (
                f"update set amt = {self._expressions.expression('num', both, 1)}, state = s.state",
                f"update set (amt, at) = (s.amt, {self._expressions.expression('ts', both, 1)})",
                "delete",
                "do nothing",
            )
        )
        whens = [f"when matched{self._condition(both)} then {matched}"]
        if self._choices.in_100(80):
            value = self._expressions.expression("text", new, 1)
            whens.append(
                f"when not matched{self._condition(new)} then insert (id, amt, state) values (s.id, s.amt, {value})"
            )
        if self._choices.in_100(20):
            whens.append(f"when not matched by source{self._condition(old)} then delete")
        return f"{MERGE} {STORED} as d using ({query}) as s on d.id = s.id {' '.join(whens)}"

    def _condition(self, place: Place) -> str:
        return f" and {self._expressions.expression('bool', place, 1)}" if self._choices.in_100(30) else ""

    def subquery(self, place: Place, types: tuple[str, ...] | None, single: bool = False) -> str:
        """A query inside an expression, without parentheses; ``single``: at most one row."""
        inside = Place(outer=place, queries=place.queries, level=place.level + 1)
        if types is None:
            return "table item" if self._choices.in_100(5) else self.query(inside)[0]
        if not single:
            return self._select(inside, types, is_plain=True)[0]
        text, from_place = self._from_and_place(inside)
        form = self._choices.below(3)
        if form == 0:
            # An aggregate of outer columns alone would belong to the outer query.
            own = replace(from_place, outer=None)
            values = [self._expressions.filled(self._expressions.template(AGGREGATES[its]), own, 1) for its in types]
            return f"select {', '.join(values)} from {text}{self._where(from_place, 30)}"
        values = [self._expressions.expression(type_, from_place, 1) for type_ in types]
        if form == 1 and place.references(types[0]):
            return f"select {', '.join(self._expressions.expression(type_, inside, 1) for type_ in types)}"
        keys = ", ".join(str(at) for at in range(1, len(types) + 1))
        return f"select {', '.join(values)} from {text}{self._where(from_place, 35)} order by {keys} limit 1"

    def query(self, place: Place, types: tuple[str, ...] | None = None) -> tuple[str, Columns]:
        """A query and its columns."""
        kind = self._choices.below(100)
        if kind >= 86 and place.level < MOST_LEVELS:
            return self._with(place, types)
        if kind >= 72 and place.level < MOST_LEVELS:
            return self._set_operation(place, types)
        if kind >= 70 and types is None:
            name = self._choices.one_of(("item", "acct", "old_sale"))
            return f"table {name}", table_columns(name)
        return self._select(place, types)

    # --- SELECT

    def _select(self, place: Place, types: tuple[str, ...] | None, is_plain: bool = False) -> tuple[str, Columns]:
        text, inside = self._from_and_place(place)
        if not is_plain and self._choices.in_100(28):
            return self._grouped(text, inside, types)
        if types is None and self._choices.in_100(14):
            selected, columns = self._star(inside)
        else:
            selected, columns = self._listed(inside, types)
        query = f"from {text}{self._where(inside, 25)}"
        if is_plain:
            return f"select {selected} {query}", columns
        if types is None and self._choices.in_100(8):
            name = f"c{next(self._numbers)}"
            over = self._expressions.filled(self._choices.one_of(OVER_NAMED), inside, 1)
            selected, columns = f"{selected}, {over} as {name}", (*columns, (name, "num"))
            query += f" window {self._expressions.filled(NAMED_WINDOW, inside, 1)}"
        form = self._choices.below(100)
        if form >= 92:
            return f"select distinct {selected} {query}" + self._limited(columns, place, 30), columns
        if form >= 84:
            key = self._expressions.expression(self._choices.one_of(("int", "text", "bool")), inside, 1)
            if not _is_constant(key):
                sorting = f"order by {key}, {self._all_keys(columns)}"
                return f"select distinct on ({key}) {selected} {query} {sorting}", columns
        if form >= 72:
            return f"select {selected} {query}" + self._sorted(inside, columns), columns
        return f"select {selected} {query}", columns

    def _from_and_place(self, place: Place) -> tuple[str, Place]:
        return self._from.of(place, 0 if place.level >= MOST_LEVELS else 2 if place.level == 0 else 1)

    def _types(self, place: Place) -> tuple[str, ...]:
        return tuple(self._any_types(place))

    def _where(self, place: Place, hits: int) -> str:
        if not self._choices.in_100(hits):
            return ""
        comment = "/* ; ' -- */ " if self._choices.in_100(3) else ""
        return f" where {comment}{self._expressions.expression('bool', place, 2)}"

    def _listed(self, place: Place, types: tuple[str, ...] | None) -> tuple[str, Columns]:
        return self._named([(self._value(type_, place), type_) for type_ in types or self._any_types(place)], place)

    def _any_types(self, place: Place) -> Iterator[str]:
        """Types one by one: a column and its type are left out together when choices are."""
        most = 4 if place.level == 0 else 3
        yield self._choices.one_of(ALL_TYPES)
        while most > 1 and self._choices.in_100(65):
            most -= 1
            yield self._choices.one_of(ALL_TYPES)

    def _named(self, values: Sequence[tuple[str, str]], place: Place) -> tuple[str, Columns]:
        written, columns = [], []
        names: set[str] = set()
        for value, type_ in values:
            own = value.split(".")[-1]
            if own not in names and value in place.references(type_) and self._choices.in_100(60):
                name, text = own, value
            elif place.level == 0 and not place.outer and self._choices.in_100(4):
                # PostgreSQL alone decides its name.
                name, text = "", value
            else:
                number = next(self._numbers)
                name = self._choices.one_of((f"c{number}", f"c{number}", f'"C {number}"'))
                text = f"{value} as {name}"
            names.add(name)
            written.append(text)
            columns.append((name or "unnamed", type_))
        return ", ".join(written), tuple(columns)

    def _value(self, type_: str, place: Place) -> str:
        form = self._choices.below(100)
        if form >= 93:
            functions = [template for its, template in ROW_FUNCTIONS if its == type_]
            if functions:
                return self._expressions.filled(self._choices.one_of(functions), place, 1)
        if form >= 78:
            return self._expressions.filled(
                self._expressions.template((*WINDOWED[type_], f"coalesce({{over {type_}}}, {{{type_}}})")), place, 2
            )
        return self._expressions.expression(type_, place, 2)

    def _star(self, place: Place) -> tuple[str, Columns]:
        items = [item for item in place.rows() if _are_different(item.columns)]
        if _are_different(place.bare) and (not items or self._choices.in_100(50)):
            return "*", place.bare
        if not items:
            return self._listed(place, None)
        item = self._choices.one_of(items)
        return self._choices.one_of((f"{item.alias}.*", f"({item.alias}).*")), item.columns

    def _sorted(self, place: Place, columns: Columns) -> str:
        """ORDER BY that leaves nothing open, and LIMIT."""
        key = self._expressions.expression(self._choices.one_of(("int", "text", "num")), place, 1)
        direction = self._choices.one_of(("", " desc", " desc nulls last", " nulls first"))
        first = "" if _is_constant(key) else f"{key}{direction}, "
        return f" order by {first}{self._all_keys(columns)}" + self._limit(place)

    def _all_keys(self, columns: Columns) -> str:
        """The output columns as keys of ORDER BY, by their places or by their names."""
        by_name = self._choices.in_100(25)
        names = [name for name, _ in columns]
        return ", ".join(
            name if by_name and name.startswith("c") and names.count(name) == 1 else str(at)
            for at, name in enumerate(names, start=1)
        )

    def _limited(self, columns: Columns, place: Place, hits: int) -> str:
        if not self._choices.in_100(hits):
            return ""
        return f" order by {self._all_keys(columns)}" + self._limit(place)

    def _limit(self, place: Place) -> str:
        return self._choices.one_of(
            (
                " limit 2",
                " offset 1",
                " limit 3 offset 1",
                " fetch first 2 rows only",
                " fetch first row with ties",
                " limit (select count(*) / 2 from acct where boss_id > 1)",
                "",
            )
        )

    # --- GROUP BY

    def _grouped(self, text: str, inside: Place, types: tuple[str, ...] | None) -> tuple[str, Columns]:
        keys = tuple(
            (self._expressions.expression(type_, replace(inside, level=MOST_LEVELS), 1), type_)
            for type_ in (self._choices.one_of(ALL_TYPES) for _ in range(self._choices.below(3)))
        )
        keys = tuple((key, type_) for key, type_ in keys if not _is_constant(key))
        place = replace(inside, keys=keys, outer=None)
        values = [(self._of_group(type_, place), type_) for type_ in types or self._any_types(inside)]
        if keys and types is None and self._choices.in_100(15):
            values.append((f"grouping({keys[0][0]})", "int"))
        selected, columns = self._named(values, replace(place, level=1))
        first = columns[0][0]
        if keys and values[0][0] == keys[0][0] and first.startswith("c") and self._choices.in_100(40):
            # By its place in the select list, or by its name there.
            keys = ((self._choices.one_of(("1", first)), keys[0][1]), *keys[1:])
            grouping = f" group by {', '.join(key for key, _ in keys)}"
        else:
            grouping = self._group_by(keys)
        query = f"select {selected} from {text}{self._where(inside, 20)}{grouping}"
        if self._choices.in_100(12):
            query += " having " + self._expressions.filled("{agg bool}", place, 1)
        return query + self._limited(columns, inside, 12), columns

    def _of_group(self, type_: str, place: Place) -> str:
        form = self._choices.below(100)
        if form >= 85 and type_ in OF_GROUPS:
            return self._expressions.filled(self._choices.one_of(OF_GROUPS[type_]), place, 1)
        if form >= 75:
            template = f"case when {{agg bool}} then {{agg {type_}}} else {{key {type_}}} end"
            return self._expressions.filled(template, place, 1)
        keys = [key for key, its in place.keys if its == type_]
        if keys and form >= 30:
            return self._choices.one_of(keys)
        return self._expressions.filled(self._expressions.template(AGGREGATES[type_]), place, 2)

    def _group_by(self, keys: Columns) -> str:
        if not keys:
            return ""
        listed = ", ".join(key for key, _ in keys)
        return " group by " + self._choices.one_of(
            (
                listed,
                listed,
                f"rollup ({listed})",
                f"cube ({listed})",
                f"grouping sets (({listed}), ())",
                f"grouping sets ({', '.join(f'({key})' for key, _ in keys)})",
                f"distinct {keys[0][0]}, grouping sets (({listed}), rollup ({keys[-1][0]}))",
            )
        )

    # --- several queries

    def _set_operation(self, place: Place, types: tuple[str, ...] | None) -> tuple[str, Columns]:
        types = types or self._types(place)
        deeper = replace(place, level=place.level + 1)
        left, columns = self._side(deeper, types)
        text = left
        for _ in range(1 + self._choices.in_100(20)):
            operation = self._choices.one_of(SET_OPERATIONS)
            text = f"{text} {operation} {self._side(deeper, types)[0]}"
        return text + self._limited(columns, place, 20), columns

    def _side(self, place: Place, types: tuple[str, ...]) -> tuple[str, Columns]:
        if self._choices.in_100(6):
            values = ", ".join(
                self._expressions.expression(type_, replace(place, level=MOST_LEVELS), 0) for type_ in types
            )
            return f"values ({values})", tuple((f"column{at}", its) for at, its in enumerate(types, start=1))
        if self._choices.in_100(30):
            query, columns = self.query(place, types)
            return f"({query})", columns
        return self._select(place, types, is_plain=True)

    def _with(self, place: Place, types: tuple[str, ...] | None) -> tuple[str, Columns]:
        if self._choices.in_100(22):
            return self._recursive(place, types)
        deeper = replace(place, level=place.level + 1)
        written = []
        for _ in range(1 + self._choices.below(2)):
            number = next(self._numbers)
            hides = self._choices.in_100(10) and HIDDEN not in {*deeper.names(), *(one.alias for one in deeper.queries)}
            name = HIDDEN if hides else f"q{number}"
            query, columns = self.query(deeper)
            listed = ""
            if not _are_different(columns) or self._choices.in_100(25):
                columns = tuple((f"q{number}_{at}", its) for at, (_, its) in enumerate(columns))
                listed = f" ({', '.join(column for column, _ in columns)})"
            how = self._choices.one_of(("", "", "materialized ", "not materialized "))
            written.append(f"{name}{listed} as {how}({query})")
            deeper = replace(deeper, queries=(*deeper.queries, Item(name, columns)))
        # A defined query is usually read.
        query, columns = self.query(replace(deeper, level=min(deeper.level, MOST_LEVELS - 1)), types)
        return f"with {', '.join(written)} {_after_with(query)}", columns

    def _recursive(self, place: Place, types: tuple[str, ...] | None) -> tuple[str, Columns]:
        name = f"r{next(self._numbers)}"
        kinds = tuple(self._choices.one_of(("int", "text")) for _ in range(1 + self._choices.below(2)))
        columns = (*((f"{name}_{at}", type_) for at, type_ in enumerate(kinds)), (f"{name}_n", "int"))
        deepest = replace(place, level=MOST_LEVELS)
        text, inside = self._from.of(deepest, 0)
        firsts = [self._expressions.expression(type_, inside, 0) for type_ in kinds]
        start = f"select {', '.join(firsts)}, 1 from {text}{self._where(inside, 30)}"
        itself = Item(name, columns)
        joined = self._choices.one_of(("acct", "sale", ""))
        if joined and joined not in {*place.names(), *(one.alias for one in place.queries)}:
            table = Item(joined, table_columns(joined))
            key = columns[0][0] if kinds[0] == "int" else f"{name}_n"
            condition = self._choices.one_of((f"= {name}.{key}", f"> {name}.{name}_n"))
            text = f"{name} join {joined} on {joined}.id {condition}"
            inside = replace(deepest, items=(itself, table), bare=(*columns, *table.columns))
        else:
            text, inside = name, replace(deepest, items=(itself,), bare=columns)
        nexts = [self._expressions.expression(type_, inside, 1) for type_ in kinds]
        step = f"select {', '.join(nexts)}, {name}_n + 1 from {text} where {name}_n < 3"
        if self._choices.in_100(30):
            step += f" and {self._expressions.expression('bool', inside, 1)}"
        added = ""
        if self._choices.in_100(10):
            added = self._choices.one_of(
                (f" search depth first by {name}_0 set sorted", f" cycle {name}_0 set is_cycle using path")
            )
        union = self._choices.one_of(("union all", "union"))
        written = f"{name} ({', '.join(column for column, _ in columns)}) as ({start} {union} {step}){added}"
        deeper = replace(place, level=place.level + 1, queries=(*place.queries, itself))
        query, given = self.query(replace(deeper, level=min(deeper.level, MOST_LEVELS - 1)), types)
        return f"with recursive {written} {_after_with(query)}", given


def _are_different(columns: Columns) -> bool:
    names = [name for name, _ in columns]
    return len(set(names)) == len(names)


def _is_constant(key: str) -> bool:
    return any(key in literals for literals in LITERALS.values())


def _after_with(query: str) -> str:
    return f"select * from ({query}) as of_with" if query.startswith("with") else query

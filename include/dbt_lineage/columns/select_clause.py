"""SELECT: the output columns, and the clauses that decide the rows."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from dbt_lineage.columns import functions
from dbt_lineage.columns.aliases import LazyAliases, aliases_of
from dbt_lineage.columns.clauses import Purpose, position, sort_keys
from dbt_lineage.columns.from_clause import FromClause
from dbt_lineage.columns.generators import FIXED_ROWS, generated, of_unknown_elements
from dbt_lineage.columns.model import FILTER, GROUP_BY, JOIN, SORT
from dbt_lineage.columns.output_names import numbered
from dbt_lineage.columns.scope import NamedColumns, Rest, Scope, Sources, Table, same_name
from dbt_lineage.columns.stars import by_pattern, columns_of
from dbt_lineage.columns.value import NOTHING, Value, union

if TYPE_CHECKING:
    from dbt_lineage.columns.queries import Queries

GROUPING_CONTAINERS = (exp.GroupingSets, exp.Cube, exp.Rollup, exp.Tuple, exp.Paren)


class Select:
    """Evaluates one SELECT.

    Args:
        queries: the evaluation of the statement.
        node: the SELECT.
        scope: the place around it, with the queries of its own WITH.
        purpose: what is asked of it.
    """

    def __init__(self, queries: "Queries", node: exp.Select, scope: Scope, purpose: Purpose) -> None:
        self._queries = queries
        self._node = node
        self._purpose = purpose
        self._scope = scope
        self._windows = {window.name: window for window in node.args.get("windows") or []}
        self._expressions = queries.expressions
        self._aliases: dict[str, Value] = {}

    def table(self) -> Table:
        """What it gives."""
        if self._node.args.get("connect") or self._node.args.get("match"):
            self._queries.reading.needs_not(self._node)
            return Table.unknown("CONNECT BY and MATCH_RECOGNIZE are not understood")
        sources = FromClause(self._queries, self._scope).of(self._node)
        inside = Scope(sources, self._scope, self._scope.queries)
        if self._queries.rules.aliases_first:
            inside = self._with_aliases_first(inside)
        output, rest, inside = self._output(inside)
        rows = sources.rows | self._deciding(inside, output) | self._multiplying(inside)
        order = self._order(inside, output, sources)
        is_numbered = self._queries.rules.name == "duckdb"
        table = Table(numbered(output) if is_numbered else output, rows, rest, order=order)
        self._queries.reading.needs_not(list(self._windows.values()))
        if self._purpose.existence:
            self._queries.reading.needs_not([self._node.args.get("group"), self._node.args.get("distinct")])
        else:
            table = self._distinct(table, inside)
        return self._queries.limited(self._node, table, self._scope, self._purpose)

    def _output(self, scope: Scope) -> tuple[NamedColumns, Rest | None, Scope]:
        """The output columns, and the place where the other clauses may use their names."""
        output: list[tuple[str, Value]] = []
        rest: list[Rest] = []
        for item in self._node.expressions:
            columns, unlisted = self._item(item, scope)
            output += columns
            rest += unlisted
            if isinstance(item, exp.Alias) and len(columns) == 1:
                self._aliases[item.alias] = columns[0][1]
                if "select" in self._queries.rules.aliases and not scope.aliases_first:
                    scope = replace(scope, aliases={**scope.aliases, **self._aliases})
        return tuple(output), Rest.together(rest), scope

    def _with_aliases_first(self, scope: Scope) -> Scope:
        aliases = LazyAliases(aliases_of(self._node), lambda node: self._expressions.value(node, inside, self._windows))
        inside = replace(scope, aliases=aliases, aliases_first=True)
        return inside

    def _place_of(self, clause: str, scope: Scope, output: NamedColumns) -> Scope:
        """The place of a clause: some dialects let it use the names of output columns."""
        if scope.aliases_first:
            return scope
        is_in = clause in self._queries.rules.aliases
        if not is_in:
            return replace(scope, aliases={})
        return replace(scope, aliases={**scope.aliases, **self._aliases}, output=output)

    def _item(self, item: exp.Expr, scope: Scope) -> tuple[NamedColumns, list[Rest]]:
        star = item.this if isinstance(item, exp.Column) else item
        self._queries.reading.saw(item)
        if not self._queries.rules.is_postgres:
            chosen = self._chosen(item, scope)
            if chosen is not None:
                return chosen
        if isinstance(star, exp.Star):
            if isinstance(item, exp.Column):
                table = scope.columns_of(item.text("table"), item.text("db"))
                if table is None:
                    return self._fields(item, scope)
                return self._star(star, table.columns, [table.rest] if table.rest else [], scope)
            return self._star(star, scope.sources.columns, scope.sources.unlisted, scope)
        if item.is_star:
            row = item.this.unnest()
            table = scope.row(row.name) if isinstance(row, exp.Column) and not row.table else None
            if table is not None:
                self._queries.reading.saw(row)
                return self._star(item.expression, table.columns, [table.rest] if table.rest else [], scope)
            value = self._expressions.value(item.this, scope, self._windows)
            names = functions.ROW_FUNCTIONS.get(functions.function_name(row)) or ()
            fields = value.fields or tuple((name, value) for name in names)
            return fields, (
                [] if fields else [Rest.unknown(f"the fields of {self._queries.names.of(row)} are not known")]
            )
        if not self._queries.rules.is_postgres and isinstance(item, exp.Explode) and not item.expressions:
            value = self._expressions.value(item.this, scope, self._windows)
            if self._queries.rules.name == "duckdb" and value.fields and not value.is_list:
                # UNNEST of a structured value gives its fields, and no further rows.
                return value.fields, []
        generated_columns = self._generated(item, scope)
        if generated_columns is not None:
            return generated_columns, []
        elements = of_unknown_elements(
            item, lambda part: self._expressions.value(part, scope, self._windows), self._queries.rules.name
        )
        if elements is not None:
            return (), [elements]
        if isinstance(item, exp.Aliases):
            value = self._expressions.value(item.this, scope, self._windows)
            return tuple((alias.name, value) for alias in item.expressions), []
        return ((self._queries.names.of(item), self._expressions.value(item, scope, self._windows)),), []

    def _fields(self, item: exp.Column, scope: Scope) -> tuple[NamedColumns, list[Rest]]:
        """``column.*``: the fields of a structured column."""
        unknown = Rest.unknown(f"{item.text('table')}.* is of no relation of the query")
        if self._queries.rules.is_postgres:
            return (), [unknown]
        parts = [
            part.copy() for part in (item.args.get("catalog"), item.args.get("db"), item.args.get("table")) if part
        ]
        reversed_parts = parts[::-1]
        column = exp.Column(**dict(zip(("this", "table", "db"), reversed_parts, strict=False)))
        value = scope.column(column)
        if not value.fields:
            return (), [Rest.unknown(f"the fields of {item.text('table')} are not known")]
        return self._star(item.this, value.fields, [], scope)

    def _star(
        self, star: exp.Star, columns: NamedColumns, unlisted: list[Rest], scope: Scope
    ) -> tuple[NamedColumns, list[Rest]]:
        self._queries.reading.needs_not([star.args.get("except_"), star.args.get("rename")])
        pattern = star.args.get("ilike")
        if pattern is not None:
            found = None if unlisted else by_pattern(columns, pattern)
            if found is None:
                return (), [Rest.unknown("the columns that a pattern means are not known")]
            columns = found
        left_out = {self._listed(part, columns) for part in star.args.get("except_") or []}
        replaced = {
            self._listed(part.args["alias"], columns): self._expressions.value(part, scope, self._windows)
            for part in star.args.get("replace") or []
        }
        renamed = {self._listed(part.this, columns): part.alias for part in star.args.get("rename") or []}
        kept = tuple(
            (renamed.get(name, name), replaced.get(name, value)) for name, value in columns if name not in left_out
        )
        if unlisted and star.args.get("rename"):
            return kept, [Rest.unknown(rest.reason) for rest in unlisted]
        return kept, [_without(rest, left_out, replaced) for rest in unlisted]

    @staticmethod
    def _listed(part: exp.Expr, columns: NamedColumns) -> str:
        """The name of a column in EXCEPT, REPLACE or RENAME as the table has it."""
        names = [name for name, _ in columns]
        return (
            part.name if part.name in names else next((each for each in names if same_name(each, part.name)), part.name)
        )

    def _chosen(self, item: exp.Expr, scope: Scope) -> tuple[NamedColumns, list[Rest]] | None:
        """Columns by a condition on their names: ``COLUMNS(…)`` anywhere in the item, ``* LIKE …``."""
        star: exp.Expr | None = next((part for part in _parts(item) if isinstance(part, exp.Columns)), None)
        is_bare = star is not None and item is star
        if star is None and isinstance(item, (exp.Like, exp.ILike, exp.Glob, exp.SimilarTo, exp.Not)):
            star, is_bare = (item, True) if isinstance(_innermost(item), exp.Star) else (None, False)
        if star is None or star.args.get("unpack"):
            return None
        self._queries.reading.needs_not(star)
        found = None if scope.sources.unlisted else columns_of(star, scope.sources, self._queries.rules)
        if found is None:
            return (), [Rest.unknown("the columns that COLUMNS(…) or a pattern means are not known")]
        replaced = {
            part.alias: self._expressions.value(part, scope, self._windows)
            for part in (star.this.args.get("replace") if isinstance(star.this, exp.Star) else None) or []
        }
        if is_bare:
            return tuple((name, replaced.get(name, value)) for name, value in found), []
        columns: list[tuple[str, Value]] = []
        for name, value in found:
            inside = replace(scope, chosen=replaced.get(name, value))
            columns.append(
                (self._queries.names.of_chosen(item, star, name), self._expressions.value(item, inside, self._windows))
            )
        return tuple(columns), []

    def _deciding(self, scope: Scope, output: NamedColumns) -> Value:
        """What WHERE, GROUP BY, HAVING and QUALIFY decide the rows by."""
        rows = NOTHING
        for clause in ("prewhere", "where", "having", "qualify"):
            node = self._node.args.get(clause)
            if node is not None:
                rows |= self._expressions.value(
                    node.this, self._place_of(clause, scope, output), self._windows
                ).deciding(FILTER)
        group = self._node.args.get("group")
        if group is None or self._purpose.existence:
            return rows
        return rows | self._grouping(group, scope, output).deciding(GROUP_BY)

    def _grouping(self, group: exp.Group, scope: Scope, output: NamedColumns) -> Value:
        if group.args.get("all") and not group.expressions:
            return self._grouping_by_all(scope)
        # A bare name is a column of FROM before it is one of the output: the other way round than in ORDER BY.
        aliases = {item.alias for item in self._node.expressions if isinstance(item, exp.Alias)}
        named = {name: value for name, value in output if name in aliases}
        with_aliases = replace(scope, aliases=named, output=() if self._queries.rules.is_postgres else output)
        waiting = list(group.iter_expressions())
        value = NOTHING
        while waiting:
            key = waiting.pop()
            if isinstance(key, GROUPING_CONTAINERS):
                waiting.extend(key.iter_expressions())
            elif position(key) is not None:
                value |= self._queries.output_key(key, output, scope, self._windows)
            else:
                is_name = isinstance(key, exp.Column) and not key.table
                value |= self._expressions.value(key, with_aliases if is_name else scope, self._windows)
        return value

    def _grouping_by_all(self, scope: Scope) -> Value:
        value = NOTHING
        for item in self._node.expressions:
            if not any(functions.is_aggregate(part, self._queries.rules.is_postgres) for part in _parts(item)):
                value |= self._expressions.value(item, scope, self._windows)
        return value

    def _multiplying(self, scope: Scope) -> Value:
        """Functions in the select list that give several rows: a join with what they give."""
        rows = NOTHING
        for item in self._node.expressions:
            for part in _parts(item):
                if isinstance(part, FIXED_ROWS) or self._is_struct(part, scope):
                    continue
                if functions.gives_rows(part):
                    rows |= self._expressions.value(part, scope, self._windows).deciding(JOIN)
        return rows

    def _generated(self, item: exp.Expr, scope: Scope) -> NamedColumns | None:
        """What a function gives that has columns of its own, such as Spark's ``posexplode``."""
        function = item.this if isinstance(item, (exp.Aliases, exp.Alias)) else item
        names = [alias.name for alias in item.expressions] if isinstance(item, exp.Aliases) else []
        names = [item.alias] if isinstance(item, exp.Alias) else names
        columns = generated(
            function,
            lambda part: self._expressions.value(part, scope, self._windows),
            len(names),
            self._queries.rules.name,
        )
        if columns is None or (names and len(names) != len(columns)):
            return None
        self._queries.reading.saw(function)
        return tuple(zip(names or [name for name, _ in columns], (value for _, value in columns), strict=True))

    def _is_struct(self, part: exp.Expr, scope: Scope) -> bool:
        """Whether DuckDB's UNNEST is about a structured value, which gives columns and not rows."""
        if self._queries.rules.name != "duckdb" or not isinstance(part, exp.Explode):
            return False
        value = self._expressions.value(part.this, scope, self._windows)
        return bool(value.fields) and not value.is_list

    def _order(self, scope: Scope, output: NamedColumns, sources: Sources) -> Value:
        keys = sort_keys(self._node)
        if keys:
            if len(keys) == 1 and keys[0].this == exp.var("ALL"):
                return union(value for _, value in output)
            inside = self._place_of("order", scope, output)
            return union(self._queries.output_key(key, output, inside, self._windows) for key in keys)
        is_regrouped = self._node.args.get("group") or self._node.args.get("distinct")
        return NOTHING if is_regrouped else sources.order

    def _distinct(self, table: Table, scope: Scope) -> Table:
        distinct = self._node.args.get("distinct")
        if distinct is None:
            return table
        on = distinct.args.get("on")
        if on is None:
            return replace(table, rows=table.rows | table.every().deciding(GROUP_BY))
        keys = on.expressions if isinstance(on, exp.Tuple) else [on]
        value = union(self._queries.output_key(key, table.columns, scope, self._windows) for key in keys)
        return replace(table, rows=table.rows | value.deciding(GROUP_BY) | table.order.deciding(SORT))


def _without(rest: Rest, left_out: set[str], replaced: Mapping[str, Value]) -> Rest:
    def value(name: str) -> Value:
        if name in left_out:
            return Value.cannot_tell(f"column {name} is left out of *")
        return replaced.get(name) or rest.value(name)

    return Rest(rest.reason, value)


def _innermost(node: exp.Expr) -> exp.Expr:
    """What a chain of comparisons is about."""
    while isinstance(node.this, exp.Expr):
        node = node.this
    return node


def _parts(node: exp.Expr) -> Iterator[exp.Expr]:
    """Every part of an expression but those of subqueries in it."""
    return node.walk(prune=lambda part: isinstance(part, (exp.Query, exp.Values)))

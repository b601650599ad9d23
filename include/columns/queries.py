"""What a query gives: its columns, and what decides which rows there are."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from sqlglot import exp

from include.columns import functions
from include.columns.expressions import Expressions, Windows
from include.columns.model import FILTER, GROUP_BY, JOIN, SORT, TRANSFORMATION
from include.columns.names import Names
from include.columns.scope import NamedColumns, Rest, Scope, Sources, Table
from include.columns.value import NOTHING, Value, union

GROUPING_CONTAINERS = (exp.GroupingSets, exp.Cube, exp.Rollup, exp.Tuple, exp.Paren)
NO_SOURCES = Sources()
# Every round adds a source to a column, or is the last one.
MAX_ROUNDS = 1000


@dataclass(frozen=True)
class _Purpose:
    """What a query is asked for.

    Args:
        existence: only whether there is a row, which sorting and removing duplicates do not change.
    """

    existence: bool = False


ROWS = _Purpose()
EXISTENCE = _Purpose(existence=True)


class Queries:
    """Evaluates the queries of one statement.

    Args:
        relation: the real relation that a table of the SQL is.
        names: how columns without an alias are called.
        aliases_anywhere: whether the dialect lets every clause use the names of output columns.
    """

    def __init__(self, relation: Callable[[exp.Table], Table], names: Names, aliases_anywhere: bool) -> None:
        self._relation = relation
        self.names = names
        self._aliases_anywhere = aliases_anywhere
        self.expressions = Expressions(
            query=lambda node, scope: self.query(node, scope),
            existence=lambda node, scope: self.query(node, scope, EXISTENCE),
        )

    def query(self, node: exp.Expr, scope: Scope, purpose: _Purpose = ROWS) -> Table:
        """What a query gives.

        Args:
            node: a SELECT, a set operation, VALUES, or one of them in parentheses.
            scope: the place where it stands; its columns can be used where SQL allows it.
            purpose: what is asked of it.
        """
        inside = self.with_queries(node, scope)
        if isinstance(node, exp.Select):
            return _Select(self, node, inside, purpose).table()
        if isinstance(node, exp.SetOperation):
            return self._sorted(node, self._set_operation(node, inside), inside, purpose)
        if isinstance(node, exp.Subquery):
            return self._sorted(node, self._parenthesised(node, inside, purpose), inside, purpose)
        if isinstance(node, exp.Values):
            return self._values(node, inside)
        if isinstance(node, exp.Table):
            return self.relation_or_query(node, inside)
        return Table(rest=Rest.unknown(f"{node.key.upper()} is not understood as a query"))

    def with_queries(self, node: exp.Expr, scope: Scope) -> Scope:
        """The place inside a query, where the queries of its WITH can be named."""
        with_ = node.args.get("with_")
        if with_ is None:
            return scope
        queries: dict[str, Callable[[], Table]] = dict(scope.queries)
        defined = []
        for cte in with_.expressions:
            # Unless it is recursive, a query sees only those before it: in one that is called like the relation that it
            # selects from, the name means the relation.
            named = _WithQuery(self, cte, with_, replace(scope, queries=queries if with_.recursive else dict(queries)))
            queries[cte.alias] = named.table
            defined.append(named)
        # In their order, so that a chain of any length is not evaluated from its end, one inside the other.
        for named in defined:
            named.table()
        return replace(scope, queries=queries)

    def beside(self, items: list[exp.Expr], scope: Scope) -> Sources:
        """What several items of a statement give that has no FROM, such as MERGE."""
        from_ = _From(self, scope)
        together = NO_SOURCES
        for item in items:
            together = together.beside(from_.sources(item, together))
        return together

    def _parenthesised(self, node: exp.Subquery, scope: Scope, purpose: _Purpose) -> Table:
        if isinstance(node.this, exp.Table):
            return _whole(_From(self, scope).sources(node.this, NO_SOURCES))
        table = self.query(node.this, scope, purpose)
        alias = node.args.get("alias")
        return table.renamed(column.name for column in alias.columns) if alias else table

    def relation_or_query(self, node: exp.Table, scope: Scope) -> Table:
        """What a name in FROM gives: a query of WITH, or a real relation."""
        named = scope.queries.get(node.name) if not node.db else None
        return named() if named else self._relation(node)

    def _values(self, node: exp.Values, scope: Scope) -> Table:
        rows = [row.expressions if isinstance(row, exp.Tuple) else [row] for row in node.expressions]
        columns = [
            (f"column{position}", union(self.expressions.value(value, scope) for value in values))
            for position, values in enumerate(zip(*rows, strict=True), start=1)
        ]
        return Table(tuple(columns)).renamed(node.alias_column_names)

    def _set_operation(self, node: exp.SetOperation, scope: Scope) -> Table:
        """A loop along the left side, which is as long as the SQL has branches."""
        operations: list[tuple[exp.SetOperation, Scope]] = []
        left: exp.Expr = node
        while isinstance(left, exp.SetOperation):
            scope = scope if left is node else self.with_queries(left, scope)
            operations.append((left, scope))
            left = left.this
        table = self.query(left, scope)
        for operation, inside in reversed(operations):
            table = _combined(operation, table, self.query(operation.expression, inside))
            if operation is not node:
                table = self._sorted(operation, table, inside, ROWS)
        return table

    def _sorted(self, node: exp.Expr, table: Table, scope: Scope, purpose: _Purpose) -> Table:
        """The table after ORDER BY and LIMIT, which see its columns only."""
        keys = _sort_keys(node)
        inside = Scope(Sources.of("", "", table), scope, scope.queries)
        order = union(self.output_key(key, table.columns, inside, {}) for key in keys) if keys else table.order
        return self.limited(node, replace(table, order=order), scope, purpose)

    def limited(self, node: exp.Expr, table: Table, scope: Scope, purpose: _Purpose) -> Table:
        """The table after LIMIT: by its order it is decided which rows are left."""
        bounds = [node.args[key] for key in ("limit", "offset") if node.args.get(key) is not None]
        if not bounds or purpose.existence:
            return table
        counts = union(self._bound(bound, scope) for bound in bounds)
        return replace(table, rows=table.rows | table.order.deciding(SORT) | counts.deciding(FILTER))

    def _bound(self, node: exp.Expr, scope: Scope) -> Value:
        outside = replace(scope, sources=NO_SOURCES)
        return self.expressions.value(node.args.get("expression") or node.args.get("count"), outside)

    def output_key(self, key: exp.Expr, output: NamedColumns, scope: Scope, windows: Windows) -> Value:
        """What a key of ORDER BY or DISTINCT ON depends on: a position, the name of an output column, or an expression."""
        if isinstance(key, exp.Ordered):
            key = key.this
        position = _position(key)
        if position is not None:
            return output[position][1] if position < len(output) else Value.cannot_tell(f"there is no column {key}")
        if isinstance(key, exp.Column) and not key.table:
            named = [value for name, value in output if name == key.name]
            if named:
                return union(named)
        return self.expressions.value(key, scope, windows)


class _WithQuery:
    """A query of WITH, evaluated when it is first named; one that names itself until nothing new comes."""

    def __init__(self, queries: Queries, cte: exp.CTE, with_: exp.With, scope: Scope) -> None:
        self._queries = queries
        self._cte = cte
        self._with = with_
        self._scope = scope
        self._table: Table | None = None
        self._running = False
        self._names_itself = False

    def table(self) -> Table:
        """What it gives."""
        if self._running:
            self._names_itself = True
            if self._table is None:
                return Table(rest=Rest.unknown(f"{self._cte.alias} names itself before it has columns"))
        elif self._table is None:
            self._running = True
            self._table = self._evaluated()
            self._running = False
        return self._table

    def _evaluated(self) -> Table:
        body = self._cte.this
        if not isinstance(body, (exp.Query, exp.Values)):
            return Table(rest=Rest.unknown(f"{body.key.upper()} in WITH is not understood"))
        if not self._with.recursive or not isinstance(body, exp.SetOperation):
            return self._named(self._queries.query(body, self._scope))
        first = body
        while isinstance(first, exp.SetOperation):
            first = first.this
        # The names are those of the first branch; what they depend on grows until it stays.
        start = self._named(self._queries.query(first, self._queries.with_queries(body, self._scope)))
        self._table = replace(start, columns=tuple((name, NOTHING) for name, _ in start.columns), rows=NOTHING)
        for _ in range(MAX_ROUNDS):
            table = self._named(self._queries.query(body, self._scope))
            if not self._names_itself or table == self._table:
                return self._with_search(table)
            self._table = table
        return Table(rest=Rest.unknown(f"{self._cte.alias} names itself without an end"))

    def _named(self, table: Table) -> Table:
        alias = self._cte.args.get("alias")
        return table.renamed(column.name for column in alias.columns) if alias else table

    def _with_search(self, table: Table) -> Table:
        """SEARCH and CYCLE add columns that are made from those that they name."""
        added: list[tuple[str, Value]] = []
        for clause in filter(None, (self._with.args.get("search"), self._with.args.get("cycle"))):
            made = Value.cannot_tell(f"columns of {clause.args['kind']} are not understood")
            added += [(clause.args[key].name, made) for key in ("expression", "using") if clause.args.get(key)]
        return replace(table, columns=(*table.columns, *added)) if self._names_itself else table


class _From:
    """Evaluates FROM.

    Args:
        queries: the evaluation of the statement.
        scope: the place around the query, with the queries of its WITH.
    """

    def __init__(self, queries: Queries, scope: Scope) -> None:
        self._queries = queries
        self._scope = scope

    def of(self, node: exp.Select) -> Sources:
        """What FROM of a SELECT gives."""
        from_ = node.args.get("from_")
        if from_ is None:
            return NO_SOURCES
        before, chain = NO_SOURCES, self.sources(from_.this, NO_SOURCES)
        for join in node.args.get("joins") or []:
            if _is_comma(join):
                # A comma binds less than JOIN: what follows is joined first.
                before, chain = before.beside(chain), self.sources(join.this, before.beside(chain))
            else:
                chain = self._joined(chain, join, before)
        together = before.beside(chain)
        for lateral in node.args.get("laterals") or []:
            together = together.beside(self.sources(lateral, together))
        return together

    def sources(self, node: exp.Expr, before: Sources) -> Sources:
        """What one item of FROM gives, with the joins that belong to it.

        Args:
            node: the item.
            before: what a lateral item can see.
        """
        sources = self._item(node, before)
        for join in node.args.get("joins") or []:
            sources = self._joined(sources, join, before)
        return sources

    def _item(self, node: exp.Expr, before: Sources) -> Sources:
        if node.args.get("pivots"):
            return _named(node, Table(rest=Rest.unknown("PIVOT and UNPIVOT are not understood")))
        if isinstance(node, exp.Table):
            return self._table(node, before)
        if isinstance(node, exp.Subquery) and not node.alias and isinstance(node.unnest(), exp.Table):
            return self.sources(node.this, before)
        if isinstance(node, (exp.Lateral, exp.Unnest)):
            return self._lateral(node, before)
        if isinstance(node, exp.Subquery):
            return _named(node, self._queries.query(node, self._scope))
        return _named(node, self._queries.query(node, self._inside(before)))

    def _inside(self, before: Sources) -> Scope:
        return Scope(before, self._scope, self._scope.queries)

    def _table(self, node: exp.Table, before: Sources) -> Sources:
        if node.args.get("rows_from"):
            return self._rows_from(node, before)
        if not isinstance(node.this, exp.Identifier):
            table = self._function(node.this, node, before)
            return _named(node, table)
        table = self._queries.relation_or_query(node, self._scope)
        return _named(node, table.renamed(node.alias_column_names))

    def _lateral(self, node: exp.Expr, before: Sources) -> Sources:
        if isinstance(node, exp.Unnest):
            return _named(node, self._function(node, node, before))
        if isinstance(node.this, exp.Query):
            table = self._queries.query(node.this, self._inside(before))
            return _named(node, table.renamed(node.alias_column_names))
        return _named(node, self._function(node.this, node, before))

    def _function(self, function: exp.Expr, item: exp.Expr, before: Sources) -> Table:
        """A function in FROM: what it gives is made from its arguments, and they decide how many rows there are."""
        scope = self._inside(before)
        value = self._queries.expressions.value(function, scope).through(TRANSFORMATION)
        columns, rest = self._function_columns(function, value, scope, item.alias)
        given = item.alias_column_names
        if rest is not None and given:
            columns, rest = tuple((name, value) for name in given), None
        ordinality = item.args.get("ordinality") or function.args.get("offset")
        if ordinality:
            columns += ((ordinality.name if isinstance(ordinality, exp.Identifier) else "ordinality", NOTHING),)
        return Table(columns, value.deciding(JOIN), rest, composite=value).renamed(() if rest else given)

    def _function_columns(
        self, function: exp.Expr, value: Value, scope: Scope, alias: str
    ) -> tuple[NamedColumns, Rest | None]:
        own = alias or self._queries.names.of(function) or function.key
        if isinstance(function, exp.Unnest):
            values = [self._queries.expressions.value(part, scope) for part in function.expressions]
            return tuple((own, each.through(TRANSFORMATION)) for each in values), None
        if isinstance(function, (exp.JSONTable, exp.XMLTable)):
            return _declared_columns(function, value), None
        fixed = functions.ROW_FUNCTIONS.get(functions.function_name(function))
        if fixed:
            return tuple((name, value) for name in fixed), None
        if fixed is not None or isinstance(function, functions.ROW_CLASSES):
            return ((own, value),), None
        # Any column of an unknown function is made from its arguments, whatever its name is.
        return (), Rest(f"the columns that {own} gives are not known", lambda name: value)

    def _rows_from(self, node: exp.Table, before: Sources) -> Sources:
        """Functions side by side, under one alias."""
        columns: NamedColumns = ()
        rows, rest = NOTHING, None
        for part in node.args["rows_from"]:
            function = part.this if isinstance(part, exp.Table) else part
            table = self._function(function, part, before)
            columns, rows, rest = columns + table.columns, rows | table.rows, rest or table.rest
        if node.args.get("ordinality"):
            columns += (("ordinality", NOTHING),)
        return _named(node, Table(columns, rows, rest).renamed(node.alias_column_names))

    def _joined(self, left: Sources, join: exp.Join, before: Sources) -> Sources:
        right = self.sources(join.this, before.beside(left))
        together = left.beside(right)
        merged, keys = self._merged(left, right, join)
        on = join.args.get("on")
        if on is not None:
            keys |= self._queries.expressions.value(on, Scope(together, self._inside(before), self._scope.queries))
        names = {name for name, _ in merged}
        columns = (
            *merged,
            *(column for column in left.columns if column[0] not in names),
            *(column for column in right.columns if column[0] not in names),
        )
        rows = together.rows | keys.deciding(JOIN)
        if join.is_semi_or_anti_join:
            return replace(left, rows=rows)
        return Sources(together.tables, columns, rows)

    def _merged(self, left: Sources, right: Sources, join: exp.Join) -> tuple[NamedColumns, Value]:
        """The columns of USING or NATURAL, which are there once, and what they are compared by."""
        if join.method == "NATURAL":
            unlisted = [*left.unlisted, *right.unlisted]
            if unlisted:
                return (), Value.cannot_tell(f"NATURAL JOIN: {unlisted[0].reason}")
            there = {name for name, _ in right.columns}
            using = [name for name, _ in left.columns if name in there]
        else:
            using = [identifier.name for identifier in join.args.get("using") or []]
        merged, keys = [], NOTHING
        for name in using:
            values = [Scope(side, None, {}).unqualified(name) for side in (left, right)]
            keys |= values[0] | values[1]
            merged.append((name, _merged_value(join.side, *values)))
        return tuple(merged), keys


def _merged_value(side: str, left: Value, right: Value) -> Value:
    """PostgreSQL's rule: of a FULL JOIN whichever side is there, of a RIGHT JOIN the right, else the left."""
    if side == "FULL":
        return (left | right).through(TRANSFORMATION)
    return right if side == "RIGHT" else left


class _Select:
    """Evaluates one SELECT.

    Args:
        queries: the evaluation of the statement.
        node: the SELECT.
        scope: the place around it, with the queries of its own WITH.
        purpose: what is asked of it.
    """

    def __init__(self, queries: Queries, node: exp.Select, scope: Scope, purpose: _Purpose) -> None:
        self._queries = queries
        self._node = node
        self._purpose = purpose
        self._scope = scope
        self._windows = {window.name: window for window in node.args.get("windows") or []}
        self._expressions = queries.expressions

    def table(self) -> Table:
        """What it gives."""
        if self._node.args.get("connect") or self._node.args.get("match"):
            return Table(rest=Rest.unknown("CONNECT BY and MATCH_RECOGNIZE are not understood"))
        sources = _From(self._queries, self._scope).of(self._node)
        inside = Scope(sources, self._scope, self._scope.queries)
        output, rest, inside = self._output(inside)
        rows = sources.rows | self._deciding(inside, output) | self._multiplying(inside)
        order = self._order(inside, output, sources)
        table = Table(output, rows, rest, order=order)
        if not self._purpose.existence:
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
            if self._queries._aliases_anywhere and isinstance(item, exp.Alias):
                scope = replace(scope, aliases={**scope.aliases, item.alias: columns[0][1]})
        return tuple(output), _one_rest(rest, output), scope

    def _item(self, item: exp.Expr, scope: Scope) -> tuple[NamedColumns, list[Rest]]:
        star = item.this if isinstance(item, exp.Column) else item
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
            if table is None:
                return (), [Rest.unknown(f"the fields of {item.this.sql()} are not known")]
            return self._star(item.expression, table.columns, [table.rest] if table.rest else [], scope)
        if isinstance(item, exp.Aliases):
            value = self._expressions.value(item.this, scope, self._windows)
            return tuple((alias.name, value) for alias in item.expressions), []
        return ((self._queries.names.of(item), self._expressions.value(item, scope, self._windows)),), []

    @staticmethod
    def _fields(item: exp.Column, scope: Scope) -> tuple[NamedColumns, list[Rest]]:
        return (), [Rest.unknown(f"{item.text('table')}.* is of no relation of the query")]

    def _star(
        self, star: exp.Star, columns: NamedColumns, unlisted: list[Rest], scope: Scope
    ) -> tuple[NamedColumns, list[Rest]]:
        left_out = {part.name for part in star.args.get("except_") or []}
        replaced = {
            part.alias: self._expressions.value(part, scope, self._windows) for part in star.args.get("replace") or []
        }
        renamed = {part.this.name: part.alias for part in star.args.get("rename") or []}
        kept = tuple(
            (renamed.get(name, name), replaced.get(name, value)) for name, value in columns if name not in left_out
        )
        if unlisted and star.args.get("rename"):
            return kept, [Rest.unknown(rest.reason) for rest in unlisted]
        return kept, [_without(rest, left_out, replaced) for rest in unlisted]

    def _deciding(self, scope: Scope, output: NamedColumns) -> Value:
        """What WHERE, GROUP BY, HAVING and QUALIFY decide the rows by."""
        rows = NOTHING
        for clause in ("where", "having", "qualify"):
            node = self._node.args.get(clause)
            if node is not None:
                rows |= self._expressions.value(node.this, scope, self._windows).deciding(FILTER)
        group = self._node.args.get("group")
        if group is None or self._purpose.existence:
            return rows
        return rows | self._grouping(group, scope, output).deciding(GROUP_BY)

    def _grouping(self, group: exp.Group, scope: Scope, output: NamedColumns) -> Value:
        if group.args.get("all"):
            return self._grouping_by_all(scope)
        # A bare name is a column of FROM before it is one of the output: the other way round than in ORDER BY.
        aliases = {item.alias for item in self._node.expressions if isinstance(item, exp.Alias)}
        with_aliases = replace(scope, aliases={name: value for name, value in output if name in aliases})
        waiting = list(group.iter_expressions())
        value = NOTHING
        while waiting:
            key = waiting.pop()
            if isinstance(key, GROUPING_CONTAINERS):
                waiting.extend(key.iter_expressions())
            elif _position(key) is not None:
                value |= self._queries.output_key(key, output, scope, self._windows)
            else:
                is_name = isinstance(key, exp.Column) and not key.table
                value |= self._expressions.value(key, with_aliases if is_name else scope, self._windows)
        return value

    def _grouping_by_all(self, scope: Scope) -> Value:
        value = NOTHING
        for item in self._node.expressions:
            if not any(functions.is_aggregate(part) for part in _parts(item)):
                value |= self._expressions.value(item, scope, self._windows)
        return value

    def _multiplying(self, scope: Scope) -> Value:
        """Functions in the select list that give several rows: a join with what they give."""
        rows = NOTHING
        for item in self._node.expressions:
            for part in _parts(item):
                if functions.gives_rows(part):
                    rows |= self._expressions.value(part, scope, self._windows).deciding(JOIN)
        return rows

    def _order(self, scope: Scope, output: NamedColumns, sources: Sources) -> Value:
        keys = _sort_keys(self._node)
        if keys:
            return union(self._queries.output_key(key, output, scope, self._windows) for key in keys)
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


def _combined(node: exp.SetOperation, left: Table, right: Table) -> Table:
    """A set operation: UNION takes the values of both sides, the others those of the left that the right decides on."""
    for side in (left, right):
        if side.rest is not None:
            return Table(
                rest=Rest.unknown(f"{side.rest.reason}, so the columns of {node.key.upper()} cannot be matched")
            )
    if node.args.get("by_name"):
        right = _in_order_of(left, right)
        left = _in_order_of(right, left)
    if len(left.columns) != len(right.columns):
        return Table(rest=Rest.unknown(f"the sides of {node.key.upper()} have different numbers of columns"))
    names = [name for name, _ in left.columns]
    if isinstance(node, exp.Union):
        values = [one | other for (_, one), (_, other) in zip(left.columns, right.columns, strict=True)]
        table = Table(tuple(zip(names, values, strict=True)), left.rows | right.rows)
    else:
        decided_by = (right.rows | right.every() | left.every()).deciding(FILTER)
        table = Table(left.columns, left.rows | decided_by)
    if node.args.get("distinct"):
        return replace(table, rows=table.rows | table.every().deciding(GROUP_BY))
    return table


def _in_order_of(first: Table, second: Table) -> Table:
    """The second table's columns in the order of the first one's, for UNION BY NAME; what one lacks is null."""
    of_second = dict(second.columns)
    names = [name for name, _ in first.columns]
    added = [name for name, _ in second.columns if name not in names]
    return replace(second, columns=tuple((name, of_second.get(name, NOTHING)) for name in [*names, *added]))


def _whole(sources: Sources) -> Table:
    """A join in parentheses as one table."""
    rest = _one_rest(sources.unlisted, list(sources.columns))
    return Table(sources.columns, sources.rows, rest)


def _one_rest(rest: list[Rest], listed: list[tuple[str, Value]]) -> Rest | None:
    """The unlisted columns of several relations together: only one of them can have a column that is not listed."""
    if not rest:
        return None
    if len(rest) == 1:
        return rest[0]
    return Rest.unknown("; ".join(dict.fromkeys(each.reason for each in rest)))


def _without(rest: Rest, left_out: set[str], replaced: Mapping[str, Value]) -> Rest:
    def value(name: str) -> Value:
        if name in left_out:
            return Value.cannot_tell(f"column {name} is left out of *")
        return replaced.get(name) or rest.value(name)

    return Rest(rest.reason, value)


def _named(node: exp.Expr, table: Table) -> Sources:
    schema = node.text("db") if isinstance(node, exp.Table) and not node.alias else ""
    return Sources.of(node.alias_or_name, schema, table)


def _is_comma(join: exp.Join) -> bool:
    return not (join.side or join.kind or join.method or join.args.get("on") or join.args.get("using"))


def _declared_columns(function: exp.Expr, value: Value) -> NamedColumns:
    """The columns that JSON_TABLE and XMLTABLE are told to give."""
    schema = function.args.get("schema")
    declared = schema.expressions if schema is not None else function.args.get("columns") or []
    return tuple((column.name, value) for column in declared)


def _sort_keys(node: exp.Expr) -> list[exp.Expr]:
    order = node.args.get("order")
    return order.expressions if order is not None else []


def _position(node: exp.Expr) -> int | None:
    """The index that a number in GROUP BY or ORDER BY means."""
    if isinstance(node, exp.Literal) and not node.is_string and node.name.isdigit():
        return int(node.name) - 1
    return None


def _parts(node: exp.Expr) -> Iterator[exp.Expr]:
    """Every part of an expression but those of subqueries in it."""
    return node.walk(prune=lambda part: isinstance(part, exp.Query))

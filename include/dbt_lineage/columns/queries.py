"""The columns of a query, and what decides its rows."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from sqlglot import exp

from dbt_lineage.columns.aliases import LazyAliases
from dbt_lineage.columns.clauses import EXISTENCE, ROWS, WITHOUT_INFLUENCE, Purpose, position, sort_keys
from dbt_lineage.columns.dialects import Rules
from dbt_lineage.columns.expressions import Expressions, Windows
from dbt_lineage.columns.from_clause import FromClause, holds_join
from dbt_lineage.columns.model import CONDITIONAL, FILTER, GROUP_BY, SORT, TRANSFORMATION
from dbt_lineage.columns.output_names import Names
from dbt_lineage.columns.pivot import Pivoting
from dbt_lineage.columns.reading import Reading
from dbt_lineage.columns.scope import NO_SOURCES, NamedColumns, Rest, Scope, Sources, Table
from dbt_lineage.columns.select_clause import Select
from dbt_lineage.columns.value import NOTHING, Value, union

# Every round but the last adds a source to a column.
MAX_ROUNDS = 1000
UNMATCHED = ", so the columns of "


class Queries:
    """Evaluates the queries of one statement.

    Args:
        relation: the real relation that a table of the SQL is.
        names: how columns without an alias are called.
        rules: those of the dialect.
    """

    def __init__(self, relation: Callable[[exp.Table], Table], names: Names, rules: Rules) -> None:
        self._relation = relation
        self.names = names
        self.reading = Reading()
        self.rules = rules
        self.expressions = Expressions(
            query=lambda node, scope: self.query(node, scope),
            existence=lambda node, scope: self.query(node, scope, EXISTENCE),
            reading=self.reading,
            rules=rules,
        )

    def query(self, node: exp.Expr, scope: Scope, purpose: Purpose = ROWS) -> Table:
        """What a query gives.

        Args:
            node: a SELECT, a set operation, VALUES, or one of them in parentheses.
            scope: its place; the columns of that place are visible where SQL allows it.
            purpose: what is asked of it.
        """
        self.reading.saw(node)
        self.reading.needs_not([node.args.get(part) for part in WITHOUT_INFLUENCE])
        inside = self.with_queries(node, scope)
        if node.args.get("offset") is not None:
            # Whether there is a row behind others depends on how many there are, so on DISTINCT and GROUP BY too.
            purpose = ROWS
        if isinstance(node, exp.Select):
            return Select(self, node, inside, purpose).table()
        if isinstance(node, exp.SetOperation):
            return self._sorted(node, self._set_operation(node, inside, purpose), inside, purpose)
        if isinstance(node, exp.Subquery):
            return self._sorted(node, self._parenthesised(node, inside, purpose), inside, purpose)
        if isinstance(node, exp.Values):
            return self._sorted(node, self._values(node, inside), inside, purpose)
        if isinstance(node, exp.Table):
            return self.relation_or_query(node, inside)
        if isinstance(node, exp.Pivot):
            # DuckDB's statement.
            sources = FromClause(self, inside).sources(node.this, NO_SOURCES)
            return self._sorted(node, Pivoting(self, node, sources, inside).table(), inside, purpose)
        self.reading.needs_not(node)
        return Table.unknown(f"{node.key.upper()} is not understood as a query")

    def with_queries(self, node: exp.Expr, scope: Scope) -> Scope:
        """The place inside a query, where the queries of its WITH can be named."""
        with_ = node.args.get("with_")
        if with_ is None:
            return scope
        queries: dict[str, Callable[[], Table]] = dict(scope.queries)
        scope = self._with_values(with_, scope, queries)
        defined = []
        for cte in with_.expressions:
            if cte.args.get("scalar"):
                continue
            # Unless it is recursive, a query sees only those before it: in one with the name of the relation that it
            # selects from, the name means the relation.
            is_recursive = bool(with_.recursive) or (self.rules.recursive_without_word and _continues_itself(cte))
            place = replace(scope, queries=queries if is_recursive else dict(queries))
            named = _WithQuery(self, cte, is_recursive, place)
            queries[cte.alias] = named.table
            defined.append(named)
        if self.rules.queries_in_any_order:
            for named in defined:
                named.sees(queries)
        # In their order, so that a chain of any length is not evaluated from its end, one inside the other.
        for named in defined:
            named.table()
        return replace(scope, queries=queries)

    def _with_values(self, with_: exp.With, scope: Scope, queries: Mapping[str, Callable[[], Table]]) -> Scope:
        """The place inside WITH, where ClickHouse's names of expressions can be used, also in subqueries."""
        values = {cte.alias: cte.this for cte in with_.expressions if cte.args.get("scalar")}
        if not values:
            return scope
        for cte in with_.expressions:
            if cte.args.get("scalar"):
                self.reading.saw(cte)
        aliases = LazyAliases(values, lambda node: self.expressions.value(node, inside))
        inside = Scope(Sources(), scope, queries, aliases=aliases, aliases_first=True)
        return inside

    def beside(self, items: list[exp.Expr], scope: Scope) -> Sources:
        """What several items of a statement give that has no FROM, such as MERGE."""
        from_ = FromClause(self, scope)
        together = NO_SOURCES
        for item in items:
            together = together.beside(from_.sources(item, together))
        return together

    def _parenthesised(self, node: exp.Subquery, scope: Scope, purpose: Purpose) -> Table:
        if holds_join(node):
            table = _whole(FromClause(self, scope).sources(node.this, NO_SOURCES))
        else:
            table = self.query(node.this, scope, purpose)
        alias = node.args.get("alias")
        return table.renamed(column.name for column in alias.columns) if alias else table

    def relation_or_query(self, node: exp.Table, scope: Scope) -> Table:
        """What a name in FROM gives: a query of WITH, or a real relation."""
        self.reading.saw(node)
        named = scope.queries.get(node.name) if not node.db else None
        return named() if named else self._relation(node)

    def _values(self, node: exp.Values, scope: Scope) -> Table:
        rows = [row.expressions if isinstance(row, exp.Tuple) else [row] for row in node.expressions]
        if len({len(row) for row in rows}) > 1:
            return Table.unknown("VALUES has rows of different lengths")
        columns = [
            (f"column{position}", union(self.expressions.value(value, scope) for value in values))
            for position, values in enumerate(zip(*rows, strict=True), start=1)
        ]
        return Table(tuple(columns)).renamed(node.alias_column_names)

    def _set_operation(self, node: exp.SetOperation, scope: Scope, purpose: Purpose) -> Table:
        """A loop along the left side, since a recursion would be as deep as the SQL has branches."""
        operations: list[tuple[exp.SetOperation, Scope, Purpose]] = []
        left: exp.Expr = node
        while isinstance(left, exp.SetOperation):
            scope = scope if left is node else self.with_queries(left, scope)
            # There is a row in a union when there is one in a side; of the others it depends on the values.
            purpose = purpose if isinstance(left, exp.Union) else ROWS
            operations.append((left, scope, purpose))
            left = left.this
        table = self.query(left, scope, purpose)
        for operation, inside, asked in reversed(operations):
            table = _combined(operation, table, self.query(operation.expression, inside, asked), asked)
            if operation is not node:
                table = self._sorted(operation, table, inside, asked)
        return table

    def _sorted(self, node: exp.Expr, table: Table, scope: Scope, purpose: Purpose) -> Table:
        """The table after ORDER BY and LIMIT, which see its columns only."""
        keys = sort_keys(node)
        inside = Scope(Sources.of("", "", table), scope, scope.queries)
        order = union(self.output_key(key, table.columns, inside, {}) for key in keys) if keys else table.order
        return self.limited(node, replace(table, order=order), scope, purpose)

    def limited(self, node: exp.Expr, table: Table, scope: Scope, purpose: Purpose) -> Table:
        """The table after LIMIT: by its order it is decided which rows are left, and by the counts whether any is."""
        bounds = [node.args[key] for key in ("limit", "offset") if node.args.get(key) is not None]
        if not bounds:
            return table
        rows = table.rows | union(self._bound(bound, scope) for bound in bounds).deciding(FILTER)
        # ClickHouse's LIMIT … BY: so many rows of each group.
        keys = [key for bound in bounds for key in bound.expressions]
        inside = Scope(Sources.of("", "", table), scope, scope.queries)
        rows |= union(self.output_key(key, table.columns, inside, {}) for key in keys).deciding(GROUP_BY)
        return replace(table, rows=rows if purpose.existence else rows | table.order.deciding(SORT))

    def _bound(self, node: exp.Expr, scope: Scope) -> Value:
        return self.expressions.value(node.args.get("expression") or node.args.get("count"), scope)

    def output_key(self, key: exp.Expr, output: NamedColumns, scope: Scope, windows: Windows) -> Value:
        """What a key of ORDER BY or DISTINCT ON depends on: a position, the name of an output column, or an expression."""
        if isinstance(key, exp.Ordered):
            key = key.this
        index = position(key)
        if index is not None:
            self.reading.saw(key)
            return output[index][1] if index < len(output) else Value.cannot_tell(f"there is no column {key}")
        if isinstance(key, exp.Column) and not key.table:
            named = [value for name, value in output if name == key.name]
            if named:
                self.reading.saw(key)
                return union(named)
        return self.expressions.value(key, scope, windows)


class _WithQuery:
    """A query of WITH, evaluated when it is first named; one that names itself until nothing new comes."""

    def __init__(self, queries: Queries, cte: exp.CTE, is_recursive: bool, scope: Scope) -> None:
        self._queries = queries
        self._cte = cte
        self._is_recursive = is_recursive
        self._scope = scope
        self._table: Table | None = None
        self._running = False
        self._names_itself = False

    def sees(self, queries: Mapping[str, Callable[[], Table]]) -> None:
        """Let it name the given queries too, but not itself: its own name means a relation."""
        if not self._is_recursive:
            name = self._cte.alias
            others = {other: table for other, table in queries.items() if other != name}
            self._scope = replace(self._scope, queries={**self._scope.queries, **others})

    def table(self) -> Table:
        """What it gives."""
        if self._running:
            self._names_itself = True
            if self._table is None:
                return Table.unknown(f"{self._cte.alias} names itself before it has columns")
        elif self._table is None:
            self._running = True
            self._table = self._evaluated()
            self._running = False
        return self._table

    def _evaluated(self) -> Table:
        body = self._cte.this
        if not isinstance(body, (exp.Query, exp.Values, exp.Pivot)):
            self._queries.reading.needs_not(body)
            return Table.unknown(f"{body.key.upper()} in WITH is not understood")
        if not self._is_recursive or not isinstance(body, exp.SetOperation):
            return self._named(self._queries.query(body, self._scope))
        first = body
        while isinstance(first, exp.SetOperation):
            first = first.this
        # The names are those of the first branch; their dependencies grow until nothing new comes.
        start = self._named(self._queries.query(first, self._queries.with_queries(body, self._scope)))
        table = replace(start, columns=tuple((name, NOTHING) for name, _ in start.columns), rows=NOTHING)
        for _ in range(MAX_ROUNDS):
            self._table = self._with_search(table)
            again = self._named(self._queries.query(body, self._scope))
            if not self._names_itself or again == table:
                return self._with_search(again)
            table = again
        return Table.unknown(f"{self._cte.alias} names itself without an end")

    def _named(self, table: Table) -> Table:
        alias = self._cte.args.get("alias")
        return table.renamed(column.name for column in alias.columns) if alias else table

    def _with_search(self, table: Table) -> Table:
        """SEARCH and CYCLE add columns that are made from those that they name; CYCLE ends the recursion by them too."""
        added: list[tuple[str, Value]] = []
        rows = table.rows
        for clause in filter(None, (self._cte.args.get("search"), self._cte.args.get("cycle"))):
            names = {column.name for column in clause.expressions}
            value = union(value for name, value in table.columns if name in names)
            # Its names are looked at here, and what a cycle is marked with are constants.
            self._queries.reading.needs_not(clause)
            if clause.args["kind"] == "CYCLE":
                added.append((clause.args["expression"].name, value.deciding(CONDITIONAL)))
                added.append((clause.args["using"].name, value.through(TRANSFORMATION)))
                rows |= value.deciding(FILTER)
            else:
                added.append((clause.args["expression"].name, value.through(TRANSFORMATION)))
        return replace(table, columns=(*table.columns, *added), rows=rows) if added else table


def _continues_itself(cte: exp.CTE) -> bool:
    """Whether a UNION begins without its own name and goes on with it; else the name means a relation."""
    body = cte.this
    if not isinstance(body, exp.SetOperation):
        return False
    first: exp.Expr = body
    while isinstance(first, exp.SetOperation):
        first = first.this

    def names_it(node: exp.Expr) -> bool:
        return any(table.name == cte.alias and not table.db for table in node.find_all(exp.Table))

    return names_it(body) and not names_it(first)


def _combined(node: exp.SetOperation, left: Table, right: Table, purpose: Purpose) -> Table:
    """A set operation: UNION takes the values of both sides, the others those of the left that the right decides on."""
    for side in (left, right):
        if side.rest is not None:
            # Of a chain of operations each would add the same words.
            reason = side.rest.reason.partition(UNMATCHED)[0]
            return Table.unknown(f"{reason}{UNMATCHED}{node.key.upper()} cannot be matched")
    if node.args.get("by_name"):
        right = _in_order_of(left, right)
        left = _in_order_of(right, left)
    if len(left.columns) != len(right.columns):
        return Table.unknown(f"the sides of {node.key.upper()} have different numbers of columns")
    names = [name for name, _ in left.columns]
    if isinstance(node, exp.Union):
        values = [one | other for (_, one), (_, other) in zip(left.columns, right.columns, strict=True)]
        table = Table(tuple(zip(names, values, strict=True)), left.rows | right.rows)
    else:
        decided_by = (right.rows | right.every() | left.every()).deciding(FILTER)
        table = Table(left.columns, left.rows | decided_by)
    if node.args.get("distinct") and not purpose.existence:
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
    return Table(sources.columns, sources.rows, Rest.together(sources.unlisted))

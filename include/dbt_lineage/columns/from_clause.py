"""FROM: relations, subqueries, functions and joins."""

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from dbt_lineage.columns import functions
from dbt_lineage.columns.generators import FIXED_ROWS, generated
from dbt_lineage.columns.model import FILTER, JOIN, TRANSFORMATION
from dbt_lineage.columns.pivot import Pivoting
from dbt_lineage.columns.postgres_words import DeclaredRows
from dbt_lineage.columns.scope import NO_SOURCES, NamedColumns, NamedTable, Rest, Scope, Sources, Table, by_name
from dbt_lineage.columns.value import NOTHING, Value, union

if TYPE_CHECKING:
    from dbt_lineage.columns.queries import Queries


class FromClause:
    """Evaluates FROM.

    Args:
        queries: the evaluation of the statement.
        scope: the place around the query, with the queries of its WITH.
    """

    def __init__(self, queries: "Queries", scope: Scope) -> None:
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
        sources = self._source(node, before)
        for pivot in node.args.get("pivots") or []:
            name = pivot.alias or (sources.tables[0].name if len(sources.tables) == 1 else "")
            sources = Sources.of(name, "", Pivoting(self._queries, pivot, sources, self._scope).table())
        return sources

    def _source(self, node: exp.Expr, before: Sources) -> Sources:
        if isinstance(node, exp.Table):
            return self._table(node, before)
        if isinstance(node, exp.Subquery) and not node.alias and holds_join(node):
            return self.sources(node.this, before)
        if isinstance(node, (exp.Lateral, exp.Unnest)):
            return self._lateral(node, before)
        if isinstance(node, exp.Final):
            return self.sources(node.this, before)
        if isinstance(node, exp.AtIndex):
            # Redshift's ``value as element at index``.
            self._queries.reading.needs_not(node.expression)
            value = self._queries.expressions.value(node.this.unalias(), self._inside(before)).through(TRANSFORMATION)
            columns = ((node.this.alias, value), (node.expression.name, NOTHING))
            return Sources.of(node.this.alias, "", Table(columns, value.deciding(JOIN)))
        if isinstance(node, exp.TableFromRows):
            return self._of_function(node.this, node, before)
        if isinstance(node, exp.Subquery):
            # DuckDB's subqueries see what is before them, without the word LATERAL.
            scope = self._inside(before) if self._queries.rules.name == "duckdb" else self._scope
            return _named(node, self._queries.query(node, scope))
        return _named(node, self._queries.query(node, self._inside(before)))

    def _inside(self, before: Sources) -> Scope:
        return Scope(before, self._scope, self._scope.queries)

    def _table(self, node: exp.Table, before: Sources) -> Sources:
        self._queries.reading.saw(node)
        # Of time travel, the version is no value of the output.
        self._queries.reading.needs_not([node.args.get(part) for part in ("hints", "when", "version", "changes")])
        if node.args.get("rows_from"):
            return self._rows_from(node, before)
        if isinstance(node.this, exp.DynamicIdentifier):
            return _named(node, Table.unknown("the relation that IDENTIFIER(…) means is not known"))
        if not isinstance(node.this, exp.Identifier):
            return self._of_function(node.this, node, before)
        table = self._queries.relation_or_query(node, self._scope).renamed(node.alias_column_names)
        sample = node.args.get("sample")
        if sample is None:
            return _named(node, table)
        taken = self._queries.expressions.value(sample, self._inside(before)).deciding(FILTER)
        return _named(node, replace(table, rows=table.rows | taken))

    def _lateral(self, node: exp.Expr, before: Sources) -> Sources:
        if isinstance(node, exp.Unnest):
            return self._of_function(node, node, before)
        if isinstance(node.this, (exp.Query, exp.Values)):
            table = self._queries.query(node.this, self._inside(before))
            return _named(node, table.renamed(node.alias_column_names))
        if isinstance(node.this, exp.Table):
            return self._rows_from(node.this, before, node)
        return self._of_function(node.this, node, before)

    def _of_function(self, function: exp.Expr, item: exp.Expr, before: Sources) -> Sources:
        name = item.alias or self._function_name(function)
        is_element = self._queries.rules.name == "bigquery" and isinstance(function, exp.Unnest)
        if is_element and not item.alias:
            # The alias names the element: a value, or a row of its fields.
            name = "".join(item.alias_column_names[:1]) or name
        table = self._function(function, item, before, item.alias)
        return Sources((NamedTable(name, "", table, is_element),), table.columns, table.rows, table.order)

    def _function_name(self, function: exp.Expr) -> str:
        return self._queries.names.of(function) or function.key

    def _function(self, function: exp.Expr, item: exp.Expr, before: Sources, alias: str) -> Table:
        """A function in FROM: what it gives is made from its arguments, and they decide how many rows there are."""
        scope = self._inside(before)
        arguments = function.expressions if isinstance(function, (exp.Unnest, DeclaredRows)) else [function]
        values = [self._queries.expressions.value(part, scope).through(TRANSFORMATION) for part in arguments]
        value = union(values)
        is_counted = bool(item.args.get("ordinality") or function.args.get("offset"))
        names = len(item.alias_column_names) - is_counted
        columns, rest = self._function_columns(function, value, scope, alias, names)
        given = item.alias_column_names
        if self._queries.rules.name == "bigquery" and value.fields:
            given = []
        ordinality = item.args.get("ordinality") or function.args.get("offset")
        if rest is not None and given:
            # The names are taken for those of all columns, ordinality's the last.
            of_function = given[:-1] if ordinality and len(given) > 1 else given
            columns, rest = tuple((name, value) for name in of_function), None
        if ordinality:
            self._queries.reading.needs_not(ordinality)
            columns += ((ordinality.name if isinstance(ordinality, exp.Identifier) else "ordinality", NOTHING),)
        rows = NOTHING if isinstance(function, FIXED_ROWS) else value.deciding(JOIN)
        return Table(columns, rows, rest, composite=value).renamed(() if rest else given)

    def _function_columns(
        self, function: exp.Expr, value: Value, scope: Scope, alias: str, given: int
    ) -> tuple[NamedColumns, Rest | None]:
        own = alias or self._function_name(function)
        name = functions.function_name(function)
        if isinstance(function, exp.Unnest) or name == "unnest":
            columns, rest = self._unnested(function.expressions, scope, own)
            is_trino = self._queries.rules.name in ("trino", "presto", "athena")
            if is_trino and given - len(columns) == 1 and len(function.expressions) == len(columns) == 1:
                # Of a map the keys and the values; with an ordinality a third name is for that.
                columns = (*columns, *columns)
            return columns, rest
        told = generated(
            function, lambda part: self._queries.expressions.value(part, scope), given, self._queries.rules.name
        )
        if told is not None:
            return told, None
        if isinstance(function, (exp.JSONTable, exp.XMLTable)):
            return _declared_columns(function, value), None
        if isinstance(function, DeclaredRows):
            return self._told_columns(function, value, scope), None
        fixed = functions.ROW_FUNCTIONS.get(name)
        if fixed:
            return tuple((name, value) for name in fixed), None
        if fixed is not None or isinstance(function, functions.ROW_CLASSES):
            return ((own, value),), None
        # Any column of an unknown function is made from its arguments, whatever its name is.
        return (), Rest.each(f"the columns that {own} gives are not known", value)

    def _unnested(self, arrays: list[exp.Expr], scope: Scope, own: str) -> tuple[NamedColumns, Rest | None]:
        """A column for each array, or for each field of its rows; an alias names only a single one."""
        columns: NamedColumns = ()
        rest = None
        for array in arrays:
            value = self._queries.expressions.value(array, scope).through(TRANSFORMATION)
            are_columns = self._queries.rules.fields_are_columns
            single = ((own if len(arrays) == 1 else "unnest", value.as_element()),)
            columns += (value.fields if are_columns else ()) or single
            if value.fields == ():
                rest = Rest.each(f"the fields that {own} may have are not known", value)
        return columns, rest

    def _told_columns(self, function: exp.Expr, value: Value, scope: Scope) -> NamedColumns:
        """The columns of JSON_TABLE and XMLTABLE, each with its further sources."""
        return tuple(
            (
                column.name,
                NOTHING
                if column.args.get("ordinality")
                else union(
                    [value, *(self._queries.expressions.value(part, scope) for part in column.expressions)]
                ).through(TRANSFORMATION),
            )
            for column in function.args["columns"]
        )

    def _rows_from(self, node: exp.Table, before: Sources, item: exp.Expr | None = None) -> Sources:
        """Functions side by side, under one alias."""
        item = item or node
        parts = [part if isinstance(part, exp.Table) else exp.Table(this=part) for part in node.args["rows_from"]]
        columns: NamedColumns = ()
        rows, rest = NOTHING, None
        for part in parts:
            self._queries.reading.saw(part)
            table = self._function(part.this, part, before, item.alias if len(parts) == 1 else "")
            columns, rows, rest = columns + table.columns, rows | table.rows, rest or table.rest
        if item.args.get("ordinality"):
            columns += (("ordinality", NOTHING),)
        name = item.alias or self._function_name(parts[0].this)
        return Sources.of(name, "", Table(columns, rows, rest).renamed(item.alias_column_names))

    def _with_elements(self, left: Sources, join: exp.Join, before: Sources) -> Sources:
        """ClickHouse's ARRAY JOIN: the elements under an alias, or in the place of the array."""
        columns = dict(left.columns)
        rows = left.rows
        inside = Scope(before.beside(left), self._inside(before), self._scope.queries)
        for part in [join.this, *join.expressions]:
            self._queries.reading.saw(part)
            value = self._queries.expressions.value(part.unalias(), inside).through(TRANSFORMATION).as_element()
            columns[part.alias_or_name] = value
            rows |= value.deciding(JOIN)
        return replace(left, columns=tuple(columns.items()), rows=rows)

    def _joined(self, left: Sources, join: exp.Join, before: Sources) -> Sources:
        if join.kind == "ARRAY":
            return self._with_elements(left, join, before)
        right = self.sources(join.this, before.beside(left))
        together = left.beside(right)
        merged, keys = self._merged(left, right, join)
        on = join.args.get("on")
        # An ASOF join of Snowflake's has a further condition.
        for condition in filter(None, (on, join.args.get("match_condition"))):
            inside = Scope(together, self._inside(before), self._scope.queries)
            keys |= self._queries.expressions.value(condition, inside)
        names = {name for name, _ in merged}
        columns = (
            *merged,
            *(column for column in left.columns if column[0] not in names),
            *(column for column in right.columns if column[0] not in names),
        )
        rows = together.rows | keys.deciding(JOIN)
        if join.is_semi_or_anti_join:
            return replace(left, rows=rows)
        alias = join.args.get("using_alias")
        named = (NamedTable(alias.name, "", Table(merged)),) if alias else ()
        first = tuple(column for column in together.merged if column[0] not in names)
        if join.args.get("using") and self._queries.rules.name == "snowflake":
            # A bare name that both sides have means the left one, until Snowflake's behaviour change 2256.
            known = names | {name for name, _ in first}
            there = {name for name, _ in right.columns}
            first += tuple(column for column in left.columns if column[0] in there - known)
        return Sources(together.tables + named, columns, rows, merged=(*merged, *first))

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
            values = [_of_using(side, name) for side in (left, right)]
            keys |= values[0] | values[1]
            merged.append((name, _merged_value(join.side, *values)))
        return tuple(merged), keys


def _of_using(side: Sources, name: str) -> Value:
    """The column of a side; of several, as the left side of a chain may have them in Spark, the first."""
    found = by_name(side.columns, name, quoted=False)
    return found[0] if found else Scope(side, None, {}).unqualified(name)


def _merged_value(side: str, left: Value, right: Value) -> Value:
    """PostgreSQL's rule: of a FULL JOIN whichever side is there, of a RIGHT JOIN the right, else the left."""
    if side == "FULL":
        return (left | right).through(TRANSFORMATION)
    return right if side == "RIGHT" else left


def holds_join(node: exp.Subquery) -> bool:
    """Whether parentheses hold an item of FROM, such as a join, and not a query."""
    inside = node.this
    if isinstance(inside, exp.Subquery):
        return bool(inside.alias or inside.args.get("joins")) or holds_join(inside)
    return isinstance(inside, (exp.Table, exp.Lateral, exp.Unnest)) or bool(
        isinstance(inside, exp.Values) and inside.args.get("joins")
    )


def _named(node: exp.Expr, table: Table) -> Sources:
    # A relation that the SQL names without its schema can be named with it in other clauses.
    schema = (node.text("db") or table.schema) if isinstance(node, exp.Table) and not node.alias else ""
    return Sources.of(node.alias_or_name, schema, table)


def _is_comma(join: exp.Join) -> bool:
    return not (join.side or join.kind or join.method or join.args.get("on") or join.args.get("using"))


def _declared_columns(function: exp.Expr, value: Value) -> NamedColumns:
    """The columns of JSON_TABLE and XMLTABLE in other dialects, those of nested paths included."""
    schema = function.args.get("schema")
    declared = schema.expressions if schema is not None else function.args.get("columns") or []
    columns: NamedColumns = ()
    for column in declared:
        nested = column.args.get("nested_schema")
        if nested is not None:
            columns += _declared_columns(exp.JSONTable(this=exp.null(), schema=nested.copy()), value)
        else:
            columns += ((column.name, NOTHING if column.args.get("ordinality") else value),)
    return columns

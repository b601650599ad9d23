"""What the value of an SQL expression depends on."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import cast

from sqlglot import exp

from dbt_lineage.columns import functions
from dbt_lineage.columns.model import AGGREGATION, CONDITIONAL, FILTER, SORT, TRANSFORMATION, WINDOW
from dbt_lineage.columns.postgres_types import TypeName, is_scalar
from dbt_lineage.columns.reading import Reading
from dbt_lineage.columns.scope import Scope, Table
from dbt_lineage.columns.value import NOTHING, Value, union

# Names and types, not values.
NO_VALUE = (exp.Identifier, exp.DataType, exp.Var, exp.Star)
QUERIES = (exp.Query, exp.Values)
TRANSPARENT = (exp.Alias, exp.Paren, exp.Collate, exp.IgnoreNulls, exp.RespectNulls)

Query = Callable[[exp.Expr, Scope], Table]
Windows = Mapping[str, exp.Window]


class Expressions:
    """Evaluates the expressions of one statement.

    Args:
        query: what a subquery gives at a place.
        existence: the same for a subquery of which only matters whether it gives a row.
        reading: remembers what was looked at.
    """

    def __init__(self, query: Query, existence: Query, reading: Reading) -> None:
        self._query = query
        self._existence = existence
        self._reading = reading
        self._special: dict[type[exp.Expr], Callable[[exp.Expr, Scope, Windows], Value]] = {
            exp.Column: self._column,
            exp.Exists: self._exists,
            exp.In: self._in,
            exp.Case: self._case,
            exp.If: self._if,
            exp.Nullif: self._nullif,
            exp.Cast: self._cast,
            exp.TryCast: self._cast,
            exp.Filter: self._filter,
            exp.WithinGroup: self._within_group,
            exp.Window: self._window,
            exp.Array: self._array,
            exp.Lambda: self._lambda,
            exp.Dot: self._dot,
            exp.Tuple: self._row,
            exp.Bracket: self._of_rows,
            exp.Coalesce: self._of_rows,
            exp.Grouping: self._no_value,
            exp.GroupingId: self._no_value,
        }
        # The same of PostgreSQL, whose functions are read by their names.
        self._special_names: dict[str, Callable[[exp.Expr, Scope, Windows], Value]] = {
            "nullif": self._nullif,
            "array": self._array,
            "json_array": self._array,
            "exists": self._exists,
            "grouping": self._no_value,
            "row": self._row,
            **dict.fromkeys(functions.OF_ROWS, self._of_rows),
        }

    def value(self, node: exp.Expr | None, scope: Scope, windows: Windows | None = None) -> Value:
        """What an expression depends on.

        Args:
            node: the expression; None has no value.
            scope: its place in the query.
            windows: the named windows of its query.
        """
        return self._value(node, scope, windows or {})

    def _value(self, node: exp.Expr | None, scope: Scope, windows: Windows) -> Value:
        # sqlglot keeps some words of the syntax as plain text.
        if not isinstance(node, exp.Expr) or isinstance(node, NO_VALUE):
            return NOTHING
        self._reading.saw(node)
        special = self._special_of(node)
        if special is not None:
            return special(node, scope, windows)
        if isinstance(node, TRANSPARENT):
            return self._value(node.this, scope, windows)
        if isinstance(node, QUERIES):
            return self._scalar(self._query(node, scope))
        if functions.is_aggregate(node):
            return self._aggregate(node, scope, windows)
        value = self._all(self._operands(node), scope, windows).through(TRANSFORMATION)
        return self._computed(node, value)

    @staticmethod
    def _computed(node: exp.Expr, value: Value) -> Value:
        """A value that an operator or a function gives; in PostgreSQL ``amount(o)`` may also mean ``o.amount``."""
        name = functions.function_name(node)
        if name and len(node.expressions) == 1 and value.of_field(name) is not None:
            return Value.cannot_tell(f"{name}(…) may be the column {name} of a row, or a function of that name")
        return value.without_fields()

    def _special_of(self, node: exp.Expr) -> Callable[[exp.Expr, Scope, Windows], Value] | None:
        return self._special.get(type(node)) or self._special_names.get(functions.function_name(node))

    def _all(self, nodes: Iterable[exp.Expr], scope: Scope, windows: Windows) -> Value:
        return union(self._value(node, scope, windows) for node in nodes)

    def _operands(self, node: exp.Expr) -> Iterator[exp.Expr]:
        """The nearest parts that are more than plain operators and functions; a loop, for chains of any length."""
        waiting = list(node.iter_expressions())
        while waiting:
            part = waiting.pop()
            if self._is_plain(part):
                self._reading.saw(part)
                waiting.extend(part.iter_expressions())
            else:
                yield part

    def _is_plain(self, node: exp.Expr) -> bool:
        return not (
            self._special_of(node) is not None
            or isinstance(node, (*NO_VALUE, *TRANSPARENT, *QUERIES))
            or functions.is_aggregate(node)
        )

    @staticmethod
    def _scalar(table: Table) -> Value:
        """A subquery as a value: its columns, and what decides which row it is."""
        return table.every() | table.rows

    def _column(self, node: exp.Expr, scope: Scope, windows: Windows) -> Value:
        if isinstance(node.this, exp.Star):
            table = scope.columns_of(node.text("table"), node.text("db"))
            if table is None:
                return Value.cannot_tell(f"{node.text('table')} is no relation of the query")
            return table.as_value()
        if not isinstance(node.this, exp.Identifier):
            # A function of a schema, such as ``s.total(a) filter (where b)``.
            return self._value(node.this, scope, windows)
        return scope.column(cast(exp.Column, node))

    def _exists(self, node: exp.Expr, scope: Scope, windows: Windows) -> Value:
        query = next(node.iter_expressions(), None)
        if not isinstance(query, QUERIES):
            # DuckDB's function of a list and a condition.
            return self._all(node.iter_expressions(), scope, windows).through(TRANSFORMATION)
        return self._existence(query, scope).rows

    def _in(self, node: exp.Expr, scope: Scope, windows: Windows) -> Value:
        listed = [part for part in node.iter_expressions() if part is not node.args.get("query")]
        value = self._all(listed, scope, windows)
        query = node.args.get("query")
        if query is not None:
            value |= self._scalar(self._query(query, scope))
        return value.through(TRANSFORMATION)

    def _case(self, node: exp.Expr, scope: Scope, windows: Windows) -> Value:
        branches = node.args["ifs"]
        conditions = self._all([*filter(None, [node.this]), *(branch.this for branch in branches)], scope, windows)
        results = [*(branch.args["true"] for branch in branches), *filter(None, [node.args.get("default")])]
        return conditions.deciding(CONDITIONAL) | self._all(results, scope, windows).through(TRANSFORMATION)

    def _if(self, node: exp.Expr, scope: Scope, windows: Windows) -> Value:
        results = filter(None, [node.args.get("true"), node.args.get("false")])
        condition = self._value(node.this, scope, windows).deciding(CONDITIONAL)
        return condition | self._all(results, scope, windows).through(TRANSFORMATION)

    def _nullif(self, node: exp.Expr, scope: Scope, windows: Windows) -> Value:
        """The first value or null; the second is only compared with it."""
        parts = list(node.iter_expressions())
        compared = self._all(parts[1:], scope, windows).deciding(CONDITIONAL)
        return self._all(parts[:1], scope, windows).through(TRANSFORMATION) | compared

    def _cast(self, node: exp.Expr, scope: Scope, windows: Windows) -> Value:
        value = self._value(node.this, scope, windows).through(TRANSFORMATION).without_fields()
        type_ = node.args.get("to")
        is_row = isinstance(type_, TypeName) and not is_scalar(type_.text("name"))
        return value.of_unknown_fields() if is_row else value

    def _aggregate(self, node: exp.Expr, scope: Scope, windows: Windows) -> Value:
        value, sorts = NOTHING, NOTHING
        parts = list(node.iter_expressions())
        if isinstance(node, functions.CHOSEN_BY):
            sorts = self._value(node.expression, scope, windows)
            parts = [part for part in parts if part is not node.expression]
        is_ordered = False
        for part in parts:
            if isinstance(part, exp.Order):
                is_ordered = True
                sorts |= self._all(part.expressions, scope, windows)
                value |= self._value(part.this, scope, windows)
            else:
                value |= self._value(part, scope, windows)
        if not is_ordered and functions.keeps_order(node):
            sorts |= scope.sources.order
        if not functions.keeps_rows(node):
            value = value.without_fields()
        return value.through(AGGREGATION) | sorts.deciding(SORT)

    def _within_group(self, node: exp.Expr, scope: Scope, windows: Windows) -> Value:
        """An ordered-set aggregate takes what it is ordered by; any other takes its arguments in that order."""
        value = self._as_aggregate(node.this, scope, windows)
        keys = self._all(node.expression.expressions, scope, windows)
        if functions.keeps_order(node.this):
            return value | keys.deciding(SORT)
        return value | keys.through(AGGREGATION)

    def _filter(self, node: exp.Expr, scope: Scope, windows: Windows) -> Value:
        taken = self._value(node.expression.this, scope, windows).deciding(FILTER)
        return self._as_aggregate(node.this, scope, windows) | taken

    def _as_aggregate(self, node: exp.Expr, scope: Scope, windows: Windows) -> Value:
        """A function that can only be an aggregate by its place, whatever its name is."""
        value = self._value(node, scope, windows)
        return value.through(AGGREGATION) if isinstance(node, exp.Anonymous) else value

    def _window(self, node: exp.Expr, scope: Scope, windows: Windows) -> Value:
        value = self._value(node.this, scope, windows)
        return value | self._window_keys(node, scope, windows).deciding(WINDOW)

    def _window_keys(self, node: exp.Expr, scope: Scope, windows: Windows) -> Value:
        order = node.args.get("order")
        keys = [*(node.args.get("partition_by") or []), *(order.expressions if order else [])]
        spec = node.args.get("spec")
        value = self._all(keys, scope, windows) | (
            self._all(spec.iter_expressions(), scope, windows) if spec else NOTHING
        )
        named = node.text("alias")
        if not named:
            return value
        if named not in windows:
            return value | Value.cannot_tell(f"window {named} is not defined")
        rest = {name: window for name, window in windows.items() if name != named}
        return value | self._window_keys(windows[named], scope, rest)

    def _array(self, node: exp.Expr, scope: Scope, windows: Windows) -> Value:
        elements = [part for part in node.expressions if not isinstance(part, exp.DataType)]
        if len(elements) == 1 and isinstance(elements[0], QUERIES):
            rows = self._query(elements[0], scope)
            return rows.every().through(AGGREGATION) | rows.rows | rows.order.deciding(SORT)
        return self._all(elements, scope, windows).through(TRANSFORMATION)

    def _lambda(self, node: exp.Expr, scope: Scope, windows: Windows) -> Value:
        """A function given to a function: its parameters hide columns and have no value of their own."""
        parameters = tuple((parameter.name, NOTHING) for parameter in node.expressions)
        inside = replace(scope, sources=replace(scope.sources, tables=(), columns=parameters), parent=scope)
        return self._value(node.this, inside, windows).through(TRANSFORMATION)

    def _dot(self, node: exp.Expr, scope: Scope, windows: Windows) -> Value:
        """A field of a value, or a function of a schema."""
        if isinstance(node.expression, exp.Func):
            return self._value(node.expression, scope, windows)
        field = node.expression.name
        row = node.this.unnest()
        if isinstance(row, exp.Column) and not row.table:
            table = scope.row(row.name)
            if table is not None and table.rest is not None and not any(name == field for name, _ in table.columns):
                self._reading.saw(row)
                return table.rest.value(field)
        value = self._value(node.this, scope, windows)
        found = value.of_field(field)
        return value.through(TRANSFORMATION).without_fields() if found is None else found

    def _row(self, node: exp.Expr, scope: Scope, windows: Windows) -> Value:
        """``row(a, b)``: its fields are called f1, f2."""
        values = [self._value(part, scope, windows) for part in node.expressions]
        value = union(values).through(TRANSFORMATION)
        if any(part.is_star for part in node.expressions):
            return value.without_fields()
        return replace(value, fields=tuple((f"f{number}", each) for number, each in enumerate(values, start=1)))

    def _of_rows(self, node: exp.Expr, scope: Scope, windows: Windows) -> Value:
        """What gives one of several rows as it is: their fields stay fields."""
        return self._all(node.iter_expressions(), scope, windows).through(TRANSFORMATION)

    def _no_value(self, node: exp.Expr, scope: Scope, windows: Windows) -> Value:
        """``grouping(a)`` names the grouping set of a row; it contains no value of ``a``."""
        self._reading.needs_not(node)
        return NOTHING

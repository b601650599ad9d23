"""What the value of an SQL expression depends on."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import cast

from sqlglot import exp

from dbt_lineage.columns import functions
from dbt_lineage.columns.dialects import Rules
from dbt_lineage.columns.model import AGGREGATION, CONDITIONAL, FILTER, SORT, TRANSFORMATION, WINDOW
from dbt_lineage.columns.postgres_types import TypeName, is_scalar
from dbt_lineage.columns.reading import Reading
from dbt_lineage.columns.scope import Scope, Sources, Table
from dbt_lineage.columns.stars import columns_of
from dbt_lineage.columns.value import NOTHING, Value, union

# Names and types, not values.
NO_VALUE = (exp.Identifier, exp.DataType, exp.Var, exp.Star)
QUERIES = (exp.Query, exp.Values)
AROUND_ARGUMENT = (exp.Order, exp.HavingMax, exp.Limit, exp.IgnoreNulls, exp.RespectNulls)
TRANSPARENT = (exp.Alias, exp.Paren, exp.Collate, exp.IgnoreNulls, exp.RespectNulls)

Query = Callable[[exp.Expr, Scope], Table]
Windows = Mapping[str, exp.Window]


class Expressions:
    """Evaluates the expressions of one statement.

    Args:
        query: what a subquery gives at a place.
        existence: the same for a subquery of which only matters whether it gives a row.
        reading: remembers what was looked at.
        rules: those of the dialect.
    """

    def __init__(self, query: Query, existence: Query, reading: Reading, rules: Rules) -> None:
        self._query = query
        self._existence = existence
        self._reading = reading
        self._rules = rules
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
            exp.Bracket: self._bracket,
            exp.Columns: self._columns,
            exp.DecodeCase: self._decode,
            exp.JSONExtract: self._json_path,
            exp.CombinedAggFunc: self._combined,
            exp.Nvl2: self._if,
            exp.Parameter: self._parameter,
            exp.PositionalColumn: self._parameter,
            exp.Comprehension: self._comprehension,
            exp.Struct: self._struct,
            exp.StructExtract: self._extract,
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
        if not rules.is_postgres:
            self._special_names["multiif"] = self._multi_if

    def value(self, node: exp.Expr | None, scope: Scope, windows: Windows | None = None) -> Value:
        """What an expression depends on.

        Args:
            node: the expression; None has no value.
            scope: its place in the query.
            windows: the named windows of its query.
        """
        return self._value(node, scope, windows or {})

    def _value(self, node: exp.Expr | None, scope: Scope, windows: Windows) -> Value:
        if isinstance(node, exp.Star) and self._is_argument(node):
            return self._every(node, scope)
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
        if functions.is_aggregate(node, self._rules.is_postgres):
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
            or functions.is_aggregate(node, self._rules.is_postgres)
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
            # Around the argument may stand IGNORE NULLS, ORDER BY, HAVING MAX and LIMIT, in this order.
            while isinstance(part, AROUND_ARGUMENT):
                self._reading.saw(part)
                if isinstance(part, exp.Order):
                    is_ordered = True
                    sorts |= self._all(part.expressions, scope, windows)
                elif isinstance(part, (exp.HavingMax, exp.Limit)):
                    sorts |= self._value(part.expression, scope, windows)
                part = part.this
            value |= self._value(part, scope, windows)
        if not is_ordered and functions.keeps_order(node):
            sorts |= scope.sources.order
        if not functions.keeps_rows(node):
            value = value.without_fields()
        elif isinstance(node, exp.ArrayAgg):
            value = value.in_list()
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
        return self._all(elements, scope, windows).through(TRANSFORMATION).in_list()

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
        return self._of_field(self._value(node.this, scope, windows), field)

    def _row(self, node: exp.Expr, scope: Scope, windows: Windows) -> Value:
        """``row(a, b)``: its fields are called f1, f2."""
        values = [self._value(part, scope, windows) for part in node.expressions]
        value = union(values).through(TRANSFORMATION)
        if any(part.is_star for part in node.expressions):
            return value.without_fields()
        return replace(value, fields=tuple((f"f{number}", each) for number, each in enumerate(values, start=1)))

    def _struct(self, node: exp.Expr, scope: Scope, windows: Windows) -> Value:
        """A structured value with named fields: ``{'a': x}``, ``struct(x as a)``."""
        fields: list[tuple[str, Value]] = []
        values: list[Value] = []
        for part in node.expressions:
            is_named = isinstance(part, (exp.PropertyEQ, exp.Alias))
            value = self._value(part.expression if isinstance(part, exp.PropertyEQ) else part, scope, windows)
            self._reading.saw(part)
            values.append(value)
            fields.append((part.alias_or_name if not is_named or isinstance(part, exp.Alias) else part.name, value))
        together = union(values).through(TRANSFORMATION)
        if any(not name for name, _ in fields) or any(part.is_star for part in node.expressions):
            return together.without_fields()
        return replace(together, fields=tuple(fields))

    def _bracket(self, node: exp.Expr, scope: Scope, windows: Windows) -> Value:
        """A field by its name, ``s['a']``, or one of several values."""
        keys = node.expressions
        if len(keys) == 1 and isinstance(keys[0], exp.Literal) and keys[0].is_string:
            return self._of_field(self._value(node.this, scope, windows), keys[0].name)
        return self._of_rows(node, scope, windows)

    def _extract(self, node: exp.Expr, scope: Scope, windows: Windows) -> Value:
        """``struct_extract(s, 'a')``."""
        if isinstance(node.expression, exp.Literal) and node.expression.is_string:
            return self._of_field(self._value(node.this, scope, windows), node.expression.name)
        return self._of_rows(node, scope, windows).without_fields()

    @staticmethod
    def _of_field(value: Value, name: str) -> Value:
        return value.at_path([name])

    def _is_argument(self, node: exp.Star) -> bool:
        """``f(*)``: all columns, but for what counts rows."""
        return (
            not self._rules.is_postgres and isinstance(node.parent, exp.Func) and not isinstance(node.parent, exp.Count)
        )

    def _every(self, node: exp.Star, scope: Scope) -> Value:
        self._reading.needs_not(node)
        found = None if scope.sources.unlisted else columns_of(node, scope.sources, self._rules)
        if found is None:
            return Value.cannot_tell("the columns that * means are not known")
        return union(value for _, value in found)

    def _parameter(self, node: exp.Expr, scope: Scope, windows: Windows) -> Value:
        """A column by its position; any other parameter is filled in from outside."""
        is_position = isinstance(node, exp.PositionalColumn) or self._rules.name == "snowflake"
        if not is_position or not isinstance(node.this, exp.Literal) or not node.name.isdigit():
            return NOTHING
        table = node.parent.text("table") if isinstance(node.parent, exp.Column) else ""
        return scope.positional(int(node.name), table)

    def _combined(self, node: exp.Expr, scope: Scope, windows: Windows) -> Value:
        """ClickHouse's ``sumIf(a, b)``: the last argument decides which rows are taken."""
        parts = list(node.expressions)
        taken = NOTHING
        if functions.takes_condition(node.name):
            taken = self._value(parts.pop(), scope, windows).deciding(FILTER)
        return self._all(parts, scope, windows).through(AGGREGATION).without_fields() | taken

    def _multi_if(self, node: exp.Expr, scope: Scope, windows: Windows) -> Value:
        """``multiIf(a, x, b, y, z)``: conditions and results in turn."""
        parts = node.expressions
        decided = self._all(parts[:-1:2], scope, windows).deciding(CONDITIONAL)
        return decided | self._all([*parts[1::2], parts[-1]], scope, windows).through(TRANSFORMATION)

    def _decode(self, node: exp.Expr, scope: Scope, windows: Windows) -> Value:
        """``decode(a, 'x', b, 'y', c, d)``: what is compared decides between the others."""
        parts = node.expressions
        has_default = len(parts) % 2 == 0
        results = [*parts[2::2], *(parts[-1:] if has_default else [])]
        compared = [part for part in parts if not any(part is each for each in results)]
        decided = self._all(compared, scope, windows).deciding(CONDITIONAL)
        return decided | self._all(results, scope, windows).through(TRANSFORMATION)

    def _json_path(self, node: exp.Expr, scope: Scope, windows: Windows) -> Value:
        """``v:a.b``: of an object that the statement itself makes, the field alone."""
        value = self._value(node.this, scope, windows)
        path = node.expression
        steps = path.expressions[1:] if isinstance(path, exp.JSONPath) else []
        if value.fields and steps and all(isinstance(step, exp.JSONPathKey) for step in steps):
            self._reading.saw(path)
            return value.at_path(step.name for step in steps).through(TRANSFORMATION)
        others = self._all((part for part in node.iter_expressions() if part is not node.this), scope, windows)
        return (value | others).through(TRANSFORMATION).without_fields()

    def _columns(self, node: exp.Expr, scope: Scope, windows: Windows) -> Value:
        """``COLUMNS(…)`` where no list of output columns stands: any of those that it means."""
        if scope.chosen is not None:
            return scope.chosen
        self._reading.needs_not(node)
        found = None if scope.sources.unlisted else columns_of(node, scope.sources, self._rules)
        if found is None:
            return Value.cannot_tell("the columns that COLUMNS(…) means are not known")
        return union(value for _, value in found)

    def _comprehension(self, node: exp.Expr, scope: Scope, windows: Windows) -> Value:
        """``x + 1 for x in list if x > 2``: its name hides columns and has the values of the list."""
        elements = self._value(node.args["iterator"], scope, windows).through(TRANSFORMATION)
        self._reading.needs_not(node.expression)
        named = ((node.expression.name, elements),)
        inside = Scope(Sources(columns=named), scope, scope.queries)
        taken = self._value(node.args.get("condition"), inside, windows).deciding(FILTER)
        return self._value(node.this, inside, windows).through(TRANSFORMATION) | elements | taken

    def _of_rows(self, node: exp.Expr, scope: Scope, windows: Windows) -> Value:
        """What gives one of several rows as it is: their fields stay fields."""
        return self._all(node.iter_expressions(), scope, windows).through(TRANSFORMATION)

    def _no_value(self, node: exp.Expr, scope: Scope, windows: Windows) -> Value:
        """``grouping(a)`` names the grouping set of a row; it contains no value of ``a``."""
        self._reading.needs_not(node)
        return NOTHING

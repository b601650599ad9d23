"""What statements assign to named columns: MERGE, INSERT … ON CONFLICT."""

from collections.abc import Iterable, Iterator

from sqlglot import exp

from dbt_lineage.columns.model import FILTER, JOIN
from dbt_lineage.columns.queries import Queries
from dbt_lineage.columns.scope import NamedTable, Scope, Sources, Table, base_table, same_name
from dbt_lineage.columns.value import NOTHING, Value


class AssignmentError(ValueError):
    """Assignments of an unsupported form; the message names it."""


class Assignments:
    """Evaluates what one statement assigns.

    Args:
        queries: the evaluation of the statement.
        output: the relation that is written.
        columns: its columns; none when they are not known.
    """

    def __init__(self, queries: Queries, output: str, columns: Iterable[str]) -> None:
        self._queries = queries
        self._output = output
        self._columns = tuple(columns)
        self._source = Table()

    def merged(self, statement: exp.Merge, around: Scope) -> Table:
        """MERGE: what it assigns, decided by how the rows are matched. Raises AssignmentError."""
        self._queries.reading.needs_not(statement.args.get("returning"))
        scope = self._queries.with_queries(statement, around)
        together = self._queries.beside([statement.this, statement.args["using"]], scope)
        inside = Scope(together, scope, scope.queries)
        rows = together.rows | self._matched_by(statement, together, inside).deciding(JOIN)
        self._source = together.tables[-1].table if together.tables else Table()
        assigned: dict[str, Value] = {}
        for when in statement.args["whens"].expressions:
            rows |= self._queries.expressions.value(when.args.get("condition"), inside).deciding(FILTER)
            for name, value in self._of_action(when.args["then"], inside):
                assigned[name] = assigned.get(name, NOTHING) | value
        return Table(tuple(assigned.items()), rows)

    def _matched_by(self, statement: exp.Merge, together: Sources, inside: Scope) -> Value:
        value = self._queries.expressions.value(statement.args["on"] or None, inside)
        for identifier in statement.args.get("using_cond") or []:
            self._queries.reading.needs_not(identifier)
            for named in together.tables:
                value |= Scope(Sources.of(named.name, "", named.table), None, {}).unqualified(identifier.name)
        return value

    def _of_same_names(self) -> Iterator[tuple[str, Value]]:
        """``UPDATE SET *``, ``INSERT *``: the source's columns go where the same names are."""
        if self._source.rest is not None:
            raise AssignmentError(f"MERGE assigns all columns, and {self._source.rest.reason}")
        yield from self._source.columns

    def _of_either(self) -> Iterator[tuple[str, Value]]:
        """DuckDB's UPDATE and INSERT without anything, where it is the same by names and by places."""
        names = [name for name, _ in self._source.columns]
        if len(names) != len(self._columns) or not all(map(same_name, names, self._columns)):
            raise AssignmentError("MERGE assigns columns without naming them")
        yield from self._of_same_names()

    def _in_order(self) -> Iterator[tuple[str, Value]]:
        """``INSERT ROW``, or INSERT without names: the source's columns in the target's order."""
        if self._source.rest is not None:
            raise AssignmentError(f"MERGE assigns all columns, and {self._source.rest.reason}")
        if not self._columns:
            raise AssignmentError("MERGE assigns columns without naming them")
        if len(self._columns) != len(self._source.columns):
            raise AssignmentError(f"MERGE has {len(self._source.columns)} values for {len(self._columns)} columns")
        yield from zip(self._columns, (value for _, value in self._source.columns), strict=True)

    def on_conflict(self, conflict: exp.Expr, target: exp.Expr, inserted: Table, around: Scope) -> Table:
        """What is there after DO UPDATE: the inserted value or the assigned one. Raises AssignmentError.

        Args:
            conflict: the clause.
            target: the relation that is written, as the statement names it.
            inserted: what would be inserted.
            around: the place of the statement.
        """
        self._queries.reading.needs_not(
            [conflict.args.get("conflict_keys"), conflict.args.get("index_predicate"), conflict.args.get("constraint")]
        )
        there = base_table(self._output, self._columns)
        named = (
            NamedTable(target.alias_or_name, "" if target.alias else target.text("db"), there),
            NamedTable("excluded", "", inserted),
        )
        scope = Scope(Sources(named, there.columns), around, around.queries)
        columns = dict(inserted.columns)
        for name, value in self._of_updates(conflict.expressions, scope):
            columns[name] = columns.get(name, NOTHING) | value
        where = conflict.args.get("where")
        decided = self._queries.expressions.value(where.this, scope).deciding(FILTER) if where is not None else NOTHING
        return Table(tuple(columns.items()), inserted.rows | decided, inserted.rest)

    def _of_action(self, then: exp.Expr, scope: Scope) -> Iterator[tuple[str, Value]]:
        if isinstance(then, exp.Update):
            if not then.expressions and self._queries.rules.name != "duckdb":
                raise AssignmentError("MERGE assigns columns without naming them")
            if not then.expressions:
                yield from self._of_either()
                return
            star = _star(then.expressions)
            if star is not None:
                left_out = [part.name for part in star.args.get("except_") or []]
                self._queries.reading.needs_not(star)
                yield from (
                    each for each in self._of_same_names() if not any(same_name(each[0], name) for name in left_out)
                )
                return
            yield from self._of_updates(then.expressions, scope)
        elif isinstance(then, exp.Insert):
            yield from self._of_insert(then, scope)

    def _of_insert(self, then: exp.Insert, scope: Scope) -> Iterator[tuple[str, Value]]:
        if _star(then.this) is not None:
            yield from self._of_same_names()
            return
        if isinstance(then.this, exp.Var) and then.this.name.upper() == "ROW":
            yield from self._in_order()
            return
        if not then.this and not then.expression and self._queries.rules.name == "duckdb":
            yield from self._of_either()
            return
        named = isinstance(then.this, exp.Tuple)
        names = [column.name for column in then.this.expressions] if named else list(self._columns)
        self._queries.reading.needs_not(then.this)
        if not names:
            raise AssignmentError("MERGE assigns columns without naming them")
        values = then.expression.expressions if isinstance(then.expression, exp.Tuple) else []
        if len(values) > len(names) or (named and len(values) < len(names)):
            raise AssignmentError(f"MERGE has {len(values)} values for {len(names)} columns")
        for name, value in zip(names, values, strict=False):
            yield name, self._value(value, scope)

    def _of_updates(self, assignments: Iterable[exp.Expr], scope: Scope) -> Iterator[tuple[str, Value]]:
        for assignment in assignments:
            target, source = assignment.this, assignment.expression
            self._queries.reading.needs_not(target)
            if not isinstance(target, exp.Tuple):
                yield target.name, self._value(source, scope)
                continue
            names = [column.name for column in target.expressions]
            values = list(self._of_several(source, scope))
            if len(values) != len(names):
                raise AssignmentError(f"{len(values)} values for the columns {', '.join(names)}")
            yield from zip(names, values, strict=True)

    def _of_several(self, source: exp.Expr, scope: Scope) -> Iterator[Value]:
        """What several columns are set to at once: a row, or the columns of a query."""
        if isinstance(source, exp.Query):
            table = self._queries.query(source, scope)
            yield from (value | table.rows for _, value in table.columns)
        else:
            yield from (self._value(part, scope) for part in source.expressions)

    def _value(self, node: exp.Expr, scope: Scope) -> Value:
        is_default = isinstance(node, exp.Column) and not node.table and node.name.lower() == "default"
        if is_default and not node.this.args.get("quoted"):
            self._queries.reading.needs_not(node)
            return NOTHING
        return self._queries.expressions.value(node, scope)


def _star(node: object) -> exp.Star | None:
    parts = node if isinstance(node, list) else [node]
    return parts[0] if len(parts) == 1 and isinstance(parts[0], exp.Star) else None

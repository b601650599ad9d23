"""The column lineage of one statement, from its SQL and the columns of the relations that it reads."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import sqlglot
from sqlglot import exp
from sqlglot.dialects.dialect import Dialect, NormalizationStrategy
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.normalize_identifiers import normalize_identifiers

from include import spelling
from include.columns.defining import expressions
from include.columns.dialects import POSTGRES, WITHOUT_ALIASES, parsing, sqlglot_name
from include.columns.model import (
    EVERY_COLUMN,
    FILTER,
    JOIN,
    Column,
    ColumnEdge,
    ColumnLineage,
    Unresolved,
)
from include.columns.names import Names
from include.columns.queries import Queries
from include.columns.scope import Rest, Scope, Sources, Table, base_table
from include.columns.value import NOTHING, Value

Schema = Mapping[str, Mapping[str, str]]

NOT_QUERIES = (exp.Transaction, exp.Commit, exp.Rollback, exp.Set, exp.Use, exp.Comment, exp.Semicolon)
TERMINAL_CODES = re.compile(r"\x1b\[[0-9;]*m")
NOWHERE = Scope(Sources(), None, {})


class _NotUnderstood(ValueError):
    """The statement has a form that no lineage can be told of; the message says which."""


def column_lineage(sql: str, output: str, schema: Schema, dialect: str) -> ColumnLineage:
    """Tell which column of the output is made from which columns of the inputs.

    Args:
        sql: a SELECT, or CREATE … AS, INSERT or MERGE with one; statements that only frame it may stand around it.
        output: the relation that is written, ``database.schema.table``.
        schema: the columns and types, in order, of every relation that is read, by ``database.schema.table``; without
            columns when they are not known. The output stands here too when the SQL reads it, or when INSERT names no
            columns.
        dialect: the SQL dialect: the name of dbt's adapter, of OpenLineage's SQL facet, or sqlglot's own.

    Returns:
        What could be told, and by name what could not.
    """
    try:
        statement = _Statement(sql, output, schema, sqlglot_name(dialect))
    except ValueError as problem:
        return _unresolved(output, str(problem))
    try:
        return statement.lineage()
    except (SqlglotError, _NotUnderstood) as problem:
        return _unresolved(output, str(problem))
    except RecursionError:
        return _unresolved(output, "the SQL is nested too deeply")


def _unresolved(output: str, reason: str) -> ColumnLineage:
    # sqlglot underlines the place in its messages, for a terminal.
    one_line = " ".join(TERMINAL_CODES.sub("", reason).split())
    return ColumnLineage(output, (), frozenset(), frozenset(), (Unresolved(EVERY_COLUMN, one_line),))


@dataclass(frozen=True)
class _Relations:
    """The real relations that the SQL may read.

    Args:
        schema: their columns, by ``database.schema.table``.
        output: the relation that is written.
        dialect: how the SQL spells identifiers.
    """

    schema: Schema
    output: str
    dialect: Dialect

    def table(self, node: exp.Table) -> Table:
        """The relation that a name of the SQL means."""
        written = ".".join(part.name for part in node.parts)
        found = [relation for relation in self.schema if _is_meant(written, relation)]
        if not found:
            # The dataset's name does not say what was quoted.
            folded = written.lower()
            found = [relation for relation in self.schema if _is_meant(folded, relation.lower())]
            # Nor what PostgreSQL cut off.
            found = found or [each for each in self.schema if _is_meant(folded, spelling.relation(each).lower())]
        if len(found) > 1:
            # A name that is not whole means what is read before it means what is written.
            found = [written] if written in found else [relation for relation in found if relation != self.output]
        if len(found) > 1:
            reason = f"{written} may be any of {', '.join(sorted(found))}"
            return Table(rest=Rest.unknown(reason), rows=Value.cannot_tell(reason))
        if not found:
            reason = f"relation {written} is not among the inputs"
            return Table(rest=Rest.unknown(reason), rows=Value.cannot_tell(reason))
        table = base_table(found[0], self.schema[found[0]])
        return Table(tuple((self._as_written(name), value) for name, value in table.columns), rest=table.rest)

    def _as_written(self, column: str) -> str:
        """A column's name as the normalised SQL spells it."""
        if self.dialect.normalization_strategy is NormalizationStrategy.UPPERCASE and column.islower():
            return column.upper()
        return self.dialect.normalize_identifier(exp.to_identifier(column, quoted=True)).name


def _is_meant(written: str, relation: str) -> bool:
    return relation == written or relation.endswith(f".{written}") or written.endswith(f".{relation}")


class _Statement:
    """One statement and what it writes.

    Args:
        sql: the SQL.
        output: the relation that is written.
        schema: the columns of the relations that are read.
        dialect: sqlglot's name of the SQL's dialect.

    Raises:
        ValueError: sqlglot has no such dialect.
    """

    def __init__(self, sql: str, output: str, schema: Schema, dialect: str) -> None:
        self._sql = sql
        self._output = output
        self._dialect = parsing(dialect)
        self._relations = _Relations(schema, output, self._dialect)
        names = Names(sql, dialect in POSTGRES)
        self._queries = Queries(self._relations.table, names, dialect not in WITHOUT_ALIASES)

    def lineage(self) -> ColumnLineage:
        """What the statement's output is made from. Raises SqlglotError, _NotUnderstood."""
        described = _described(self._output, self._written())
        return replace(described, expressions=expressions(self._only_statement(), self._dialect, described.columns))

    def _written(self) -> Table:
        statement = normalize_identifiers(self._only_statement(), dialect=self._dialect)
        if isinstance(statement, (exp.Query, exp.Values)):
            return self._queries.query(statement, NOWHERE)
        if isinstance(statement, exp.Create) and isinstance(statement.expression, (exp.Query, exp.Values)):
            return self._of_query(statement, _listed(statement.this))
        if isinstance(statement, exp.Insert) and isinstance(statement.expression, (exp.Query, exp.Values)):
            return self._of_query(statement, _listed(statement.this) or self._columns_of_output())
        if isinstance(statement, exp.Merge):
            return self._merged(statement)
        raise _NotUnderstood(f"{statement.key.upper()} is no statement that makes a relation from a query")

    def _only_statement(self) -> exp.Expr:
        statements = [
            statement
            for statement in sqlglot.parse(self._sql, dialect=self._dialect)
            if statement is not None and not isinstance(statement, NOT_QUERIES)
        ]
        if len(statements) != 1:
            raise _NotUnderstood(f"{len(statements)} statements where one was expected")
        return statements[0]

    def _of_query(self, statement: exp.Expr, columns: list[str]) -> Table:
        scope = self._queries.with_queries(statement, NOWHERE)
        table = self._queries.query(statement.expression, scope)
        if columns and table.rest is None and len(table.columns) > len(columns):
            raise _NotUnderstood(f"{len(table.columns)} values for {len(columns)} columns")
        return table.renamed(columns)

    def _columns_of_output(self) -> list[str]:
        """INSERT without names writes the output's columns in their order."""
        columns = self._relations.schema.get(self._output)
        if not columns:
            raise _NotUnderstood(f"INSERT names no columns, and those of {self._output} are not known")
        return list(columns)

    def _merged(self, statement: exp.Merge) -> Table:
        """MERGE: what it assigns, decided by how the rows are matched."""
        scope = self._queries.with_queries(statement, NOWHERE)
        together = self._queries.beside([statement.this, statement.args["using"]], scope)
        inside = Scope(together, scope, scope.queries)
        rows = together.rows | self._queries.expressions.value(statement.args["on"], inside).deciding(JOIN)
        assigned: dict[str, Value] = {}
        for when in statement.args["whens"].expressions:
            rows |= self._queries.expressions.value(when.args.get("condition"), inside).deciding(FILTER)
            for name, value in self._assignments(when.args["then"], inside):
                assigned[name] = assigned.get(name, NOTHING) | value
        return Table(tuple(assigned.items()), rows)

    def _assignments(self, then: exp.Expr, scope: Scope) -> Iterable[tuple[str, Value]]:
        if isinstance(then, exp.Update) and then.expressions:
            for assignment in then.expressions:
                yield assignment.this.name, self._queries.expressions.value(assignment.expression, scope)
        elif isinstance(then, exp.Insert) and isinstance(then.this, exp.Tuple):
            columns, values = then.this.expressions, then.expression.expressions
            if len(columns) != len(values):
                raise _NotUnderstood(f"MERGE has {len(values)} values for {len(columns)} columns")
            for column, value in zip(columns, values, strict=True):
                yield column.name, self._queries.expressions.value(value, scope)
        elif isinstance(then, (exp.Update, exp.Insert)):
            raise _NotUnderstood("MERGE assigns columns without naming them")


def _listed(target: exp.Expr) -> list[str]:
    """The columns named behind the relation that is written."""
    return [column.name for column in target.expressions] if isinstance(target, exp.Schema) else []


def _described(output: str, table: Table) -> ColumnLineage:
    unresolved = {Unresolved(EVERY_COLUMN, reason) for reason in table.rows.unknown}
    if table.rest is not None:
        unresolved.add(Unresolved(EVERY_COLUMN, table.rest.reason))
    edges: set[ColumnEdge] = set()
    for position, (name, value) in enumerate(table.columns, start=1):
        if not name:
            unresolved.add(Unresolved(EVERY_COLUMN, f"column {position} of the SELECT has no name"))
            continue
        unresolved |= {Unresolved(name, reason) for reason in value.unknown}
        target = Column(output, name)
        edges |= {ColumnEdge(source.column, target, source.kind, source.subtype) for source in value.sources}
    names = [name for name, _ in table.columns if name]
    unresolved |= {
        Unresolved(name, f"the SELECT has more than one column {name}") for name in names if names.count(name) > 1
    }
    return ColumnLineage(
        relation=output,
        columns=tuple(dict.fromkeys(names)),
        edges=frozenset(edges),
        dataset_edges=frozenset((source.column, source.subtype) for source in table.rows.sources),
        unresolved=tuple(sorted(unresolved)),
    )

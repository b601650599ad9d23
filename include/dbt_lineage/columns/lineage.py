"""The column lineage of one statement, from its SQL and its input columns."""

import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect, NormalizationStrategy
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.normalize_identifiers import normalize_identifiers
from sqlglot.tokens import Token, TokenType

from dbt_lineage.columns.assignments import AssignmentError, Assignments
from dbt_lineage.columns.defining import expressions
from dbt_lineage.columns.dialects import Rules, parsing, sqlglot_name, with_plain_words
from dbt_lineage.columns.model import (
    EVERY_COLUMN,
    Column,
    ColumnEdge,
    ColumnLineage,
    Unresolved,
)
from dbt_lineage.columns.output_names import Names
from dbt_lineage.columns.postgres_dialect import PostgresAsWritten
from dbt_lineage.columns.postgres_types import is_scalar
from dbt_lineage.columns.queries import Queries
from dbt_lineage.columns.reading import lost_words
from dbt_lineage.columns.scope import Scope, Sources, Table, base_table
from dbt_lineage.columns.struct_types import structure_of, with_fields
from dbt_lineage.columns.value import Value, union
from dbt_lineage.core import spelling

Schema = Mapping[str, Mapping[str, str]]

QUERIES = (exp.Query, exp.Values, exp.Pivot)
NOT_QUERIES = (exp.Transaction, exp.Commit, exp.Rollback, exp.Set, exp.Use, exp.Comment, exp.Semicolon)
TERMINAL_CODES = re.compile(r"\x1b\[[0-9;]*m")


class _NotUnderstood(ValueError):
    """The statement has an unsupported form; the message names it."""


def column_lineage(sql: str, output: str, schema: Schema, dialect: str) -> ColumnLineage:
    """Compute the sources of each column of the output.

    Args:
        sql: a SELECT, or CREATE … AS, INSERT or MERGE with one; statements that only frame it may surround it.
        output: the relation that is written, ``database.schema.table``.
        schema: the columns and types, in order, of every relation that is read, by ``database.schema.table``; without
            columns when they are not known. The output stands here too when the SQL reads it, or when INSERT names no
            columns.
        dialect: the SQL dialect: the name of dbt's adapter, of OpenLineage's SQL facet, or sqlglot's own.

    Returns:
        The lineage, with the names of the columns that could not be resolved.
    """
    try:
        statement = _Statement(sql, output, schema, sqlglot_name(dialect))
    except ValueError as problem:
        return _unresolved(output, str(problem))
    try:
        return statement.lineage()
    except (SqlglotError, _NotUnderstood, AssignmentError) as problem:
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
        dialect_name: sqlglot's name of it.
        system_columns: the columns that each has beside its own.
    """

    schema: Schema
    output: str
    dialect: Dialect
    dialect_name: str
    system_columns: frozenset[str]

    def table(self, node: exp.Table) -> Table:
        """The relation that a name of the SQL means."""
        written = ".".join(part.name for part in node.parts)
        found = [relation for relation in self.schema if _is_meant(written, self._stored(relation))]
        if not found:
            # The dataset's name does not show what was quoted.
            folded = written.lower()
            found = [relation for relation in self.schema if _is_meant(folded, self._stored(relation).lower())]
        if len(found) > 1:
            # A name that is not whole means what is read before it means what is written.
            found = [written] if written in found else [relation for relation in found if relation != self.output]
        if len(found) > 1:
            reason = f"{written} may be any of {', '.join(sorted(found))}"
            return Table.unknown(reason)
        if not found:
            reason = f"relation {written} is not among the inputs"
            return Table.unknown(reason)
        columns = self.schema[found[0]]
        is_postgres = isinstance(self.dialect, PostgresAsWritten)
        rows = {name for name, type_ in columns.items() if is_postgres and type_ and not is_scalar(type_)}
        table = base_table(found[0], columns, rows)
        named = tuple((self.as_written(name), self._structured(value, columns[name])) for name, value in table.columns)
        schema = found[0].lower().rpartition(".")[0].rpartition(".")[2]
        return Table(named, rest=table.rest, schema=schema, system=self.system_columns)

    def _structured(self, value: Value, type_: str) -> Value:
        """A column's value with the fields that its type declares; those of PostgreSQL's types are not in their names."""
        if isinstance(self.dialect, PostgresAsWritten) or not type_:
            return value
        return with_fields(value, structure_of(type_, self.dialect_name))

    def _stored(self, relation: str) -> str:
        """A relation's name as the tokens of the SQL have it: PostgreSQL cuts each part."""
        is_cut = isinstance(self.dialect, PostgresAsWritten)
        return spelling.relation(relation) if is_cut else relation

    def as_written(self, column: str) -> str:
        """A column's name as the normalised SQL spells it."""
        if isinstance(self.dialect, PostgresAsWritten):
            return spelling.identifier(column)
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
        # Editors put a byte order mark before a model's text; dbt and the warehouses leave it there.
        sql = sql.replace("\ufeff", " ")
        self._sql = sql
        self._output = output
        self._dialect = parsing(dialect)
        self._tokens: list[Token] = []
        rules = Rules.of(dialect)
        self._relations = _Relations(schema, output, self._dialect, dialect, rules.system_columns)
        self._is_postgres = rules.is_postgres
        self._nowhere = Scope(Sources(), None, {}, dots=not rules.is_postgres)
        self._queries = Queries(self._relations.table, Names(sql, rules), rules)
        self._assignments = Assignments(self._queries, output, schema.get(output) or ())

    def lineage(self) -> ColumnLineage:
        """What the statement's output is made from. Raises SqlglotError, _NotUnderstood."""
        statement = normalize_identifiers(self._only_statement(), dialect=self._dialect)
        table = self._written(statement)
        described = _described(self._output, replace(table, rows=table.rows | self._not_looked_at(statement)))
        return replace(described, expressions=expressions(statement, self._dialect, described.columns))

    def _not_looked_at(self, statement: exp.Expr) -> Value:
        """Parts that may be values and were not evaluated: no rule covers their place, or the parser dropped them."""
        places = [_place(node) for node in self._queries.reading.overlooked(statement)]
        if self._is_postgres:
            tokens = self._tokens
            if isinstance(statement, exp.Create):
                # Before AS are the options of how the relation is stored.
                tokens = list(itertools.dropwhile(lambda token: token.token_type is not TokenType.ALIAS, tokens))
            lost = lost_words(statement, tokens)
            places += [(token.text, token.start, token.end) for token in lost]
        reasons = [f"{name} is not understood where it stands: {_around(self._sql, *at)}" for name, *at in places]
        return union(Value.cannot_tell(reason) for reason in reasons)

    def _written(self, statement: exp.Expr) -> Table:
        if isinstance(statement, QUERIES):
            return self._queries.query(statement, self._nowhere)
        if isinstance(statement, exp.Create) and isinstance(statement.expression, QUERIES):
            return self._of_query(statement, _listed(statement.this))
        if isinstance(statement, exp.Insert) and isinstance(statement.expression, QUERIES):
            by_name = statement.args.get("by_name")
            return self._of_query(statement, [] if by_name else _listed(statement.this) or self._columns_of_output())
        if isinstance(statement, exp.Merge):
            return self._assignments.merged(statement, self._nowhere)
        if isinstance(statement, exp.Command):
            raise _NotUnderstood(f"{statement.name.upper()} of this form is not understood")
        raise _NotUnderstood(f"{statement.key.upper()} is no statement that makes a relation from a query")

    def _only_statement(self) -> exp.Expr:
        self._tokens = with_plain_words(self._dialect.tokenize(self._sql), self._relations.dialect_name)
        statements = [
            statement
            for statement in self._dialect.parser().parse(self._tokens, self._sql)
            if statement is not None and not isinstance(statement, NOT_QUERIES)
        ]
        if len(statements) != 1:
            raise _NotUnderstood(f"{len(statements)} statements where one was expected")
        return statements[0]

    def _of_query(self, statement: exp.Expr, columns: list[str]) -> Table:
        self._queries.reading.needs_not(
            [statement.this, *(statement.args.get(part) for part in ("returning", "properties"))]
        )
        scope = self._queries.with_queries(statement, self._nowhere)
        table = self._queries.query(statement.expression, scope)
        if columns and table.rest is None and len(table.columns) > len(columns):
            raise _NotUnderstood(f"{len(table.columns)} values for {len(columns)} columns")
        table = table.renamed(columns)
        conflict = statement.args.get("conflict")
        if conflict is None or not conflict.expressions:
            self._queries.reading.needs_not(conflict)
            return table
        target = statement.this.this if isinstance(statement.this, exp.Schema) else statement.this
        return self._assignments.on_conflict(conflict, target, table, scope)

    def _columns_of_output(self) -> list[str]:
        """INSERT without names writes the output's columns in their order."""
        columns = self._relations.schema.get(self._output)
        if not columns:
            raise _NotUnderstood(f"INSERT names no columns, and those of {self._output} are not known")
        return list(columns)


def _place(node: exp.Expr) -> tuple[str, int, int]:
    """The name of a part of the SQL, and its place; the start if the place is unknown."""
    name = next((part for part in node.walk() if part.meta_get("start") is not None), node)
    return node.name, name.meta_get("start") or 0, name.meta_get("end") or 0


def _around(sql: str, start: int, end: int) -> str:
    """A part of the SQL with its surroundings, on one line."""
    return " ".join(sql[max(0, start - 30) : end + 30].split())


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

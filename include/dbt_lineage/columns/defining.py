"""The SQL expression behind each output column, for people to read."""

from collections.abc import Iterable

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import Scope, build_scope

CHARACTERS = 400
# CTEs that select from each other: so far a column is followed.
_DEPTH = 50


def expressions(statement: exp.Expr, dialect: Dialect, columns: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """The expression of each column that has one, followed through CTEs and subqueries that only hand it on.

    Only for reading: what cannot be followed has none, and what a column is made from does not depend on it.

    Args:
        statement: one statement, its identifiers normalised.
        dialect: how the SQL spells identifiers.
        columns: names of the output's columns.

    Returns:
        Name and expression, shortened to ``CHARACTERS``.
    """
    query = statement.expression if isinstance(statement, (exp.Create, exp.Insert)) else statement
    if not isinstance(query, exp.Query):
        return ()
    try:
        scope = build_scope(query)
        if scope is None:
            return ()
        found = ((name, _expression(scope, name, dialect, 0)) for name in columns)
        return tuple((name, _short(text)) for name, text in found if text)
    except (SqlglotError, RecursionError, AssertionError):
        # sqlglot asserts what only valid SQL has.
        return ()


def _expression(scope: Scope, name: str, dialect: Dialect, depth: int) -> str:
    if depth > _DEPTH:
        return ""
    if scope.set_operation_scopes:
        return _expression(scope.set_operation_scopes[0], name, dialect, depth + 1)
    query = scope.expression
    if not isinstance(query, exp.Select):
        return ""
    if name in scope.outer_columns and not any(each.is_star for each in query.selects):
        # with q(a, b) as (select x, y …): by their places.
        projection = dict(zip(scope.outer_columns, query.selects, strict=False)).get(name)
        return "" if projection is None else _defined(scope, projection.unalias(), dialect, depth)
    for projection in query.selects:
        if projection.is_star:
            # A table's own columns are the value as it is; those of a query are looked for in it.
            table = projection.table if isinstance(projection, exp.Column) else ""
            names = [table] if table else list(scope.selected_sources)
            for each in names:
                source = scope.sources.get(each)
                if isinstance(source, Scope) and (text := _expression(source, name, dialect, depth + 1)):
                    return text
        elif projection.alias_or_name == name:
            return _defined(scope, projection.unalias(), dialect, depth)
    return ""


def _defined(scope: Scope, node: exp.Expr, dialect: Dialect, depth: int) -> str:
    if isinstance(node, exp.Column) and not isinstance(node.this, exp.Star):
        names = [node.table] if node.table else list(scope.selected_sources)
        source = scope.sources.get(names[0]) if len(names) == 1 else None
        if isinstance(source, Scope) and (text := _expression(source, node.name, dialect, depth + 1)):
            return text
    return node.sql(dialect=dialect, comments=False)


def _short(text: str) -> str:
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= CHARACTERS else one_line[: CHARACTERS - 1] + "…"

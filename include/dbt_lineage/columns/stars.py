"""Which columns a star with a condition on their names means: ``COLUMNS(…)``, ``* LIKE …``."""

import re
from fnmatch import translate

from sqlglot import exp

from dbt_lineage.columns.dialects import Rules
from dbt_lineage.columns.scope import NamedColumns, Sources, same_name


def columns_of(node: exp.Expr, sources: Sources, rules: Rules) -> NamedColumns | None:
    """The columns that the star means; None where it cannot be told.

    Args:
        node: the star, ``COLUMNS(…)``, or a comparison of a star with a pattern.
        sources: what FROM gives.
        rules: those of the dialect.
    """
    if isinstance(node, exp.Column):
        tables = [named.table for named in sources.tables if same_name(named.name, node.table)]
        return _chosen(node.this, tables[0].columns, rules) if len(tables) == 1 else None
    return _chosen(node, sources.columns, rules)


def by_pattern(columns: NamedColumns, pattern: exp.Expr) -> NamedColumns | None:
    """Snowflake's ``* ILIKE 'pattern'``; None where it cannot be told."""
    return _by_name(columns, exp.ILike(this=exp.Star(), expression=pattern.copy()))


def _chosen(node: exp.Expr, columns: NamedColumns, rules: Rules) -> NamedColumns | None:
    if isinstance(node, exp.Columns):
        return _chosen(node.this, columns, rules)
    if isinstance(node, exp.Paren):
        return _chosen(node.this, columns, rules)
    if isinstance(node, exp.Star):
        left_out = [part.name for part in node.args.get("except_") or []]
        kept = tuple((name, value) for name, value in columns if not any(same_name(name, each) for each in left_out))
        pattern = node.args.get("ilike")
        return kept if pattern is None else by_pattern(kept, pattern)
    if isinstance(node, exp.Literal) and node.is_string:
        return _matching(columns, node.name, re.Pattern.search)
    if isinstance(node, (exp.Array, exp.List)):
        if not all(isinstance(part, exp.Literal) for part in node.expressions):
            return None
        return tuple(
            (name, value) for part in node.expressions for name, value in columns if same_name(name, part.name)
        )
    if isinstance(node, exp.Lambda) and len(node.expressions) == 1:
        return _by_name(columns, node.this)
    return _by_name(columns, node)


def _by_name(columns: NamedColumns, condition: exp.Expr) -> NamedColumns | None:
    """The columns whose names a comparison with a pattern holds for."""
    if isinstance(condition, exp.Not):
        found = _by_name(columns, condition.this)
        return None if found is None else tuple(column for column in columns if column not in found)
    subject, pattern = condition.this, condition.args.get("expression")
    if not isinstance(subject, (exp.Star, exp.Identifier, exp.Column)) or not isinstance(pattern, exp.Literal):
        return None
    text = pattern.name
    if isinstance(condition, (exp.Like, exp.ILike)):
        like = "".join({"%": ".*", "_": "."}.get(letter, re.escape(letter)) for letter in text)
        flags = "(?i)" if isinstance(condition, exp.ILike) else ""
        found = _matching(columns, flags + like, re.Pattern.fullmatch)
    elif isinstance(condition, exp.Glob):
        found = _matching(columns, translate(text), re.Pattern.match)
    elif isinstance(condition, exp.SimilarTo):
        found = _matching(columns, text, re.Pattern.fullmatch)
    else:
        return None
    if found is not None and condition.args.get("negate"):
        return tuple(column for column in columns if column not in found)
    return found


def _matching(columns: NamedColumns, pattern: str, match: object) -> NamedColumns | None:
    try:
        compiled = re.compile(pattern)
    except re.error:
        # Another language of patterns than Python's.
        return None
    return tuple((name, value) for name, value in columns if match(compiled, name))  # type: ignore[operator]

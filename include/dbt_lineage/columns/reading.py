"""Which parts of a statement no rule has covered: none is skipped silently."""

from collections.abc import Iterator

from sqlglot import exp
from sqlglot.tokens import Token, TokenType

from dbt_lineage.columns.postgres_tokens import NAMES
from dbt_lineage.columns.postgres_types import TypeName
from dbt_lineage.columns.postgres_words import DeclaredColumn

# Where a name is no value: it names a column, a relation, an alias, a type, a window or an argument.
_NAME_PLACES = (
    *(
        exp.Alias,
        exp.Aliases,
        exp.Anonymous,
        exp.AnonymousAggFunc,
        exp.Collate,
        exp.Column,
        exp.ColumnDef,
        exp.CTE,
        DeclaredColumn,
    ),
    *(exp.DataType, exp.Dot, exp.Join, exp.Kwarg, exp.PropertyEQ, exp.RecursiveWithSearch, exp.Schema, exp.Table),
    *(exp.TableAlias, exp.Window),
)
# Words of PostgreSQL's grammar that sqlglot keeps as plain words, or not at all.
_WORDS = frozenset(
    {
        *("absent", "asymmetric", "at", "both", "breadth", "by", "cascaded", "check", "columns", "conditional"),
        *("conflict", "content", "current", "cycle", "data", "day", "days", "default", "depth", "document", "empty"),
        *("encoding", "error", "exclude", "filter", "first", "following", "for", "format", "from", "group"),
        *("groups", "hour", "identity", "ignore", "indent", "json", "keep", "key", "keys", "label", "last"),
        *("lateral", "leading", "local", "locked", "matched", "materialized", "minute", "mode", "month"),
        *("name", "namespace", "nested", "next", "nfc", "nfd", "nfkc", "nfkd", "no", "normalized", "nothing"),
        *("nowait", "nulls", "object", "of", "omit", "on", "only", "ordinality", "others", "over", "overlaps"),
        *("overriding", "passing", "path", "placing", "preceding", "precision", "quotes", "recursive", "ref"),
        *("repeatable", "respect", "restart", "returning", "row", "scalar", "search", "second", "set", "share"),
        *("similar", "skip", "source", "standalone", "string", "symmetric", "system", "system_user", "target"),
        *(
            "text",
            "ties",
            "time",
            "to",
            "trailing",
            "unbounded",
            "uescape",
            "unconditional",
            "unique",
            "user",
            "utf16",
            "utf32",
            "utf8",
            "value",
        ),
        *("varying", "version", "wait", "wellformed", "whitespace", "with", "within", "without", "wrapper"),
        *("year", "yes", "zone"),
    }
)
# After AS comes a type, or an alias at a place that needs none.
_NO_VALUE_AFTER = frozenset({TokenType.ALIAS})
# Before these, the name of an argument or a function.
_NO_VALUE_BEFORE = frozenset({TokenType.FARROW, TokenType.COLON_EQ, TokenType.L_PAREN})


class Reading:
    """The parts of one statement that rules have covered."""

    def __init__(self) -> None:
        self._seen: set[int] = set()

    def saw(self, node: exp.Expr) -> None:
        """Mark a node as covered, without its parts."""
        self._seen.add(id(node))

    def needs_not(self, node: object) -> None:
        """Mark a node and all its parts as without influence on the output."""
        if isinstance(node, exp.Expr):
            self._seen.update(id(part) for part in node.walk())
        elif isinstance(node, list):
            for part in node:
                self.needs_not(part)

    def overlooked(self, statement: exp.Expr) -> Iterator[exp.Expr]:
        """The columns, relations and other names that no rule has covered."""
        for node in statement.walk():
            is_name = isinstance(node, exp.Identifier) and not isinstance(node.parent, _NAME_PLACES)
            if is_name and id(node.parent) in self._seen:
                continue
            if (is_name or isinstance(node, (exp.Column, exp.Table))) and id(node) not in self._seen:
                yield node


def lost_words(statement: exp.Expr, tokens: list[Token]) -> Iterator[Token]:
    """The names in PostgreSQL's SQL that the parser dropped: columns that it took for keywords, or their aliases.

    Args:
        statement: the statement as it was parsed.
        tokens: its tokens.
    """
    kept: set[int | None] = set()
    for node in statement.walk():
        start = node.meta_get("start")
        kept.add(start)
        if isinstance(node, TypeName):
            kept.update(range(start, node.meta_get("end") + 1))
    for before, token, after in zip([None, *tokens], tokens, [*tokens[1:], None], strict=False):
        is_name = token.token_type in NAMES and token.start not in kept
        if (
            not is_name
            or (before and before.token_type in _NO_VALUE_AFTER)
            or (after and after.token_type in _NO_VALUE_BEFORE)
        ):
            continue
        if before and token.text == "s" and before.text in ("%", ")") and before.end + 1 == token.start:
            # A placeholder of Python's drivers: %s, %(name)s.
            continue
        if token.token_type is TokenType.IDENTIFIER or token.text.lower() not in _WORDS:
            yield token

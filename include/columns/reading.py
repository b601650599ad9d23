"""What of a statement was looked at, and what was not: nothing that may be a value is left out in silence."""

from collections.abc import Iterable, Iterator

from sqlglot import exp
from sqlglot.tokens import Token, TokenType

from include.columns.postgres_functions import DeclaredColumn
from include.columns.postgres_tokens import NAMES

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
        *("absent", "asymmetric", "at", "both", "breadth", "by", "columns", "conflict", "content", "current", "cycle"),
        *("data", "day", "days", "default", "depth", "document", "empty", "encoding", "error", "exclude", "following"),
        *(
            "first",
            "for",
            "format",
            "from",
            "group",
            "groups",
            "hour",
            "json",
            "keep",
            "key",
            "keys",
            "last",
            "leading",
            "local",
        ),
        *("matched", "materialized", "minute", "month", "name", "namespace", "nested", "next", "no", "normalized"),
        *("nothing", "nulls", "object", "omit", "on", "only", "ordinality", "others", "overlaps", "overriding", "path"),
        *("passing", "placing", "preceding", "precision", "quotes", "ref", "repeatable", "returning", "row", "scalar"),
        *("search", "second", "set", "similar", "source", "string", "symmetric", "system", "system_user", "target"),
        *("text", "ties", "time", "to", "trailing", "unbounded", "unconditional", "unique", "user", "value", "varying"),
        *("version", "whitespace", "with", "within", "without", "wrapper", "year", "zone"),
    }
)
_TYPE_FOLLOWS = frozenset({TokenType.DCOLON, TokenType.ALIAS})
_NO_VALUE_BEFORE = frozenset({TokenType.FARROW, TokenType.COLON_EQ, TokenType.L_PAREN})


class Reading:
    """Remembers the parts of one statement that were looked at."""

    def __init__(self) -> None:
        self._seen: set[int] = set()

    def saw(self, node: exp.Expr) -> None:
        """A node's own meaning was looked at; that of its parts is another matter."""
        self._seen.add(id(node))

    def needs_not(self, node: object) -> None:
        """A node and all its parts have no influence on the output."""
        if isinstance(node, exp.Expr):
            self._seen.update(id(part) for part in node.walk())
        elif isinstance(node, list):
            for part in node:
                self.needs_not(part)

    def overlooked(self, statement: exp.Expr) -> Iterator[exp.Expr]:
        """The columns, relations and other names that nobody looked at."""
        for node in statement.walk():
            is_name = isinstance(node, exp.Identifier) and not isinstance(node.parent, _NAME_PLACES)
            if is_name and id(node.parent) in self._seen:
                continue
            if (is_name or isinstance(node, (exp.Column, exp.Table))) and id(node) not in self._seen:
                yield node


def lost_words(statement: exp.Expr, tokens: list[Token], columns: Iterable[str]) -> Iterator[Token]:
    """The words of PostgreSQL's SQL that are called like a column, and of which the parser kept nothing.

    Args:
        statement: the statement as it was parsed.
        tokens: its tokens.
        columns: the names of all columns that it may read.
    """
    names = {
        *columns,
        *(part.alias for part in statement.find_all(exp.Alias)),
        *(name.name for part in statement.find_all(exp.TableAlias) for name in part.columns),
    }
    kept = {node.meta_get("start") for node in statement.walk()}
    for before, token, after in zip([None, *tokens], tokens, [*tokens[1:], None], strict=False):
        is_name = token.token_type in NAMES and token.start not in kept
        if not is_name or (before and before.token_type in _TYPE_FOLLOWS) or (after and _is_syntax(token, after)):
            continue
        name = token.text if token.token_type is TokenType.IDENTIFIER else token.text.lower()
        if name in names and name not in _WORDS:
            yield token


def _is_syntax(token: Token, after: Token) -> bool:
    is_unit = after.token_type is TokenType.FROM
    return is_unit or after.token_type in _NO_VALUE_BEFORE

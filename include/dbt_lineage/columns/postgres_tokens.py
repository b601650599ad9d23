"""PostgreSQL's tokens: operators of any characters, names of 63 bytes."""

import re
from collections.abc import Iterator

from sqlglot.dialects.postgres import Postgres
from sqlglot.tokens import Token, TokenType

from dbt_lineage.core.spelling import identifier

OPERATOR_CHARACTERS = frozenset("+-*/<>=~!@#%^&|`?")
# Only an operator with one of these may end in + or -.
_MAY_END_IN_SIGN = frozenset("~!@#%^&|`?")

# Operators that sqlglot's grammar needs by their own tokens. Any other is one of PostgreSQL's "any other operator".
OPERATOR_TOKENS = {
    "+": TokenType.PLUS,
    "-": TokenType.DASH,
    "*": TokenType.STAR,
    "/": TokenType.SLASH,
    "%": TokenType.MOD,
    "^": TokenType.CARET,
    "<": TokenType.LT,
    ">": TokenType.GT,
    "=": TokenType.EQ,
    "<=": TokenType.LTE,
    ">=": TokenType.GTE,
    "<>": TokenType.NEQ,
    "!=": TokenType.NEQ,
    "||": TokenType.DPIPE,
    "=>": TokenType.FARROW,
    # A placeholder if no operand precedes it.
    "?": TokenType.PLACEHOLDER,
}
_OPTIONS = (("OVERRIDING", "SYSTEM", "VALUE"), ("OVERRIDING", "USER", "VALUE"))
_OPTIONS_AT_THE_END = (
    ("WITH", "DATA"),
    ("WITH", "NO", "DATA"),
    ("WITH", "CHECK", "OPTION"),
    ("WITH", "LOCAL", "CHECK", "OPTION"),
    ("WITH", "CASCADED", "CHECK", "OPTION"),
)
_FIRST_OF_OPTIONS = frozenset({"OVERRIDING", "WITH"})
NAMES = frozenset({TokenType.VAR, TokenType.IDENTIFIER})


class PostgresTokenizer(Postgres.Tokenizer):
    """sqlglot's tokenizer, with operators and names as PostgreSQL has them (src/backend/parser/scan.l)."""

    def tokenize(self, sql: str) -> list[Token]:
        """The tokens of a statement.

        Args:
            sql: the statement.

        Returns:
            Tokens. One of the type OPERATOR is an operator that sqlglot's grammar may lack, or ``OPERATOR(…)``.
        """
        tokens = [token for run in _runs(_numbers(super().tokenize(sql))) for token in run]
        return [_cut(token) for token in _without_options(list(_escaped(list(_qualified(tokens)))))]


def _cut(token: Token) -> Token:
    if token.token_type in NAMES:
        token.text = identifier(token.text)
    return token


def _numbers(tokens: list[Token]) -> list[Token]:
    """``1_000`` and ``0o17`` as one number each: nothing else can touch the end of a number."""
    whole: list[Token] = []
    for token in tokens:
        before = whole[-1] if whole else None
        is_more = token.token_type in (TokenType.VAR, TokenType.NUMBER)
        if before is not None and before.token_type is TokenType.NUMBER and is_more and token.start == before.end + 1:
            before.text, before.end = before.text + token.text, token.end
        else:
            whole.append(token)
    return whole


def _escaped(tokens: list[Token]) -> Iterator[Token]:
    r"""``U&"d\0061t" uescape '!'`` as the name that it means."""
    at = 0
    while at < len(tokens):
        prefix = tokens[at : at + 3]
        is_escaped = (
            len(prefix) == 3
            and prefix[0].text.lower() == "u"
            and prefix[1].text == "&"
            and prefix[2].token_type is TokenType.IDENTIFIER
            and prefix[0].end + 2 == prefix[2].start
        )
        if not is_escaped:
            yield tokens[at]
            at += 1
            continue
        at, escape = at + 3, "\\"
        if [token.text.lower() for token in tokens[at : at + 1]] == ["uescape"] and at + 1 < len(tokens):
            escape, at = tokens[at + 1].text, at + 2
        name = prefix[2]
        name.text, name.start = _unescaped(name.text, re.escape(escape)), prefix[0].start
        yield name


def _unescaped(name: str, escape: str) -> str:
    pattern = rf"{escape}(?:({escape})|\+([0-9a-fA-F]{{6}})|([0-9a-fA-F]{{4}}))"
    return re.sub(pattern, lambda found: found[1] or chr(int(found[2] or found[3], 16)), name)


def _without_options(tokens: list[Token]) -> Iterator[Token]:
    """The tokens without those of how rows are written or stored, which sqlglot does not always support."""
    at = 0
    while at < len(tokens):
        length = _length_of_option(tokens, at) if tokens[at].text.upper() in _FIRST_OF_OPTIONS else 0
        if not length:
            yield tokens[at]
        at += length or 1


def _length_of_option(tokens: list[Token], at: int) -> int:
    words = tuple(token.text.upper() for token in tokens[at : at + 5])
    anywhere = [len(option) for option in _OPTIONS if words[: len(option)] == option]
    at_the_end = [
        len(option)
        for option in _OPTIONS_AT_THE_END
        if words[: len(option)] == option and words[len(option) :][:1] in ((), (";",))
    ]
    return max([*anywhere, *at_the_end], default=0)


def _runs(tokens: list[Token]) -> Iterator[list[Token]]:
    """The tokens, with those of characters that touch each other split anew."""
    run: list[Token] = []
    for token in tokens:
        is_operator = _is_operator(token)
        if run and not (is_operator and token.start == run[-1].end + 1):
            yield list(_operators(run))
            run = []
        if is_operator:
            run.append(token)
        else:
            yield [token]
    if run:
        yield list(_operators(run))


def _is_operator(token: Token) -> bool:
    is_quoted = token.end - token.start + 1 != len(token.text)
    return not is_quoted and bool(token.text) and OPERATOR_CHARACTERS.issuperset(token.text)


def _operators(run: list[Token]) -> Iterator[Token]:
    text = "".join(token.text for token in run)
    start = run[0].start
    comments = [comment for token in run for comment in token.comments]
    while text:
        operator = _first(text)
        yield Token(
            OPERATOR_TOKENS.get(operator, TokenType.OPERATOR),
            operator,
            line=run[0].line,
            col=run[0].col + start - run[0].start,
            start=start,
            end=start + len(operator) - 1,
            comments=comments,
        )
        text, start, comments = text[len(operator) :], start + len(operator), []


def _first(text: str) -> str:
    """The operator that a run of operator characters begins with: all of it, but for signs at its end."""
    if _MAY_END_IN_SIGN.isdisjoint(text):
        return text[0] + text[1:].rstrip("+-")
    return text


def _qualified(tokens: list[Token]) -> Iterator[Token]:
    """``OPERATOR(schema.+)`` as one token; ``operator`` elsewhere is a name."""
    at = 0
    while at < len(tokens):
        token = tokens[at]
        at += 1
        if token.token_type is TokenType.OPERATOR and token.text.lower() == "operator":
            end = _end_of_qualified(tokens, at)
            if end is None:
                token.token_type = TokenType.VAR
            else:
                inside = "".join(part.text for part in tokens[at + 1 : end])
                token.text, token.end, at = f"OPERATOR({inside})", tokens[end].end, end + 1
        yield token


def _end_of_qualified(tokens: list[Token], at: int) -> int | None:
    """Where the parenthesis closes that holds an operator, perhaps with its schema, and nothing else."""
    if at >= len(tokens) or tokens[at].token_type is not TokenType.L_PAREN:
        return None
    at += 1
    while at + 1 < len(tokens) and tokens[at + 1].token_type is TokenType.DOT:
        at += 2
    is_closed = at + 1 < len(tokens) and tokens[at + 1].token_type is TokenType.R_PAREN
    return at + 1 if is_closed and _is_operator(tokens[at]) else None

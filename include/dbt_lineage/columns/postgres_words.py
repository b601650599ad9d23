"""Calls with keywords between their arguments: their nodes and parsers.

Only what a value is made from is kept: the arguments, and of functions that give rows the columns that they declare. The
words decide how it is made. Their grammar is that of src/backend/parser/gram.y of PostgreSQL 18.
"""

from collections.abc import Callable
from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.tokens import TokenType


class FunctionWithWords(exp.Anonymous):
    """A function by its name, with its arguments.

    Args:
        this: the name in lower case.
        expressions: the arguments.
        written: the whole call as the SQL has it.
    """

    arg_types: ClassVar[dict[str, bool]] = {"this": True, "expressions": False, "written": True}


class DeclaredRows(exp.Expression, exp.Func):
    """JSON_TABLE or XMLTABLE.

    Args:
        this: the name in lower case.
        expressions: what the rows are made from.
        columns: the columns, of nested ones too, in their order.
        written: the whole call as the SQL has it.
    """

    arg_types: ClassVar[dict[str, bool]] = {"this": True, "expressions": True, "columns": True, "written": True}


class DeclaredColumn(exp.Expression):
    """A column in the COLUMNS clause of JSON_TABLE or XMLTABLE.

    Args:
        this: its name.
        kind: its type.
        ordinality: whether it only counts rows.
        expressions: what it is made from beside what the rows are made from.
    """

    arg_types: ClassVar[dict[str, bool]] = {"this": True, "kind": False, "ordinality": False, "expressions": False}


class Words:
    """The part of a parser that these functions share; each method begins behind the opening parenthesis."""

    def words(self: Any, *choices: str) -> bool:
        """Read one of several sequences of words, if one of them comes."""
        return any(self._match_text_seq(*choice.split()) for choice in choices)

    def function_with_words(self: Any, arguments: Callable[[Any], list[exp.Expr]]) -> exp.Expr:
        """A call as a node of its own."""
        start = self._index - 2
        name = self._tokens[start].text.lower()
        expressions = arguments(self)
        written = self._find_sql(self._tokens[start], self._curr)
        return self.expression(FunctionWithWords(this=name, expressions=expressions, written=written))

    def lists(self: Any, item: Callable[[], list[exp.Expr]]) -> list[exp.Expr]:
        """Items with commas between them, each of which may be several expressions."""
        items = item()
        while self._match(TokenType.COMMA):
            items += item()
        return items


def with_words(arguments: Callable[[Any], list[exp.Expr]]) -> Callable[[Any], exp.Expr]:
    """A parser of whole calls, from one of their arguments."""
    return lambda self: self.function_with_words(arguments)

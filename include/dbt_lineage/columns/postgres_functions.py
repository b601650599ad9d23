"""PostgreSQL's functions with words between their arguments."""

from collections.abc import Callable
from typing import Any

from sqlglot import exp
from sqlglot.tokens import TokenType

from dbt_lineage.columns.postgres_json import JSON_FUNCTIONS, JsonFunctions
from dbt_lineage.columns.postgres_words import FunctionWithWords, with_words
from dbt_lineage.columns.postgres_xml import XML_FUNCTIONS, XmlFunctions


class SqlFunctions(JsonFunctions, XmlFunctions):
    """The part of a parser that reads them all; those of texts and times are here."""

    def field_of_time(self: Any) -> list[exp.Expr]:
        """EXTRACT: the field is a word."""
        field = self._parse_string() or self._parse_id_var(any_token=True)
        if not self._match(TokenType.FROM):
            self.raise_error("Expected FROM")
        return [field, self._parse_disjunction()]

    def collation(self: Any) -> exp.Expr | None:
        """COLLATION FOR, if it comes: a function without a name of its own."""
        start = self._curr
        if self._next.token_type is not TokenType.FOR or not self.words("COLLATION FOR"):
            return None
        values = self._parse_wrapped_csv(self._parse_disjunction)
        written = self._find_sql(start, self._prev)
        node = self.expression(FunctionWithWords(this="pg_collation_for", expressions=values, written=written))
        node.meta["start"] = start.start
        return node

    def normal_form(self: Any) -> list[exp.Expr]:
        """NORMALIZE: the form is a word."""
        value = self._parse_disjunction()
        if self._match(TokenType.COMMA):
            self._advance_any()
        return [value]

    def place(self: Any) -> list[exp.Expr]:
        """POSITION."""
        part = self._parse_bitwise()
        if not self._match(TokenType.IN):
            self.raise_error("Expected IN")
        return [part, self._parse_bitwise()]

    def overlaid(self: Any) -> list[exp.Expr]:
        """OVERLAY, with words or commas."""
        parts = [self._parse_bitwise()]
        while self._match_set((TokenType.COMMA, TokenType.FROM, TokenType.FOR)) or self.words("PLACING"):
            parts.append(self._parse_bitwise())
        return parts

    def text_part(self: Any) -> list[exp.Expr]:
        """SUBSTRING, with words or commas."""
        parts = [self._parse_bitwise()]
        while self._match_set((TokenType.COMMA, TokenType.FROM, TokenType.FOR, TokenType.ESCAPE)) or self.words(
            "SIMILAR"
        ):
            parts.append(self._parse_bitwise())
        return parts


SQL_FUNCTIONS: dict[str, Callable[[Any], exp.Expr]] = {
    **JSON_FUNCTIONS,
    **XML_FUNCTIONS,
    "EXTRACT": with_words(SqlFunctions.field_of_time),
    "NORMALIZE": with_words(SqlFunctions.normal_form),
    "OVERLAY": with_words(SqlFunctions.overlaid),
    "POSITION": with_words(SqlFunctions.place),
    "SUBSTRING": with_words(SqlFunctions.text_part),
}

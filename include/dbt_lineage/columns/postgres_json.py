"""PostgreSQL's SQL/JSON: constructors, aggregates, queries, JSON_TABLE."""

from collections.abc import Callable
from typing import Any

from sqlglot import exp
from sqlglot.tokens import TokenType

from dbt_lineage.columns.postgres_words import DeclaredColumn, DeclaredRows, Words, with_words

BEHAVIOURS = ("ERROR", "NULL", "TRUE", "FALSE", "UNKNOWN", "EMPTY ARRAY", "EMPTY OBJECT", "EMPTY")
WRAPPERS = tuple(
    f"{with_} {condition}{array}WRAPPER"
    for with_ in ("WITH", "WITHOUT")
    for condition in ("", "CONDITIONAL ", "UNCONDITIONAL ")
    for array in ("", "ARRAY ")
)


class JsonFunctions(Words):
    """The part of a parser that reads functions of JSON."""

    def json_input(self: Any) -> list[exp.Expr]:
        """A value, perhaps with its format."""
        value = self._parse_disjunction()
        self.json_format()
        return [value] if value is not None else []

    def json_format(self: Any) -> None:
        """FORMAT JSON ENCODING UTF8."""
        if self.words("FORMAT JSON") and self.words("ENCODING"):
            self._parse_var(any_token=True)

    def json_returning(self: Any) -> list[exp.Expr]:
        """RETURNING with a type, which is no value."""
        if not self.words("RETURNING"):
            return []
        type_ = self.type_name()
        self.json_format()
        return [type_] if type_ is not None else []

    def json_nulls(self: Any) -> None:
        """What becomes of nulls."""
        self.words("NULL ON NULL", "ABSENT ON NULL")

    def json_unique(self: Any) -> None:
        """Whether keys are unique."""
        if self.words("WITH UNIQUE", "WITHOUT UNIQUE"):
            self.words("KEYS")

    def json_member(self: Any) -> list[exp.Expr]:
        """A key and its value."""
        key = self._parse_bitwise()
        if not (self._match(TokenType.COLON) or self.words("VALUE")):
            self.raise_error("Expected VALUE or : behind a key")
        return [*([key] if key is not None else []), *self.json_input()]

    def json_members(self: Any) -> list[exp.Expr]:
        """JSON_OBJECT, in the standard's form or with arrays of texts."""
        if self._match(TokenType.R_PAREN, advance=False) or self._curr.text.upper() == "RETURNING":
            return self.json_returning()
        start = self._index
        first = self._parse_disjunction()
        if first is not None and (
            self._match(TokenType.R_PAREN, advance=False) or self._match(TokenType.COMMA, advance=False)
        ):
            # json_object(array), json_object(keys, values): a function like any other.
            rest = self._parse_csv(self._parse_disjunction) if self._match(TokenType.COMMA) else []
            return [first, *rest]
        self._retreat(start)
        members = self.lists(self.json_member)
        self.json_nulls()
        self.json_unique()
        return [*members, *self.json_returning()]

    def json_aggregated_member(self: Any) -> list[exp.Expr]:
        """JSON_OBJECTAGG."""
        member = self.json_member()
        self.json_nulls()
        self.json_unique()
        return [*member, *self.json_returning()]

    def json_elements(self: Any) -> list[exp.Expr]:
        """JSON_ARRAY of values, or of a query."""
        if self._match_set((TokenType.SELECT, TokenType.WITH, TokenType.VALUES, TokenType.TABLE), advance=False):
            elements = [self._parse_select()]
            self.json_format()
        elif self._match(TokenType.R_PAREN, advance=False) or self._curr.text.upper() == "RETURNING":
            elements = []
        else:
            elements = self.lists(self.json_input)
            self.json_nulls()
        return [*elements, *self.json_returning()]

    def json_aggregated_elements(self: Any) -> list[exp.Expr]:
        """JSON_ARRAYAGG."""
        element = self.json_input()
        order = self._parse_order(element[0] if element else None)
        self.json_nulls()
        return [*([order] if order is not None else element), *self.json_returning()]

    def json_query(self: Any) -> list[exp.Expr]:
        """JSON_VALUE, JSON_QUERY, JSON_EXISTS: a value, a path, and what the path is given."""
        value = self.json_context()
        type_ = self.json_returning()
        self.words(*WRAPPERS)
        self.json_quotes()
        return [*value, *type_, *self.json_behaviours()]

    def json_context(self: Any) -> list[exp.Expr]:
        """A value, its path and PASSING."""
        value = self.json_input()
        if not self._match(TokenType.COMMA):
            self.raise_error("Expected a path")
        path = self._parse_disjunction()
        return [*value, *([path] if path is not None else []), *self.json_passing()]

    def json_passing(self: Any) -> list[exp.Expr]:
        """What the variables of a path are."""
        return self.lists(self.json_variable) if self.words("PASSING") else []

    def json_variable(self: Any) -> list[exp.Expr]:
        """A value and its name in a path."""
        value = self.json_input()
        self._match(TokenType.ALIAS)
        self._parse_id_var(any_token=True)
        return value

    def json_quotes(self: Any) -> None:
        """Whether a text keeps its quotes."""
        if self.words("KEEP QUOTES", "OMIT QUOTES"):
            self.words("ON SCALAR STRING")

    def json_behaviours(self: Any) -> list[exp.Expr]:
        """What is given where there is nothing, or an error."""
        defaults = []
        while True:
            if self._match(TokenType.DEFAULT):
                defaults.append(self._parse_bitwise())
            elif not self.words(*BEHAVIOURS):
                return defaults
            if not self.words("ON EMPTY", "ON ERROR"):
                self.raise_error("Expected ON EMPTY or ON ERROR")

    def json_value(self: Any) -> list[exp.Expr]:
        """JSON, JSON_SCALAR, JSON_SERIALIZE."""
        value = self.json_input()
        self.json_unique()
        return [*value, *self.json_returning()]

    def json_table(self: Any) -> exp.Expr:
        """JSON_TABLE."""
        start = self._tokens[self._index - 2]
        value = self.json_context_of_table()
        columns = self.json_columns()
        self.json_behaviours()
        written = self._find_sql(start, self._curr)
        return self.expression(DeclaredRows(this="json_table", expressions=value, columns=columns, written=written))

    def json_context_of_table(self: Any) -> list[exp.Expr]:
        """As of the other functions, with a name for the path."""
        value = self.json_input()
        if not self._match(TokenType.COMMA):
            self.raise_error("Expected a path")
        path = self._parse_disjunction()
        if self._match(TokenType.ALIAS):
            self._parse_id_var(any_token=True)
        return [*value, *([path] if path is not None else []), *self.json_passing()]

    def json_columns(self: Any) -> list[exp.Expr]:
        """COLUMNS and all that it nests."""
        if not self.words("COLUMNS"):
            self.raise_error("Expected COLUMNS")
        self._match_l_paren()
        columns = self.lists(self.json_column)
        self._match_r_paren()
        return columns

    def json_column(self: Any) -> list[exp.Expr]:
        """One column, or those of a nested path."""
        if self._curr.text.upper() == "NESTED" and self._next.token_type in (TokenType.STRING, TokenType.VAR):
            is_path = self._next.token_type is TokenType.STRING or self._next.text.upper() == "PATH"
            if is_path:
                self._advance()
                self.words("PATH")
                self._parse_string()
                if self._match(TokenType.ALIAS):
                    self._parse_id_var(any_token=True)
                return self.json_columns()
        name = self._parse_id_var(any_token=True)
        if self.words("FOR ORDINALITY"):
            return [self.expression(DeclaredColumn(this=name, ordinality=True))]
        type_ = self.type_name()
        self.json_format()
        self._match(TokenType.EXISTS)
        if self.words("PATH"):
            self._parse_string()
        self.words(*WRAPPERS)
        self.json_quotes()
        return [self.expression(DeclaredColumn(this=name, kind=type_, expressions=self.json_behaviours()))]


JSON_FUNCTIONS: dict[str, Callable[[Any], exp.Expr]] = {
    "JSON": with_words(JsonFunctions.json_value),
    "JSON_ARRAY": with_words(JsonFunctions.json_elements),
    "JSON_ARRAYAGG": with_words(JsonFunctions.json_aggregated_elements),
    "JSON_EXISTS": with_words(JsonFunctions.json_query),
    "JSON_OBJECT": with_words(JsonFunctions.json_members),
    "JSON_OBJECTAGG": with_words(JsonFunctions.json_aggregated_member),
    "JSON_QUERY": with_words(JsonFunctions.json_query),
    "JSON_SCALAR": with_words(JsonFunctions.json_value),
    "JSON_SERIALIZE": with_words(JsonFunctions.json_value),
    "JSON_TABLE": JsonFunctions.json_table,
    "JSON_VALUE": with_words(JsonFunctions.json_query),
}

"""Functions that PostgreSQL has with words between their arguments: of texts and times, SQL/JSON, XML.

Only what a value is made from is kept: the arguments, and of functions that give rows the columns that they declare. The
words decide how it is made. Their grammar is that of src/backend/parser/gram.y of PostgreSQL 18.
"""

from collections.abc import Callable
from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.tokens import TokenType

BEHAVIOURS = ("ERROR", "NULL", "TRUE", "FALSE", "UNKNOWN", "EMPTY ARRAY", "EMPTY OBJECT", "EMPTY")
WRAPPERS = tuple(
    f"{with_} {condition}{array}WRAPPER"
    for with_ in ("WITH", "WITHOUT")
    for condition in ("", "CONDITIONAL ", "UNCONDITIONAL ")
    for array in ("", "ARRAY ")
)


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
    """A column that JSON_TABLE or XMLTABLE is told to give.

    Args:
        this: its name.
        ordinality: whether it only counts rows.
        expressions: what it is made from beside what the rows are made from.
    """

    arg_types: ClassVar[dict[str, bool]] = {"this": True, "ordinality": False, "expressions": False}


class SqlFunctions:
    """The part of a parser that reads these functions; each method begins behind the opening parenthesis."""

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

    def json_input(self: Any) -> list[exp.Expr]:
        """A value, perhaps with its format."""
        value = self._parse_disjunction()
        self.json_format()
        return [value] if value is not None else []

    def json_format(self: Any) -> None:
        """FORMAT JSON ENCODING UTF8."""
        if self.words("FORMAT JSON") and self.words("ENCODING"):
            self._parse_var(any_token=True)

    def json_returning(self: Any) -> None:
        """RETURNING with a type."""
        if self.words("RETURNING"):
            self._parse_types()
            self.json_format()

    def json_nulls(self: Any) -> None:
        """What becomes of nulls."""
        self.words("NULL ON NULL", "ABSENT ON NULL")

    def json_unique(self: Any) -> None:
        """Whether keys are unique."""
        if self.words("WITH UNIQUE", "WITHOUT UNIQUE"):
            self.words("KEYS")

    def json_member(self: Any) -> list[exp.Expr]:
        """A key and its value."""
        has_key_word = self._curr.text.upper() == "KEY" and self._next.token_type not in _AFTER_A_NAME
        if has_key_word:
            self._advance()
        key = self._parse_bitwise()
        if not (self._match(TokenType.COLON) or self.words("VALUE")):
            self.raise_error("Expected VALUE or : behind a key")
        return [*([key] if key is not None else []), *self.json_input()]

    def json_members(self: Any) -> list[exp.Expr]:
        """JSON_OBJECT, in the standard's form or with arrays of texts."""
        if self._match(TokenType.R_PAREN, advance=False) or self._curr.text.upper() == "RETURNING":
            self.json_returning()
            return []
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
        self.json_returning()
        return members

    def json_aggregated_member(self: Any) -> list[exp.Expr]:
        """JSON_OBJECTAGG."""
        member = self.json_member()
        self.json_nulls()
        self.json_unique()
        self.json_returning()
        return member

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
        self.json_returning()
        return elements

    def json_aggregated_elements(self: Any) -> list[exp.Expr]:
        """JSON_ARRAYAGG."""
        element = self.json_input()
        order = self._parse_order(element[0] if element else None)
        self.json_nulls()
        self.json_returning()
        return [order] if order is not None else element

    def json_query(self: Any) -> list[exp.Expr]:
        """JSON_VALUE, JSON_QUERY, JSON_EXISTS: a value, a path, and what the path is given."""
        value = self.json_context()
        self.json_returning()
        self.words(*WRAPPERS)
        self.json_quotes()
        return [*value, *self.json_behaviours()]

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
        self.json_returning()
        return value

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
        self._parse_types()
        self.json_format()
        self._match(TokenType.EXISTS)
        if self.words("PATH"):
            self._parse_string()
        self.words(*WRAPPERS)
        self.json_quotes()
        return [self.expression(DeclaredColumn(this=name, expressions=self.json_behaviours()))]

    def xml_table(self: Any) -> exp.Expr:
        """XMLTABLE."""
        start = self._tokens[self._index - 2]
        value = []
        if self.words("XMLNAMESPACES"):
            self._match_l_paren()
            value += self.lists(self.xml_namespace)
            self._match_r_paren()
            self._match(TokenType.COMMA)
        value += [self._parse_disjunction()]
        value += self.xml_passing()
        if not self.words("COLUMNS"):
            self.raise_error("Expected COLUMNS")
        columns = self.lists(self.xml_column)
        written = self._find_sql(start, self._curr)
        return self.expression(DeclaredRows(this="xmltable", expressions=value, columns=columns, written=written))

    def xml_namespace(self: Any) -> list[exp.Expr]:
        """A namespace and its name."""
        if self._match(TokenType.DEFAULT):
            return [self._parse_bitwise()]
        value = self._parse_bitwise()
        self._match(TokenType.ALIAS)
        self._parse_id_var(any_token=True)
        return [value]

    def xml_passing(self: Any) -> list[exp.Expr]:
        """The document."""
        if not self.words("PASSING"):
            self.raise_error("Expected PASSING")
        self.words("BY REF", "BY VALUE")
        value = self._parse_unary()
        self.words("BY REF", "BY VALUE")
        return [value]

    def xml_column(self: Any) -> list[exp.Expr]:
        """One column."""
        name = self._parse_id_var(any_token=True)
        if self.words("FOR ORDINALITY"):
            return [self.expression(DeclaredColumn(this=name, ordinality=True))]
        self._parse_types()
        made_from = []
        while True:
            if self.words("PATH") or self._match(TokenType.DEFAULT):
                made_from.append(self._parse_bitwise())
            elif not self.words("NOT NULL", "NULL"):
                return [self.expression(DeclaredColumn(this=name, expressions=made_from))]

    def xml_element(self: Any) -> list[exp.Expr]:
        """XMLELEMENT: attributes and content; the name is a word."""
        self.words("NAME")
        self._parse_id_var(any_token=True)
        return self.lists(self.xml_part) if self._match(TokenType.COMMA) else []

    def xml_part(self: Any) -> list[exp.Expr]:
        """Attributes, or a value."""
        if self._curr.text.upper() == "XMLATTRIBUTES" and self._next.token_type is TokenType.L_PAREN:
            self._advance(2)
            attributes = self.xml_named()
            self._match_r_paren()
            return attributes
        return [self._parse_disjunction()]

    def xml_named(self: Any) -> list[exp.Expr]:
        """Values with names."""
        return self.lists(self.xml_named_value)

    def xml_named_value(self: Any) -> list[exp.Expr]:
        """A value with a name."""
        value = self._parse_disjunction()
        if self._match(TokenType.ALIAS):
            self._parse_id_var(any_token=True)
        return [value]

    def xml_instruction(self: Any) -> list[exp.Expr]:
        """XMLPI: the content; the name is a word."""
        self.words("NAME")
        self._parse_id_var(any_token=True)
        return [self._parse_disjunction()] if self._match(TokenType.COMMA) else []

    def xml_text(self: Any) -> list[exp.Expr]:
        """XMLPARSE and XMLSERIALIZE."""
        self.words("DOCUMENT", "CONTENT")
        value = self._parse_disjunction()
        self.words("STRIP WHITESPACE", "PRESERVE WHITESPACE")
        if self._match(TokenType.ALIAS):
            self._parse_types()
            self.words("NO INDENT", "INDENT")
        return [value]

    def xml_root(self: Any) -> list[exp.Expr]:
        """XMLROOT."""
        value = [self._parse_disjunction()]
        while self._match(TokenType.COMMA):
            if self.words("VERSION NO VALUE", "STANDALONE NO VALUE", "STANDALONE YES", "STANDALONE NO"):
                continue
            if not self.words("VERSION"):
                self.raise_error("Expected VERSION or STANDALONE")
            value.append(self._parse_disjunction())
        return value

    def xml_exists(self: Any) -> list[exp.Expr]:
        """XMLEXISTS."""
        return [self._parse_disjunction(), *self.xml_passing()]

    def field_of_time(self: Any) -> list[exp.Expr]:
        """EXTRACT: the field is a word."""
        self._advance()
        if not self._match(TokenType.FROM):
            self.raise_error("Expected FROM")
        return [self._parse_disjunction()]

    def normal_form(self: Any) -> list[exp.Expr]:
        """NORMALIZE: the form is a word."""
        value = self._parse_disjunction()
        if self._match(TokenType.COMMA):
            self._advance()
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

    def lists(self: Any, item: Callable[[], list[exp.Expr]]) -> list[exp.Expr]:
        """Items with commas between them, each of which may be several expressions."""
        items = item()
        while self._match(TokenType.COMMA):
            items += item()
        return items


# What comes behind a name that is used as a value, not behind the word KEY.
_AFTER_A_NAME = frozenset(
    {TokenType.COLON, TokenType.COMMA, TokenType.DOT, TokenType.R_PAREN, TokenType.DCOLON, TokenType.DPIPE}
)


def _with_words(arguments: Callable[[Any], list[exp.Expr]]) -> Callable[[Any], exp.Expr]:
    return lambda self: self.function_with_words(arguments)


SQL_FUNCTIONS: dict[str, Callable[[Any], exp.Expr]] = {
    "EXTRACT": _with_words(SqlFunctions.field_of_time),
    "JSON": _with_words(SqlFunctions.json_value),
    "JSON_ARRAY": _with_words(SqlFunctions.json_elements),
    "JSON_ARRAYAGG": _with_words(SqlFunctions.json_aggregated_elements),
    "JSON_EXISTS": _with_words(SqlFunctions.json_query),
    "JSON_OBJECT": _with_words(SqlFunctions.json_members),
    "JSON_OBJECTAGG": _with_words(SqlFunctions.json_aggregated_member),
    "JSON_QUERY": _with_words(SqlFunctions.json_query),
    "JSON_SCALAR": _with_words(SqlFunctions.json_value),
    "JSON_SERIALIZE": _with_words(SqlFunctions.json_value),
    "JSON_TABLE": SqlFunctions.json_table,
    "JSON_VALUE": _with_words(SqlFunctions.json_query),
    "NORMALIZE": _with_words(SqlFunctions.normal_form),
    "OVERLAY": _with_words(SqlFunctions.overlaid),
    "POSITION": _with_words(SqlFunctions.place),
    "SUBSTRING": _with_words(SqlFunctions.text_part),
    "XMLELEMENT": _with_words(SqlFunctions.xml_element),
    "XMLEXISTS": _with_words(SqlFunctions.xml_exists),
    "XMLFOREST": _with_words(SqlFunctions.xml_named),
    "XMLPARSE": _with_words(SqlFunctions.xml_text),
    "XMLPI": _with_words(SqlFunctions.xml_instruction),
    "XMLROOT": _with_words(SqlFunctions.xml_root),
    "XMLSERIALIZE": _with_words(SqlFunctions.xml_text),
    "XMLTABLE": SqlFunctions.xml_table,
}

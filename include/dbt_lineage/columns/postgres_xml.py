"""Functions of XML as PostgreSQL has them."""

from collections.abc import Callable
from typing import Any

from sqlglot import exp
from sqlglot.tokens import TokenType

from dbt_lineage.columns.postgres_words import DeclaredColumn, DeclaredRows, Words, with_words


class XmlFunctions(Words):
    """The part of a parser that reads functions of XML."""

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
        type_ = self.type_name()
        made_from = []
        while True:
            if self.words("PATH") or self._match(TokenType.DEFAULT):
                made_from.append(self._parse_bitwise())
            elif not self.words("NOT NULL", "NULL"):
                return [self.expression(DeclaredColumn(this=name, kind=type_, expressions=made_from))]

    def xml_element(self: Any) -> list[exp.Expr]:
        """XMLELEMENT: attributes and content; the name is a word."""
        self.words("NAME")
        name = self._parse_id_var(any_token=True)
        return [name, *(self.lists(self.xml_part) if self._match(TokenType.COMMA) else [])]

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
        name = self._parse_id_var(any_token=True)
        return [name, self._parse_disjunction()] if self._match(TokenType.COMMA) else [name]

    def xml_text(self: Any) -> list[exp.Expr]:
        """XMLPARSE and XMLSERIALIZE."""
        self.words("DOCUMENT", "CONTENT")
        value = self._parse_disjunction()
        self.words("STRIP WHITESPACE", "PRESERVE WHITESPACE")
        type_ = self.type_name() if self._match(TokenType.ALIAS) else None
        self.words("NO INDENT", "INDENT")
        return [value, *([type_] if type_ is not None else [])]

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


XML_FUNCTIONS: dict[str, Callable[[Any], exp.Expr]] = {
    "XMLELEMENT": with_words(XmlFunctions.xml_element),
    "XMLEXISTS": with_words(XmlFunctions.xml_exists),
    "XMLFOREST": with_words(XmlFunctions.xml_named),
    "XMLPARSE": with_words(XmlFunctions.xml_text),
    "XMLPI": with_words(XmlFunctions.xml_instruction),
    "XMLROOT": with_words(XmlFunctions.xml_root),
    "XMLSERIALIZE": with_words(XmlFunctions.xml_text),
    "XMLTABLE": XmlFunctions.xml_table,
}

"""PostgreSQL's types: built-in ones of several words, any other by name."""

import re
from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.tokens import TokenType

from dbt_lineage.columns.postgres_tokens import NAMES

INTERVAL_FIELDS = ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND")
# Words by which PostgreSQL's grammar itself knows a type, and others that sqlglot counts among the types. Any other type
# goes by its name.
KEYWORDS_OF_TYPES = frozenset(
    {
        *("ARRAY", "BIGINT", "BIT", "BOOLEAN", "CHAR", "CHAR VARYING", "CHARACTER", "CHARACTER VARYING", "DEC"),
        *("DECIMAL", "DOUBLE PRECISION", "FLOAT", "INT", "INTEGER", "INTERVAL", "JSON", "NCHAR", "NULL", "NUMERIC"),
        *("RANGE", "REAL", "SMALLINT", "TIME", "TIMESTAMP", "UNION", "UNKNOWN", "VARCHAR"),
    }
)
# What the grammar calls a type, where that is another name than the catalogue's.
STORED_NAMES = {
    "bigint": "int8",
    "boolean": "bool",
    "char": "bpchar",
    "character": "bpchar",
    "dec": "numeric",
    "decimal": "numeric",
    "double precision": "float8",
    "float": "float8",
    "int": "int4",
    "integer": "int4",
    "nchar": "bpchar",
    "real": "float4",
    "smallint": "int2",
}
# Of these, VARYING makes another type.
VARYING = {"bit": "varbit", "bpchar": "varchar"}
SMALL_FLOAT_BITS = 24
# Types whose values have no fields, by the names that the catalogue and format_type() give them.
SCALAR_TYPES = frozenset(
    {
        *STORED_NAMES,
        *STORED_NAMES.values(),
        *("bit", "bit varying", "box", "bytea", "char", "character varying", "cidr", "circle", "citext", "date"),
        *("datemultirange", "daterange", "geography", "geometry", "hstore", "inet", "int4multirange", "int4range"),
        *("int8multirange", "int8range", "interval", "json", "jsonb", "jsonpath", "line", "lseg", "ltree", "macaddr"),
        *("macaddr8", "money", "name", "nummultirange", "numrange", "numeric", "oid", "path", "pg_lsn", "point"),
        *("polygon", "regclass", "regproc", "regrole", "regtype", "text", "tid", "time", "time with time zone"),
        *("time without time zone", "timestamp", "timestamp with time zone", "timestamp without time zone"),
        *("timestamptz", "timetz", "tsmultirange", "tsquery", "tsrange", "tstzmultirange", "tstzrange", "uuid"),
        *("varbit", "varchar", "vector", "xid", "xml"),
    }
)
# What a type's modifiers are made of.
MODIFIERS = NAMES | {TokenType.NUMBER, TokenType.STRING, TokenType.COMMA, TokenType.DASH}


def is_scalar(type_: str) -> bool:
    """Whether values of a type, or of its elements if it is an array, have no fields for sure."""
    return re.sub(r"\(.*?\)|\[\d*\]", "", type_.lower()).strip() in SCALAR_TYPES


class TypeName(exp.DataType):
    """A type.

    Args:
        this: for sqlglot, a type of which it knows nothing.
        name: what the catalogue calls it, without its schema; an array goes by its elements' type.
        written: the type as the SQL has it.
    """

    arg_types: ClassVar[dict[str, bool]] = {**exp.DataType.arg_types, "name": True, "written": True}


class PostgresTypes:
    """The part of a parser that reads types."""

    def _parse_types(
        self: Any,
        check_func: bool = False,
        schema: bool = False,
        allow_identifiers: bool = True,
        with_collation: bool = False,
    ) -> exp.Expr | None:
        # Where a value may stand, a name is a type only before a text, and ``typed_text`` has looked for that.
        return None if check_func else self.type_name()

    def typed_text(self: Any) -> exp.Expr | None:
        """``date '2020-01-01'``: a type and a text that is of it."""
        may_be_long = self._curr.token_type in self.TYPE_TOKENS or self._next.token_type is TokenType.DOT
        if self._next.token_type is not TokenType.STRING and not may_be_long:
            return None
        if self._curr.token_type is TokenType.INTERVAL:
            return None
        start = self._index
        type_ = self.type_name()
        if type_ is None or not self._match(TokenType.STRING, advance=False):
            self._retreat(start)
            return None
        return self.expression(exp.Cast(this=self._parse_primary(), to=type_))

    def type_name(self: Any) -> TypeName | None:
        """A type, if one begins here."""
        start = self._curr
        self._match_text_seq("SETOF")
        name = self.base_type()
        if name is None:
            return None
        self._match(TokenType.ARRAY)
        while self.bounds():
            pass
        written = self._find_sql(start, self._prev)
        type_ = self.expression(TypeName(this=exp.DType.USERDEFINED, name=name, written=written))
        return type_.update_positions(start=start.start, end=self._prev.end)

    def base_type(self: Any) -> str | None:
        """The name of a type that is no array."""
        if self._match(TokenType.INTERVAL):
            self.modifiers()
            self.interval_fields()
            return "interval"
        self._match_text_seq("NATIONAL")
        is_array = self._match(TokenType.ARRAY, advance=False)
        if is_array or not (self._match_set(NAMES) or self._match_set(self.TYPE_TOKENS)):
            return None
        if self._prev.token_type is TokenType.IDENTIFIER:
            name = self._prev.text
        else:
            # The words of a type such as double precision may have any space between them.
            name = " ".join(self._prev.text.lower().split())
        if self._match(TokenType.DOT):
            part = self._parse_id_var(any_token=True)
            self.modifiers()
            return None if part is None else part.name if part.args.get("quoted") else part.name.lower()
        if self._prev.token_type is TokenType.IDENTIFIER:
            self.modifiers()
            return name
        if name == "double":
            self._match_text_seq("PRECISION")
            return "float8"
        return self.built_in(name)

    def built_in(self: Any, name: str) -> str:
        """The catalogue's name of a type whose first word was read."""
        is_varying = name.endswith(" varying") or bool(self._match_text_seq("VARYING"))
        stored = STORED_NAMES.get(name.removesuffix(" varying"), name.removesuffix(" varying"))
        size = self.modifiers()
        if is_varying:
            return VARYING.get(stored, stored)
        if name == "float" and size is not None and size <= SMALL_FLOAT_BITS:
            return "float4"
        if stored in ("time", "timestamp"):
            if self._match_text_seq("WITH", "TIME", "ZONE"):
                return f"{stored}tz"
            self._match_text_seq("WITHOUT", "TIME", "ZONE")
        return stored

    def bounds(self: Any) -> bool:
        """Read ``[]`` or ``[3]``, if it comes."""
        start = self._index
        if self._match(TokenType.L_BRACKET):
            self._match(TokenType.NUMBER)
            if self._match(TokenType.R_BRACKET):
                return True
        self._retreat(start)
        return False

    def modifiers(self: Any) -> int | None:
        """The words and numbers in parentheses after a type; the value, if it is one number."""
        start = self._index
        if not self._match(TokenType.L_PAREN):
            return None
        while self._match_set(MODIFIERS):
            pass
        if not self._match(TokenType.R_PAREN):
            self._retreat(start)
            return None
        inside = self._tokens[start + 1 : self._index - 1]
        return int(inside[0].text) if len(inside) == 1 and inside[0].text.isdigit() else None

    def interval_fields(self: Any) -> None:
        """``year to month`` behind ``interval``."""
        if self._match_texts(INTERVAL_FIELDS):
            self.modifiers()
            if self._match_text_seq("TO"):
                self._match_texts(INTERVAL_FIELDS)
                self.modifiers()

"""PostgreSQL as sqlglot parses it here: its functions by their names, its operators by their signs."""

from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.dialects.postgres import Postgres
from sqlglot.generators.postgres import PostgresGenerator
from sqlglot.parsers.postgres import PostgresParser
from sqlglot.tokens import TokenType

from include.columns.postgres_functions import SQL_FUNCTIONS, DeclaredRows, FunctionWithWords, SqlFunctions
from include.columns.postgres_tokens import PostgresTokenizer

# Functions that are written with words between their arguments, or with a type, and that sqlglot reads well.
WITH_WORDS = frozenset(
    {"CAST", "EXTRACT", "JSON_AGG", "NORMALIZE", "OVERLAY", "POSITION", "STRING_AGG", "SUBSTRING", "TRIM"}
)
# Keywords of other databases; in PostgreSQL they are names like any other.
FOREIGN_KEYWORDS = frozenset(
    {
        *("ANTI", "APPLY", "ASOF", "AUTOINCREMENT", "AUTO_INCREMENT", "CLUSTER BY", "CONNECT BY", "DESCRIBE"),
        *("DISTRIBUTE BY", "EXEC", "FILE", "GLOB", "KILL", "NAMESPACE", "OPTIMIZE", "OVERWRITE", "PARTITIONED BY"),
        *("PARTITIONED_BY", "PERCENT", "PIVOT", "PRAGMA", "QUALIFY", "REGEXP", "RLIKE", "SEMI", "SETTINGS", "SORT BY"),
        *("STRAIGHT_JOIN", "UNCACHE", "UNNEST", "UNPIVOT", "USE", "XOR"),
    }
)


class PrefixOperator(exp.Expression):
    """An operator before its operand: ``@ amount``.

    Args:
        this: the operand.
        operator: the operator as it was written.
    """

    arg_types: ClassVar[dict[str, bool]] = {"this": True, "operator": True}


class PostgresAsWritten(Postgres):
    """PostgreSQL, its functions kept by name and with all of their arguments.

    sqlglot's own reading turns functions into those of other dialects, in which arguments change their meaning: the
    column in ``date_trunc(kind, at)`` becomes a word.
    """

    class Tokenizer(PostgresTokenizer):
        """The tokenizer."""

        KEYWORDS: ClassVar[dict[str, TokenType]] = {
            word: type_ for word, type_ in PostgresTokenizer.KEYWORDS.items() if word not in FOREIGN_KEYWORDS
        }

    class Parser(SqlFunctions, PostgresParser):
        """The parser."""

        FUNCTIONS: ClassVar[dict[str, Any]] = {}
        FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {
            **{name: parser for name, parser in PostgresParser.FUNCTION_PARSERS.items() if name in WITH_WORDS},
            **SQL_FUNCTIONS,
        }
        NO_PAREN_FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {
            name: parser
            for name, parser in PostgresParser.NO_PAREN_FUNCTION_PARSERS.items()
            if name in {"ANY", "CASE", "VARIADIC"}
        }
        UNARY_PARSERS: ClassVar[dict[TokenType, Any]] = {
            **PostgresParser.UNARY_PARSERS,
            TokenType.OPERATOR: lambda self: self.parse_prefixed(),
        }
        RANGE_PARSERS: ClassVar[dict[TokenType, Any]] = {
            type_: parser for type_, parser in PostgresParser.RANGE_PARSERS.items() if type_ is not TokenType.OPERATOR
        }
        # ``[:n]`` is a slice, not a placeholder.
        PLACEHOLDER_PARSERS: ClassVar[dict[TokenType, Any]] = {
            type_: parser for type_, parser in PostgresParser.PLACEHOLDER_PARSERS.items() if type_ != TokenType.COLON
        }

        def _parse_bitwise(self) -> exp.Expr | None:
            this = super()._parse_bitwise()
            while this is not None and self._match(TokenType.OPERATOR):
                operator = self._prev.text
                right = super()._parse_bitwise()
                this = self.expression(exp.Operator(this=this, operator=operator, expression=right))
            return this

        def parse_prefixed(self) -> exp.Expr:
            """The operand of the operator that was just read."""
            operator = self._prev.text
            return self.expression(PrefixOperator(operator=operator, this=self._parse_unary()))

    class Generator(PostgresGenerator):
        """How an expression is shown to people."""

        TRANSFORMS: ClassVar[dict[type[exp.Expr], Any]] = {
            **PostgresGenerator.TRANSFORMS,
            exp.Operator: lambda self, node: (
                f"{self.sql(node, 'this')} {node.args['operator']} {self.sql(node, 'expression')}"
            ),
            PrefixOperator: lambda self, node: f"{node.args['operator']} {self.sql(node, 'this')}",
            FunctionWithWords: lambda self, node: node.args["written"],
            DeclaredRows: lambda self, node: node.args["written"],
        }

"""PostgreSQL's dialect for sqlglot: functions by name, operators by sign."""

from collections.abc import Callable, Collection
from functools import partial
from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.dialects.postgres import Postgres
from sqlglot.generators.postgres import PostgresGenerator
from sqlglot.parsers.postgres import PostgresParser
from sqlglot.tokens import TokenType

from dbt_lineage.columns.postgres_functions import SQL_FUNCTIONS, SqlFunctions
from dbt_lineage.columns.postgres_tokens import PostgresTokenizer
from dbt_lineage.columns.postgres_types import INTERVAL_FIELDS, KEYWORDS_OF_TYPES, PostgresTypes, TypeName
from dbt_lineage.columns.postgres_words import DeclaredRows, FunctionWithWords

# Functions that are written with words between their arguments and that sqlglot reads well.
WITH_WORDS = frozenset({"CAST", "TRIM"})
# Keywords of other databases; in PostgreSQL they are names like any other.
FOREIGN_KEYWORDS = frozenset(
    {
        *("ANTI", "APPLY", "ASOF", "AUTOINCREMENT", "AUTO_INCREMENT", "CLUSTER BY", "CONNECT BY", "DESCRIBE"),
        *("DISTRIBUTE BY", "EXEC", "FILE", "GLOB", "KILL", "NAMESPACE", "OPTIMIZE", "OVERWRITE", "PARTITIONED BY"),
        *("PARTITIONED_BY", "PERCENT", "PIVOT", "PRAGMA", "QUALIFY", "REGEXP", "RLIKE", "SEMI", "SETTINGS", "SORT BY"),
        *("STRAIGHT_JOIN", "UNCACHE", "UNNEST", "UNPIVOT", "USE", "XOR"),
    }
)


NORMAL_FORMS = ("NFC", "NFD", "NFKC", "NFKD")


class PrefixOperator(exp.Expression):
    """An operator before its operand: ``@ amount``.

    Args:
        this: the operand.
        operator: the operator as it was written.
    """

    arg_types: ClassVar[dict[str, bool]] = {"this": True, "operator": True}


class SearchOrCycle(exp.Expression):
    """What a recursive query of WITH adds: the order of its rows, or where they repeat.

    Args:
        kind: DEPTH, BREADTH or CYCLE.
        expressions: the columns that it goes by.
        expression: the name of the column that it adds.
        using: of CYCLE, the name of a further one, for the path.
        to: of CYCLE, how a repeated row is marked.
        default: of CYCLE, how any other is marked.
    """

    arg_types: ClassVar[dict[str, bool]] = {
        **{"kind": True, "expressions": True, "expression": True},
        **{"using": False, "to": False, "default": False},
    }


class PostgresAsWritten(Postgres):
    """PostgreSQL, its functions kept by name and with all of their arguments.

    sqlglot's own reading turns functions into those of other dialects, in which arguments change their meaning: the
    column in ``date_trunc(kind, at)`` becomes a word.
    """

    # mypy's base has them as variables of an object, which they are not.
    VALID_INTERVAL_UNITS: ClassVar[set[str]] = set(INTERVAL_FIELDS)  # type: ignore[misc]
    DATE_PART_MAPPING: ClassVar[dict[str, str]] = {}  # type: ignore[misc]

    class Tokenizer(PostgresTokenizer):
        """The tokenizer."""

        KEYWORDS: ClassVar[dict[str, TokenType]] = {
            word: type_
            for word, type_ in PostgresTokenizer.KEYWORDS.items()
            if word not in FOREIGN_KEYWORDS and (type_ not in PostgresParser.TYPE_TOKENS or word in KEYWORDS_OF_TYPES)
        }

    class Parser(SqlFunctions, PostgresTypes, PostgresParser):
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
        NO_PAREN_FUNCTIONS: ClassVar[dict[TokenType, Any]] = {
            type_: partial(FunctionWithWords, this=type_.name.lower(), written=type_.name)
            for type_ in PostgresParser.NO_PAREN_FUNCTIONS
        }
        UNARY_PARSERS: ClassVar[dict[TokenType, Any]] = {
            **PostgresParser.UNARY_PARSERS,
            TokenType.OPERATOR: lambda self: self.parse_prefixed(),
            TokenType.PLUS: lambda self: self.parse_prefixed(),
        }
        RANGE_PARSERS: ClassVar[dict[TokenType, Any]] = {
            **{
                type_: parser
                for type_, parser in PostgresParser.RANGE_PARSERS.items()
                if type_ not in (TokenType.OPERATOR, TokenType.FOR)
            },
            TokenType.IN: lambda self, this: self.parse_in(this),
        }
        # Braces are in no SQL of PostgreSQL's; a template that was not compiled has them.
        BRACKETS: ClassVar[frozenset[TokenType]] = frozenset({TokenType.L_BRACKET})
        ARRAY_CONSTRUCTORS: ClassVar = {"ARRAY": exp.Array}
        PLACEHOLDER_PARSERS: ClassVar[dict[TokenType, Any]] = {
            **PostgresParser.PLACEHOLDER_PARSERS,
            TokenType.COLON: lambda self: self.parse_named_placeholder(),
        }

        def _parse_bitwise(self) -> exp.Expr | None:
            this = super()._parse_bitwise()
            while this is not None and self._match(TokenType.OPERATOR):
                operator = self._prev.text
                right = super()._parse_bitwise()
                this = self.expression(exp.Operator(this=this, operator=operator, expression=right))
            return this

        def _parse_type(self, parse_interval: bool = True, fallback_to_identifier: bool = False) -> exp.Expr | None:
            """A value; a type and a text are one too."""
            special = self.typed_text() or self.collation()
            if special is not None:
                return self._parse_column_ops(special)
            return super()._parse_type(parse_interval, fallback_to_identifier)

        def _parse_interval(
            self, require_interval: bool = True, parse_function_unit: bool = True
        ) -> exp.Interval | None:
            """``interval '1' year to month``; without a text behind it, ``interval`` is a name or a type."""
            start = self._index
            if not self._match(TokenType.INTERVAL):
                return None
            is_precise = self._match_pair(TokenType.L_PAREN, TokenType.NUMBER) and self._match(TokenType.R_PAREN)
            if not self._match(TokenType.STRING, advance=False):
                self._retreat(start)
                return None
            length = self._parse_primary()
            if not is_precise:
                self.interval_fields()
            return self.expression(exp.Interval(this=length))

        def _parse_cube_or_rollup(self, with_prefix: bool = False) -> exp.Cube | exp.Rollup | None:
            """``rollup (status is null)``: conditions too."""
            if with_prefix or not self._match_set((TokenType.CUBE, TokenType.ROLLUP)):
                return None
            kind = exp.Cube if self._prev.token_type is TokenType.CUBE else exp.Rollup
            return self.expression(kind(expressions=self._parse_wrapped_csv(self._parse_disjunction)))

        def _parse_grouping_set(self) -> exp.Expr | None:
            return self._parse_grouping_sets() or self._parse_cube_or_rollup() or self._parse_disjunction()

        def _parse_derived_table_values(self, allow_value_synonym: bool = False) -> exp.Values | None:
            """``(values (1)) t``; with more in the parentheses it is a query like any other."""
            start = self._index
            if self._match_pair(TokenType.L_PAREN, TokenType.VALUES):
                self._parse_csv(self._parse_value)
                is_all = self._match(TokenType.R_PAREN, advance=False)
                self._retreat(start)
                if not is_all:
                    return None
            return super()._parse_derived_table_values(allow_value_synonym)

        def _parse_is(self, this: exp.Expr | None) -> exp.Expr | None:
            """``is normalized``, ``is document`` too, which look at nothing but the value."""
            start = self._index
            is_negated = self._match(TokenType.NOT)
            self._match_texts(NORMAL_FORMS)
            if self._match_text_seq("NORMALIZED"):
                this = self.expression(exp.Anonymous(this="is_normalized", expressions=[this]))
                return self.expression(exp.Not(this=this)) if is_negated else this
            if self._match_text_seq("DOCUMENT"):
                return self.expression(exp.Not(this=this))
            self._retreat(start)
            return super()._parse_is(this)

        def _parse_at_time_zone(self, this: exp.Expr | None) -> exp.Expr | None:
            """``at local`` too."""
            this = super()._parse_at_time_zone(this)
            if self._match_text_seq("AT", "LOCAL"):
                return self._parse_at_time_zone(self.expression(exp.AtTimeZone(this=this, zone=exp.var("LOCAL"))))
            return this

        def _parse_cte(self) -> exp.CTE | exp.FunctionSpecification | None:
            """With SEARCH and CYCLE, which belong to one query of WITH."""
            cte = super()._parse_cte()
            if isinstance(cte, exp.CTE):
                for key in ("search", "cycle"):
                    cte.set(key, self.parse_search())
            return cte

        def parse_search(self) -> "SearchOrCycle | None":
            """SEARCH or CYCLE, if one of them comes."""
            self._match_text_seq("SEARCH")
            if not self._match_texts(self.RECURSIVE_CTE_SEARCH_KIND):
                return None
            kind = self._prev.text.upper()
            self._match_text_seq("FIRST", "BY")
            columns = self._parse_csv(self._parse_id_var)
            self._match_text_seq("SET")
            made = self._parse_id_var()
            to = self._parse_bitwise() if self._match_text_seq("TO") else None
            default = self._parse_bitwise() if self._match(TokenType.DEFAULT) else None
            path = self._parse_id_var() if self._match_text_seq("USING") else None
            if made is None or (kind == "CYCLE" and path is None):
                self.raise_error(f"{kind} needs names for its columns")
            return self.expression(
                SearchOrCycle(kind=kind, expressions=columns, expression=made, to=to, default=default, using=path)
            )

        def _parse_escape(self, this: exp.Expr | None) -> exp.Expr | None:
            """The character may be any expression."""
            if not self._match(TokenType.ESCAPE):
                return this
            return self.expression(exp.Escape(this=this, expression=self._parse_bitwise()))

        def _parse_ordered(self, parse_method: Callable[[], exp.Expr | None] | None = None) -> exp.Ordered | None:
            """``order by a using >`` too: the operator is a direction."""
            parse = parse_method or self._parse_disjunction

            def key() -> exp.Expr | None:
                this = parse()
                if self._match(TokenType.USING):
                    self._advance_any(ignore_reserved=True)
                return this

            return super()._parse_ordered(key)

        def _parse_join(
            self,
            skip_join_token: bool = False,
            parse_bracket: bool = False,
            alias_tokens: Collection[TokenType] | None = None,
        ) -> exp.Join | None:
            """``join b using (id) as j`` too: a name for the columns that are compared."""
            join = super()._parse_join(skip_join_token, parse_bracket, alias_tokens)
            if join is not None and join.args.get("using") and self._match(TokenType.ALIAS):
                join.set("using_alias", self.expression(exp.TableAlias(this=self._parse_id_var())))
            return join

        def _parse_table_parts(
            self, schema: bool = False, is_db_reference: bool = False, wildcard: bool = False, fast: bool = False
        ) -> exp.Table | exp.Dot | None:
            """``only (a)`` too."""
            is_only = not fast and self._prev.token_type is TokenType.ONLY and self._match(TokenType.L_PAREN)
            parts = super()._parse_table_parts(schema, is_db_reference, wildcard, fast)
            if is_only:
                self._match_r_paren()
            return parts

        def _parse_table_sample(self, as_modifier: bool = False) -> exp.TableSample | None:
            """Its arguments may be any expressions."""
            if not self._match(TokenType.TABLE_SAMPLE):
                return None
            method = self._parse_var(any_token=True, upper=True)
            arguments = self._parse_wrapped_csv(self._parse_disjunction)
            seed = self._parse_wrapped(self._parse_disjunction) if self._match_text_seq("REPEATABLE") else None
            return self.expression(exp.TableSample(method=method, expressions=arguments, seed=seed))

        def parse_named_placeholder(self) -> exp.Placeholder | None:
            """``:name``, which drivers fill; ``[:n]`` is a slice."""
            before = self._tokens[self._index - 2] if self._index > 1 else None
            is_slice = before is not None and before.token_type is TokenType.L_BRACKET
            if is_slice or not self._match_set(self.COLON_PLACEHOLDER_TOKENS):
                return None
            return self.expression(exp.Placeholder(this=self._prev.text), self._prev)

        def parse_in(self, this: exp.Expr | None) -> exp.Expr | None:
            """What stands behind IN is in parentheses; anywhere else ``in`` is a name."""
            if self._match(TokenType.L_PAREN, advance=False):
                return self._parse_in(this)
            self._retreat(self._index - 1)
            return None

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
            TypeName: lambda self, node: node.args["written"],
            DeclaredRows: lambda self, node: node.args["written"],
        }

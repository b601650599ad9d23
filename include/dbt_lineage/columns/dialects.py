"""SQL dialects: whose rules hold, and what each is called."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.tokens import Token, TokenType

from dbt_lineage.columns.postgres_dialect import PostgresAsWritten

POSTGRES = frozenset({"postgres", "materialize", "risingwave"})
# Behind FROM and VALUES none of these can stand.
BEHIND_A_NAME = frozenset(
    {
        TokenType.ALIAS,
        TokenType.COMMA,
        TokenType.DOT,
        TokenType.EQ,
        TokenType.FROM,
        TokenType.L_BRACKET,
        TokenType.NEQ,
        TokenType.R_PAREN,
    }
)
SPARK = frozenset({"spark", "spark2", "databricks"})
# The clauses that may use the names of output columns, beside ORDER BY and GROUP BY: of most dialects all.
EVERY_CLAUSE = frozenset({"select", "where", "having", "qualify", "order"})
CLAUSES_WITH_ALIASES: dict[str, frozenset[str]] = {
    **dict.fromkeys(POSTGRES | {"tsql", "fabric", "oracle", "trino", "presto", "athena"}, frozenset()),
    "bigquery": frozenset({"having", "qualify", "order"}),
    **dict.fromkeys(SPARK, frozenset({"select", "having", "qualify", "order"})),
    "mysql": frozenset({"having", "order"}),
}

# Names of dbt's adapters, of OpenLineage's SQL facet and of its dataset namespaces, where sqlglot's are others.
SQLGLOT_NAMES = {
    "postgresql": "postgres",
    "mssql": "tsql",
    "sqlserver": "tsql",
    "synapse": "tsql",
    "fabric": "fabric",
    "awsathena": "athena",
    "sparksql": "spark",
    "glue": "spark",
    "ansi": "",
    "generic": "",
}


def sqlglot_name(name: str) -> str:
    """Sqlglot's name of a dialect, from any that the field has for it."""
    return SQLGLOT_NAMES.get(name.lower(), name.lower())


def parsing(name: str) -> Dialect:
    """The dialect that SQL is parsed as.

    Args:
        name: sqlglot's name of the dialect.

    Raises:
        ValueError: sqlglot has no such dialect.
    """
    return PostgresAsWritten() if name in POSTGRES else Dialect.get_or_raise(name)


def with_plain_words(tokens: list[Token], dialect: str) -> list[Token]:
    """The tokens of a statement, where a keyword that cannot be one at its place is a name.

    Spark has no reserved words: ``from = to``, ``size(values)``.

    Args:
        tokens: the tokens as sqlglot has them.
        dialect: sqlglot's name of the dialect.
    """
    if dialect not in SPARK:
        return tokens
    for token, next_token in itertools.pairwise(tokens):
        if token.token_type in (TokenType.FROM, TokenType.VALUES) and next_token.token_type in BEHIND_A_NAME:
            token.token_type = TokenType.VAR
    return tokens


@dataclass(frozen=True)
class PivotNames:
    """How PIVOT calls its columns.

    Args:
        quoted: whether a text keeps its quotes, which are then part of the name.
        aggregate_first: whether the name of the aggregate comes before the value's.
        in_words: whether numbers, dates and truth values are spelled so that the name needs no quotes.
        aggregate_when_single: whether the name of a single aggregate is part of it.
    """

    quoted: bool = False
    aggregate_first: bool = False
    in_words: bool = False
    aggregate_when_single: bool = True

    def of_value(self, node: exp.Expr) -> str:
        """The name of a value in the list; empty if it is not known."""
        if isinstance(node, (exp.PivotAlias, exp.Alias)):
            return node.args["alias"].name
        if isinstance(node, exp.Column):
            return node.name
        if isinstance(node, exp.Literal) and node.is_string:
            return f"'{node.name}'" if self.quoted else node.name
        if self.in_words:
            return _in_words(node)
        return node.name if isinstance(node, exp.Literal) and node.name.isdigit() else ""

    def of(self, values: Sequence[str], aggregate: exp.Expr, aggregates: int) -> str:
        """The name of a column; empty if it is not known.

        Args:
            values: the names of its values, one for each FOR.
            aggregate: the aggregate, with its alias.
            aggregates: how many there are.
        """
        if not all(values) or (aggregates > 1 and not aggregate.alias):
            return ""
        is_told = aggregate.alias and (aggregates > 1 or self.aggregate_when_single)
        parts = [*values, aggregate.alias] if is_told else list(values)
        return "_".join([parts[-1], *parts[:-1]] if self.aggregate_first and is_told else parts)


def _in_words(node: exp.Expr) -> str:
    """BigQuery's rules for the name of a value: ``_1``, ``minus_1``, ``_1_point_5``, ``_2026_01_31``."""
    if isinstance(node, exp.Neg) and isinstance(node.this, exp.Literal):
        return "minus_" + node.this.name.replace(".", "_point_")
    if isinstance(node, exp.Literal):
        return "_" + node.name.replace(".", "_point_")
    if isinstance(node, exp.Boolean):
        return "TRUE" if node.this else "FALSE"
    if isinstance(node, exp.Cast) and node.to.is_type(exp.DataType.Type.DATE) and isinstance(node.this, exp.Literal):
        return "_" + node.this.name.replace("-", "_")
    return ""


PIVOT_NAMES = {
    "snowflake": PivotNames(quoted=True),
    "oracle": PivotNames(quoted=True),
    "bigquery": PivotNames(aggregate_first=True, in_words=True),
    **dict.fromkeys(SPARK, PivotNames(aggregate_when_single=False)),
}


# Columns that a relation has beside those that ``*`` means: about the row's place, and of no other column's value.
SYSTEM_COLUMNS = {
    "bigquery": frozenset({"_table_suffix", "_partitiontime", "_partitiondate", "_file_name"}),
    "clickhouse": frozenset(
        {
            *(
                "_block_number",
                "_block_offset",
                "_database",
                "_file",
                "_part",
                "_part_index",
                "_part_offset",
                "_part_uuid",
            ),
            *("_partition_id", "_partition_value", "_path", "_sample_factor", "_size", "_table", "_time"),
        }
    ),
    "redshift": frozenset({"$path", "$size", "$spectrum_oid"}),
    "snowflake": frozenset(
        {
            *(
                "metadata$action",
                "metadata$file_content_key",
                "metadata$file_last_modified",
                "metadata$file_row_number",
            ),
            *("metadata$filename", "metadata$isupdate", "metadata$row_id", "metadata$start_scan_time"),
        }
    ),
    **dict.fromkeys(SPARK, frozenset({"_metadata"})),
    **dict.fromkeys(
        ("trino", "presto", "athena"),
        frozenset({"$bucket", "$file_modified_time", "$file_size", "$partition", "$path"}),
    ),
}


@dataclass(frozen=True)
class Rules:
    """What differs between dialects, beside their grammars.

    Args:
        name: sqlglot's name of the dialect.
        aliases: the clauses that may use the names of output columns.
        pivot_names: how PIVOT calls its columns.
        values_first: whether UNPIVOT has its values before the names of the columns.
        aliases_first: whether a name means an alias, anywhere in the query, before it means a column.
        recursive_without_word: whether a query of WITH may name itself without RECURSIVE.
        queries_in_any_order: whether a query of WITH may name a later one.
        fields_are_columns: whether UNNEST gives a column for each field of structured values.
        system_columns: the names, in lower case, of columns that each relation has beside its own.
    """

    name: str
    aliases: frozenset[str] = EVERY_CLAUSE
    pivot_names: PivotNames = field(default_factory=PivotNames)
    values_first: bool = False
    fields_are_columns: bool = False
    aliases_first: bool = False
    recursive_without_word: bool = False
    queries_in_any_order: bool = False
    system_columns: frozenset[str] = frozenset()

    @classmethod
    def of(cls, name: str) -> "Rules":
        """The rules of a dialect, by sqlglot's name of it."""
        return cls(
            name,
            CLAUSES_WITH_ALIASES.get(name, EVERY_CLAUSE),
            PIVOT_NAMES.get(name, PivotNames()),
            recursive_without_word=name in ("tsql", "fabric", "oracle", "snowflake"),
            aliases_first=name == "clickhouse",
            queries_in_any_order=name == "clickhouse",
            values_first=name in ("bigquery", "tsql", "fabric"),
            fields_are_columns=name in POSTGRES | {"trino", "presto", "athena", "bigquery"},
            system_columns=SYSTEM_COLUMNS.get(name, frozenset()),
        )

    @property
    def is_postgres(self) -> bool:
        """Whether PostgreSQL's rules hold."""
        return self.name in POSTGRES

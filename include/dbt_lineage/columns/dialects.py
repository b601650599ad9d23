"""SQL dialects: whose rules hold, and what each is called."""

from sqlglot.dialects.dialect import Dialect

from dbt_lineage.columns.postgres_dialect import PostgresAsWritten

POSTGRES = frozenset({"postgres", "materialize", "risingwave"})
# In these only ORDER BY and GROUP BY can use the names of output columns; in the others, every clause.
WITHOUT_ALIASES = POSTGRES | {"tsql", "oracle", "trino", "presto", "athena"}

# Names of dbt's adapters, of OpenLineage's SQL facet and of its dataset namespaces, where sqlglot's are others.
SQLGLOT_NAMES = {
    "postgresql": "postgres",
    "mssql": "tsql",
    "sqlserver": "tsql",
    "synapse": "tsql",
    "fabric": "fabric",
    "awsathena": "athena",
    "sparksql": "spark",
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

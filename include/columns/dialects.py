"""SQL dialects: whose rules hold, and how PostgreSQL's functions are read."""

from typing import Any, ClassVar

from sqlglot.dialects.dialect import Dialect
from sqlglot.dialects.postgres import Postgres
from sqlglot.parsers.postgres import PostgresParser

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
# Functions that are written with words between their arguments, or with a type; any other is read as it is written.
WITH_WORDS = frozenset(
    {
        *("CAST", "EXTRACT", "JSON_AGG", "JSON_OBJECT", "JSON_OBJECTAGG", "JSON_TABLE", "JSON_VALUE"),
        *("NORMALIZE", "OVERLAY", "POSITION", "STRING_AGG", "SUBSTRING", "TRIM", "XMLELEMENT", "XMLTABLE"),
    }
)


class PostgresAsWritten(Postgres):
    """PostgreSQL, its functions kept by name and with all of their arguments.

    sqlglot's own reading turns functions into those of other dialects, in which arguments change their meaning: the
    column in ``date_trunc(kind, at)`` becomes a word.
    """

    class Parser(PostgresParser):
        """The parser."""

        FUNCTIONS: ClassVar[dict[str, Any]] = {}
        FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {
            name: parser for name, parser in PostgresParser.FUNCTION_PARSERS.items() if name in WITH_WORDS
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

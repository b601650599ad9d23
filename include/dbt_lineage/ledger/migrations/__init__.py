"""The ledger's schema, from its first version to its present one."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from dbt_lineage.core.settings import LedgerSettings
from dbt_lineage.ledger import connection
from dbt_lineage.ledger.ledger import address, transaction
from dbt_lineage.ledger.schema import VERSION_TABLE, Base

# Creating an index on a long table takes its time.
MIGRATION_SECONDS = 300
# Any number that nobody else locks in this database.
_LOCK = 5_221_984_607


def migrate(settings: LedgerSettings) -> None:
    """Bring the database's schema to its present version; several at once wait for each other.

    Raises:
        LedgerError: the database is away, too slow or refused.
    """
    with _alone(settings) as database:
        command.upgrade(_configuration(database), "head")


def remove(settings: LedgerSettings) -> None:
    """Drop every table of the ledger with its contents. If there are none, that is no error.

    Raises:
        LedgerError: the database is away, too slow or refused.
    """
    with _alone(settings) as database:
        command.downgrade(_configuration(database), "base")
        database.execute(text(f"DROP TABLE IF EXISTS {VERSION_TABLE}"))


def tables(settings: LedgerSettings) -> list[str]:
    """The tables of the ledger that the database has. Raises LedgerError."""
    url = address(settings)
    engine = connection.engine(url, settings.timeout_seconds)
    try:
        with transaction(engine, url) as database:
            there = inspect(database).get_table_names()
    finally:
        engine.dispose()
    return sorted({*Base.metadata.tables, VERSION_TABLE} & set(there))


def newest_version() -> str | None:
    """The version of the schema that this code wants."""
    return ScriptDirectory.from_config(_configuration(None)).get_current_head()


@contextmanager
def _alone(settings: LedgerSettings) -> Iterator[Connection]:
    """A transaction that no other change of the schema runs beside."""
    url = address(settings)
    engine = connection.engine(url, MIGRATION_SECONDS)
    try:
        with transaction(engine, url) as database:
            database.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            yield database
    finally:
        engine.dispose()


def _configuration(database: object) -> Config:
    configuration = Config()
    configuration.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    configuration.attributes["connection"] = database
    return configuration

"""A PostgreSQL of the proof's own, if the environment names no warehouse."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
from psycopg2 import sql

from dbt_lineage.core import settings
from dbt_lineage.core.settings import PROJECT_ROOT, WarehouseSettings
from stack import lifecycle, postgres
from stack.config import HOST, StackConfig, StackSettings

HOME = PROJECT_ROOT / ".stack-prove"


@contextmanager
def warehouse_or_own() -> Iterator[WarehouseSettings]:
    """The warehouse that the environment names, by WAREHOUSE_PASSWORD; else a server that is there only meanwhile."""
    if "WAREHOUSE_PASSWORD" in os.environ:
        yield settings.warehouse()
        return
    with own_postgres() as warehouse:
        yield warehouse


@contextmanager
def own_postgres(home: Path = HOME) -> Iterator[WarehouseSettings]:
    """A new server with an empty warehouse, whose role may make databases; nothing of it is left afterwards.

    Args:
        home: its folder.

    Raises:
        StackError: it did not start.
    """
    config = StackConfig(StackSettings(home=home, well_known_ports=False))
    lifecycle.clean(config)
    try:
        lifecycle.up(config, "postgres")
        postgres.create_databases(config)
        _let_make_databases(config)
        yield WarehouseSettings(
            host=HOST,
            port=config.ports["postgres"],
            database=postgres.WAREHOUSE_DATABASE,
            user=postgres.WAREHOUSE_USER,
            password=config.credentials.warehouse_password,
            reader_password=config.credentials.warehouse_reader_password,
        )
    finally:
        lifecycle.clean(config)


def _let_make_databases(config: StackConfig) -> None:
    connection = psycopg2.connect(
        host=HOST,
        port=config.ports["postgres"],
        user="postgres",
        password=config.credentials.postgres_password,
        dbname="postgres",
    )
    with connection, connection.cursor() as cursor:
        cursor.execute(sql.SQL("ALTER ROLE {} CREATEDB").format(sql.Identifier(postgres.WAREHOUSE_USER)))
    connection.close()

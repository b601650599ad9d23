"""Columns and types of the warehouse's relations, from PostgreSQL's catalogue."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import psycopg2
from psycopg2.extensions import connection

from include.probes import WarehouseError
from include.settings import WarehouseSettings

# Tables, views, materialized views, partitioned and foreign tables; the catalogue shows every role their columns.
COLUMNS = """
    select
        lower(current_database() || '.' || namespace.nspname || '.' || relation.relname) as relation,
        relation.oid,
        attribute.attname as column_name,
        pg_catalog.format_type(attribute.atttypid, attribute.atttypmod) as column_type
    from pg_catalog.pg_class as relation
    inner join pg_catalog.pg_namespace as namespace on namespace.oid = relation.relnamespace
    inner join pg_catalog.pg_attribute as attribute on attribute.attrelid = relation.oid
    where
        relation.relkind in ('r', 'v', 'm', 'p', 'f')
        and attribute.attnum > 0
        and not attribute.attisdropped
        and lower(current_database() || '.' || namespace.nspname || '.' || relation.relname) = any(%(relations)s)
    order by relation.oid, attribute.attnum
"""


class Warehouse:
    """Reads the catalogue of one database as the read-only role.

    Args:
        settings: where the database is.
    """

    def __init__(self, settings: WarehouseSettings) -> None:
        self._settings = settings

    def columns(self, relations: Iterable[str]) -> dict[str, dict[str, str]]:
        """The columns of relations and their types, in order.

        Args:
            relations: ``database.schema.table`` in lower case.

        Returns:
            Each relation that is there, by its name. Of two whose names differ in case only neither is given: the
            name does not tell which is meant.

        Raises:
            WarehouseError: the database does not answer.
        """
        wanted = sorted({relation.lower() for relation in relations})
        if not wanted:
            return {}
        with self._connected() as connected, connected.cursor() as cursor:
            cursor.execute(COLUMNS, {"relations": wanted})
            rows = cursor.fetchall()
        found: dict[str, dict[int, dict[str, str]]] = {}
        for relation, oid, column, type_ in rows:
            found.setdefault(relation, {}).setdefault(oid, {})[column] = type_
        return {relation: next(iter(tables.values())) for relation, tables in found.items() if len(tables) == 1}

    def columns_in(self, namespace: str, relations: Iterable[str]) -> dict[str, dict[str, str]]:
        """The same for datasets of an OpenLineage namespace; those of other namespaces are not this database's.

        Raises:
            WarehouseError: the database does not answer.
        """
        return self.columns(relations) if namespace == self._settings.namespace else {}

    @contextmanager
    def _connected(self) -> Iterator[connection]:
        settings = self._settings
        try:
            connected = psycopg2.connect(
                host=settings.host,
                port=settings.port,
                dbname=settings.database,
                user=settings.reader_user,
                password=settings.reader_password.get_secret_value(),
                connect_timeout=10,
                options="-c statement_timeout=10000 -c default_transaction_read_only=on",
            )
            try:
                yield connected
            finally:
                connected.close()
        except psycopg2.Error as error:
            where = f"PostgreSQL at {settings.host}:{settings.port} (database {settings.database})"
            raise WarehouseError(f"{where}: columns could not be read: {str(error).strip()}") from error

"""Columns and types of the warehouse's relations, from PostgreSQL's catalogue."""

import selectors
import time
from collections.abc import Iterable, Iterator

import psycopg2
from psycopg2 import extensions
from psycopg2.extensions import QueryCanceledError, connection

from dbt_lineage.core.errors import ExpectedError
from dbt_lineage.core.settings import WarehouseSettings

# How long one question may take, connecting included, seconds.
_SECONDS = 10.0
# Tables, views, materialized views, partitioned and foreign tables; the catalogue shows every role their columns.
# A name is found by the indexes pg_class_relname_nsp_index and that of pg_attribute: as it is spelled, and in lower case.
# No index ignores case: one pass over the names finds those that are not lower-case.
COLUMNS = """
    with wanted as (
        select * from unnest(%(schemas)s::text[], %(names)s::text[]) as wanted (schema, name)
        -- A cast to an identifier would cut what is longer.
        where octet_length(name) < 64
    ),
    schemas as materialized (
        select oid, nspname::text as name, lower(nspname) as folded
        from pg_catalog.pg_namespace
        where nspname::text = any(%(schemas)s) or lower(nspname) = any(%(schemas)s)
    ),
    mixed as materialized (
        select oid, relnamespace, relname
        from pg_catalog.pg_class
        where relkind in ('r', 'v', 'm', 'p', 'f') and relname::text <> lower(relname)
    ),
    found as (
        select relation.oid
        from wanted
        inner join schemas on wanted.schema in (schemas.name, schemas.folded)
        inner join pg_catalog.pg_class as relation
            on relation.relname = wanted.name::name and relation.relnamespace = schemas.oid
        where relation.relkind in ('r', 'v', 'm', 'p', 'f')
        union
        select mixed.oid
        from mixed
        inner join schemas on schemas.oid = mixed.relnamespace
        inner join wanted on wanted.schema in (schemas.name, schemas.folded) and wanted.name = lower(mixed.relname)
    )
    select
        schemas.name || '.' || relation.relname as relation,
        attribute.attname as column_name,
        pg_catalog.format_type(attribute.atttypid, attribute.atttypmod) as column_type
    from found
    inner join pg_catalog.pg_class as relation on relation.oid = found.oid
    inner join schemas on schemas.oid = relation.relnamespace
    left join pg_catalog.pg_attribute as attribute
        on attribute.attrelid = found.oid and attribute.attnum > 0 and not attribute.attisdropped
    order by found.oid, attribute.attnum
"""


class WarehouseError(ExpectedError):
    """The warehouse does not take connections; the message names its address."""


def require_warehouse(warehouse: WarehouseSettings, seconds: int = 10) -> None:
    """Raises WarehouseError unless the read-only role can connect within so many seconds."""
    try:
        psycopg2.connect(
            host=warehouse.host,
            port=warehouse.port,
            dbname=warehouse.database,
            user=warehouse.reader_user,
            password=warehouse.reader_password.get_secret_value(),
            **warehouse.tls,
            connect_timeout=seconds,
        ).close()
    except psycopg2.OperationalError as error:
        raise WarehouseError(
            f"PostgreSQL at {warehouse.host}:{warehouse.port} (database {warehouse.database}): {str(error).strip()}"
        ) from None


class Warehouse:
    """Reads the catalogue of one database as the read-only role.

    Args:
        settings: where the database is.
        seconds: how long one question may take, connecting included, seconds.
    """

    def __init__(self, settings: WarehouseSettings, seconds: float = _SECONDS) -> None:
        self._settings = settings
        self._seconds = seconds
        self._open: connection | None = None

    @property
    def place(self) -> str:
        """Where it is, in words."""
        settings = self._settings
        return f"PostgreSQL at {settings.host}:{settings.port} (database {settings.database})"

    def columns(self, relations: Iterable[str]) -> dict[str, dict[str, str]]:
        """The columns of relations and their types, in order: one question for all of them.

        Args:
            relations: ``database.schema.table`` in any case; those of another database are not there.

        Returns:
            Each relation that is there, by its name as PostgreSQL spells it. Those whose names differ from one that was
            asked for in case alone are there too: ``dbt_lineage.core.spelling`` finds the one that is meant.

        Raises:
            WarehouseError: the database does not answer.
        """
        database = f"{self._settings.database}."
        wanted = {
            spelled
            for each in relations
            if each.lower().startswith(database.lower())
            for spelled in (each[len(database) :], each[len(database) :].lower())
        }
        if not wanted:
            return {}
        found: dict[str, dict[str, str]] = {}
        for relation, column, type_ in self._asked(sorted(wanted)):
            columns = found.setdefault(f"{database}{relation}", {})
            if column is not None:
                columns[column] = type_
        return found

    def _asked(self, wanted: Iterable[str]) -> list[tuple[str, str | None, str]]:
        until = time.monotonic() + self._seconds
        try:
            if self._open is not None:
                try:
                    return self._ask(self._open, wanted, until)
                except (psycopg2.InterfaceError, psycopg2.OperationalError) as error:
                    if isinstance(error, QueryCanceledError) or time.monotonic() >= until:
                        raise
                    # The server was started anew since the last question.
                    self._close()
            return self._ask(self._connected(until), wanted, until)
        except psycopg2.Error as error:
            self._close()
            raise WarehouseError(f"{self.place}: columns could not be read: {str(error).strip()}") from error

    def _ask(self, connected: connection, wanted: Iterable[str], until: float) -> list[tuple[str, str | None, str]]:
        encoding = extensions.encodings[connected.encoding]
        parts = [each for name in wanted if _can_be(name, encoding) for each in _parts(name)]
        with connected.cursor() as cursor:
            cursor.execute(COLUMNS, {"schemas": [each[0] for each in parts], "names": [each[1] for each in parts]})
            self._await(connected, until)
            return cursor.fetchall()

    def _connected(self, until: float) -> connection:
        """A new connection, which is kept.

        It is asynchronous: a server that hangs is noticed on this side only. It leaves nothing open between two
        questions, since dbt may have to lock what was asked for.
        """
        settings = self._settings
        self._open = psycopg2.connect(
            host=settings.host,
            port=settings.port,
            dbname=settings.database,
            user=settings.reader_user,
            password=settings.reader_password.get_secret_value(),
            **settings.tls,
            options=f"-c statement_timeout={self._seconds * 1000:.0f} -c default_transaction_read_only=on",
            async_=True,
        )
        self._await(self._open, until)
        return self._open

    def _close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None

    def _await(self, connected: connection, until: float) -> None:
        """Wait until what was begun on a connection is done."""
        events = {extensions.POLL_READ: selectors.EVENT_READ, extensions.POLL_WRITE: selectors.EVENT_WRITE}
        while (state := connected.poll()) != extensions.POLL_OK:
            with selectors.DefaultSelector() as selector:
                selector.register(connected, events[state])
                if not selector.select(max(0.0, until - time.monotonic())):
                    raise psycopg2.OperationalError(f"no answer within {self._seconds:g} s")


def _parts(name: str) -> Iterator[tuple[str, str]]:
    """Schema and table of ``schema.table``, in every way: a quoted name may have a dot of its own."""
    for place, letter in enumerate(name):
        if letter == ".":
            yield name[:place], name[place + 1 :]


def _can_be(name: str, encoding: str) -> bool:
    """Whether a relation can have this name, in the database's encoding."""
    try:
        name.encode(encoding)
    except UnicodeEncodeError:
        return False
    return "\0" not in name

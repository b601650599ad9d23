"""PostgreSQL, by its own client: one query of its catalogue reads the columns of any number of relations."""

import json
import os
import selectors
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
from psycopg2 import extensions, sql
from psycopg2.extensions import QueryCanceledError, connection
from psycopg2.extras import RealDictCursor
from sqlalchemy.engine import URL

from dbt_lineage.core.setting_types import host_in_url
from dbt_lineage.core.settings import WarehouseSettings
from dbt_lineage.warehouse.naming import ADAPTERS
from dbt_lineage.warehouse.port import Columns, Row, SupersetAddress, Warehouse, WarehouseError, WorkflowVariables

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


class PostgresWarehouse(Warehouse):
    """One database of PostgreSQL, read as the read-only role.

    Args:
        settings: the database and its roles.
        seconds: how long one query for columns may take, connecting included, seconds.
    """

    adapter = ADAPTERS["postgres"]

    def __init__(self, settings: WarehouseSettings, seconds: float = _SECONDS) -> None:
        self.settings = settings
        self.namespace = settings.namespace
        self.database = settings.database
        self.server = (settings.host, settings.port)
        self._seconds = seconds
        self._open: connection | None = None

    @property
    def place(self) -> str:
        """See ``Warehouse.place``."""
        settings = self.settings
        return f"PostgreSQL at {settings.host}:{settings.port} (database {settings.database})"

    @property
    def namespace_in_words(self) -> str:
        """See ``Warehouse.namespace_in_words``."""
        settings = self.settings
        return f"{self.namespace} (WAREHOUSE_HOST={settings.host}, WAREHOUSE_PORT={settings.port})"

    def ping(self, seconds: float) -> str:
        """Check that the read-only role can connect. See ``Warehouse.ping``."""
        settings = self.settings
        try:
            psycopg2.connect(**self._address(), connect_timeout=max(1, int(seconds))).close()
        except psycopg2.OperationalError as error:
            raise WarehouseError(f"{self.place}: {str(error).strip()}") from None
        return f"database {settings.database}, as {settings.reader_user}"

    @contextmanager
    def reader(self, seconds: float) -> Iterator["PostgresReader"]:
        """Open a connection as the read-only role. See ``Warehouse.reader``."""
        try:
            connected = psycopg2.connect(
                **self._address(),
                connect_timeout=10,
                options=f"-c statement_timeout={int(seconds * 1000)} -c timezone=UTC",
            )
        except psycopg2.OperationalError as error:
            raise WarehouseError(f"{self.place}: {' '.join(str(error).split())}") from None
        connected.set_session(readonly=True, autocommit=True)
        try:
            yield PostgresReader(connected)
        finally:
            connected.close()

    def superset_address(self) -> SupersetAddress:
        """The address of the read-only role. See ``Warehouse.superset_address``."""
        settings = self.settings
        where = (settings.host, settings.port, settings.database)
        # The files are where Superset runs: mount them there by the same paths.
        url = URL.create(self.adapter.sqlalchemy, settings.reader_user, "XXXXXXXXXX", *where, query=settings.tls)
        return SupersetAddress(url.render_as_string(hide_password=False), settings.reader_password.get_secret_value())

    def workflow_variables(self) -> WorkflowVariables:
        """Address, role and TLS. See ``Warehouse.workflow_variables``."""
        user, password = self.settings.reader_user, self.settings.reader_password.get_secret_value()
        of_client = {}
        if " " in user + password:
            # The connector would put them into an address, with a plus for each blank. PostgreSQL's client reads these
            # variables instead.
            of_client = {"PGUSER": user, "PGPASSWORD": password}
            user = password = ""
        texts = {
            "WAREHOUSE_HOST": host_in_url(self.settings.host),
            "WAREHOUSE_PORT": str(self.settings.port),
            "WAREHOUSE_USER": user,
            "WAREHOUSE_PASSWORD": password,
            "WAREHOUSE_SSLMODE": self.settings.sslmode or os.environ.get("PGSSLMODE", "prefer"),
        }
        return WorkflowVariables(texts, {"WAREHOUSE_CERTIFICATES": self._certificates()}, of_client)

    def workflow_connection(self) -> dict[str, str]:
        """The connection without a password; its type is the SQL dialect. See ``Warehouse.workflow_connection``."""
        where = f"{host_in_url(self.settings.host)}:{self.settings.port}"
        return {
            "type": self.adapter.service,
            "username": self.settings.reader_user,
            "hostPort": where,
            "database": self.database,
        }

    def columns(self, relations: Iterable[str]) -> Columns:
        """Read the columns of all relations in one query. See ``Warehouse.columns``."""
        database = f"{self.settings.database}."
        wanted = {
            spelled
            for each in relations
            if each.lower().startswith(database.lower())
            for spelled in (each[len(database) :], each[len(database) :].lower())
        }
        if not wanted:
            return {}
        found: Columns = {}
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
                    # The server was restarted since the last query.
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
        """Open a connection and keep it.

        It is asynchronous, because only this side notices a server that hangs. It keeps no transaction open between two
        queries, because dbt may have to lock the relations.
        """
        self._open = psycopg2.connect(
            **self._address(),
            options=f"-c statement_timeout={self._seconds * 1000:.0f} -c default_transaction_read_only=on",
            async_=True,
        )
        self._await(self._open, until)
        return self._open

    def _address(self) -> dict[str, Any]:
        settings = self.settings
        return {
            "host": settings.host,
            "port": settings.port,
            "dbname": settings.database,
            "user": settings.reader_user,
            "password": settings.reader_password.get_secret_value(),
            **settings.tls,
        }

    def _certificates(self) -> str:
        """The contents of the certificates, as JSON: the workflow wants no paths."""
        files = {
            "caCertificate": self.settings.sslrootcert,
            "sslCertificate": self.settings.sslcert,
            "sslKey": self.settings.sslkey,
        }
        return json.dumps({key: file.read_text(encoding="utf-8") for key, file in files.items() if file} or None)

    def _close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None

    def _await(self, connected: connection, until: float) -> None:
        """Wait until the connection has done what was begun."""
        events = {extensions.POLL_READ: selectors.EVENT_READ, extensions.POLL_WRITE: selectors.EVENT_WRITE}
        while (state := connected.poll()) != extensions.POLL_OK:
            with selectors.DefaultSelector() as selector:
                selector.register(connected, events[state])
                if not selector.select(max(0.0, until - time.monotonic())):
                    raise psycopg2.OperationalError(f"no answer within {self._seconds:g} s")


class PostgresReader:
    """Reads rows; used by ``PostgresWarehouse.reader``.

    Args:
        connected: to the database.
    """

    def __init__(self, connected: connection) -> None:
        self._connection = connected

    def rows(self, query: str, schema: str) -> list[Row]:
        """The rows of a query. See ``Reader.rows``."""
        return self._rows(query, schema)

    def fingerprint(self, schema: str, table: str) -> str:
        """A fingerprint of a table. See ``Reader.fingerprint``."""
        # Not t::text: that is a column of the table, where it has one of this name.
        query = sql.SQL(
            "select count(*) || '-' || coalesce(sum(hashtextextended((t.*)::text, 0)::numeric), 0) as fingerprint from {} t"
        ).format(sql.Identifier(schema, table))
        return str(self._rows(query, schema)[0]["fingerprint"])

    def _rows(self, query: str | sql.Composable, schema: str) -> list[Row]:
        with self._connection.cursor(cursor_factory=RealDictCursor) as cursor:
            try:
                cursor.execute(sql.SQL("set search_path to {}").format(sql.Identifier(schema)))
                cursor.execute(query)
                return [dict(row) for row in cursor.fetchall()]
            # ValueError: a date that Python does not have, such as one before Christ.
            except (psycopg2.Error, ValueError) as error:
                raise WarehouseError(" ".join(str(error).split())) from None


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

"""Any warehouse, through dbt's own adapter and the project's profile, without a second password.

The adapter must be installed in the environment of this process. That of a separate program (``DBT_EXECUTABLE``) is not
used.
"""

import importlib.util
import multiprocessing
import os
import sys
import threading
from argparse import Namespace
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import yaml

from dbt_lineage.warehouse.naming import Adapter, is_duckdb_service
from dbt_lineage.warehouse.port import Columns, Row, Warehouse, WarehouseError
from dbt_lineage.warehouse.profile import Target
from dbt_lineage.warehouse.questions import Question, Relation, everything, questions

# The connection's name in dbt's log.
_CONNECTION = "lineage"
# One number for all rows of a table t. Only DuckDB's was run.
_HASHES = {
    "duckdb": "sum(hash(t))",
    "snowflake": "hash_agg(t.*)",
    "bigquery": "bit_xor(farm_fingerprint(to_json_string(t)))",
    "databricks": "sum(cast(xxhash64(t.*) as decimal(38, 0)))",
    "spark": "sum(cast(xxhash64(t.*) as decimal(38, 0)))",
    "clickhouse": "sum(cityHash64(t.*))",
}


class AdapterWarehouse(Warehouse):
    """One database, through dbt's adapter.

    Args:
        target: the target of the project's profile.

    Raises:
        ProfileError: the profile has no address of the warehouse.
    """

    def __init__(self, target: Target) -> None:
        self.adapter = target.adapter
        self.namespace = self.adapter.namespace(target)
        self.database = self.adapter.database(target)
        self.is_shared = is_shared(target)
        self._target = target
        self._connected: Any = None
        self._lock = threading.Lock()

    @property
    def place(self) -> str:
        """See ``Warehouse.place``."""
        return f"{self.adapter.type} at {self.namespace} (database {self.database})"

    @property
    def namespace_in_words(self) -> str:
        """See ``Warehouse.namespace_in_words``."""
        return f"{self.namespace} (profile {self._target.profile}, target {self._target.name})"

    def columns(self, relations: Iterable[str]) -> Columns:
        """Read the columns of relations. See ``Warehouse.columns``."""
        self._require_shared("columns cannot be read beside it")
        found: Columns = {}
        wanted = self._wanted(relations)
        if not wanted:
            return found
        with self._connection() as adapter:
            for question in questions(self.adapter, wanted):
                _ask(adapter, question, found)
        return found

    def ping(self, seconds: float) -> str:
        """Check that it accepts a connection. The profile sets the time-out. See ``Warehouse.ping``."""
        if not self.is_shared:
            return self._ping_closed()
        with self._connection() as adapter:
            adapter.execute("select 1")
        return f"database {self.database}, by profile {self._target.profile}"

    @contextmanager
    def reader(self, seconds: float) -> Iterator["AdapterReader"]:
        """Open a connection that reads rows. The profile sets the time-out. See ``Warehouse.reader``."""
        self._require_shared("its rows cannot be read beside it")
        with self._connection() as adapter:
            yield AdapterReader(self.adapter, adapter)

    def columns_beside_dbt(self, relation: tuple[str, str, str] | None = None) -> Columns:
        """Read the columns of a relation, or of all, through dbt's own adapter in this process.

        Args:
            relation: database, schema and name; None for all.

        Raises:
            WarehouseError: dbt does not run here, or the warehouse refuses the query.
        """
        try:
            from dbt.adapters.factory import get_adapter_by_type

            adapter = get_adapter_by_type(self.adapter.type)
            with adapter.connection_named(_CONNECTION):
                if relation is None:
                    return all_columns(self.adapter, self.database, adapter)
                database, *rest = relation
                # dbt names no database where there are only schemas.
                return columns_of(self.adapter, Relation(database or self.database, *rest), adapter)
        except Exception as error:  # each client has errors of its own
            raise WarehouseError(f"{self.place}: {_in_a_line(error)}") from error

    def columns_after_dbt(self) -> Columns:
        """Read the columns of all relations after dbt has ended, of a warehouse that only one process can open.

        Raises:
            WarehouseError: another process has it open, or this one has no such adapter.
        """
        # It is closed afterwards, because dbt may open it next.
        if self.adapter.type == "spark":
            try:
                with self._connection() as adapter:
                    return all_columns(self.adapter, self.database, adapter)
            finally:
                self._connected = None
                _end_session()
        with self._connection() as adapter:
            found = all_columns(self.adapter, self.database, adapter)
            environment = adapter.connections.env()
        environment.close()
        adapter.connections.close_all_connections()
        self._connected = None
        return found

    def _wanted(self, relations: Iterable[str]) -> set[Relation]:
        found = set()
        for each in relations:
            parts = each.split(".")
            if len(parts) == 2:
                parts = [self.database, *parts]
            if len(parts) == 3:
                found.add(Relation(*parts))
        return found

    def _require_shared(self, what: str) -> None:
        if not self.is_shared:
            raise WarehouseError(
                f"only one process can open {self.place}, and that is dbt: {what}. The events of a run carry the columns"
            )

    def _ping_closed(self) -> str:
        if self.adapter.type == "spark":
            return f"a session in dbt's process, by profile {self._target.profile}; nothing to connect to"
        file = Path(self.namespace.removeprefix("duckdb://"))
        if not file.exists():
            return f"{file} does not exist yet: dbt creates it"
        return f"{file}, {file.stat().st_size / 2**20:.1f} MiB; only one process can open it at a time"

    @contextmanager
    def _connection(self) -> Iterator[Any]:
        """The adapter with a connection for this thread."""
        with self._lock:
            if self._connected is None:
                self._connected = self._made()
            adapter = self._connected
        try:
            with adapter.connection_named(_CONNECTION):
                yield adapter
        except WarehouseError:
            raise
        except Exception as error:  # each client has errors of its own
            raise WarehouseError(f"{self.place}: {_in_a_line(error)}") from error

    def _made(self) -> Any:
        """Make an adapter for this object: dbt's own, in the same process, may belong to another project."""
        kind = self.adapter.type
        if not is_installed(kind):
            raise WarehouseError(
                f"{self.place} cannot be read: install dbt-core and dbt-{kind} in the environment of {sys.executable}. "
                "The adapter of DBT_EXECUTABLE is not used"
            )
        try:
            return _adapter(self._target, kind)
        except Exception as error:  # each adapter refuses a profile in its own way
            raise WarehouseError(f"{self.place}: {_in_a_line(error)}") from error


class AdapterReader:
    """Reads rows; used by ``AdapterWarehouse.reader``.

    Args:
        rules: of the adapter.
        adapter: dbt's, with a connection.
    """

    def __init__(self, rules: Adapter, adapter: Any) -> None:
        self._rules = rules
        self._adapter = adapter

    def rows(self, query: str, schema: str) -> list[Row]:
        """Return the rows of a query. Tables without a schema are in this one. See ``Reader.rows``."""
        import sqlglot
        from sqlglot.errors import SqlglotError
        from sqlglot.optimizer.qualify_tables import qualify_tables

        try:
            parsed = sqlglot.parse_one(query, dialect=self._rules.dialect)
        except SqlglotError as error:
            raise WarehouseError(_in_a_line(error)) from None
        return self._rows(qualify_tables(parsed, db=schema, dialect=self._rules.dialect).sql(self._rules.dialect))

    def fingerprint(self, schema: str, table: str) -> str:
        """A fingerprint of a table. See ``Reader.fingerprint``."""
        hashed = _HASHES.get(self._rules.type)
        if hashed is None:
            raise WarehouseError(f"there is no fingerprint for tables of {self._rules.type}")
        query = f"select count(*) as counted, {hashed} as hashed from {self._rules.quoted(schema, table)} as t"  # noqa: S608
        return "-".join(str(value) for value in self._rows(query)[0].values())

    def _rows(self, query: str) -> list[Row]:
        try:
            table = self._adapter.execute(query, fetch=True)[1]
        except Exception as error:  # each client has errors of its own
            raise WarehouseError(_in_a_line(error)) from error
        return [dict(zip(table.column_names, row, strict=True)) for row in table.rows]


def is_installed(kind: str) -> bool:
    """Whether the environment of this process has an adapter of dbt."""
    return all(importlib.util.find_spec(module) for module in ("dbt", "dbt.adapters", f"dbt.adapters.{kind}"))


def all_columns(rules: Adapter, database: str, adapter: Any) -> Columns:
    """The columns of every relation of a database.

    Args:
        rules: of the adapter.
        database: its name.
        adapter: dbt's, with a connection.
    """
    found: Columns = {}
    for question in everything(rules, database, lambda sql: adapter.execute(sql, fetch=True)[1].rows):
        _ask(adapter, question, found)
    return found


def columns_of(rules: Adapter, relation: Relation, adapter: Any) -> Columns:
    """The columns of one relation; nothing where it is not there.

    Args:
        rules: of the adapter.
        relation: the relation.
        adapter: dbt's, with a connection.
    """
    found: Columns = {}
    for question in questions(rules, [relation]):
        _ask(adapter, question, found)
    return found


def _ask(adapter: Any, question: Question, found: Columns) -> None:
    """Add the answer to a question to ``found``. A relation that is not there, or is no more, has none."""
    try:
        _, table = adapter.execute(question.sql, fetch=True)
    except Exception as error:  # each client has errors of its own
        # Spark's class of the error, which dbt has as text.
        if question.about is None or "[TABLE_OR_VIEW_NOT_FOUND]" not in str(error):
            raise
        return
    _answer(table, question, found)


def _answer(table: Any, question: Question, found: Columns) -> None:
    """Add the rows of an answer to ``found``."""
    for row in table.rows:
        if question.about is None:
            *name, column, type_ = row
        else:
            # Spark lists partitions below the columns.
            (column, type_, *_), name = row, list(question.about)
            if not column or column.startswith("#"):
                break
        found.setdefault(".".join(name), {})[str(column)] = str(type_)


def _adapter(target: Target, kind: str) -> Any:
    """Make dbt's adapter with the credentials of the profile, as dbt itself reads it."""
    from dbt.adapters.factory import FACTORY
    from dbt.config.profile import Profile
    from dbt.config.renderer import ProfileRenderer
    from dbt.flags import set_from_args
    from dbt_common.context import set_invocation_context

    set_invocation_context(os.environ)
    set_from_args(Namespace(), None)
    FACTORY.load_plugin(kind)
    content = yaml.safe_load(target.file.read_text(encoding="utf-8"))
    profile = Profile.from_raw_profiles(content, target.profile, ProfileRenderer({}), target.name)
    config = SimpleNamespace(
        credentials=profile.credentials,
        profile_name=profile.profile_name,
        target_name=profile.target_name,
        threads=1,
        project_name="",
        query_comment=None,
        cli_vars={},
        target_path="target",
        log_cache_events=False,
    )
    made: Any = FACTORY.get_adapter_class_by_name(kind)
    return made(config, multiprocessing.get_context("spawn"))


def is_shared(target: Target) -> bool:
    """Whether other processes than dbt's may read the warehouse of a profile.

    Only one can open a file of DuckDB. A session of Spark is in dbt's process, and is taken to have a metastore of its own.
    """
    if target["type"] == "spark":
        return target.get("method") != "session"
    return target["type"] != "duckdb" or is_duckdb_service(target.get("path", ""))


def _end_session() -> None:
    """End this process's session of Spark with its Java process, which has the metastore open."""
    pyspark = sys.modules.get("pyspark")
    if pyspark is None:
        return
    context = pyspark.SparkContext
    if context._active_spark_context is not None:
        context._active_spark_context.stop()
    gateway, context._gateway, context._jvm = context._gateway, None, None
    if gateway is not None:
        gateway.shutdown()
        # It ends when this pipe does.
        gateway.proc.stdin.close()
        gateway.proc.wait()


def _in_a_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__

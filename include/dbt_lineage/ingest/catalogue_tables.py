"""Look up the catalogue's tables that facts name, and describe tables and columns that it lacks."""

import asyncio
import logging
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from dbt_lineage.catalogue.async_client import AsyncClient
from dbt_lineage.catalogue.qualified_names import joined, kept, parts, plain, quoted, segment
from dbt_lineage.catalogue.stored import without_service
from dbt_lineage.core.spelling import Spellings as Names
from dbt_lineage.ingest.edges import CatalogueTable
from dbt_lineage.ingest.fact import Described, Fact, Table
from dbt_lineage.ingest.warehouses import CatalogueWarehouse, Warehouses
from dbt_lineage.warehouse.port import WarehouseError

# From this many tables of a schema on, the schema is listed first, and only tables that exist are requested.
_LISTED_FROM = 200
# How long a list of names is used to find tables that an event spells differently. Seconds.
SPELLINGS_SECONDS = 600.0
# How many tables a log line names.
_NAMED = 10
_PAGE = 500
_BULK = 100
# A table that a build is replacing exists again within this time. Seconds.
ABSENT_SECONDS = 3.0
# A table that a run made within this time is described from its event if the warehouse does not have it now.
_JUST_MADE = timedelta(hours=1)
_LOOK_SECONDS = 0.5
_TYPE = re.compile(
    r"\s*([a-z][a-z0-9_ ]*?)\s*(?:\((\d+)(?:\s*,\s*(\d+))?\))?\s*(?:with(?:out)? time zone)?\s*(\[\])*\s*", re.I
)
# OpenMetadata's types (entity/data/table.json, dataType) by the warehouses' names.
_TYPES = {
    "smallint": "SMALLINT",
    "integer": "INT",
    "int": "INT",
    "bigint": "BIGINT",
    "numeric": "NUMERIC",
    "decimal": "DECIMAL",
    "real": "FLOAT",
    "float": "FLOAT",
    "double precision": "DOUBLE",
    "double": "DOUBLE",
    "boolean": "BOOLEAN",
    "bool": "BOOLEAN",
    "text": "TEXT",
    "string": "STRING",
    "character varying": "VARCHAR",
    "varchar": "VARCHAR",
    "character": "CHAR",
    "char": "CHAR",
    "date": "DATE",
    "time": "TIME",
    "timestamp": "TIMESTAMP",
    "interval": "INTERVAL",
    "json": "JSON",
    "jsonb": "JSON",
    "uuid": "UUID",
    "bytea": "BYTEA",
    "xml": "XML",
    "tinyint": "TINYINT",
    "hugeint": "NUMERIC",
    "int64": "BIGINT",
    "float64": "DOUBLE",
    "number": "NUMBER",
    "bignumeric": "NUMERIC",
    "datetime": "DATETIME",
    "timestamp_ntz": "TIMESTAMP",
    "timestamp_ltz": "TIMESTAMP",
    "timestamp_tz": "TIMESTAMP",
    "bytes": "BYTES",
    "blob": "BLOB",
    "variant": "VARIANT",
}
_NEEDS_LENGTH = ("VARCHAR", "CHAR")

log = logging.getLogger(__name__)


class SpellingsOfSchema(NamedTuple):
    """The names of a schema's tables.

    Args:
        at: when they were listed, seconds of the monotonic clock.
        names: the names, by their lower case.
    """

    at: float
    names: Mapping[str, set[str]]


@dataclass
class KeptOfTables:
    """What the ingestion keeps of tables from pass to pass.

    Args:
        spellings: the names of tables, by their schema.
        absent: the tables that were waited for and are not in the warehouse, each as its service and name.
    """

    spellings: dict[str, SpellingsOfSchema] = field(default_factory=dict)
    absent: set[tuple[str, str]] = field(default_factory=set)


class _Seen(NamedTuple):
    """A table to describe in the catalogue.

    Args:
        asked: the table in the event's spelling.
        table: the table in the spelling of the warehouse, or of the event that describes it.
        columns: its columns, by their names.
    """

    asked: Table
    table: Table
    columns: Mapping[str, Described]


class Tables:
    """The tables of one warehouse that facts have named so far.

    Args:
        client: the catalogue's client.
        warehouse: the warehouse.
        all_there_are: all warehouses, including this one.
        kept_of_tables: what is kept from pass to pass.
    """

    def __init__(
        self,
        client: AsyncClient,
        warehouse: CatalogueWarehouse,
        all_there_are: Warehouses,
        kept_of_tables: KeptOfTables,
    ) -> None:
        self._spellings = kept_of_tables.spellings
        self._absent = kept_of_tables.absent
        self._client = client
        self._warehouse = warehouse
        self._all_there_are = all_there_are
        self._service = warehouse.service
        self._columns_of = warehouse.columns_of
        self._found: dict[str, CatalogueTable | None] = {}
        self._documents: dict[str, dict[str, Any]] = {}
        # Tables that this pass has created, and that ``take_new`` has not returned yet.
        self._new: set[str] = set()
        # Schemas that were listed in this pass.
        self._listed: set[str] = set()

    def __getitem__(self, table: Table) -> CatalogueTable | None:
        """A table that was looked up; None when neither the catalogue nor the warehouse has it."""
        return self._found.get(str(table))

    def take_new(self, table: Table) -> bool:
        """Whether this pass has created a table, so that it has no edges yet. True once for each table."""
        is_new = str(table) in self._new
        self._new.discard(str(table))
        return is_new

    def forget(self, table: Table) -> None:
        """Forget a table that somebody has changed, so that it is looked up again."""
        self._found.pop(str(table), None)
        self._listed.discard(table.schema_fqn)

    async def resolve(self, facts: Iterable[Fact]) -> dict[str, str]:
        """Look up the facts' tables of this warehouse, and describe those that lack in the catalogue or lack columns.

        Args:
            facts: the facts.

        Returns:
            Why a table could not be described, by its key.

        Raises:
            CatalogueError: the catalogue is unreachable or refuses.
        """
        facts = list(facts)
        named = {str(table): table for fact in facts for table in _tables(fact) if self._is_here(table)}
        await self._look_up([table for name, table in named.items() if name not in self._found])
        columns = self._columns(facts)
        lacking = {
            name: table
            for name, table in named.items()
            if self._lacks(table, columns.get(name, ())) or self._is_spelled_otherwise(table)
        }
        if not lacking:
            return {}
        described, problems = await self._described(lacking, columns, facts)
        problems |= await self._put(described)
        return {named[name].key if name in named else name: why for name, why in problems.items()}

    def _is_here(self, table: Table) -> bool:
        return self._all_there_are.of_table(table) is self._warehouse

    def _columns(self, facts: Iterable[Fact]) -> dict[str, set[str]]:
        """The columns that facts name, by their table's name."""
        found: dict[str, set[str]] = {}
        for fact in facts:
            for edge in fact.edges.values():
                for table, columns in (
                    (fact.output, {link.target for link in edge.links}),
                    (edge.upstream, {link.source for link in edge.links}),
                ):
                    if self._is_here(table):
                        found.setdefault(str(table), set()).update(columns)
        return found

    def _lacks(self, table: Table, columns: Iterable[str]) -> bool:
        """Whether the catalogue lacks a table, or one of these columns of it."""
        known = self[table]
        return known is None or any(known.column(column) is None for column in columns)

    def _is_spelled_otherwise(self, table: Table) -> bool:
        """Whether the catalogue's name of a table differs in case, so that it may be another table."""
        return self._spelling(str(table)) != str(table)

    def _spelling(self, name: str) -> str:
        """The catalogue's spelling of a table's name; the given name if it has no such table."""
        known = self._found.get(name)
        return name if known is None else without_service(known.fqn, self._service)

    async def _look_up(self, tables: list[Table]) -> None:
        schemas: dict[str, list[Table]] = {}
        for table in tables:
            schemas.setdefault(table.schema_fqn, []).append(table)
        for schema, wanted in schemas.items():
            if len(wanted) >= _LISTED_FROM and schema not in self._listed:
                await self._list(schema)
            if schema in self._listed:
                names = self._spellings[schema].names
                self._found |= {str(table): None for table in wanted if table.name.lower() not in names}
                wanted = [table for table in wanted if table.name.lower() in names]
            if absent := await self._by_other_parts(await self._by_name(wanted)):
                await self._by_spelling(schema, absent)

    async def _by_name(self, tables: list[Table]) -> list[Table]:
        """Look each table up by its own name. Returns the missing ones."""
        known = [self[table] for table in tables]
        names = [found.fqn if found else table.fqn for table, found in zip(tables, known, strict=True)]
        return await self._ask(dict(zip(tables, names, strict=True)))

    async def _by_other_parts(self, tables: list[Table]) -> list[Table]:
        """Look up tables with dots inside schema or name, in every way to split them. Returns the missing ones."""
        absent = []
        for table in tables:
            for other in table.with_other_parts():
                if not await self._ask({table: other.fqn}):
                    break
            else:
                absent.append(table)
        return absent

    async def _by_spelling(self, schema: str, tables: list[Table]) -> None:
        """Look each table up by the only name that differs from its own in case alone."""
        if schema not in self._spellings or time.monotonic() - self._spellings[schema].at > SPELLINGS_SECONDS:
            await self._list(schema)
        names = {}
        for table in tables:
            alike = self._spellings[schema].names.get(table.name.lower(), set()) - {kept(table.name)}
            if len(alike) == 1:
                names[table] = f"{schema}.{quoted(alike.pop())}"
        await self._ask(names)

    async def _ask(self, names: Mapping[Table, str]) -> list[Table]:
        """Look up tables by full names. Returns the missing ones."""
        paths = [f"/tables/name/{segment(name)}" for name in names.values()]
        found = await asyncio.gather(*(self._client.find(path, fields="columns") for path in paths))
        return [table for table, document in zip(names, found, strict=True) if not self._keep(table, document)]

    async def _list(self, schema: str) -> None:
        """List the names of a schema's tables."""
        names: dict[str, set[str]] = {}
        after: dict[str, Any] | None = {}
        while after is not None:
            page = await self._client.get("/tables", databaseSchema=schema, limit=_PAGE, **after)
            for document in page["data"]:
                names.setdefault(plain(document["name"]).lower(), set()).add(document["name"])
            cursor = (page.get("paging") or {}).get("after")
            after = {"after": cursor} if cursor else None
        self._spellings[schema] = SpellingsOfSchema(time.monotonic(), names)
        self._listed.add(schema)

    def _keep(self, table: Table, document: dict[str, Any] | None) -> bool:
        if document is None:
            self._found[str(table)] = None
            return False
        columns = {plain(column["name"]): column["fullyQualifiedName"] for column in document.get("columns") or []}
        self._found[str(table)] = CatalogueTable(document["id"], document["fullyQualifiedName"], columns)
        self._documents[str(table)] = document
        return True

    async def _described(
        self, lacking: Mapping[str, Table], columns: Mapping[str, Iterable[str]], facts: Iterable[Fact]
    ) -> tuple[dict[str, _Seen], dict[str, str]]:
        """The columns of tables, from the warehouse, else from their events.

        A table that the warehouse does not have is absent, whatever an old event says. The first time, it is looked for
        again for a few seconds, since a build may be replacing it. A table that was made recently is described from its event: another
        build has dropped it, and makes it again.
        """
        said: dict[str, Mapping[str, Described]] = {}
        made: dict[str, datetime] = {}
        for fact in sorted(facts, key=lambda each: each.order):
            said |= {name: fact.schemas[key] for name, table in lacking.items() if (key := table.key) in fact.schemas}
            if self._is_here(fact.output):
                made[str(fact.output)] = fact.at
        problems: dict[str, str] = {}
        try:
            there = await self._in_warehouse(lacking)
        except WarehouseError as error:
            log.warning("tables are described from their events, not from the warehouse: %s", error)
            there = None
            problems = {
                name: f"the warehouse could not be asked for it: {error}" for name in lacking if name not in said
            }
        if there is None:
            seen = {name: _Seen(lacking[name], lacking[name], dict(of_table)) for name, of_table in said.items()}
            lacks = {name for name, table in lacking.items() if self._lacks(table, columns.get(name, ()))}
            return {name: each for name, each in seen.items() if name in lacks}, {
                name: why for name, why in problems.items() if name in lacks
            }
        names, now = Names(there), datetime.now(UTC)
        real = {name: spelled for name in lacking if (spelled := names.find(name)) is not None and there[spelled]}
        await self._ask(
            {
                lacking[name]: lacking[name].spelled(spelled).fqn
                for name, spelled in real.items()
                if self._spelling(name) != spelled
            }
        )
        found = {}
        for name, table in lacking.items():
            if not self._lacks(table, columns.get(name, ())):
                continue
            if name in real:
                words = {column: each.description for column, each in said.get(name, {}).items()}
                described = {c: Described(kind, words.get(c, "")) for c, kind in there[real[name]].items()}
                found[name] = _Seen(table, table.spelled(real[name]), described)
            elif name in said and name in made and now - made[name] < _JUST_MADE:
                found[name] = _Seen(table, table, dict(said[name]))
        return found, problems

    async def _in_warehouse(self, lacking: Iterable[str]) -> Mapping[str, Mapping[str, str]] | None:
        if self._columns_of is None:
            return None
        wanted, started = sorted(lacking), time.monotonic()
        while True:
            found = await asyncio.to_thread(self._columns_of, wanted)
            names = Names(found)
            absent = {(self._service, name) for name in wanted if not names.find(name)}
            if absent <= self._absent or time.monotonic() - started >= ABSENT_SECONDS:
                self._absent -= {(self._service, name) for name in wanted}
                self._absent |= absent
                return found
            await asyncio.sleep(_LOOK_SECONDS)

    async def _put(self, seen: Mapping[str, _Seen]) -> dict[str, str]:
        """Write tables in bulk. Returns the reasons for refused ones, by their names."""
        if not seen:
            return {}
        await self._make_schemas(each.table for each in seen.values())
        requests = {name: self._request(name, each) for name, each in seen.items()}
        named = ", ".join(list(requests)[:_NAMED]) + (", …" if len(requests) > _NAMED else "")
        log.info("%d tables were described in the catalogue, or columns of them: %s", len(requests), named)
        problems: dict[str, str] = {}
        names = list(requests)
        for start in range(0, len(names), _BULK):
            part = [requests[name] for name in names[start : start + _BULK]]
            answer = (await self._client.call("PUT", "/tables/bulk", json=part)).json()
            for failed in answer.get("failedRequest") or []:
                problems[str(failed.get("request"))] = str(failed.get("message"))
        lacked = {name for name in names if self._found.get(name) is None}
        # By name, since an earlier list of the schema may be outdated.
        known = {name: self._found.get(name) for name in seen}
        await self._ask(
            {each.asked: found.fqn if (found := known[name]) else each.table.fqn for name, each in seen.items()}
        )
        self._new |= {name for name in lacked if self._found.get(name) is not None}
        by_table = {requests[name]["name"]: name for name in requests}
        return {by_table.get(parts(name)[-1], name): f"refused: {why}" for name, why in problems.items()}

    async def _make_schemas(self, tables: Iterable[Table]) -> None:
        """Create the missing services, databases and schemas of tables."""
        for database, schema in sorted({(table.database, table.schema) for table in tables}):
            name = joined(self._service, database)
            if await self._client.find(f"/databaseSchemas/name/{segment(joined(self._service, database, schema))}"):
                continue
            if not await self._client.find(f"/services/databaseServices/name/{segment(self._service)}"):
                service = {"name": self._service, "serviceType": self._warehouse.adapter.service}
                await self._client.call("PUT", "/services/databaseServices", json=service)
            await self._client.call("PUT", "/databases", json={"name": database, "service": quoted(self._service)})
            await self._client.call("PUT", "/databaseSchemas", json={"name": schema, "database": name})

    def _request(self, name: str, seen: _Seen) -> dict[str, Any]:
        """The request for a table: these columns, and the catalogue's present columns of it unchanged."""
        document = self._documents.get(name) if self._found.get(name) else None
        present = {plain(column["name"]): _kept(column) for column in (document or {}).get("columns") or []}
        new = {column: _column(column, each) for column, each in seen.columns.items() if column not in present}
        schema = seen.table.schema_fqn
        return {
            "name": document["name"] if document else kept(seen.table.name),
            "databaseSchema": joined(*parts(document["fullyQualifiedName"])[:-1]) if document else schema,
            "columns": [*present.values(), *new.values()],
        }


def _tables(fact: Fact) -> list[Table]:
    return [fact.output, *(edge.upstream for edge in fact.edges.values())]


def _column(name: str, described: Described) -> dict[str, Any]:
    """A column of a request, with its type from the warehouse's name of it."""
    match = _TYPE.fullmatch(described.type)
    base, length, is_array = (match[1].lower(), match[2], match[4]) if match else ("", None, None)
    kind = "UNKNOWN" if is_array else _TYPES.get(base, "UNKNOWN")
    return {
        "name": kept(name),
        "dataType": kind,
        **({"dataTypeDisplay": described.type} if described.type else {}),
        **({"dataLength": int(length or 1)} if kind in _NEEDS_LENGTH else {}),
        **({"description": described.description} if described.description else {}),
    }


_REQUESTED = (
    *("name", "displayName", "dataType", "arrayDataType", "dataLength", "precision", "scale", "dataTypeDisplay"),
    *("description", "tags", "constraint", "ordinalPosition", "children", "jsonSchema"),
)


def _kept(column: Mapping[str, Any]) -> dict[str, Any]:
    return {name: column[name] for name in _REQUESTED if name in column}

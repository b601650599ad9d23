"""Hide tables in the catalogue that the warehouse no longer has, with their lineage.

OpenMetadata's workflow can do this (``markDeletedTables``), but it looks only once. A build drops and renames tables all
the time. The workflow would hide a table that is absent for a second.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dbt_lineage.catalogue.async_client import AsyncClient
from dbt_lineage.catalogue.beside import NOBODY, Beside
from dbt_lineage.catalogue.qualified_names import joined
from dbt_lineage.catalogue.stored import dataset, without_service
from dbt_lineage.core.settings import OpenMetadataSettings
from dbt_lineage.manifest.graph import Manifest

log = logging.getLogger(__name__)

# Columns and types of the relations that exist, by ``database.schema.table`` as the warehouse spells them.
ColumnsOf = Callable[[Iterable[str]], Mapping[str, Mapping[str, str]]]


@dataclass
class GoneTables:
    """The tables of a project's schemas that the catalogue has and the warehouse does not.

    A table of a manifest is never hidden: it is being built, or will be. If the manifest of another project is missing,
    no table is hidden, since it may belong to that project.

    Args:
        openmetadata: the catalogue and the names of its services.
        manifest: the project's manifest.
        database: the warehouse's database.
        columns_of: asks the warehouse for columns.
        others: the other projects whose tables are in the same database.
    """

    openmetadata: OpenMetadataSettings
    manifest: Manifest
    database: str
    columns_of: ColumnsOf
    others: Beside = NOBODY
    _absent: frozenset[str] = field(default=frozenset(), init=False)

    def look(self) -> None:
        """Remember the tables that are absent now. Raises CatalogueError, WarehouseError."""
        self._absent = frozenset(asyncio.run(self._find()))

    def hide(self) -> list[str]:
        """Hide the tables that are absent now and were absent at the first look.

        Returns:
            The tables that were hidden, ``database.schema.table``.

        Raises:
            CatalogueError: the catalogue is unreachable or refuses.
            WarehouseError: the warehouse does not answer.
        """
        return asyncio.run(self._hide())

    async def _hide(self) -> list[str]:
        gone = {name: table_id for name, table_id in (await self._find()).items() if name in self._absent}
        async with AsyncClient(self.openmetadata) as client:
            for name, table_id in sorted(gone.items()):
                log.info("%s is neither in the warehouse nor in the manifest: it is hidden in the catalogue", name)
                await client.call("DELETE", f"/tables/{table_id}", params={"recursive": "true"}, or_status=(404,))
        return sorted(gone)

    async def _find(self) -> dict[str, str]:
        """Ids of the tables that are absent, by name."""
        if self.others.unknown:
            log.warning(
                "no table is hidden: it may belong to a project without a manifest: %s", ", ".join(self.others.unknown)
            )
            return {}
        async with AsyncClient(self.openmetadata) as client:
            tables = await self._in_catalogue(client)
        there = await asyncio.to_thread(self.columns_of, sorted(tables))
        expected = self.manifest.relations()
        return {
            name: table["id"]
            for name, table in tables.items()
            if name not in there and self.manifest.named(name) not in expected and not self.others.has(name)
        }

    async def _in_catalogue(self, client: AsyncClient) -> dict[str, dict[str, Any]]:
        service, schemas = self.openmetadata.database_service, self.manifest.schemas()
        found = {}
        async for schema in client.pages("/databaseSchemas", database=joined(service, self.database)):
            name = schema["fullyQualifiedName"]
            if dataset(name, service) in schemas:
                async for table in client.pages("/tables", databaseSchema=name):
                    found[without_service(table["fullyQualifiedName"], service)] = table
        return found

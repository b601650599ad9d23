"""Read a project's lineage from the catalogue: only its own tables, by name.

One request for each table returns its edges both ways, from the database and not from search. Then the project's own
edges are followed into tables that the manifest no longer has. So the time depends on the size of the project, not on
that of the catalogue.
"""

import asyncio
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from dbt_lineage.catalogue.async_client import AsyncClient
from dbt_lineage.catalogue.client import AT_ONCE
from dbt_lineage.catalogue.ours import OurLineage, StoredLineage, is_in
from dbt_lineage.catalogue.qualified_names import joined, kept, segment
from dbt_lineage.catalogue.stored import (
    StoredEdge,
    StoredPipeline,
    dataset,
    edges_around,
    is_table_of,
    without_service,
)
from dbt_lineage.core.settings import OpenMetadataSettings
from dbt_lineage.manifest.graph import Manifest

_AROUND = {"upstreamDepth": 1, "downstreamDepth": 1}
# OpenMetadata's own connector makes services with this suffix, for events that name their integration.
_OPENLINEAGE_SUFFIX = "_openlineage"


def read(
    openmetadata: OpenMetadataSettings, manifest: Manifest, namespace: str, database: str, whole_schemas: bool = False
) -> StoredLineage:
    """Read a project's lineage.

    Args:
        openmetadata: the catalogue and the names of its services.
        manifest: the project's manifest.
        namespace: namespace of its jobs.
        database: the warehouse's database.
        whole_schemas: read all tables of the project's schemas, those of others too. Then nothing of the project can be
            missed, even if all of its tables were renamed at once.

    Raises:
        CatalogueError: a call failed.
    """
    return asyncio.run(_read(openmetadata, manifest, namespace, database, whole_schemas))


async def _read(
    openmetadata: OpenMetadataSettings, manifest: Manifest, namespace: str, database: str, whole_schemas: bool
) -> StoredLineage:
    async with AsyncClient(openmetadata) as client:
        reader = _Reader(client, openmetadata, manifest, OurLineage(manifest, namespace), database)
        try:
            return await reader.read(whole_schemas)
        except BaseExceptionGroup as failures:
            # The first failure has cancelled the other calls.
            failure: BaseException = failures
            while isinstance(failure, BaseExceptionGroup):
                failure = failure.exceptions[0]
            raise failure from None


@dataclass
class _Reader:
    """One reading.

    Args:
        client: the catalogue's client.
        openmetadata: the names of its services.
        manifest: the project's manifest.
        ours: decides what the project made.
        database: the warehouse's database.
    """

    client: AsyncClient
    openmetadata: OpenMetadataSettings
    manifest: Manifest
    ours: OurLineage
    database: str
    # The edges into and out of each table that was read, by its id.
    _around: dict[str, tuple[list[StoredEdge], list[StoredEdge]]] = field(default_factory=dict)
    # Full names of all tables that were seen.
    _names: set[str] = field(default_factory=set)
    _asked: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._service = self.openmetadata.database_service
        self._schemas = self.manifest.schemas()
        self._named = self.manifest.named
        self._places = asyncio.Semaphore(AT_ONCE)

    async def read(self, whole_schemas: bool) -> StoredLineage:
        async with asyncio.TaskGroup() as group:
            pipelines = group.create_task(self._pipelines())
            group.create_task(self._read_schemas(self._schemas) if whole_schemas else self._read_relations())
        gone = [each for each in pipelines.result() if self._is_of_a_gone_node(each)]
        found = await self._asked_for(f"/lineage/pipeline/name/{segment(each.fully_qualified_name)}" for each in gone)
        ends = {
            node["id"] for graph in found if graph for node in graph.get("nodes") or [] if self._is_of_project(node)
        }
        while new := (ends | self._ends_of_own_edges()) - self._asked - self._around.keys():
            self._asked |= new
            await self._keep(f"/lineage/table/{each}" for each in sorted(new))
        tables = {name for each in self._names if is_in(name := without_service(each, self._service), self._schemas)}
        return StoredLineage(
            tuple(sorted(tables)),
            tuple(self._edges()),
            tuple(pipelines.result()),
        )

    async def _read_relations(self) -> None:
        """Read each table of the manifest by its own name, else by the catalogue's spelling of it."""
        relations = sorted(self.manifest.places().items())
        found = await self._keep(
            _of_table(joined(self._service, place.database, place.schema, kept(place.name))) for _, place in relations
        )
        absent = {name: place for (name, place), is_there in zip(relations, found, strict=True) if not is_there}
        if absent:
            await self._read_schemas({f"{place.database}.{place.schema}".lower() for place in absent.values()}, absent)

    async def _read_schemas(self, schemas: Collection[str], only: Collection[str] | None = None) -> None:
        """Read the tables of schemas, ignoring case: all of them, or those in ``only``."""
        names = []
        async for schema in self.client.pages("/databaseSchemas", database=joined(self._service, self.database)):
            name = schema["fullyQualifiedName"]
            if dataset(name, self._service) in schemas:
                pages = self.client.pages("/tables", databaseSchema=name)
                names += [table["fullyQualifiedName"] async for table in pages]
        wanted = [name for name in names if only is None or dataset(name, self._service, self._named) in only]
        await self._keep(map(_of_table, wanted))

    async def _pipelines(self) -> list[StoredPipeline]:
        """The pipelines of the services that OpenLineage events make. Other services have none of this project."""
        found: list[StoredPipeline] = []
        async for service in self.client.pages("/services/pipelineServices"):
            name = service["name"]
            if service["serviceType"] == "OpenLineage" or name.endswith(_OPENLINEAGE_SUFFIX) or self._is_own(name):
                pages = self.client.pages("/pipelines", service=service["fullyQualifiedName"])
                found += [StoredPipeline.of(each) async for each in pages]
        return found

    def _is_own(self, service: str) -> bool:
        return service == self.openmetadata.pipeline_service

    def _is_of_a_gone_node(self, pipeline: StoredPipeline) -> bool:
        return self._is_own(pipeline.service) and self.ours.is_stale_pipeline(pipeline.name)

    def _is_of_project(self, node: dict[str, Any]) -> bool:
        """Whether a node of a graph is a table in a schema of the project."""
        name = node["fullyQualifiedName"]
        return is_table_of(node, self._service) and is_in(dataset(name, self._service), self._schemas)

    def _ends_of_own_edges(self) -> set[str]:
        """Ids of the tables in the project's schemas that an edge of the project starts or ends at."""
        return {
            end_id
            for sides in self._around.values()
            for side in sides
            for edge in side
            if not self._around.keys() >= set(edge.ids) and self.ours.made_edge(edge)
            for end_id, name in zip(edge.ids, edge.edge, strict=True)
            if ":" not in name and is_in(name, self._schemas)
        }

    def _edges(self) -> Iterator[StoredEdge]:
        """Every edge once. The answers for both of its tables contain it."""
        for into, out_of in self._around.values():
            yield from into
            yield from (edge for edge in out_of if edge.ids[1] not in self._around)

    async def _keep(self, paths: Iterable[str]) -> list[bool]:
        """Read the edges of tables. Returns for each whether the catalogue has the table."""
        graphs = await self._asked_for(paths)
        for graph in graphs:
            if graph is None:
                continue
            self._around[graph["entity"]["id"]] = edges_around(graph, self._service, self._named)
            nodes = [graph["entity"], *(graph.get("nodes") or [])]
            self._names |= {
                node["fullyQualifiedName"]
                for node in nodes
                if is_table_of(node, self._service) and not node.get("deleted")
            }
        return [graph is not None for graph in graphs]

    async def _asked_for(self, paths: Iterable[str]) -> list[dict[str, Any] | None]:
        """The graphs at paths, with several requests at once; None for what the catalogue does not have."""

        async def one(path: str) -> dict[str, Any] | None:
            async with self._places:
                return await self.client.find(path, **_AROUND)

        async with asyncio.TaskGroup() as group:
            asked = [group.create_task(one(path)) for path in paths]
        return [each.result() for each in asked]


def _of_table(fully_qualified_name: str) -> str:
    return f"/lineage/table/name/{segment(fully_qualified_name)}"

"""Reading lineage back from OpenMetadata's REST API (/api/v1)."""

from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any
from urllib.parse import quote

import httpx
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_exponential_jitter

from include.dbt.manifest import Edge
from include.settings import OpenMetadataSettings

# What an edge says of its origin (lineageDetails.source) when the OpenLineage connector wrote it.
FROM_EVENTS = "OpenLineage"
DATASET = "dashboardDataModel"
SHOWN_BY_DISPLAY_NAME = (DATASET, "dashboard", "chart")


class CatalogueError(RuntimeError):
    """OpenMetadata did not answer as it should; the message names its address, the URL path and the status."""


class CatalogueUnavailable(CatalogueError):
    """OpenMetadata could not be reached, or answered 429 or 5xx: worth another try."""


class CatalogueLacks(CatalogueError):
    """OpenMetadata answered 404: it does not have what was asked for."""


@dataclass(frozen=True)
class StoredEdge:
    """An edge between two tables, as the catalogue has it.

    Args:
        edge: the two tables.
        ids: the ids of the two tables.
        source: who wrote it, such as ``OpenLineage``.
        pipeline: name of the pipeline that it says to be made by; empty when it says none.
        columns: which column is made from which, as ``database.schema.table.column`` in lower case.
    """

    edge: Edge
    ids: tuple[str, str]
    source: str
    pipeline: str
    columns: frozenset[tuple[str, str]]


@dataclass(frozen=True)
class StoredPipeline:
    """A pipeline, as the catalogue has it.

    Args:
        name: its name.
        service: the service that it is in.
        fully_qualified_name: what the catalogue calls it.
    """

    name: str
    service: str
    fully_qualified_name: str


@dataclass(frozen=True)
class StoredDataset:
    """A dataset of dashboards, as the catalogue has it.

    Args:
        name: what people call it; of Superset, the name of its table.
        fully_qualified_name: what the catalogue calls it.
    """

    name: str
    fully_qualified_name: str


@dataclass(frozen=True)
class StoredDashboard:
    """A dashboard, as the catalogue has it.

    Args:
        name: ``dashboard:`` and what people call it.
        charts: the charts that it shows, ``chart:`` and what people call each.
    """

    name: str
    charts: tuple[str, ...]


class Catalogue:
    """A client of one OpenMetadata server, used as a context manager.

    Args:
        settings: the server's address, token, service names and timeout.
    """

    def __init__(self, settings: OpenMetadataSettings) -> None:
        self._settings = settings
        self._address = str(settings.url).rstrip("/")
        self._http = httpx.Client(
            base_url=f"{self._address}/api/v1",
            headers={"Authorization": f"Bearer {settings.token.get_secret_value()}"},
            timeout=settings.timeout_seconds / 2,
        )

    def __enter__(self) -> "Catalogue":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def version(self) -> str:
        """The server's version, such as ``2.0.6``. Raises CatalogueError."""
        return self._get("/system/version")["version"]

    def tables(self, database: str) -> Iterator[dict[str, Any]]:
        """Every table of a database of the warehouse's service. Raises CatalogueError."""
        yield from self._pages("/tables", {"database": f"{self._settings.database_service}.{database}"})

    def edges(self, database: str) -> dict[Edge, str]:
        """Every lineage edge from or to a table of a database, and who wrote it (``OpenLineage``, ``DbtLineage`` …).

        An end that is no table of the warehouse keeps its full name with its type in front, so that it is seen as
        what it is: unexpected.

        Raises:
            CatalogueError: a call failed.
        """
        tables = [table["fullyQualifiedName"] for table in self.tables(database)]
        return {edge: source for table in tables for edge, source in self._edges_of(table)}

    def pipelines(self, service: str | None = None) -> Iterator[StoredPipeline]:
        """Every pipeline, of one service or of all. Raises CatalogueError."""
        for each in self._pages("/pipelines", {"service": service} if service else {}):
            yield StoredPipeline(each["name"], each["service"]["name"], each["fullyQualifiedName"])

    def has_table(self, table: str) -> bool:
        """Whether the warehouse's service has this ``database.schema.table``. Raises CatalogueError."""
        try:
            self._get(f"/tables/name/{self._quoted(table)}")
        except CatalogueLacks:
            return False
        return True

    def upstream(self, table: str) -> list[StoredEdge] | None:
        """The edges into a table.

        Args:
            table: its ``database.schema.table``.

        Returns:
            None when the catalogue does not have the table.

        Raises:
            CatalogueError: the call failed.
        """
        try:
            lineage = self._get(
                f"/lineage/table/name/{self._quoted(table)}", {"upstreamDepth": 1, "downstreamDepth": 0}
            )
        except CatalogueLacks:
            return None
        names = self._names(lineage)
        return [self._stored(edge, names) for edge in lineage.get("upstreamEdges") or []]

    def datasets(self, service: str) -> Iterator[StoredDataset]:
        """Every dataset of a dashboard service. Raises CatalogueError."""
        for each in self._pages("/dashboard/datamodels", {"service": service}):
            yield StoredDataset(each.get("displayName") or each["name"], each["fullyQualifiedName"])

    def dashboards(self, service: str) -> Iterator[StoredDashboard]:
        """Every dashboard of a dashboard service. Raises CatalogueError."""
        for each in self._pages("/dashboards", {"service": service, "fields": "charts"}):
            charts = [self._name(chart) for chart in each.get("charts") or []]
            yield StoredDashboard(f"dashboard:{each.get('displayName') or each['name']}", tuple(charts))

    def around(self, fully_qualified_name: str, kind: str = "table") -> tuple[list[StoredEdge], list[StoredEdge]]:
        """The edges into a table and those out of it, as often as the catalogue has them. Raises CatalogueError.

        Args:
            fully_qualified_name: the table, as ``tables`` names it.
            kind: what it is, if no table: as the catalogue calls it.
        """
        path = f"/lineage/{kind}/name/{quote(fully_qualified_name, safe='')}"
        lineage = self._get(path, {"upstreamDepth": 1, "downstreamDepth": 1})
        names = self._names(lineage)
        up, down = (lineage.get(f"{way}Edges") or [] for way in ("upstream", "downstream"))
        return [self._stored(edge, names) for edge in up], [self._stored(edge, names) for edge in down]

    def delete(self, edge: StoredEdge) -> None:
        """Delete an edge between two tables; one that is gone already is no error. Raises CatalogueError."""
        try:
            self._call("DELETE", f"/lineage/table/{edge.ids[0]}/table/{edge.ids[1]}")
        except CatalogueLacks:
            return

    def dataset(self, fully_qualified_name: str) -> str:
        """``database.schema.table`` of a table of the warehouse, in lower case."""
        return fully_qualified_name.removeprefix(f"{self._settings.database_service}.").lower()

    def _edges_of(self, table: str) -> Iterator[tuple[Edge, str]]:
        lineage = self._get(f"/lineage/table/name/{table}", {"upstreamDepth": 1, "downstreamDepth": 1})
        names = self._names(lineage)
        for edge in [*(lineage.get("upstreamEdges") or []), *(lineage.get("downstreamEdges") or [])]:
            source = (edge.get("lineageDetails") or {}).get("source", "unknown")
            yield Edge(names[edge["fromEntity"]], names[edge["toEntity"]]), source

    def _names(self, lineage: dict[str, Any]) -> dict[str, str]:
        return {node["id"]: self._name(node) for node in [lineage["entity"], *(lineage.get("nodes") or [])]}

    def _stored(self, edge: dict[str, Any], names: dict[str, str]) -> StoredEdge:
        details = edge.get("lineageDetails") or {}
        ends = (edge["fromEntity"], edge["toEntity"])
        columns = {
            (self.dataset(source), self.dataset(entry["toColumn"]))
            for entry in details.get("columnsLineage") or []
            if entry.get("toColumn")
            for source in entry.get("fromColumns") or []
        }
        return StoredEdge(
            Edge(names[ends[0]], names[ends[1]]),
            ends,
            details.get("source", "unknown"),
            (details.get("pipeline") or {}).get("name") or "",
            frozenset(columns),
        )

    def _quoted(self, table: str) -> str:
        return quote(f"{self._settings.database_service}.{table}", safe="")

    def _name(self, node: dict[str, Any]) -> str:
        name = node["fullyQualifiedName"]
        if node["type"] == "table" and name.startswith(f"{self._settings.database_service}."):
            return self.dataset(name)
        # Superset's things are named by numbers; people know them by what the catalogue displays.
        shown = node.get("displayName") if node["type"] in SHOWN_BY_DISPLAY_NAME else None
        return f"{node['type']}:{shown or name}"

    def _pages(self, path: str, params: dict[str, Any]) -> Iterator[dict[str, Any]]:
        after: dict[str, str] = {}
        while True:
            page = self._get(path, {**params, "limit": 100, **after})
            yield from page["data"]
            cursor = page.get("paging", {}).get("after")
            if cursor is None:
                return
            after = {"after": cursor}

    def _get(self, path: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        return self._call("GET", path, params).json()

    def _call(self, method: str, path: str, params: dict[str, Any] | None = None) -> httpx.Response:
        attempts = retry(
            retry=retry_if_exception_type(CatalogueUnavailable),
            stop=stop_after_delay(self._settings.timeout_seconds),
            wait=wait_exponential_jitter(initial=0.2, max=3),
            reraise=True,
        )
        return attempts(self._call_once)(method, path, params)

    def _call_once(self, method: str, path: str, params: dict[str, Any] | None) -> httpx.Response:
        where = f"OpenMetadata at {self._address}: {method} /api/v1{path}"
        try:
            answer = self._http.request(method, path, params=params)
        except httpx.TransportError as error:
            raise CatalogueUnavailable(f"{where} failed: {error!r}") from error
        if answer.status_code == 429 or answer.status_code >= 500:
            raise CatalogueUnavailable(f"{where} answered {answer.status_code}: {answer.text[:200]}")
        if answer.status_code == 404:
            raise CatalogueLacks(f"{where} answered 404: {answer.text[:200]}")
        if answer.status_code != 200:
            raise CatalogueError(f"{where} answered {answer.status_code}: {answer.text[:200]}")
        return answer

"""Client of OpenMetadata's REST API (/api/v1): read lineage, delete edges and pipelines."""

from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Any
from urllib.parse import quote

import httpx
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_exponential_jitter

from dbt_lineage.catalogue.marks import Details, marks, without
from dbt_lineage.catalogue.qualified_names import joined
from dbt_lineage.catalogue.stored import StoredEdge, StoredPipeline, dataset, edges_around, shown_name
from dbt_lineage.core import web
from dbt_lineage.core.errors import ExpectedError
from dbt_lineage.core.settings import OpenMetadataSettings

# How many calls run at once where many are made.
AT_ONCE = 8


class CatalogueError(ExpectedError):
    """A call of OpenMetadata failed. The message names its address, the URL path and the status."""


class CatalogueUnavailable(CatalogueError):
    """OpenMetadata could not be reached, or answered 429 or 5xx. A retry may succeed."""


class CatalogueLacks(CatalogueError):
    """OpenMetadata answered 404: it does not have the entity."""


class CatalogueRefused(CatalogueError):
    """OpenMetadata answered another 4xx: it refuses the request. A retry has the same answer."""


class CatalogueDenied(CatalogueError):
    """OpenMetadata answered 401 or 403: it refuses the token, not the request's content."""


_SAID_CHARACTERS = 200


def checked(answer: httpx.Response, where: str) -> httpx.Response:
    """Return the answer if its status is one of success.

    Args:
        answer: the answer.
        where: server, method and path, for messages.

    Raises:
        CatalogueError: the status is another one. The subclass is the kind of failure.
    """
    status, said = answer.status_code, f"answered {answer.status_code}: {answer.text[:_SAID_CHARACTERS]}"
    if status in (401, 403):
        remedy = "renew OPENMETADATA_TOKEN" if status == 401 else "give the bot the right to do this"
        raise CatalogueDenied(f"{where} {said}; {remedy}")
    if status == 429 or status >= 500:
        hint = (
            " (this is also the answer while the search engine is down)"
            if status == 500 and "/lineage" in where
            else ""
        )
        raise CatalogueUnavailable(f"{where} {said}{hint}")
    if status == 404:
        raise CatalogueLacks(f"{where} {said}")
    if status not in (200, 201, 202):
        raise CatalogueRefused(f"{where} {said}")
    if answer.content and "json" not in answer.headers.get("content-type", "json"):
        raise CatalogueDenied(
            f"{where} did not answer with JSON: OPENMETADATA_URL must be the server's address without /api"
        )
    return answer


@dataclass(frozen=True)
class StoredDataset:
    """A dataset of dashboards in the catalogue.

    Args:
        name: its displayed name; for Superset, the name of its table.
        fully_qualified_name: its fully qualified name.
    """

    name: str
    fully_qualified_name: str


@dataclass(frozen=True)
class StoredDashboard:
    """A dashboard in the catalogue.

    Args:
        name: ``dashboard:`` and its displayed name.
        charts: its charts, each as ``chart:`` and its displayed name.
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
        # By database: the catalogue's spelling of its tables, by their lower-cased names.
        self._spelled: dict[str, dict[str, str]] = {}
        self._http = httpx.Client(
            base_url=f"{self._address}/api/v1",
            headers={"Authorization": f"Bearer {settings.token.get_secret_value()}"},
            timeout=settings.timeout_seconds / 2,
            verify=web.trust(),
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
        yield from self._pages("/tables", {"database": joined(self._settings.database_service, database)})

    def pipelines(self, service: str | None = None, hidden: bool = False) -> Iterator[StoredPipeline]:
        """Every pipeline, of one service or of all. Raises CatalogueError.

        Args:
            service: the service; None for all.
            hidden: whether to include hidden pipelines.
        """
        params = {**({"service": service} if service else {}), **({"include": "all"} if hidden else {})}
        for each in self._pages("/pipelines", params):
            yield StoredPipeline.of(each)

    def delete_edges_of(self, pipeline: StoredPipeline) -> None:
        """Delete the edges that a pipeline made between hidden tables. Raises CatalogueError.

        The catalogue does not return the edges of hidden tables. It returns the pipeline's inputs and outputs, and each
        pair of them may be an edge.

        Args:
            pipeline: the pipeline.
        """
        path = f"/lineage/pipeline/name/{quote(pipeline.fully_qualified_name, safe='')}"
        try:
            lineage = self._get(path, {"upstreamDepth": 1, "downstreamDepth": 1})
        except CatalogueLacks:
            # The pipeline is hidden itself.
            return
        hidden = {node["id"] for node in lineage.get("nodes") or [] if node.get("deleted") and node["type"] == "table"}
        starts = {edge["fromEntity"] for edge in lineage.get("upstreamEdges") or []} & hidden
        ends = {edge["toEntity"] for edge in lineage.get("downstreamEdges") or []} & hidden
        for start in sorted(starts):
            for end in sorted(ends):
                self._delete_edge(start, end)

    def hide_pipeline(self, pipeline: StoredPipeline) -> None:
        """Hide a pipeline. When it is written again, it returns with its runs. Raises CatalogueError.

        A pipeline that is gone already is no error.
        """
        try:
            self._call("DELETE", f"/pipelines/{pipeline.id}")
        except CatalogueLacks:
            return

    def edges_made_by(self, pipeline: StoredPipeline) -> int:
        """How many edges name this pipeline. Raises CatalogueError."""
        path = f"/lineage/pipeline/name/{quote(pipeline.fully_qualified_name, safe='')}"
        lineage = self._get(path, {"upstreamDepth": 1, "downstreamDepth": 1})
        # A pipeline's graph has each such edge twice, once for each end.
        return max(len(lineage.get(f"{way}Edges") or []) for way in ("upstream", "downstream"))

    def upstream(self, table: str) -> list[StoredEdge] | None:
        """The edges into a table.

        Args:
            table: its ``database.schema.table``.

        Returns:
            The edges; None when the catalogue does not have the table.

        Raises:
            CatalogueError: the call failed.
        """
        lineage = self._of_table("/lineage/table/name/", table, {"upstreamDepth": 1, "downstreamDepth": 0})
        if lineage is None:
            return None
        return edges_around(lineage, self._settings.database_service)[0]

    def datasets(self, service: str) -> Iterator[StoredDataset]:
        """Every dataset of a dashboard service. Raises CatalogueError."""
        for each in self._pages("/dashboard/datamodels", {"service": service}):
            yield StoredDataset(each.get("displayName") or each["name"], each["fullyQualifiedName"])

    def dashboards(self, service: str) -> Iterator[StoredDashboard]:
        """Every dashboard of a dashboard service. Raises CatalogueError."""
        for each in self._pages("/dashboards", {"service": service, "fields": "charts"}):
            charts = [shown_name(chart, self._settings.database_service) for chart in each.get("charts") or []]
            yield StoredDashboard(f"dashboard:{each.get('displayName') or each['name']}", tuple(charts))

    def around(self, fully_qualified_name: str, kind: str = "table") -> tuple[list[StoredEdge], list[StoredEdge]]:
        """The edges into a table and those out of it, duplicates included. Raises CatalogueError.

        Args:
            fully_qualified_name: the table's fully qualified name.
            kind: the catalogue's type of the entity, if it is not a table.
        """
        path = f"/lineage/{kind}/name/{quote(fully_qualified_name, safe='')}"
        lineage = self._get(path, {"upstreamDepth": 1, "downstreamDepth": 1})
        return edges_around(lineage, self._settings.database_service)

    def around_all(self, names: Sequence[str]) -> list[tuple[list[StoredEdge], list[StoredEdge]]]:
        """The edges into and out of each of many tables, with several requests at once. Raises CatalogueError.

        Args:
            names: the tables' fully qualified names.

        Returns:
            For each table, in the given order, the edges into it and those out of it.
        """
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(self.around, names))

    def take_out(self, edge: StoredEdge, jobs: Collection[str]) -> None:
        """Remove jobs' parts from an edge. An edge without other parts is deleted. Raises CatalogueError.

        Args:
            edge: an edge between two tables. If it is gone already, that is no error.
            jobs: names of the jobs' pipelines.
        """
        rest: Details | None = edge.details
        found = marks(edge.details)
        for mark in found:
            if rest is not None and "-".join(mark.job) in jobs:
                rest = without(rest, mark.job, None)
        if rest == edge.details and found:
            # OpenMetadata's connector made it for one of the jobs, and others have added to it.
            rest = without(rest, ("", ""), (edge.details.get("pipeline") or {}).get("id"))
        if rest is not None and rest != edge.details:
            ends = ({"id": end, "type": "table"} for end in edge.ids)
            body = dict(zip(("fromEntity", "toEntity"), ends, strict=True))
            self._call("PUT", "/lineage", json={"edge": {**body, "lineageDetails": rest}})
            return
        self._delete_edge(*edge.ids)

    def _delete_edge(self, start: str, end: str) -> None:
        try:
            self._call("DELETE", f"/lineage/table/{start}/table/{end}")
        except CatalogueLacks:
            return

    def delete_pipeline(self, pipeline: StoredPipeline) -> None:
        """Delete a pipeline for good, even a hidden one. A missing one is no error. Raises CatalogueError."""
        try:
            self._call("DELETE", f"/pipelines/{pipeline.id}", {"hardDelete": "true"})
        except CatalogueLacks:
            return

    def has_pipeline_service(self, name: str) -> bool:
        """Whether there is a pipeline service of this name. Raises CatalogueError."""
        return self._id_of("/services/pipelineServices", name) is not None

    def delete_pipeline_service(self, name: str) -> None:
        """Delete a pipeline service for good. A missing one is no error. Raises CatalogueError."""
        self._delete_named("/services/pipelineServices", name)

    def _delete_named(self, collection: str, name: str) -> None:
        found = self._id_of(collection, name)
        if found is None:
            return
        try:
            self._call("DELETE", f"{collection}/{found}", {"hardDelete": "true"})
        except CatalogueLacks:
            return

    def _id_of(self, collection: str, name: str) -> str | None:
        try:
            return self._get(f"{collection}/name/{quote(name, safe='')}")["id"]
        except CatalogueLacks:
            return None

    def _of_table(self, path: str, table: str, params: dict[str, Any] | None = None) -> dict[str, Any] | None:
        """The answer for a table whose name is in lower case; None when there is no such table."""
        name = f"{self._settings.database_service}.{table}"
        try:
            return self._get(path + quote(name, safe=""), params)
        except CatalogueLacks:
            spelled = self._as_spelled(table)
        if spelled is None or spelled == name:
            return None
        try:
            return self._get(path + quote(spelled, safe=""), params)
        except CatalogueLacks:
            return None

    def _as_spelled(self, table: str) -> str | None:
        """The catalogue's spelling of a table's name; None if it has no such table, or two that differ in case only."""
        database = table.split(".", 1)[0]
        if database not in self._spelled:
            found: dict[str, list[str]] = {}
            for each in self.tables(database):
                name = each["fullyQualifiedName"]
                found.setdefault(dataset(name, self._settings.database_service), []).append(name)
            self._spelled[database] = {name: names[0] for name, names in found.items() if len(names) == 1}
        return self._spelled[database].get(table)

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

    def _call(
        self, method: str, path: str, params: dict[str, Any] | None = None, json: dict[str, Any] | None = None
    ) -> httpx.Response:
        attempts = retry(
            retry=retry_if_exception_type(CatalogueUnavailable),
            stop=stop_after_delay(self._settings.timeout_seconds),
            wait=wait_exponential_jitter(initial=0.2, max=3),
            reraise=True,
        )
        return attempts(self._call_once)(method, path, params, json)

    def _call_once(
        self, method: str, path: str, params: dict[str, Any] | None, json: dict[str, Any] | None
    ) -> httpx.Response:
        where = f"OpenMetadata at {self._address}: {method} /api/v1{path}"
        try:
            answer = self._http.request(method, path, params=params, json=json)
        except httpx.TransportError as error:
            raise CatalogueUnavailable(f"{where} failed: {error!r}") from error
        return checked(answer, where)

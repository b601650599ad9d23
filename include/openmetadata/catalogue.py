"""Reading lineage back from OpenMetadata's REST API (/api/v1)."""

from collections.abc import Iterator
from types import TracebackType
from typing import Any

import httpx
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_exponential_jitter

from include.dbt.manifest import Edge
from include.settings import OpenMetadataSettings


class CatalogueError(RuntimeError):
    """OpenMetadata did not answer as it should; the message names its address, the URL path and the status."""


class CatalogueUnavailable(CatalogueError):
    """OpenMetadata could not be reached, or answered 429 or 5xx: worth another try."""


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

    def dataset(self, fully_qualified_name: str) -> str:
        """``database.schema.table`` of a table of the warehouse, in lower case."""
        return fully_qualified_name.removeprefix(f"{self._settings.database_service}.").lower()

    def _edges_of(self, table: str) -> Iterator[tuple[Edge, str]]:
        lineage = self._get(f"/lineage/table/name/{table}", {"upstreamDepth": 1, "downstreamDepth": 1})
        nodes = [lineage["entity"], *(lineage.get("nodes") or [])]
        names = {node["id"]: self._name(node) for node in nodes}
        for edge in [*(lineage.get("upstreamEdges") or []), *(lineage.get("downstreamEdges") or [])]:
            source = (edge.get("lineageDetails") or {}).get("source", "unknown")
            yield Edge(names[edge["fromEntity"]], names[edge["toEntity"]]), source

    def _name(self, node: dict[str, Any]) -> str:
        name = node["fullyQualifiedName"]
        if node["type"] == "table" and name.startswith(f"{self._settings.database_service}."):
            return self.dataset(name)
        return f"{node['type']}:{name}"

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
        attempts = retry(
            retry=retry_if_exception_type(CatalogueUnavailable),
            stop=stop_after_delay(self._settings.timeout_seconds),
            wait=wait_exponential_jitter(initial=0.2, max=3),
            reraise=True,
        )
        return attempts(self._get_once)(path, params)

    def _get_once(self, path: str, params: dict[str, Any] | None) -> dict[str, Any]:
        where = f"OpenMetadata at {self._address}: GET /api/v1{path}"
        try:
            answer = self._http.get(path, params=params)
        except httpx.TransportError as error:
            raise CatalogueUnavailable(f"{where} failed: {error!r}") from error
        if answer.status_code == 429 or answer.status_code >= 500:
            raise CatalogueUnavailable(f"{where} answered {answer.status_code}: {answer.text[:200]}")
        if answer.status_code != 200:
            raise CatalogueError(f"{where} answered {answer.status_code}: {answer.text[:200]}")
        return answer.json()

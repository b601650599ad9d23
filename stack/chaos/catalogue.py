"""The catalogue as a trial needs it: its tables put in, its edges read out, and faults on demand.

Read without the project's own client, so that what judges does not share a mistake with what is judged.
"""

from collections.abc import Iterator
from types import TracebackType
from typing import Any, Literal

import httpx

from dbt_lineage.core.settings import OpenMetadataSettings
from stack.chaos.story import COLUMNS, TABLES, Lineage

FaultKind = Literal["answers 500", "answers 401", "hangs", "resets"]
_HANG_SECONDS = 6.0
# What writing and reading lineage call.
_LINEAGE = "/lineage"


class TrialCatalogue:
    """A client of the catalogue, used as a context manager.

    Args:
        openmetadata: its address and the name of the database service.
        database: the database that the tables are in.
    """

    def __init__(self, openmetadata: OpenMetadataSettings, database: str) -> None:
        self._service = openmetadata.database_service
        self._database = f"{self._service}.{database}"
        address = str(openmetadata.url).rstrip("/")
        headers = {"Authorization": f"Bearer {openmetadata.token.get_secret_value()}"}
        self._api = httpx.Client(base_url=f"{address}/api/v1", headers=headers, timeout=30)
        self._control = httpx.Client(base_url=f"{address}/standin", headers=headers, timeout=30)

    def __enter__(self) -> "TrialCatalogue":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._api.close()
        self._control.close()

    def make_tables(self, schema: str) -> None:
        """Put the tables of a story into the catalogue, as the ingestion of the warehouse's metadata would."""
        self._put("/services/databaseServices", {"name": self._service, "serviceType": "Postgres"})
        self._put("/databases", {"name": self._database.split(".", 1)[1], "service": self._service})
        self._put("/databaseSchemas", {"name": schema, "database": self._database})
        columns = [{"name": column, "dataType": "INT"} for column in COLUMNS]
        for table in TABLES:
            self._put("/tables", {"name": table, "databaseSchema": f"{self._database}.{schema}", "columns": columns})

    def lineage(self, schema: str) -> Lineage:
        """Every edge into or out of the tables of a schema, with its columns, by the names that a story has for them."""
        return frozenset(part for table in TABLES for part in self._around(schema, table))

    def fail(self, kind: FaultKind, times: int, applied: bool) -> None:
        """Let the next calls about lineage fail.

        Args:
            kind: how.
            times: how many of them.
            applied: whether what was asked for is done all the same.
        """
        for method in ("PUT", "PATCH", "GET"):
            fault: dict[str, Any] = {"method": method, "path": _LINEAGE, "times": times}
            if kind == "hangs":
                fault |= {"delay": _HANG_SECONDS}
            else:
                status = {"status": int(kind.rpartition(" ")[2])} if kind.startswith("answers") else {"drop": True}
                fault |= {"applied": applied, **status}
            self._checked(self._control.post("/faults", json=fault))

    def refuse(self, schema: str, table: str) -> None:
        """Never take the lineage of a table."""
        name = f"{self._database}.{schema}.{table}"
        found = self._checked(self._api.get(f"/tables/name/{name}")).json()
        fault = {"method": "GET", "path": f"/lineage/table/{found['id']}$", "times": 10_000, "status": 400}
        self._checked(self._control.post("/faults", json=fault))

    def delay_settling(self) -> None:
        """Answer late when the history of runs is written: that is the last thing before the offsets move."""
        fault = {"method": "PUT", "path": "/status$", "times": 10_000, "delay": _HANG_SECONDS}
        self._checked(self._control.post("/faults", json=fault))

    def is_settling(self) -> bool:
        """Whether the history of runs is being written, since ``recover``."""
        requests = self._checked(self._control.get("/requests")).json()
        return any(each["method"] == "PUT" and each["path"].endswith("/status") for each in requests)

    def recover(self) -> None:
        """Forget the faults, and the requests that were counted."""
        self._checked(self._control.delete("/faults"))
        self._checked(self._control.delete("/requests"))

    def writes(self) -> int:
        """How often lineage was written since ``recover``."""
        requests = self._checked(self._control.get("/requests")).json()
        return sum(each["method"] in ("PUT", "PATCH") and _LINEAGE in each["path"] for each in requests)

    def _around(self, schema: str, table: str) -> Iterator[tuple[str, ...]]:
        prefix = f"{self._database}.{schema}."
        depth = {"upstreamDepth": 1, "downstreamDepth": 1}
        found = self._checked(self._api.get(f"/lineage/table/name/{prefix}{table}", params=depth)).json()
        names = {node["id"]: node["fullyQualifiedName"] for node in [found["entity"], *found.get("nodes", [])]}
        for edge in [*found.get("upstreamEdges", []), *found.get("downstreamEdges", [])]:
            ends = tuple(names[edge[end]].removeprefix(prefix) for end in ("fromEntity", "toEntity"))
            yield ends
            for entry in edge.get("lineageDetails", {}).get("columnsLineage", []):
                for source in entry["fromColumns"]:
                    yield (*ends, source.rsplit(".", 1)[1], entry["toColumn"].rsplit(".", 1)[1])

    def _put(self, path: str, body: dict[str, Any]) -> None:
        self._checked(self._api.put(path, json=body))

    def _checked(self, answer: httpx.Response) -> httpx.Response:
        return answer.raise_for_status()

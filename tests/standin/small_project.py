"""A catalogue with the lineage of a small project, and the project's settings."""

import json
from pathlib import Path
from typing import Any

import httpx
from catalogue_under_test import Warehouse
from pydantic import HttpUrl, SecretStr

from dbt_lineage.catalogue.reaper import Reaper
from dbt_lineage.core.settings import DbtSettings, OpenLineageSettings, OpenMetadataSettings, WarehouseSettings
from dbt_lineage.warehouse.postgres import PostgresWarehouse

NAMESPACE = "shop"
Ends = tuple[str, str]


def manifest(made_at: str = "2026-11-22T10:00:00Z", **parents: str) -> dict[str, Any]:
    """A manifest of the source ``raw`` and of models, each with the names of what it is made from."""
    node = {"database": "shop", "schema": "dev", "config": {"materialized": "table"}, "resource_type": "model"}
    source = "source.p.raw"
    return {
        "metadata": {"project_name": "p", "generated_at": made_at},
        "nodes": {f"model.p.{model}": {**node, "alias": model} for model in parents},
        "sources": {source: {"database": "shop", "schema": "dev", "identifier": "raw"}},
        "parent_map": {
            f"model.p.{model}": [source if name == "raw" else f"model.p.{name}" for name in names.split()]
            for model, names in parents.items()
        },
    }


class Shop:
    """A catalogue with lineage, and the reaper of the project that made it."""

    def __init__(self, catalogue: httpx.Client, warehouse: Warehouse, folder: Path) -> None:
        self.http = catalogue
        self.warehouse = warehouse
        self.folder = folder
        self.service = f"{warehouse.service['name']}_runs"
        authorization = catalogue.headers["Authorization"].removeprefix("Bearer ")
        self.openmetadata = OpenMetadataSettings(
            url=HttpUrl(str(catalogue.base_url).removesuffix("/api/v1/").removesuffix("/api/v1")),
            token=SecretStr(authorization),
            database_service=warehouse.service["name"],
            pipeline_service=self.service,
            reap_limit=10,
        )
        self.tables = {name: warehouse.table(name, "id") for name in ("raw", "a", "b", "gone", "empty")}
        self.make_service(self.service)

    def make_service(self, name: str) -> None:
        """A pipeline service."""
        made = self.http.put("/services/pipelineServices", json={"name": name, "serviceType": "OpenLineage"})
        made.raise_for_status()

    def edge(
        self, upstream: str, downstream: str, source: str = "OpenLineage", job: str = "", service: str = ""
    ) -> Ends:
        """An edge as an event of a job made it, by default of the model that it goes into."""
        pipeline = {"name": job or f"{NAMESPACE}-model.p.{downstream}", "service": service or self.service}
        made = self.http.put("/pipelines", json=pipeline)
        made.raise_for_status()
        reference = {"id": made.json()["id"], "type": "pipeline"}
        ends = [{"id": self.tables[name]["id"], "type": "table"} for name in (upstream, downstream)]
        details = {"source": source, "pipeline": reference}
        body = {"edge": {"fromEntity": ends[0], "toEntity": ends[1], "lineageDetails": details}}
        self.http.put("/lineage", json=body).raise_for_status()
        return upstream, downstream

    def edges(self) -> set[Ends]:
        """The edges between the tables."""
        found = set()
        for name, table in self.tables.items():
            graph = self.http.get(f"/lineage/table/{table['id']}", params={"upstreamDepth": 1, "downstreamDepth": 0})
            names = {node["id"]: node["name"] for node in graph.json()["nodes"]}
            found |= {(names[edge["fromEntity"]], name) for edge in graph.json()["upstreamEdges"]}
        return found

    def pipelines(self, service: str = "") -> set[str]:
        """The names of the pipelines."""
        found = self.http.get("/pipelines", params={"service": service or self.service, "limit": 100})
        return {pipeline["name"].removeprefix(f"{NAMESPACE}-model.p.") for pipeline in found.json()["data"]}

    def reaper(self, content: dict[str, Any], **changed: Any) -> Reaper:
        """The reaper, by a manifest, with some settings of the catalogue's changed."""
        (self.folder / "manifest.json").write_text(json.dumps(content))
        return Reaper(
            DbtSettings().model_copy(update={"artifacts_dir": self.folder}),
            PostgresWarehouse(
                WarehouseSettings(database="shop", password=SecretStr("-"), reader_password=SecretStr("-"))
            ),
            OpenLineageSettings(namespace=NAMESPACE),
            self.openmetadata.model_copy(update=changed),
        )

    def close(self, *services: str) -> None:
        """Take the pipelines out of the catalogue, by default those of this project."""
        for name in services or (self.service, f"{self.service}_other"):
            found = self.http.get(f"/services/pipelineServices/name/{name}")
            if found.status_code == 200:
                everything = {"recursive": "true", "hardDelete": "true"}
                self.http.delete(f"/services/pipelineServices/{found.json()['id']}", params=everything)

"""The lineage of a project as a file: what the catalogue has of it, to read and to compare from one day to another."""

import json
from pathlib import Path
from typing import Any

from dbt_lineage.catalogue.marks import without_marks
from dbt_lineage.catalogue.reading import read
from dbt_lineage.catalogue.stored import StoredEdge, without_service
from dbt_lineage.core.settings import DbtSettings, OpenMetadataSettings
from dbt_lineage.manifest.graph import Manifest

FILE = "lineage.json"
# In the project's own folder, unless somebody names another.
FOLDER = "lineage"


def export(
    dbt: DbtSettings, openmetadata: OpenMetadataSettings, database: str, folder: Path | None = None
) -> tuple[Path, int]:
    """Write every edge that the catalogue has of the project. No ids and no times: the same lineage is the same file.

    Args:
        dbt: the project; its manifest says which tables are its own.
        openmetadata: the catalogue.
        database: the warehouse's database.
        folder: made when missing; by default ``lineage`` in the folder of the project.

    Returns:
        The file, and how many edges it has.

    Raises:
        ManifestError: there is no manifest.
        CatalogueError: the catalogue could not be read.
    """
    manifest = Manifest.load(dbt.manifest)
    stored = read(openmetadata, manifest, "", database)
    edges = [_edge(each, openmetadata.database_service) for each in stored.edges]
    content = {"project": manifest.project, "edges": sorted(edges, key=lambda edge: (edge["from"], edge["to"]))}
    file = (folder or dbt.project_dir / FOLDER) / FILE
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_suffix(".new")
    new.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    new.replace(file)
    return file, len(edges)


def _edge(stored: StoredEdge, service: str) -> dict[str, Any]:
    """One edge: its tables, who wrote it, what decides the rows, and how each column is made."""
    columns = [
        {
            "from": sorted(_column(source, stored.edge.upstream, service) for source in entry.get("fromColumns") or []),
            "to": _column(entry["toColumn"], stored.edge.downstream, service),
            "function": entry.get("function") or "",
        }
        for entry in stored.details.get("columnsLineage") or []
        if entry.get("toColumn")
    ]
    return {
        "from": stored.edge.upstream,
        "to": stored.edge.downstream,
        "source": stored.source,
        "pipeline": stored.pipeline,
        "description": without_marks(stored.details.get("description") or ""),
        "columns": sorted(columns, key=lambda column: (column["to"], column["from"])),
    }


def _column(fully_qualified_name: str, table: str, service: str) -> str:
    """A column of a table by its own name; one of another thing by its full name."""
    name = without_service(fully_qualified_name, service)
    return name[len(table) + 1 :] if name.lower().startswith(f"{table}.") else name

"""Export the catalogue's lineage of a project to a file, to read and to compare from day to day."""

import json
from pathlib import Path
from typing import Any

from dbt_lineage.catalogue.marks import without_marks
from dbt_lineage.catalogue.reading import read
from dbt_lineage.catalogue.stored import StoredEdge, without_service
from dbt_lineage.core.settings import DbtSettings, OpenMetadataSettings
from dbt_lineage.manifest.graph import Manifest

FILE = "lineage.json"
# The folder in the project's own folder, by default.
FOLDER = "lineage"


def export(
    dbt: DbtSettings, openmetadata: OpenMetadataSettings, database: str, folder: Path | None = None
) -> tuple[Path, int]:
    """Write all edges of a project to a file. It has no ids and no times, so the same lineage gives the same file.

    Args:
        dbt: the project. Its manifest names its tables.
        openmetadata: the catalogue.
        database: the warehouse's database.
        folder: created if missing; by default ``lineage`` in the project's folder.

    Returns:
        The file, and its number of edges.

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
    """One edge: its tables, its source, the columns that decide the rows, and how each column is made."""
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
    """A column's own name if it is of this table, else its full name."""
    name = without_service(fully_qualified_name, service)
    return name[len(table) + 1 :] if name.lower().startswith(f"{table}.") else name

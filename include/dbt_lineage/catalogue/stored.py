"""Edges and pipelines as read from the catalogue."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from dbt_lineage.catalogue.marks import FROM_EVENTS, Details, marks
from dbt_lineage.catalogue.qualified_names import parts, plain, quoted
from dbt_lineage.manifest.graph import Edge

DATASET, PIPELINE = "dashboardDataModel", "pipeline"
# Maps ``database.schema.table`` in the warehouse's spelling to the name that is used here.
Named = Callable[[str], str]
# Superset's entities have numbers as names. People use the display name.
_SHOWN_BY_DISPLAY_NAME = (DATASET, "dashboard", "chart")


@dataclass(frozen=True)
class StoredEdge:
    """An edge between two tables in the catalogue.

    Args:
        edge: the two tables, named as by ``Manifest.named``.
        ids: the ids of the two tables.
        source: its source, such as ``OpenLineage``.
        pipeline: name of its pipeline; empty if it has none.
        columns: its column edges. A column is the table as in ``edge``, a dot, and the column's name in lower case.
        pipeline_fqn: fully qualified name of that pipeline.
        details: its LineageDetails, as the catalogue answered.
    """

    edge: Edge
    ids: tuple[str, str]
    source: str
    pipeline: str
    columns: frozenset[tuple[str, str]]
    pipeline_fqn: str = ""
    details: Details = field(default_factory=dict, compare=False, repr=False)

    @property
    def jobs(self) -> frozenset[str]:
        """Names of the pipelines of the jobs whose events have a part in it."""
        marked = {"-".join(mark.job) for mark in marks(self.details)}
        return frozenset(marked | ({self.pipeline} if self.source == FROM_EVENTS else set()))

    @property
    def is_from_events(self) -> bool:
        """Whether events made it, or added to it."""
        return self.source == FROM_EVENTS or bool(marks(self.details))


@dataclass(frozen=True)
class StoredPipeline:
    """A pipeline in the catalogue.

    Args:
        name: its name.
        service: the service that it is in.
        fully_qualified_name: its fully qualified name.
        id: its id.
    """

    name: str
    service: str
    fully_qualified_name: str
    id: str

    @classmethod
    def of(cls, document: dict[str, Any]) -> "StoredPipeline":
        """Read it from a document of the catalogue."""
        return cls(document["name"], document["service"]["name"], document["fullyQualifiedName"], document["id"])


def edges_around(
    lineage: dict[str, Any], service: str, named: Named = str.lower
) -> tuple[list[StoredEdge], list[StoredEdge]]:
    """The edges into an entity and those out of it, duplicates included.

    Args:
        lineage: the catalogue's answer (EntityLineage), of depth 1 both ways.
        service: the database service of the warehouse.
        named: maps the warehouse's spelling of a table to the name that is used here.
    """
    names = {
        node["id"]: shown_name(node, service, named) for node in [lineage["entity"], *(lineage.get("nodes") or [])]
    }
    up, down = (lineage.get(f"{way}Edges") or [] for way in ("upstream", "downstream"))
    return [_stored(edge, names, service, named) for edge in up], [
        _stored(edge, names, service, named) for edge in down
    ]


def dataset(fully_qualified_name: str, service: str, named: Named = str.lower) -> str:
    """The name that is used here for a table of the warehouse."""
    return named(without_service(fully_qualified_name, service))


def without_service(fully_qualified_name: str, service: str) -> str:
    """``database.schema.table`` of a table of the warehouse, in the warehouse's spelling."""
    return ".".join(_plain_parts(fully_qualified_name, service))


def is_table_of(node: dict[str, Any], service: str) -> bool:
    """Whether a node of a graph is a table of the warehouse."""
    return node["type"] == "table" and node["fullyQualifiedName"].startswith(f"{quoted(service)}.")


def shown_name(node: dict[str, Any], service: str, named: Named = str.lower) -> str:
    """The name that is used here for a node of a graph: a table as by ``dataset``, another entity with its type."""
    name = node["fullyQualifiedName"]
    if is_table_of(node, service):
        return dataset(name, service, named)
    shown = node.get("displayName") if node["type"] in _SHOWN_BY_DISPLAY_NAME else None
    return f"{node['type']}:{shown or name}"


def _plain_parts(fully_qualified_name: str, service: str) -> list[str]:
    return [plain(part) for part in parts(fully_qualified_name.removeprefix(f"{quoted(service)}."))]


def _column(fully_qualified_name: str, service: str, named: Named) -> str:
    found = _plain_parts(fully_qualified_name, service)
    return ".".join([named(".".join(found[:3])), *map(str.lower, found[3:])])


def _stored(edge: dict[str, Any], names: dict[str, str], service: str, named: Named) -> StoredEdge:
    details = edge.get("lineageDetails") or {}
    ends = (edge["fromEntity"], edge["toEntity"])
    columns = {
        (_column(source, service, named), _column(entry["toColumn"], service, named))
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
        (details.get("pipeline") or {}).get("fullyQualifiedName") or "",
        details,
    )

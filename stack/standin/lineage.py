"""Lineage edges and the graph around an entity."""

import time
from collections.abc import Callable, Iterator

from .errors import CatalogueError
from .names import existing_by_id, reference
from .store import Document, Edge, Store

_WITH_COLUMNS = {"table", "dashboardDataModel"}


def put_edge(store: Store, from_entity: Document, to_entity: Document, details: Document) -> None:
    """Write the edge between two entities, in place of the one that may be there.

    Args:
        store: The catalogue's state.
        from_entity: Reference to the upstream entity.
        to_entity: Reference to the downstream entity.
        details: Lineage details: columns, SQL, pipeline, source.

    A column that an entity lacks is dropped without an error, as on the server; letter case counts. An edge without a
    source counts as drawn by hand.

    Raises:
        CatalogueError: An entity does not exist (404), or a mapping of columns has no source or no target (500).
    """
    ends = [existing_by_id(store, end["type"], end["id"]) for end in (from_entity, to_entity)]
    before = store.edge(ends[0]["id"], ends[1]["id"])
    now = time.time_ns() // 1_000_000
    stamps = {"createdAt": before.details["createdAt"] if before else now, "updatedAt": now}
    if "pipeline" in details:
        maker = details["pipeline"]
        stamps["pipeline"] = reference(maker["type"], existing_by_id(store, maker["type"], maker["id"]))
    told: Document = {"source": "Manual"} | details | stamps
    types = {from_entity["type"], to_entity["type"]}
    if "columnsLineage" in told:
        told["columnsLineage"] = _known(told["columnsLineage"], *ends) if types <= _WITH_COLUMNS else []
    store.put_edge(Edge(ends[0]["id"], ends[1]["id"], from_entity["type"], to_entity["type"], told))


def existing_edge(store: Store, from_id: str, to_id: str) -> Edge:
    """The edge between two entities.

    Raises:
        CatalogueError: 404, there is none.
    """
    edge = store.edge(from_id, to_id)
    if edge is None:
        raise CatalogueError(404, f"Lineage edge not found between {from_id} and {to_id}")
    return edge


def graph(store: Store, entity_type: str, entity: Document, upstream_depth: int, downstream_depth: int) -> Document:
    """The graph around an entity, up to so many edges up and down, in the form of `EntityLineage`.

    For a pipeline, the edges that it made count too, with the pipeline in place of the far end, as on the server.
    """
    nodes: dict[str, Document] = {}
    upstream = list(_walk(store, entity_type, entity["id"], upstream_depth, _incoming, "from", nodes))
    downstream = list(_walk(store, entity_type, entity["id"], downstream_depth, _outgoing, "to", nodes))
    nodes.pop(entity["id"], None)
    return {
        "entity": reference(entity_type, entity),
        "nodes": list(nodes.values()),
        "upstreamEdges": upstream,
        "downstreamEdges": downstream,
    }


def forget_columns(store: Store, table_id: str, columns: set[str]) -> None:
    """Take columns that a table no longer has out of the column lineage of its edges."""
    if not columns:
        return
    for edge in store.upstream_edges(table_id) + store.downstream_edges(table_id):
        kept = []
        for entry in edge.details.get("columnsLineage", []):
            sources = [column for column in entry.get("fromColumns", []) if column not in columns]
            if sources and entry.get("toColumn") not in columns:
                kept.append(entry | {"fromColumns": sources})
        if kept != edge.details.get("columnsLineage", []):
            # The server writes the table's own definition in place of the edge's SQL; a plain table has none.
            details = {name: value for name, value in edge.details.items() if name != "sqlQuery"}
            store.put_edge(edge._replace(details=details | {"columnsLineage": kept}))


def _known(entries: list[Document], from_entity: Document, to_entity: Document) -> list[Document]:
    """The mappings of columns that both entities have."""
    sources, targets = (_column_names(entity["columns"]) for entity in (from_entity, to_entity))
    kept = []
    for entry in entries:
        if "toColumn" not in entry or not entry.get("fromColumns"):
            raise CatalogueError(500, "Cannot invoke a method because a column is null")
        found = [name for name in entry["fromColumns"] if _is_of(name, from_entity, sources)]
        if found and _is_of(entry["toColumn"], to_entity, targets):
            kept.append(entry | {"fromColumns": found})
    return kept


def _is_of(name: str, entity: Document, columns: set[str]) -> bool:
    """Whether an entity has a column, by its full name or its own."""
    return name in columns or f"{entity['fullyQualifiedName']}.{name}" in columns


def _column_names(columns: list[Document]) -> set[str]:
    names = {column["fullyQualifiedName"] for column in columns}
    for column in columns:
        names |= _column_names(column.get("children", []))
    return names


def _incoming(store: Store, entity_type: str, entity_id: str) -> list[Edge]:
    made = store.edges_of_pipeline(entity_id) if entity_type == "pipeline" else []
    return store.upstream_edges(entity_id) + [e._replace(to_id=entity_id, to_type="pipeline") for e in made]


def _outgoing(store: Store, entity_type: str, entity_id: str) -> list[Edge]:
    made = store.edges_of_pipeline(entity_id) if entity_type == "pipeline" else []
    return store.downstream_edges(entity_id) + [e._replace(from_id=entity_id, from_type="pipeline") for e in made]


def _walk(
    store: Store,
    entity_type: str,
    entity_id: str,
    depth: int,
    step: Callable[[Store, str, str], list[Edge]],
    far_end: str,
    nodes: dict[str, Document],
) -> Iterator[Document]:
    frontier, met = [(entity_type, entity_id)], {entity_id}
    for _ in range(depth):
        reached = []
        for at_type, at_id in frontier:
            for edge in step(store, at_type, at_id):
                far_type, far_id = getattr(edge, f"{far_end}_type"), getattr(edge, f"{far_end}_id")
                far = store.entity_by_id(far_type, far_id)
                # One that is only hidden stays a neighbour.
                if far is None:
                    continue
                yield {"fromEntity": edge.from_id, "toEntity": edge.to_id, "lineageDetails": edge.details}
                nodes[far_id] = reference(far_type, far)
                if far_id not in met:
                    met.add(far_id)
                    reached.append((far_type, far_id))
        frontier = reached

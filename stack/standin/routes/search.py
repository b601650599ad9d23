"""Search: entities by one field, or by a query."""

import time

from starlette.responses import JSONResponse, Response

from ..answers import Call
from ..errors import CatalogueError
from ..search import INDEXES, hits, query_filter, query_text
from ..store import Document

_MOST = 10_000


def _by_field(call: Call) -> Response:
    call.only_parameters("fieldName", "fieldValue", "from", "size", "index", "deleted")
    if call.query.get("fieldName") != "fullyQualifiedName" or "fieldValue" not in call.query:
        raise CatalogueError(400, "the stand-in has fieldQuery for a fieldValue of fullyQualifiedName only")
    return _page(call, list(call.store.entities_named(_type(call), call.query["fieldValue"])))


def _by_query(call: Call) -> Response:
    call.only_parameters(
        "q", "query_filter", "index", "from", "size", "deleted", "sort_field", "sort_order", "search_after",
        "include_source_fields",
    )  # fmt: skip
    predicates = [query_text(call.query.get("q", "*"))]
    if "query_filter" in call.query:
        predicates.append(query_filter(call.query["query_filter"]))
    entities = [entity for entity in call.store.entities(_type(call)) if all(true(entity) for true in predicates)]
    descending = call.query.get("sort_order") == "desc"
    if descending:
        entities.reverse()
    if "search_after" in call.query:
        last = call.query["search_after"]
        entities = [e for e in entities if e["fullyQualifiedName"] != last]
        entities = [e for e in entities if (e["fullyQualifiedName"] < last) == descending]
    return _page(call, entities)


def _type(call: Call) -> str:
    index = call.query.get("index", "")
    if index not in INDEXES:
        raise CatalogueError(404, f"the stand-in has no search index {index!r}")
    return INDEXES[index]


def _page(call: Call, entities: list[Document]) -> Response:
    if call.options.search_down:
        raise CatalogueError(500, "Search is not available")
    known = (time.time() - call.options.search_delay) * 1000
    alive = [each for each in entities if not each.get("deleted") and each.get("updatedAt", 0) <= known]
    wanted = {name for name in call.query.get("include_source_fields", "").split(",") if name}
    if "upstreamLineage" in wanted:
        alive = [entity | {"upstreamLineage": _upstream(call, entity)} for entity in alive]
    start, size = call.number("from", 0, 0, _MOST), call.number("size", 10, 0, _MOST)
    return JSONResponse(hits(call.query["index"], alive, start, size))


def _upstream(call: Call, entity: Document) -> list[Document]:
    """The edges into an entity, as search keeps a copy of them (EsLineageData)."""
    found = []
    for edge in call.store.upstream_edges(entity["id"]):
        far = call.store.entity_by_id(edge.from_type, edge.from_id)
        if far is None:
            continue
        details = edge.details
        copied = {name: details[name] for name in ("sqlQuery", "description", "source", "pipeline") if name in details}
        ends = [
            {"id": each["id"], "fullyQualifiedName": each["fullyQualifiedName"], "type": kind}
            for each, kind in ((far, edge.from_type), (entity, edge.to_type))
        ]
        columns = details.get("columnsLineage", [])
        found.append({"fromEntity": ends[0], "toEntity": ends[1], "columns": columns, **copied})
    return found


ROUTES = [("GET", "/search/fieldQuery", _by_field), ("GET", "/search/query", _by_query)]

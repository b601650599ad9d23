"""Lineage: edges by id and by name, and the graph around an entity."""

import time

from metadata.generated.schema.api.lineage.addLineage import AddLineageRequest
from metadata.generated.schema.type.entityLineage import EntityLineage, LineageDetails
from starlette.responses import JSONResponse, Response

from ..answers import Call, accepted, answer, checked
from ..errors import CatalogueError, not_found
from ..kinds import KINDS
from ..lineage import existing_edge, graph, put_edge
from ..names import existing, existing_by_id, reference
from ..store import Document
from .collections import patched

_MAX_DEPTH = 3


def _type(call: Call, parameter: str) -> str:
    entity_type = str(call.path[parameter])
    if entity_type not in KINDS:
        raise CatalogueError(404, f"Entity type {entity_type} not found")
    return entity_type


def _end(call: Call, end: str) -> Document:
    """Reference to the entity at one end (`from` or `to`) of the edge that the path names."""
    entity_type = _type(call, f"{end}_type")
    if f"{end}_fqn" in call.path:
        return reference(entity_type, existing(call.store, entity_type, call.path[f"{end}_fqn"]))
    return reference(entity_type, existing_by_id(call.store, entity_type, str(call.path[f"{end}_id"])))


def _any_end(call: Call, end: str) -> Document:
    """The same, of an entity that may be hidden.

    Raises:
        CatalogueError: 404, there is none.
    """
    entity_type = _type(call, f"{end}_type")
    if f"{end}_fqn" in call.path:
        found, key = call.store.entity_by_name(entity_type, call.path[f"{end}_fqn"]), call.path[f"{end}_fqn"]
    else:
        key = str(call.path[f"{end}_id"])
        found = call.store.entity_by_id(entity_type, key)
    if found is None:
        raise not_found(entity_type, key)
    return reference(entity_type, found)


def _put(call: Call) -> Response:
    edge = call.read(AddLineageRequest)["edge"]
    put_edge(call.store, edge["fromEntity"], edge["toEntity"], edge.get("lineageDetails", {}))
    return _written(call)


def _written(call: Call) -> Response:
    """What a write answers: 500 when the search engine is away, though the edge is stored."""
    call.graphs.clear()
    if call.options.search_down:
        return JSONResponse({"code": 500, "message": "An exception occurred: search is not available"}, 500)
    return Response()


def _put_by_name(call: Call) -> Response:
    put_edge(call.store, _end(call, "from"), _end(call, "to"), call.read(LineageDetails))
    return _written(call)


def _patch(call: Call) -> Response:
    from_entity, to_entity = _end(call, "from"), _end(call, "to")
    edge = existing_edge(call.store, from_entity["id"], to_entity["id"])
    details = accepted(LineageDetails, patched(call, edge.details))
    put_edge(call.store, from_entity, to_entity, details)
    return answer(LineageDetails, existing_edge(call.store, edge.from_id, edge.to_id).details)


def _delete(call: Call) -> Response:
    if not call.store.delete_edge(_any_end(call, "from")["id"], _any_end(call, "to")["id"]):
        raise CatalogueError(404, "Lineage edge not found")
    call.graphs.clear()
    return Response()


def _get_edge(call: Call) -> Response:
    if "from_type" in call.path:
        ends = (_end(call, "from")["id"], _end(call, "to")["id"])
    else:
        ends = (str(call.path["from_id"]), str(call.path["to_id"]))
    return JSONResponse({"edge": checked(LineageDetails, existing_edge(call.store, *ends).details)})


def _get_graph(call: Call) -> Response:
    call.only_parameters("upstreamDepth", "downstreamDepth")
    depths = [call.number(name, 1, 0, _MAX_DEPTH) for name in ("upstreamDepth", "downstreamDepth")]
    entity_type = _type(call, "type")
    if "fqn" in call.path:
        entity = existing(call.store, entity_type, call.path["fqn"])
    else:
        entity = existing_by_id(call.store, entity_type, str(call.path["id"]))
    key, now = (entity["id"], *depths), time.monotonic()
    if key in call.graphs and now - call.graphs[key][0] < call.options.cache_seconds:
        return answer(EntityLineage, call.graphs[key][1])
    found = graph(call.store, entity_type, entity, *depths)
    call.graphs[key] = (now, found)
    return answer(EntityLineage, found)


_BY_ID = "/lineage/{from_type}/{from_id:uuid}/{to_type}/{to_id:uuid}"
_BY_NAME = "{from_type}/name/{from_fqn:path}/{to_type}/name/{to_fqn:path}"

ROUTES = [
    ("GET", "/lineage/getLineageEdge/{from_id:uuid}/{to_id:uuid}", _get_edge),
    ("GET", f"/lineage/getLineageEdge/{_BY_NAME}", _get_edge),
    ("GET", "/lineage/{type}/{id:uuid}", _get_graph),
    ("GET", "/lineage/{type}/name/{fqn:path}", _get_graph),
    ("PUT", "/lineage", _put),
    ("PATCH", _BY_ID, _patch),
    ("DELETE", _BY_ID, _delete),
    ("PUT", f"/lineage/{_BY_NAME}", _put_by_name),
    ("PATCH", f"/lineage/{_BY_NAME}", _patch),
    ("DELETE", f"/lineage/{_BY_NAME}", _delete),
]

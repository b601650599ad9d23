"""Lineage: edges by id and by name, and the graph around an entity."""

from metadata.generated.schema.api.lineage.addLineage import AddLineageRequest
from metadata.generated.schema.type.entityLineage import EntityLineage, LineageDetails
from starlette.responses import JSONResponse, Response

from ..answers import Call, accepted, answer, checked
from ..errors import CatalogueError
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


def _put(call: Call) -> Response:
    edge = call.read(AddLineageRequest)["edge"]
    put_edge(call.store, edge["fromEntity"], edge["toEntity"], edge.get("lineageDetails", {}))
    return Response()


def _put_by_name(call: Call) -> Response:
    put_edge(call.store, _end(call, "from"), _end(call, "to"), call.read(LineageDetails))
    return Response()


def _patch(call: Call) -> Response:
    from_entity, to_entity = _end(call, "from"), _end(call, "to")
    edge = existing_edge(call.store, from_entity["id"], to_entity["id"])
    details = accepted(LineageDetails, patched(call, edge.details))
    put_edge(call.store, from_entity, to_entity, details)
    return answer(LineageDetails, existing_edge(call.store, edge.from_id, edge.to_id).details)


def _delete(call: Call) -> Response:
    if not call.store.delete_edge(_end(call, "from")["id"], _end(call, "to")["id"]):
        raise CatalogueError(404, "Lineage edge not found")
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
    return answer(EntityLineage, graph(call.store, entity_type, entity, *depths))


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

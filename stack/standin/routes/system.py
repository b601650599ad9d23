"""The server's version, its types, and the hint to compute usage."""

import uuid
from importlib.metadata import version

from metadata.generated.schema.entity.type import Type
from starlette.responses import JSONResponse, Response

from ..answers import Call, answer
from ..errors import CatalogueError, not_found
from ..kinds import KINDS

# The client asks for a server of its own major and minor version.
_VERSION = ".".join(version("openmetadata-ingestion").split(".")[:3])


def _version(call: Call) -> Response:
    return JSONResponse({"version": call.options.version or _VERSION, "revision": "stand-in", "timestamp": 0})


def _type(call: Call) -> Response:
    call.only_parameters("fields")
    name = call.path["name"]
    if name not in KINDS:
        raise not_found("type", name)
    described = {
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"standin:type:{name}")),
        "name": name,
        "fullyQualifiedName": name,
        "description": f"{name} of the catalogue stand-in",
        "category": "entity",
        "nameSpace": "data",
        "schema": "{}",
        "customProperties": [],
    }
    return answer(Type, described)


def _compute_percentile(call: Call) -> Response:
    if call.path["type"] not in KINDS:
        raise CatalogueError(404, f"Entity type {call.path['type']} not found")
    return Response(status_code=201)


ROUTES = [
    ("GET", "/system/version", _version),
    ("GET", "/metadata/types/name/{name}", _type),
    ("POST", "/usage/compute.percentile/{type}/{date}", _compute_percentile),
]

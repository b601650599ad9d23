"""Routes of all kinds of entity: list, get, create, patch, delete."""

import base64
import binascii
from collections.abc import Iterator
from functools import partial

import jsonpatch
from metadata.generated.schema.type.bulkDeleteStaleRequest import BulkDeleteStaleRequest
from metadata.generated.schema.type.bulkOperationResult import BulkOperationResult
from pydantic import BaseModel
from starlette.responses import JSONResponse, Response

from ..answers import Call, Handler, accepted, answer, checked, listing
from ..entities import create_or_update, delete, replace
from ..errors import CatalogueError, not_found
from ..kinds import KINDS, Kind
from ..names import existing
from ..store import Document, Store

_INCLUDE = {"all": (True, False), "deleted": (True,), "non-deleted": (False,)}


def shown(kind: Kind, call: Call, entity: Document) -> Document:
    """The entity with the fields that the caller asked for.

    Raises:
        CatalogueError: 400, `fields` names a field that the kind does not have.
    """
    asked = {field for field in call.query.get("fields", "").split(",") if field}
    if "*" in asked:
        return entity
    if unknown := asked - set(kind.entity.model_fields):
        raise CatalogueError(400, f"Invalid field name {sorted(unknown)[0]}")
    return {key: value for key, value in entity.items() if key not in kind.on_request - asked}


def patched(call: Call, document: Document) -> Document:
    """The document after the JSON Patch in the body.

    Raises:
        CatalogueError: 400, the body is no JSON Patch that fits the document.
    """
    try:
        changed: Document = jsonpatch.apply_patch(document, call.json())
    except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException, TypeError) as error:
        raise CatalogueError(400, f"cannot apply the patch: {error}") from error
    return changed


def page(kind: Kind, call: Call, entities: Iterator[Document]) -> Response:
    """One page of the entities, by `limit` and `after`.

    Raises:
        CatalogueError: 400, `limit` or `after` cannot be used.
    """
    found = list(entities)
    limit = call.number("limit", 10, 0, 1_000_000)
    start = _position(call.query["after"]) if "after" in call.query else 0
    paging: Document = {"total": len(found)}
    if start + limit < len(found) and limit:
        paging["after"] = base64.urlsafe_b64encode(str(start + limit).encode()).decode()
    return listing(kind.entity, [shown(kind, call, entity) for entity in found[start : start + limit]], paging)


def _position(cursor: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(cursor))
    except (ValueError, binascii.Error) as error:
        raise CatalogueError(400, f"Invalid after cursor {cursor}") from error


def _included(call: Call, entity: Document | None) -> bool:
    include = call.query.get("include", "non-deleted")
    if include not in _INCLUDE:
        raise CatalogueError(400, f"Invalid include {include}")
    return entity is not None and entity.get("deleted", False) in _INCLUDE[include]


def _list(kind: Kind, call: Call) -> Response:
    call.only_parameters("fields", "include", "limit", "after", "service", "database", "databaseSchema")
    scopes = [call.query[name] for name in ("service", "database", "databaseSchema") if name in call.query]
    return page(
        kind,
        call,
        (
            entity
            for entity in call.store.entities(kind.name)
            if _included(call, entity) and all(entity["fullyQualifiedName"].startswith(f"{scope}.") for scope in scopes)
        ),
    )


def _get(kind: Kind, call: Call) -> Response:
    call.only_parameters("fields", "include")
    if "fqn" in call.path:
        entity, key = call.store.entity_by_name(kind.name, call.path["fqn"]), call.path["fqn"]
    else:
        entity, key = call.store.entity_by_id(kind.name, str(call.path["id"])), call.path["id"]
    if entity is None or not _included(call, entity):
        raise not_found(kind.name, key)
    return answer(kind.entity, shown(kind, call, entity))


def _put(kind: Kind, create: type[BaseModel], call: Call) -> Response:
    entity, created = create_or_update(call.store, kind, call.read(create))
    return answer(kind.entity, entity, 201 if created else 200)


def _post(kind: Kind, create: type[BaseModel], call: Call) -> Response:
    entity, created = create_or_update(call.store, kind, call.read(create))
    if not created:
        raise CatalogueError(409, "Entity already exists")
    return answer(kind.entity, entity, 201)


def _put_bulk(kind: Kind, create: type[BaseModel], call: Call) -> Response:
    call.only_parameters("async", "overrideMetadata")
    if call.query.get("async") == "true":
        raise CatalogueError(400, "the stand-in has no async bulk operations")
    requests = call.json()
    if not isinstance(requests, list):
        raise CatalogueError(400, "the body is no list of create requests")
    done, failed = [], []
    for request in requests:
        try:
            done.append(_put_one(call, kind, accepted(create, request)))
        except CatalogueError as error:
            name = request.get("name") if isinstance(request, dict) else None
            failed.append({"request": name, "status": error.status, "message": error.message})
    return answer(BulkOperationResult, _bulk_result(done, failed))


def _put_one(call: Call, kind: Kind, request: Document) -> Document:
    override = call.query.get("overrideMetadata") == "true"
    entity, created = create_or_update(call.store, kind, request, override=override)
    return {"request": entity["fullyQualifiedName"], "status": 201 if created else 200}


def _bulk_result(done: list[Document], failed: list[Document]) -> Document:
    return {
        "status": "success" if not failed else "partialSuccess" if done else "failure",
        "numberOfRowsProcessed": len(done) + len(failed),
        "numberOfRowsPassed": len(done),
        "numberOfRowsFailed": len(failed),
        "successRequest": done,
        "failedRequest": failed,
    }


def _delete_stale(kind: Kind, call: Call) -> Response:
    request = call.read(BulkDeleteStaleRequest)
    scope = existing(call.store, request["scopeEntityType"], request["scopeFqn"])
    seen = set(request.get("seenFqns", []))
    stale = [
        entity
        for entity_type, entity in call.store.descendants(scope["fullyQualifiedName"])
        if entity_type == kind.name and not entity["deleted"] and entity["fullyQualifiedName"] not in seen
    ]
    if not request.get("dryRun", False):
        call.after(call.options.stale_delay, lambda: _delete_all(call.store, kind, stale, request))
    return answer(
        BulkOperationResult,
        _bulk_result([{"request": entity["fullyQualifiedName"], "status": 200} for entity in stale], []),
    )


def _delete_all(store: Store, kind: Kind, stale: list[Document], request: Document) -> None:
    for entity in stale:
        delete(store, kind, entity, recursive=request.get("recursive", False), hard=False)


def _patch(kind: Kind, call: Call) -> Response:
    entity = _by_id(call.store, kind, call)
    expected = call.headers.get("if-match")
    if expected is not None and expected != f'W/"{entity["version"]}"':
        raise CatalogueError(412, f"{kind.name} {entity['id']} has changed since it was read")
    updated = accepted(kind.entity, patched(call, entity))
    for field in ("id", "fullyQualifiedName"):
        if updated.get(field) != entity[field]:
            raise CatalogueError(400, f"{field} cannot be changed")
    return answer(kind.entity, replace(call.store, kind, entity, updated))


def _delete(kind: Kind, call: Call) -> Response:
    call.only_parameters("recursive", "hardDelete")
    flags = {name: call.query.get(name) == "true" for name in ("recursive", "hardDelete")}
    entity = _by_id(call.store, kind, call)
    delete(call.store, kind, entity, recursive=flags["recursive"], hard=flags["hardDelete"])
    return JSONResponse(checked(kind.entity, entity | {"deleted": True}))


def _by_id(store: Store, kind: Kind, call: Call) -> Document:
    entity = store.entity_by_id(kind.name, str(call.path["id"]))
    if entity is None:
        raise not_found(kind.name, call.path["id"])
    return entity


def _routes(kind: Kind) -> Iterator[tuple[str, str, Handler]]:
    collection = f"/{kind.collection}"
    yield "GET", collection, partial(_list, kind)
    yield "GET", f"{collection}/{{id:uuid}}", partial(_get, kind)
    yield "GET", f"{collection}/name/{{fqn:path}}", partial(_get, kind)
    if kind.create is not None:
        yield "PUT", collection, partial(_put, kind, kind.create)
        yield "POST", collection, partial(_post, kind, kind.create)
        yield "PATCH", f"{collection}/{{id:uuid}}", partial(_patch, kind)
        yield "DELETE", f"{collection}/{{id:uuid}}", partial(_delete, kind)
        if kind.in_bulk:
            yield "PUT", f"{collection}/bulk", partial(_put_bulk, kind, kind.create)
            yield "DELETE", f"{collection}/deleteStale", partial(_delete_stale, kind)


ROUTES = [route for kind in KINDS.values() for route in _routes(kind)]

"""Creating, updating and deleting entities."""

import time
import uuid
from typing import Any

from .answers import checked
from .errors import CatalogueError
from .kinds import Kind
from .lineage import forget_columns
from .names import existing, join, reference
from .store import Document, Store

# A PUT of the ingestion bot fills these in but never overwrites what people may have written.
_CURATED = ("description", "displayName", "owners", "tags")
# Set anew by each write, so no sign of a change.
_BOOKKEEPING = ("version", "updatedAt", "updatedBy")
_INHERITED = ("service", "database", "serviceType")
_BOT = "ingestion-bot"


def create_or_update(store: Store, kind: Kind, request: Document, *, override: bool = False) -> tuple[Document, bool]:
    """Bring an entity to the state that a create request asks for.

    Args:
        store: The catalogue's state.
        kind: The kind of the entity.
        request: The checked body of the request.
        override: Whether curated fields (description, tags, ...) may be overwritten.

    Returns:
        The entity, and whether it is new.

    Raises:
        CatalogueError: The parent does not exist (404), or the request needs what the stand-in lacks (400).
    """
    parent = existing(store, kind.parent, request[kind.parent_field]) if kind.parent else None
    named = {
        member: [reference(named_kind, existing(store, named_kind, name)) for name in request[member]]
        for member, named_kind in kind.names.items()
        if member in request
    }
    wanted = _assemble(kind, request, parent) | named
    return save(store, kind, wanted, override=override)


def save(store: Store, kind: Kind, wanted: Document, *, override: bool = False) -> tuple[Document, bool]:
    """Write an entity under its name: insert it, or merge it into the one that is there.

    Args:
        store: The catalogue's state.
        kind: The kind of the entity.
        wanted: The entity without id and bookkeeping.
        override: Whether curated fields may be overwritten.

    Returns:
        The entity, and whether it is new.
    """
    current = store.entity_by_name(kind.name, wanted["fullyQualifiedName"])
    if current is None:
        fresh = wanted | {"id": str(uuid.uuid4()), "deleted": False}
        return _write(store, kind, fresh, 0.1), True
    updated = current | wanted | {"deleted": False}
    if not override:
        updated |= {field: current[field] for field in _CURATED if current.get(field)}
    if "columns" in wanted:
        updated["columns"] = _merge_columns(current["columns"], wanted["columns"], override)
    return replace(store, kind, current, updated), False


def replace(store: Store, kind: Kind, current: Document, updated: Document) -> Document:
    """Write the new state of an entity, unless nothing changed.

    A column that is gone goes from the column lineage of the table's edges too, as on the server.

    Returns:
        The entity as it is now stored.
    """
    if _content(current) == _content(updated):
        return current
    if "columns" in updated:
        kept = {column["fullyQualifiedName"] for column in updated["columns"]}
        forget_columns(store, current["id"], {c["fullyQualifiedName"] for c in current["columns"]} - kept)
    return _write(store, kind, updated, round(current["version"] + 0.1, 1))


def delete(store: Store, kind: Kind, entity: Document, *, recursive: bool, hard: bool) -> None:
    """Delete an entity: hide it, or remove it with its edges when `hard`.

    Raises:
        CatalogueError: 400, it has children and `recursive` is not set.
    """
    below = store.descendants(entity["fullyQualifiedName"])
    if below and not recursive:
        raise CatalogueError(400, f"{kind.name} is not empty")
    for entity_type, document in [(kind.name, entity), *below]:
        if hard:
            store.delete_entity(document["id"])
        else:
            store.put_entity(entity_type, document | {"deleted": True})


def with_column_names(columns: list[Document], parent: str) -> list[Document]:
    """The columns, nested ones too, with their fully qualified names."""
    named = []
    for column in columns:
        fqn = join(parent, column["name"])
        named.append(column | {"fullyQualifiedName": fqn})
        if "children" in column:
            named[-1]["children"] = with_column_names(column["children"], fqn)
    return named


def _assemble(kind: Kind, request: Document, parent: Document | None) -> Document:
    unsupported = sorted({"domains", "dataProducts", "extension"} & {key for key, value in request.items() if value})
    if unsupported:
        raise CatalogueError(400, f"the stand-in does not know {unsupported} of a {kind.name}")
    entity = {key: value for key, value in request.items() if key in kind.entity.model_fields}
    if parent is not None and kind.parent is not None:
        entity |= {key: parent[key] for key in _INHERITED if key in parent and key in kind.entity.model_fields}
        entity[kind.parent_field] = reference(kind.parent, parent)
    above = parent["fullyQualifiedName"] if parent else None
    entity["fullyQualifiedName"] = join(f"{above}.{kind.infix}" if kind.infix else above, request["name"])
    if "columns" in request:
        entity["columns"] = with_column_names(request["columns"], entity["fullyQualifiedName"])
    if "tasks" in request:
        entity["tasks"] = [
            task | {"fullyQualifiedName": join(entity["fullyQualifiedName"], task["name"])}
            for task in request["tasks"]
        ]  # fmt: skip
    return entity


def _merge_columns(current: list[Document], wanted: list[Document], override: bool) -> list[Document]:
    known = {column["name"]: column for column in current}
    merged = []
    for column in wanted:
        before: dict[str, Any] = known.get(column["name"], {})
        kept = {} if override else {field: before[field] for field in _CURATED if before.get(field)}
        merged.append(before | column | kept)
    return merged


def _content(entity: Document) -> Document:
    return {key: value for key, value in entity.items() if key not in _BOOKKEEPING}


def _write(store: Store, kind: Kind, entity: Document, version: float) -> Document:
    stamped = entity | {"version": version, "updatedAt": time.time_ns() // 1_000_000, "updatedBy": _BOT}
    store.put_entity(kind.name, checked(kind.entity, stamped))
    return stamped

"""Fully qualified names and references."""

from metadata.utils.fqn import quote_name

from .errors import CatalogueError, not_found
from .store import Document, Store


def join(parent: str | None, name: str) -> str:
    """The fully qualified name of `name` below `parent`.

    Raises:
        CatalogueError: 400, the name cannot be part of a fully qualified name.
    """
    try:
        quoted = quote_name(name)
    except ValueError as error:
        raise CatalogueError(400, str(error)) from error
    return f"{parent}.{quoted}" if parent else quoted


def reference(entity_type: str, entity: Document) -> Document:
    """A reference to the entity, as answers carry it."""
    fields = ("id", "name", "fullyQualifiedName", "displayName", "description", "deleted")
    return {"type": entity_type} | {field: entity[field] for field in fields if field in entity}


def existing(store: Store, entity_type: str, fqn: str) -> Document:
    """The entity with this name that is not deleted.

    Raises:
        CatalogueError: 404, there is none.
    """
    entity = store.entity_by_name(entity_type, fqn)
    if entity is None or entity.get("deleted"):
        raise not_found(entity_type, fqn)
    return entity


def existing_by_id(store: Store, entity_type: str, entity_id: str) -> Document:
    """The entity with this id that is not deleted.

    Raises:
        CatalogueError: 404, there is none.
    """
    entity = store.entity_by_id(entity_type, entity_id)
    if entity is None or entity.get("deleted"):
        raise not_found(entity_type, entity_id)
    return entity

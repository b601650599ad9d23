"""The search queries of the workflows, answered over stored entities."""

import json
import re
from collections.abc import Callable
from typing import Any

from .errors import CatalogueError
from .store import Document

INDEXES = {
    "table_search_index": "table",
    "database_search_index": "database",
    "database_schema_search_index": "databaseSchema",
    "database_service_search_index": "databaseService",
    "stored_procedure_search_index": "storedProcedure",
    "pipeline_search_index": "pipeline",
    "dashboard_search_index": "dashboard",
    "chart_search_index": "chart",
    "dashboard_data_model_search_index": "dashboardDataModel",
    "team_search_index": "team",
    "user_search_index": "user",
}

Predicate = Callable[[Document], bool]


def wildcard(field: str, pattern: str) -> Predicate:
    """True for entities one of whose values at `field` matches the pattern with `*` and `?`, letter case aside."""
    parts = ({"*": ".*", "?": "."}.get(character) or re.escape(character) for character in pattern)
    matcher = re.compile("".join(parts), re.IGNORECASE | re.DOTALL)
    return lambda entity: any(matcher.fullmatch(str(value)) for value in _values(entity, field))


def query_text(text: str) -> Predicate:
    """The predicate of the parameter `q`: empty, `*`, or `field:value`.

    Raises:
        CatalogueError: 400, the stand-in does not support such a query.
    """
    if text in ("", "*"):
        return lambda entity: True
    field, separator, value = text.partition(":")
    if not separator or " " in text:
        raise CatalogueError(400, f"the stand-in does not know the search query {text!r}")
    return wildcard(field, value)


def query_filter(text: str) -> Predicate:
    """The predicate of the parameter `query_filter`, Elasticsearch's query language in JSON.

    Raises:
        CatalogueError: 400, it is no JSON, or has a clause that the stand-in does not support.
    """
    try:
        clause = json.loads(text)["query"]
    except (ValueError, KeyError, TypeError) as error:
        raise CatalogueError(400, f"query_filter is no query: {text!r}") from error
    return _clause(clause)


def hits(index: str, entities: list[Document], start: int, size: int) -> Document:
    """The search answer with one slice of the entities found."""
    return {
        "took": 1,
        "timed_out": False,
        "hits": {
            "total": {"value": len(entities), "relation": "eq"},
            "max_score": 1.0 if entities else None,
            "hits": [
                {
                    "_index": index,
                    "_id": entity["id"],
                    "_score": 1.0,
                    "_source": entity,
                    "sort": [entity["fullyQualifiedName"]],
                }
                for entity in entities[start : start + size]
            ],
        },
    }


def _clause(clause: Any) -> Predicate:
    match clause:
        case {"bool": dict(parts)} if set(parts) <= {"must", "filter", "should", "must_not"}:
            return _bool(parts)
        case {"term": dict(term)} if len(term) == 1:
            ((field, value),) = term.items()
            return lambda entity: value in _values(entity, field)
        case {"terms": dict(terms)} if len(terms) == 1:
            ((field, values),) = terms.items()
            return lambda entity: any(value in values for value in _values(entity, field))
        case {"exists": {"field": str(field)}}:
            return lambda entity: bool(_values(entity, field))
        case {"ids": {"values": list(values)}}:
            return lambda entity: entity["id"] in values
        case {"query_string": {"query": str(query), "fields": list(fields)}}:
            # The one form in use: a user or team by name, bots left out.
            name = query.removesuffix(" AND isBot:false")
            anywhere = [wildcard(field, name) for field in fields]
            return lambda entity: any(found(entity) for found in anywhere) and not entity.get("isBot")
    raise CatalogueError(400, f"the stand-in does not know the search clause {json.dumps(clause)}")


def _bool(parts: dict[str, Any]) -> Predicate:
    clauses = {
        name: [_clause(part) for part in (found if isinstance(found, list) else [found])]
        for name, found in parts.items()
    }
    every = clauses.get("must", []) + clauses.get("filter", [])
    some, none = clauses.get("should", []), clauses.get("must_not", [])
    return lambda entity: (
        all(true(entity) for true in every)
        and (not some or bool(every) or any(true(entity) for true in some))
        and not any(true(entity) for true in none)
    )


def _values(entity: Any, field: str) -> list[Any]:
    values = [entity]
    for part in field.removesuffix(".keyword").split("."):
        members = [value.get(part) for value in values if isinstance(value, dict)]
        values = [item for member in members for item in (member if isinstance(member, list) else [member])]
    return [value for value in values if value is not None]

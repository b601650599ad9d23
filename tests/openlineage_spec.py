"""OpenLineage's own JSON schemas as a judge of events: ``validate_event`` refuses what the specification does not allow.

The schemas are copies, the core schema the one that the relay uses, the others in ``tests/data``; nothing is fetched. Formats (date-time, uuid) are checked too.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from jsonschema.exceptions import best_match
from referencing import Registry, Resource
from referencing.exceptions import NoSuchResource
from referencing.jsonschema import DRAFT202012

SPEC = Path(__file__).parent / "data" / "openlineage-spec"
CORE = Path(__file__).parent.parent / "include" / "dbt_lineage" / "relay" / "openlineage" / "OpenLineage.json"
RUN_EVENT = "OpenLineage.json#/$defs/RunEvent"
OPENLINEAGE = (
    "https://openlineage.io/",
    "https://github.com/OpenLineage/",
    "https://raw.githubusercontent.com/OpenLineage/",
)
# openlineage-integration-common 1.54 names it, and nobody has published it: such a facet is held to the base schema.
UNPUBLISHED = frozenset({"dbt-model-dataset-facet.json"})

FORMATS = FormatChecker(formats=["uuid"])


@FORMATS.checks("date-time", raises=ValueError)
def _is_date_time(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


def validate_event(event: dict[str, Any]) -> None:
    """Hold a run event to the core schema, and each facet of OpenLineage's own to the schema that its URL names.

    A facet of another producer (Airflow's, say) is held to the core schema's base facet only.

    Args:
        event: the event as it was sent, parsed from JSON.

    Raises:
        ValidationError: the event or one of its facets is not as the specification wants it, or a facet names a schema
            that OpenLineage does not have.
    """
    _require(event, RUN_EVENT)
    for name, facet in _facets(event):
        url = facet["_schemaURL"]
        file = _file_name(url)
        # A facet may name the base facet of the core schema, which the event as a whole has been held to.
        if not url.startswith(OPENLINEAGE) or file in UNPUBLISHED or file == _file_name(RUN_EVENT):
            continue
        schema = _schemas().get(file)
        if schema is None:
            raise ValidationError(f"facet {name}: {SPEC} has no schema {file} ({url})")
        if name not in schema["properties"]:
            raise ValidationError(f"facet {name}: {file} is the schema of {', '.join(schema['properties'])}")
        _require({name: facet}, file)


def _require(instance: object, reference: str) -> None:
    error = best_match(_validator(reference).iter_errors(instance))
    if error is None:
        return
    while error.context:
        error = error.context[0]
    raise error


def _facets(event: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    datasets = [*event.get("inputs", []), *event.get("outputs", [])]
    for part in (event["run"], event["job"], *datasets):
        for kind in ("facets", "inputFacets", "outputFacets"):
            yield from part.get(kind, {}).items()


def _file_name(url: str) -> str:
    return PurePosixPath(urlsplit(url).path).name


@cache
def _schemas() -> dict[str, dict[str, Any]]:
    """Every schema by the name of its file: versions differ in the folder of the URL, and there is one of each here."""
    return {path.name: json.loads(path.read_text(encoding="utf-8")) for path in (CORE, *SPEC.rglob("*.json"))}


@cache
def _validator(reference: str) -> Draft202012Validator:
    registry: Registry[dict[str, Any]] = Registry(retrieve=_retrieve)  # type: ignore[call-arg]
    return Draft202012Validator({"$ref": reference}, registry=registry, format_checker=FORMATS)


def _retrieve(uri: str) -> Resource[dict[str, Any]]:
    schema = _schemas().get(_file_name(uri))
    if schema is None:
        raise NoSuchResource(ref=uri)
    return Resource(contents=schema, specification=DRAFT202012)

"""Validate events against OpenLineage's own schema (2-0-2). Unknown facets pass."""

import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import best_match

from dbt_lineage.core.errors import ExpectedError
from dbt_lineage.core.moments import moment
from dbt_lineage.events.run_event import DATASET_EVENT, kind_of
from dbt_lineage.spool import strict_json

SCHEMA = Path(__file__).parent / "openlineage" / "OpenLineage.json"

# Error messages quote the refused value, which may be as large as the event. Characters.
_LONGEST_PROBLEM = 300

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# RFC 3339; the fraction may have more digits than datetime takes.
_DATE_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
# RFC 3986: a scheme, then only characters that a URI may have.
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*")

FORMATS = FormatChecker(formats=())


class InvalidEvent(ExpectedError, ValueError):
    """An event is not valid by OpenLineage's schema.

    Args:
        path: where in the event, such as ``$.run.runId``.
        problem: what is wrong there.
    """

    def __init__(self, path: str, problem: str) -> None:
        short = problem if len(problem) <= _LONGEST_PROBLEM else f"{problem[:_LONGEST_PROBLEM]}…"
        super().__init__(f"{path}: {short}")
        self.path = path
        self.problem = short


def validated(body: bytes) -> dict[str, Any]:
    """Parse an event and validate it against the schema.

    Args:
        body: the event as it was emitted.

    Returns:
        The parsed event.

    Raises:
        InvalidEvent: it is not an OpenLineage event, or not JSON that every parser reads alike.
    """
    try:
        event = strict_json.loads(body)
    except strict_json.NotStrictJson as problem:
        raise InvalidEvent("$", str(problem)) from None
    kind = kind_of(event)
    if not _compiled(kind).is_valid(event):
        _refuse(event, kind)
    return event


def job_key(event: dict[str, Any]) -> bytes:
    """The Kafka key of a valid event: one job's events share it, so they share a partition and keep their order.

    A dataset event has no job, so its key is the dataset.
    """
    of = event["dataset" if kind_of(event) == DATASET_EVENT else "job"]
    return f"{of['namespace']}/{of['name']}".encode()


def _refuse(event: dict[str, Any], kind: str) -> None:
    """Raise InvalidEvent with the error that jsonschema ranks first."""
    try:
        error = best_match(_explaining(kind).iter_errors(event))
    except RecursionError:
        raise InvalidEvent("$", "nested too deep to be checked") from None
    if error is None:
        raise InvalidEvent("$", "not valid for jsonschema-rs, while jsonschema finds nothing wrong")
    # "Not valid under any of the given schemas": there is one schema only, and its own error is more exact.
    while error.context:
        error = error.context[0]
    raise InvalidEvent(error.json_path, error.message)


@cache
def _compiled(kind: str) -> jsonschema_rs.Draft202012Validator:
    """The fast validator: it takes a seventh of jsonschema's time."""
    formats = {name: check for name, (check, _) in FORMATS.checkers.items()}
    return jsonschema_rs.Draft202012Validator(_schema(kind), formats=formats, validate_formats=True)


@cache
def _explaining(kind: str) -> Draft202012Validator:
    return Draft202012Validator(_schema(kind), format_checker=FORMATS)


def _schema(kind: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return {"$schema": schema["$schema"], "$ref": f"#/$defs/{kind}", "$defs": schema["$defs"]}


def _format(name: str) -> Callable[[Callable[[str], bool]], Callable[[str], bool]]:
    """Register a format check. It applies to text alone: the schema's ``type`` refuses other values."""

    def register(check: Callable[[str], bool]) -> Callable[[str], bool]:
        FORMATS.checks(name)(lambda value: not isinstance(value, str) or check(value))
        return check

    return register


@_format("uuid")
def _is_uuid(text: str) -> bool:
    return _UUID.fullmatch(text) is not None


@_format("uri")
def _is_uri(text: str) -> bool:
    return _URI.fullmatch(text) is not None


@_format("date-time")
def _is_date_time(text: str) -> bool:
    parts = _DATE_TIME.fullmatch(text)
    if parts is None:
        return False
    date, time, zone = parts.groups()
    try:
        moment(f"{date}T{time}{zone}")
    except ValueError:
        return False
    return True

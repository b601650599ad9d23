"""The id of an event: a hash of its content, the same everywhere."""

import json
from hashlib import sha1
from typing import Any
from uuid import UUID

from dbt_lineage.spool import strict_json

# Never change it: stored events would get other ids.
_NAMESPACE = UUID("6f1c3b1e-9a54-5d0b-8f5e-2a7c1f0d4e83")


def event_id(event: bytes) -> str:
    """The UUID (version 5) of an event's canonical JSON: keys sorted, no blanks, ASCII.

    What is no strict JSON is taken byte by byte: a document with a key twice must not have the id of the event that
    one of its readings is.

    Args:
        event: the event as it is emitted.
    """
    try:
        document = strict_json.loads(event)
    except strict_json.NotStrictJson:
        return _uuid5(event)
    return event_id_of(document)


def event_id_of(document: Any) -> str:
    """The id of an event that ``strict_json.loads`` has parsed.

    Args:
        document: the event.
    """
    return _uuid5(json.dumps(document, sort_keys=True, separators=(",", ":")).encode("ascii"))


def _uuid5(name: bytes) -> str:
    # uuid.uuid5 takes text only; this is its definition, for bytes.
    digest = sha1(_NAMESPACE.bytes + name, usedforsecurity=False).digest()
    return str(UUID(bytes=digest[:16], version=5))

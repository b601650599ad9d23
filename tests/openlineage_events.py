"""Events for tests that need many, small ones."""

import json
from typing import Any
from uuid import UUID

PRODUCER = "https://example.com/producer"
SCHEMA_URL = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"


def run_event(number: int, job: str = "job", **more: Any) -> dict[str, Any]:
    """A valid run event, as small as it may be.

    Args:
        number: makes it differ from others; stands in the run id.
        job: name of its job.
        more: further fields.
    """
    return {
        "eventTime": "2026-11-22T14:12:07.123456+00:00",
        "eventType": "COMPLETE",
        "producer": PRODUCER,
        "schemaURL": SCHEMA_URL,
        "run": {"runId": str(UUID(int=number)), "facets": {}},
        "job": {"namespace": "tests", "name": job, "facets": {}},
        "inputs": [],
        "outputs": [],
        **more,
    }


def body(number: int, job: str = "job", **more: Any) -> bytes:
    """The same as bytes."""
    return json.dumps(run_event(number, job, **more)).encode()


def number_of(value: bytes) -> int:
    """Which event a message is."""
    return UUID(json.loads(value)["run"]["runId"]).int

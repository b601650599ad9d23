"""Events for tests that need many, small ones."""

import json
import random
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


def mutated(dice: random.Random, number: int, output: dict[str, Any] | None = None) -> bytes:
    """An event with a few random changes, in its tree or in its bytes; it may still be valid.

    Args:
        dice: where chance comes from.
        number: which event.
        output: what it wrote, before the changes.
    """
    event: Any = run_event(number, outputs=[output or {"namespace": "postgres://h:1", "name": "a.b.c"}], own=number)
    for _ in range(dice.randrange(3)):
        event = _with_one_changed(event, dice)
    raw = json.dumps(event).encode()
    for _ in range(dice.randrange(3)):
        at = dice.randrange(len(raw) + 1)
        raw = raw[:at] + dice.randbytes(dice.randrange(4)) + raw[at + dice.randrange(4) :]
    return raw


def _with_one_changed(value: Any, dice: random.Random) -> Any:
    if isinstance(value, dict) and value and dice.random() < 0.8:
        key = dice.choice(sorted(value))
        return {**value, key: _with_one_changed(value[key], dice)}
    if isinstance(value, list) and value and dice.random() < 0.8:
        return [_with_one_changed(value[0], dice), *value[1:]]
    return dice.choice([None, True, 0, -(2**70), 1.5, "", "text", "\0", "\u2028", [], {}, [[]], {"": {}}, "x" * 5000])

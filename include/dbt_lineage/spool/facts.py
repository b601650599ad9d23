"""What the ledger keeps of an event, and of its acknowledgement."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dbt_lineage.core.moments import moment

# Far above what real names have, and far below what an index entry of PostgreSQL may have (2704 bytes).
NAME_CHARACTERS = 500
WORD_CHARACTERS = 64
REASON_CHARACTERS = 2000


@dataclass(frozen=True)
class EventFacts:
    """Who emitted an event, and when.

    Args:
        event_id: the event's deterministic id.
        job_namespace: namespace of its job.
        job_name: name of its job.
        run_id: its run.
        root_run_id: the run at the root of its parents, in Airflow the DAG run.
        event_type: START, COMPLETE, FAIL and so on.
        event_time: the event's own time, ISO 8601 in UTC, so that the order of text is that of time.
        emitted_at: when it was put into the spool.
    """

    event_id: str
    job_namespace: str
    job_name: str
    run_id: str
    root_run_id: str
    event_type: str
    event_time: str
    emitted_at: datetime


@dataclass(frozen=True)
class Acknowledgement:
    """The broker has an event.

    Args:
        event_id: the event's id.
        topic: where it is.
        partition: partition of that topic.
        offset: its offset there.
        acknowledged_at: when the broker acknowledged it.
        reason: why it went to the dead letters; None when it went to the events topic.
    """

    event_id: str
    topic: str
    partition: int
    offset: int
    acknowledged_at: datetime
    reason: str | None


def event_facts(event_id: str, body: bytes, emitted_at: datetime) -> EventFacts:
    """The facts of any event. Dead letters have facts too, with "" for what is missing.

    Args:
        event_id: the event's id.
        body: the event as it was emitted.
        emitted_at: when it was put into the spool.
    """
    event = _document(body)
    run_id = _at(event, "run", "runId")
    parent = ("run", "facets", "parent")
    root_run_id = _at(event, *parent, "root", "run", "runId") or _at(event, *parent, "run", "runId") or run_id
    return EventFacts(
        event_id=event_id,
        job_namespace=storable(_at(event, "job", "namespace"), NAME_CHARACTERS),
        job_name=storable(_at(event, "job", "name"), NAME_CHARACTERS),
        run_id=storable(run_id, WORD_CHARACTERS),
        root_run_id=storable(root_run_id, WORD_CHARACTERS),
        event_type=storable(_at(event, "eventType"), WORD_CHARACTERS),
        event_time=_in_utc(_at(event, "eventTime")),
        emitted_at=emitted_at,
    )


def storable(text: str, characters: int) -> str:
    """A text as PostgreSQL can keep it: no NUL, nothing that UTF-8 has no bytes for, and no longer than so many."""
    return text[:characters].replace("\0", "\N{REPLACEMENT CHARACTER}").encode(errors="replace").decode()


def _document(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _at(document: Any, *path: str) -> str:
    """The text at the end of a path; "" where there is none."""
    for key in path:
        document = document.get(key) if isinstance(document, dict) else None
    return document if isinstance(document, str) else ""


def _in_utc(time: str) -> str:
    try:
        happened = moment(time)
        zoned = happened if happened.tzinfo else happened.replace(tzinfo=UTC)
        return zoned.astimezone(UTC).isoformat(timespec="microseconds")
    except (ValueError, OverflowError):
        return ""

"""What the task that runs dbt tells the tasks that mirror its nodes: one XCom, written by one, read by all.

The producer writes it off dbt's threads, at most twice a second; it says everything so far, so that a reader that starts
late or again needs no history. A project of many models has more to say: it says it less often.
"""

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

XCOM_KEY = "dbt_progress"
# What a task that mirrored a node keeps of it.
NODE_XCOM_KEY = "dbt_node"
INTERVAL_SECONDS = 0.5
READING_INTERVAL_SECONDS = 0.25
LONGEST_INTERVAL_SECONDS = 2.0

Outcome = Literal["success", "failed", "skipped"]
_OUTCOMES: dict[str, Outcome] = {
    "success": "success",
    "pass": "success",
    "warn": "success",
    "no-op": "success",
    "error": "failed",
    "fail": "failed",
    "runtime error": "failed",
    "partial success": "failed",
    "skipped": "skipped",
}


@dataclass
class NodeProgress:
    """One dbt node.

    Args:
        outcome: how it ended; None while it runs.
        started_at: when dbt first spoke of it, ISO 8601.
        ended_at: when it ended, ISO 8601; None while it runs.
        lines: what dbt said of it, each line with its level in front, such as ``INFO 1 of 4 OK created …``.
    """

    outcome: Outcome | None = None
    started_at: str | None = None
    ended_at: str | None = None
    lines: list[str] = field(default_factory=list)


@dataclass
class Progress:
    """One dbt invocation.

    Args:
        attempt: which try of the producer it is, from 1.
        is_last_attempt: whether the producer will not be tried again by itself.
        nodes: by dbt's unique id.
        is_finished: whether dbt has ended.
    """

    attempt: int
    is_last_attempt: bool
    nodes: dict[str, NodeProgress] = field(default_factory=dict)
    is_finished: bool = False

    def as_xcom(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)

    @classmethod
    def from_xcom(cls, value: dict[str, Any]) -> "Progress":
        """From plain data."""
        nodes = {unique_id: NodeProgress(**node) for unique_id, node in value["nodes"].items()}
        return cls(**{**value, "nodes": nodes})

    def outcome_of(self, unique_ids: list[str]) -> Outcome | None:
        """How some nodes ended together; None while one of those that were selected still runs.

        Nodes that dbt has said nothing of when it has ended were not selected; when none was, the outcome is skipped.
        """
        seen = [self.nodes[unique_id] for unique_id in unique_ids if unique_id in self.nodes]
        outcomes = {node.outcome for node in seen}
        if None in outcomes or (len(seen) < len(unique_ids) and not self.is_finished):
            return None
        if "failed" in outcomes:
            return "failed"
        return "success" if "success" in outcomes else "skipped"

    def times_of(self, unique_ids: list[str]) -> tuple[str, str] | None:
        """From when to when dbt was at some nodes, ISO 8601; None when it ran none of them."""
        seen = [self.nodes[unique_id] for unique_id in unique_ids if unique_id in self.nodes]
        started = [node.started_at for node in seen if node.started_at]
        ended = [node.ended_at for node in seen if node.ended_at]
        return (min(started), max(ended)) if started and ended else None

    def lines_of(self, unique_ids: list[str]) -> list[str]:
        """What dbt said of some nodes."""
        return [line for unique_id in unique_ids if unique_id in self.nodes for line in self.nodes[unique_id].lines]


def kept_of_node(value: Any) -> dict[str, Any]:
    """What a task kept of its node. Airflow stores what a trigger's event carries as text, and may give it back so."""
    return json.loads(value) if isinstance(value, str) else value


def pause_seconds(took_seconds: float, at_least: float = INTERVAL_SECONDS) -> float:
    """How long to wait after telling or reading that took so long: as long again, within limits."""
    return min(max(at_least, took_seconds), LONGEST_INTERVAL_SECONDS)


def outcome_of_status(status: str) -> Outcome | None:
    """How a node ended, by the status of dbt's NodeFinished message; None when it says no end."""
    return _OUTCOMES.get(status)

"""The report of the task that runs dbt (the producer) to the tasks that mirror its nodes, in numbered XComs.

The producer writes the XComs outside of dbt's threads, at most twice a second. Each XCom is a piece: what is new since the
piece before, so that none grows with the project. A piece is written once, and retried if its request failed. A reader
that starts late or again reads from the first piece on. Airflow deletes all pieces before another attempt of the producer.
"""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

FIRST_PIECE = 1
# The key of the XCom in which a task stores what it keeps of its node.
NODE_XCOM_KEY = "dbt_node"
INTERVAL_SECONDS = 0.5
READING_INTERVAL_SECONDS = 0.25
LONGEST_INTERVAL_SECONDS = 2.0

Outcome = Literal["success", "failed", "skipped"]
_OUTCOMES: dict[str, Outcome] = {
    "success": "success",
    "pass": "success",
    "warn": "success",
    "error": "failed",
    "fail": "failed",
    "runtime error": "failed",
    "partial success": "failed",
}


@dataclass
class NodeProgress:
    """The progress of one dbt node.

    Args:
        outcome: how it ended; None while it runs.
        started_at: time of dbt's first message about it, ISO 8601.
        ended_at: when it ended, ISO 8601; None while it runs.
        lines: dbt's messages about it, each with its level in front, such as ``INFO 1 of 4 OK created …``.
    """

    outcome: Outcome | None = None
    started_at: str | None = None
    ended_at: str | None = None
    lines: list[str] = field(default_factory=list)


@dataclass
class Progress:
    """The progress of one dbt invocation.

    Args:
        attempt: the producer's attempt, from 1.
        is_last_attempt: whether Airflow will not retry the producer by itself.
        nodes: the progress of its nodes, by unique id.
        is_finished: whether dbt has ended.
    """

    attempt: int
    is_last_attempt: bool
    nodes: dict[str, NodeProgress] = field(default_factory=dict)
    is_finished: bool = False

    def piece(self, of_nodes: dict[str, int]) -> dict[str, Any]:
        """The next piece, as plain data.

        Args:
            of_nodes: the nodes with news, each with its number of lines in earlier pieces.
        """
        nodes = {}
        for unique_id, told in of_nodes.items():
            node = self.nodes[unique_id]
            nodes[unique_id] = asdict(replace(node, lines=node.lines[told:]))
        return {
            "attempt": self.attempt,
            "is_last_attempt": self.is_last_attempt,
            "is_finished": self.is_finished,
            "nodes": nodes,
        }

    def add(self, piece: dict[str, Any]) -> None:
        """Add the next piece."""
        self.is_finished = piece["is_finished"]
        for unique_id, told in piece["nodes"].items():
            node = NodeProgress(**told)
            before = self.nodes.get(unique_id, NodeProgress())
            self.nodes[unique_id] = replace(node, lines=[*before.lines, *node.lines])

    @classmethod
    def begun(cls, piece: dict[str, Any]) -> "Progress":
        """Make the progress from the first piece."""
        progress = cls(piece["attempt"], piece["is_last_attempt"])
        progress.add(piece)
        return progress

    @classmethod
    def told(cls, read: Callable[[str], Any]) -> "Progress | None":
        """Make the progress from all pieces; None when there is none.

        Args:
            read: returns the value of an XCom of the producer by its key; None when there is none.
        """
        first = read(piece_key(FIRST_PIECE))
        if first is None:
            return None
        progress, number = cls.begun(first), FIRST_PIECE + 1
        while (piece := read(piece_key(number))) is not None:
            progress.add(piece)
            number += 1
        return progress

    def outcome_of(self, unique_ids: list[str]) -> Outcome | None:
        """The common outcome of some nodes; None while one of the selected ones still runs.

        If there was no message about a node when dbt has ended, the node was not selected. If none was selected, the
        outcome is skipped.
        """
        seen = [self.nodes[unique_id] for unique_id in unique_ids if unique_id in self.nodes]
        outcomes = {node.outcome for node in seen}
        if None in outcomes or (len(seen) < len(unique_ids) and not self.is_finished):
            return None
        if "failed" in outcomes:
            return "failed"
        return "success" if "success" in outcomes else "skipped"

    def times_of(self, unique_ids: list[str]) -> tuple[str, str] | None:
        """Start and end of dbt's work on some nodes, ISO 8601; None when it ran none of them."""
        seen = [self.nodes[unique_id] for unique_id in unique_ids if unique_id in self.nodes]
        started = [node.started_at for node in seen if node.started_at]
        ended = [node.ended_at for node in seen if node.ended_at]
        return (min(started), max(ended)) if started and ended else None

    def lines_of(self, unique_ids: list[str]) -> list[str]:
        """The messages of dbt about some nodes."""
        return [line for unique_id in unique_ids if unique_id in self.nodes for line in self.nodes[unique_id].lines]


def piece_key(number: int) -> str:
    """The XCom key of a piece, counted from ``FIRST_PIECE``."""
    return f"dbt_progress_{number}"


def kept_of_node(value: Any) -> dict[str, Any]:
    """What a task stored of its node. Airflow stores a trigger event's payload as text, and may return the text."""
    return json.loads(value) if isinstance(value, str) else value


def pause_seconds(at_least: float, took_seconds: float, since: float) -> float:
    """The pause before the next write or read. It is longer in a long build, and where each write or read takes long.

    Args:
        at_least: the shortest pause, for a build that has just begun, seconds.
        took_seconds: how long the last write or read took, seconds.
        since: when the build began, by the monotonic clock. The pause is at least a hundredth of the time since then.
    """
    return min(max(at_least, took_seconds, (time.monotonic() - since) / 100), LONGEST_INTERVAL_SECONDS)


def outcome_of_status(status: str) -> Outcome:
    """The outcome of a node by its dbt status.

    A node that dbt skipped, reused or had nothing to do for (``no-op``) did not run, so its task is skipped. So is that of
    a node with an unknown status. The task that runs dbt fails if dbt fails.
    """
    return _OUTCOMES.get(status, "skipped")

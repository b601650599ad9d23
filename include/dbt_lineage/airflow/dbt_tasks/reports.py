"""What the task that runs dbt tells the tasks that mirror its nodes: numbered XComs, written by one, read by all.

The producer writes them off dbt's threads, at most twice a second. Each is a piece: what is new since the one before, so
that none grows with the project. None is written again, but for one whose request failed. A reader that starts late or
again reads them from the first one on. Airflow deletes them all before another attempt of the producer.
"""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

FIRST_PIECE = 1
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
    "error": "failed",
    "fail": "failed",
    "runtime error": "failed",
    "partial success": "failed",
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

    def piece(self, of_nodes: dict[str, int]) -> dict[str, Any]:
        """What is new, as plain data.

        Args:
            of_nodes: the nodes that there is news of, each with how many of its lines were told before.
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
        """Take in the next piece."""
        self.is_finished = piece["is_finished"]
        for unique_id, told in piece["nodes"].items():
            node = NodeProgress(**told)
            before = self.nodes.get(unique_id, NodeProgress())
            self.nodes[unique_id] = replace(node, lines=[*before.lines, *node.lines])

    @classmethod
    def begun(cls, piece: dict[str, Any]) -> "Progress":
        """From the first piece."""
        progress = cls(piece["attempt"], piece["is_last_attempt"])
        progress.add(piece)
        return progress

    @classmethod
    def told(cls, read: Callable[[str], Any]) -> "Progress | None":
        """All that was told; None when nothing was.

        Args:
            read: the value of an XCom of the producer by its key; None when there is none.
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


def piece_key(number: int) -> str:
    """The XCom of a piece, counted from ``FIRST_PIECE``."""
    return f"dbt_progress_{number}"


def kept_of_node(value: Any) -> dict[str, Any]:
    """What a task kept of its node. Airflow stores what a trigger's event carries as text, and may give it back so."""
    return json.loads(value) if isinstance(value, str) else value


def pause_seconds(at_least: float, took_seconds: float, since: float) -> float:
    """How long to wait before the next telling or reading: not often in a long build, nor where each takes long.

    Args:
        at_least: in a build that has just begun, seconds.
        took_seconds: how long the last one took.
        since: when the build began, by the monotonic clock. A hundredth of the time since then is waited.
    """
    return min(max(at_least, took_seconds, (time.monotonic() - since) / 100), LONGEST_INTERVAL_SECONDS)


def outcome_of_status(status: str) -> Outcome:
    """How a node ended, by dbt's word for it.

    What dbt skipped, had nothing to do for (``no-op``) or reused, it did not run: the task is skipped. So is it for a
    word that is not known. The task that runs dbt fails where dbt does.
    """
    return _OUTCOMES.get(status, "skipped")

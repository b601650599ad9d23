"""dbt's messages in one form, whether they come by callback in dbt's process or as lines of its JSON log.

Both have the same content (https://docs.getdbt.com/reference/events-logging): ``info`` is what happened and when,
``data.node_info`` the node. Nothing here needs dbt to be installed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

SHOWN_LEVELS = ("info", "warn", "error")
_OF_NODE = ("NodeStart", "NodeFinished")


@dataclass(frozen=True, slots=True)
class NodeEnd:
    """How a node ended, by its NodeFinished message.

    Args:
        status: success, error, pass, fail and so on.
        message: dbt's message, such as the database's error; "" for none.
        failures: number of rows that a data test found; 0 also where nothing was counted.
        timings: start and end of each part of the work that has both, UTC.
    """

    status: str
    message: str
    failures: int
    timings: tuple[tuple[datetime, datetime], ...]


@dataclass(frozen=True, slots=True)
class Message:
    """A message of dbt.

    Args:
        name: the kind of message, such as ``NodeFinished``.
        level: debug, info, warn or error.
        text: dbt's text.
        at: its time, UTC.
        invocation_id: dbt's id of the run.
        unique_id: the node that it is about; "" for none.
        end: how that node ended; None unless it is a ``NodeFinished``.
        relation: database, schema and name of the node's relation; None if it has none, or dbt does not report it.
    """

    name: str
    level: str
    text: str
    at: datetime
    invocation_id: str
    unique_id: str = ""
    end: NodeEnd | None = None
    relation: tuple[str, str, str] | None = None


@dataclass(frozen=True, slots=True)
class NodeStatus:
    """How a node ended, by dbt's results at its own end.

    Args:
        unique_id: the node.
        status: success, error, pass, fail and so on.
        message: dbt's message; None for none.
    """

    unique_id: str
    status: str
    message: str | None


@dataclass(frozen=True, slots=True)
class CommandEnd:
    """How a dbt command ended.

    Args:
        success: whether dbt reports success.
        error: what stopped it, apart from the errors of its nodes; None for nothing.
        nodes: how its nodes ended; empty when it could not even begin.
        was_killed: whether an unexpected signal ended it, such as the kernel's when memory runs out.
    """

    success: bool
    error: str | None
    nodes: tuple[NodeStatus, ...]
    was_killed: bool = False


def of_callback(said: Any) -> Message | None:
    """The message of an ``EventMsg``, the argument of dbt's callbacks.

    Args:
        said: the ``EventMsg``.

    Returns:
        The message; None for a debug message that is not the start or end of a node.
    """
    info = said.info
    if not _is_of_interest(info.name, info.level):
        return None
    node = getattr(said.data, "node_info", None)
    return Message(
        name=info.name,
        level=info.level,
        text=info.msg,
        at=info.ts.ToDatetime(UTC),
        invocation_id=info.invocation_id,
        unique_id="" if node is None else node.unique_id,
        end=_end_of_callback(said.data.run_result) if info.name == "NodeFinished" else None,
        relation=None if node is None else _relation(node.node_relation),
    )


def of_line(said: Mapping[str, Any]) -> Message | None:
    """The message of a line of dbt's JSON log.

    Args:
        said: the line, parsed.

    Returns:
        As ``of_callback``.

    Raises:
        KeyError, ValueError, TypeError: the line is not a message of dbt.
    """
    info, data = said["info"], said.get("data", {})
    if not _is_of_interest(info["name"], info["level"]):
        return None
    # dbt omits node_info where there is no node.
    node = data.get("node_info") or {}
    return Message(
        name=info["name"],
        level=info["level"],
        text=info["msg"],
        at=_instant(info["ts"]),
        invocation_id=info["invocation_id"],
        unique_id=node.get("unique_id", ""),
        end=_end_of_line(data.get("run_result", {})) if info["name"] == "NodeFinished" else None,
        relation=_relation_of_line(node.get("node_relation") or {}),
    )


def _is_of_interest(name: str, level: str) -> bool:
    return name in _OF_NODE or level in SHOWN_LEVELS


def _relation(told: Any) -> tuple[str, str, str] | None:
    return (told.database, told.schema, told.alias) if told.alias else None


def _relation_of_line(told: Mapping[str, str]) -> tuple[str, str, str] | None:
    if not told.get("alias"):
        return None
    return told.get("database", ""), told.get("schema", ""), told["alias"]


def _end_of_callback(result: Any) -> NodeEnd:
    timings: Iterable[Any] = result.timing_info
    return NodeEnd(
        status=result.status,
        message=result.message,
        failures=result.num_failures,
        timings=tuple(
            (timing.started_at.ToDatetime(UTC), timing.completed_at.ToDatetime(UTC))
            for timing in timings
            if timing.HasField("started_at") and timing.HasField("completed_at")
        ),
    )


def _end_of_line(result: Mapping[str, Any]) -> NodeEnd:
    return NodeEnd(
        status=result.get("status", ""),
        message=result.get("message", ""),
        failures=result.get("num_failures", 0),
        timings=tuple(
            (_instant(timing["started_at"]), _instant(timing["completed_at"]))
            for timing in result.get("timing_info", ())
            if timing.get("started_at") and timing.get("completed_at")
        ),
    )


def _instant(timestamp: str) -> datetime:
    """A time of dbt's log, which is UTC."""
    return datetime.fromisoformat(timestamp).replace(tzinfo=UTC)

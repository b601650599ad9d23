"""What of an edge in the catalogue is ours: the marks in its description.

The catalogue has one edge for each pair of tables, and a write replaces all of it. A mark tells which job's fact an edge
says, and of what time. An edge that somebody else made too keeps what is theirs; the mark then lists the columns that were
added to it.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

# What an edge says of its origin (lineageDetails.source) when OpenLineage events made it.
FROM_EVENTS = "OpenLineage"
_MARK = re.compile(r"\s*`openlineage (\{[^`]*\})`")

Details = dict[str, Any]
Pair = tuple[str, str]


@dataclass(frozen=True)
class Mark:
    """What the description of an edge tells of a job's fact in it.

    Args:
        job: namespace and name.
        at: time of the fact.
        run: its run.
        added: pairs of columns that were added to somebody else's edge; None when the whole edge is ours.
        sql: whether the SQL of such an edge is ours.
    """

    job: tuple[str, str]
    at: datetime
    run: str
    added: frozenset[Pair] | None = None
    sql: bool = False

    @property
    def order(self) -> tuple[datetime, str]:
        """Its place among the facts of its job."""
        return self.at, self.run

    def __str__(self) -> str:
        said: dict[str, Any] = {"job": list(self.job), "eventTime": self.at.isoformat(), "run": self.run}
        if self.added is not None:
            said |= {"added": sorted(self.added), "sql": self.sql}
        return "`openlineage " + json.dumps(said, ensure_ascii=False).replace("`", "\\u0060") + "`"


def marks(details: Mapping[str, Any]) -> list[Mark]:
    """The marks in an edge's description; what somebody has changed beyond recognition is none."""
    found = []
    for text in _MARK.findall(details.get("description") or ""):
        try:
            said = json.loads(text)
            added = said.get("added")
            found.append(
                Mark(
                    (str(said["job"][0]), str(said["job"][1])),
                    datetime.fromisoformat(said["eventTime"]),
                    str(said["run"]),
                    None if added is None else frozenset((str(pair[0]), str(pair[1])) for pair in added),
                    bool(said.get("sql")),
                )
            )
        except (ValueError, KeyError, IndexError, TypeError):
            continue
    return found


def without_marks(description: str) -> str:
    """What a description says to people."""
    return _MARK.sub("", description).strip()


def without(stored: Mapping[str, Any], job: tuple[str, str], pipeline: str | None) -> Details | None:
    """What is left of an edge without a job's part of it; None when nothing is.

    Args:
        stored: the edge's details.
        job: namespace and name.
        pipeline: id of the job's pipeline; None when it has none.
    """
    mark = next((each for each in marks(stored) if each.job == job), None)
    made_by = (stored.get("pipeline") or {}).get("id")
    if mark is None:
        # OpenMetadata's own connector leaves no mark; what it made for this job's pipeline is the job's.
        if stored.get("source") == FROM_EVENTS and pipeline is not None and made_by == pipeline:
            others = marks(stored)
            return _of_others(stored, job, others) if others else None
        return writable(stored)
    others = [each for each in marks(stored) if each.job != job]
    if mark.added is None:
        return _of_others(stored, job, others) if others else None
    rest = writable(stored)
    kept = []
    for entry in rest.get("columnsLineage") or []:
        sources = [each for each in entry.get("fromColumns") or [] if (each, entry.get("toColumn")) not in mark.added]
        if sources:
            kept.append({**entry, "fromColumns": sources})
    rest["columnsLineage"] = kept
    rest["description"] = _without_mark(stored.get("description") or "", job)
    if mark.sql:
        rest.pop("sqlQuery", None)
    # Made for a job that has left since: nobody has a part in it.
    is_empty = not (kept or rest["description"] or "pipeline" in rest)
    return None if is_empty and rest.get("source") == FROM_EVENTS else rest


def _of_others(stored: Mapping[str, Any], job: tuple[str, str], others: Iterable[Mark]) -> Details:
    """An edge that a job made, of which only what others have added is left."""
    added = frozenset(pair for each in others for pair in each.added or ())
    kept = []
    for entry in stored.get("columnsLineage") or []:
        sources = [each for each in entry.get("fromColumns") or [] if (each, entry.get("toColumn")) in added]
        if sources:
            kept.append({**entry, "fromColumns": sources})
    description = _without_mark(stored.get("description") or "", job)
    return {"source": FROM_EVENTS, "columnsLineage": kept, "description": description}


def column_pairs(stored: Mapping[str, Any]) -> frozenset[Pair]:
    """Which column is made from which, as the edge names them."""
    return frozenset(pairs(stored.get("columnsLineage") or []))


def _without_mark(description: str, job: tuple[str, str]) -> str:
    """A description without our paragraph and mark for a job."""
    kept, end = [], 0
    for match in _MARK.finditer(description):
        text, end_before = description[end : match.start()], match.end()
        if [mark for mark in marks({"description": match.group(0)}) if mark.job == job]:
            text = re.sub(r"\s*Rows: [^\n]*\Z", "", text)
        else:
            text += match.group(0)
        kept.append(text)
        end = end_before
    return "".join([*kept, description[end:]]).strip()


def writable(stored: Mapping[str, Any]) -> Details:
    """What of an edge can be written back: the server sets the times and the users."""
    kept = {name: stored[name] for name in ("source", "sqlQuery", "columnsLineage", "description") if stored.get(name)}
    if maker := stored.get("pipeline"):
        kept["pipeline"] = {"id": maker["id"], "type": maker.get("type", "pipeline")}
    if stored.get("tempLineageTables"):
        kept["tempLineageTables"] = stored["tempLineageTables"]
    return kept


def pairs(entries: Iterable[Mapping[str, Any]]) -> set[Pair]:
    """Which column is made from which, of the entries of ``columnsLineage``."""
    return {
        (source, entry["toColumn"])
        for entry in entries
        if entry.get("toColumn")
        for source in entry.get("fromColumns") or []
    }

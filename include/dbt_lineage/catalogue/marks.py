"""Marks in the description of an edge: which part of it the lineage wrote.

The catalogue has one edge for each pair of tables, and a write overwrites all of it. A mark names the job, the run and
the time of the fact that was written. An edge that somebody else made too keeps their part. The mark then lists the
columns that were added to it.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

# lineageDetails.source of an edge that OpenLineage events made.
FROM_EVENTS = "OpenLineage"
_MARK = re.compile(r"\s*`openlineage (\{[^`]*\})`")

Details = dict[str, Any]
Pair = tuple[str, str]


@dataclass(frozen=True)
class Mark:
    """The mark of a job's fact in the description of an edge.

    Args:
        job: the job's namespace and name.
        at: the fact's event time.
        run: the fact's run id.
        added: pairs of columns that were added to somebody else's edge; None when the whole edge is the job's.
        sql: whether the SQL of such an edge is the job's.
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
    """The marks in an edge's description. A mark that somebody has made unreadable is ignored."""
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
    """A description without its marks, which are for programs."""
    return _MARK.sub("", description).strip()


def without(stored: Mapping[str, Any], job: tuple[str, str], pipeline: str | None) -> Details | None:
    """The details of an edge without a job's part; None when nothing is left.

    Args:
        stored: the edge's details.
        job: the job's namespace and name.
        pipeline: id of the job's pipeline; None when it has none.
    """
    mark = next((each for each in marks(stored) if each.job == job), None)
    made_by = (stored.get("pipeline") or {}).get("id")
    if mark is None:
        # OpenMetadata's own connector writes no mark. An edge that it made for this job's pipeline is the job's.
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
    # The edge was made for jobs that have left since, so it is nobody's.
    is_empty = not (kept or rest["description"] or "pipeline" in rest)
    return None if is_empty and rest.get("source") == FROM_EVENTS else rest


def _of_others(stored: Mapping[str, Any], job: tuple[str, str], others: Iterable[Mark]) -> Details:
    """The details of a job's edge, reduced to what other jobs have added."""
    added = frozenset(pair for each in others for pair in each.added or ())
    kept = []
    for entry in stored.get("columnsLineage") or []:
        sources = [each for each in entry.get("fromColumns") or [] if (each, entry.get("toColumn")) in added]
        if sources:
            kept.append({**entry, "fromColumns": sources})
    description = _without_mark(stored.get("description") or "", job)
    return {"source": FROM_EVENTS, "columnsLineage": kept, "description": description}


def column_pairs(stored: Mapping[str, Any]) -> frozenset[Pair]:
    """The column edges of an edge: which column is made from which."""
    return frozenset(pairs(stored.get("columnsLineage") or []))


def _without_mark(description: str, job: tuple[str, str]) -> str:
    """A description without a job's paragraph and mark."""
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
    """The fields of an edge that can be written back. The server sets times and users itself."""
    kept = {name: stored[name] for name in ("source", "sqlQuery", "columnsLineage", "description") if stored.get(name)}
    if maker := stored.get("pipeline"):
        kept["pipeline"] = {"id": maker["id"], "type": maker.get("type", "pipeline")}
    if stored.get("tempLineageTables"):
        kept["tempLineageTables"] = stored["tempLineageTables"]
    return kept


def pairs(entries: Iterable[Mapping[str, Any]]) -> set[Pair]:
    """The column edges in the entries of ``columnsLineage``."""
    return {
        (source, entry["toColumn"])
        for entry in entries
        if entry.get("toColumn")
        for source in entry.get("fromColumns") or []
    }

"""Make an edge of the catalogue from a fact, merge it with what others wrote there, and compare the two."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dbt_lineage.catalogue.marks import FROM_EVENTS, Details, Mark, pairs, without
from dbt_lineage.core.spelling import Spellings
from dbt_lineage.ingest.fact import EdgeFact, Fact

# Longer SQL is cut off, since nobody reads it in a catalogue. Characters.
SQL_CHARACTERS = 50_000
FUNCTION_CHARACTERS = 500
_LISTED = 50
_DECIDING = {"FILTER": "filter on", "JOIN": "join on", "GROUP_BY": "group by", "SORT": "sort by"}


@dataclass(frozen=True)
class CatalogueTable:
    """A table in the catalogue.

    Args:
        id: its id.
        fqn: its fully qualified name.
        columns: the fully qualified names of its columns, by their names.
    """

    id: str
    fqn: str
    columns: Mapping[str, str]

    def column(self, name: str) -> str | None:
        """Fully qualified name of the column of this name, else of the only one that differs in case alone, else None."""
        if name in self.columns:
            return self.columns[name]
        real = Spellings(self.columns).find(name)
        return None if real is None else self.columns[real]


@dataclass
class Wanted:
    """An edge as it should be in the catalogue.

    Args:
        details: its LineageDetails.
        absent: messages about columns that one of the tables does not have. The edge does not name them.
    """

    details: Details
    absent: list[str] = field(default_factory=list)


def wanted(
    fact: Fact, edge: EdgeFact, upstream: CatalogueTable, output: CatalogueTable, pipeline: str, stored: Details | None
) -> Wanted:
    """The edge that a fact requires.

    Args:
        fact: the fact.
        edge: the fact's part for this edge.
        upstream: the input in the catalogue.
        output: the output in the catalogue.
        pipeline: id of the job's pipeline.
        stored: the edge's current details in the catalogue; None if there is no edge.
    """
    columns, absent = _columns(fact, edge, upstream, output)
    mark = Mark(fact.job, fact.at, fact.run)
    foreign = None if stored is None else without(stored, fact.job, pipeline)
    sql = _short(fact.sql, SQL_CHARACTERS)
    if foreign is None:
        details: Details = {
            "source": FROM_EVENTS,
            "pipeline": {"id": pipeline, "type": "pipeline"},
            "columnsLineage": columns,
            "description": _joined(_deciding(edge), str(mark)),
        }
        return Wanted({**details, **({"sqlQuery": sql} if sql else {})}, absent)
    theirs = pairs(foreign.get("columnsLineage") or [])
    added = [
        {**entry, "fromColumns": sources}
        for entry in columns
        if (sources := [source for source in entry["fromColumns"] if (source, entry["toColumn"]) not in theirs])
    ]
    adds_sql = bool(sql) and not foreign.get("sqlQuery")
    mark = Mark(fact.job, fact.at, fact.run, frozenset(pairs(added)), adds_sql)
    details = {
        **foreign,
        "columnsLineage": [*(foreign.get("columnsLineage") or []), *added],
        "description": _joined(foreign.get("description") or "", _deciding(edge), str(mark)),
        **({"sqlQuery": sql} if adds_sql else {}),
    }
    return Wanted(details, absent)


def differs(stored: Mapping[str, Any] | None, details: Mapping[str, Any]) -> str:
    """How a stored edge differs from the required one; empty when it does not."""
    if stored is None:
        return "the catalogue has no such edge"
    for name, read in (
        ("source", lambda each: each.get("source")),
        ("pipeline", lambda each: (each.get("pipeline") or {}).get("id")),
        ("columnsLineage", _columns_said),
        ("sqlQuery", lambda each: (each.get("sqlQuery") or "").strip()),
        ("description", lambda each: (each.get("description") or "").strip()),
    ):
        if read(stored) != read(details):
            return f"its {name} differs from the event"
    return ""


def _columns(
    fact: Fact, edge: EdgeFact, upstream: CatalogueTable, output: CatalogueTable
) -> tuple[list[Details], list[str]]:
    """The column edges in the tables' spelling, and messages about columns that a table does not have."""
    entries: dict[tuple[str, str], list[str]] = {}
    absent: list[str] = []
    for link in edge.links:
        source, target = upstream.column(link.source), output.column(link.target)
        if source is None or target is None:
            table, column = (upstream, link.source) if source is None else (output, link.target)
            absent.append(f"{table.fqn} has no column {column}")
            continue
        entries.setdefault((target, _function(fact, link.target, link.ways)), []).append(source)
    found = [
        {"fromColumns": sorted(sources), "toColumn": target, "function": function}
        for (target, function), sources in sorted(entries.items())
    ]
    return found, list(dict.fromkeys(absent))


def _function(fact: Fact, column: str, ways: Iterable[str]) -> str:
    expression = fact.expressions.get(column, "")
    return _short(": ".join(filter(None, (", ".join(ways), expression))), FUNCTION_CHARACTERS)


def _deciding(edge: EdgeFact) -> str:
    """The columns that decide the rows, as text."""
    said = []
    for way, columns in edge.deciding.items():
        more = f" and {len(columns) - _LISTED} more" if len(columns) > _LISTED else ""
        said.append(f"{_DECIDING.get(way, way.lower())} {', '.join(columns[:_LISTED])}{more}")
    return f"Rows: {'; '.join(said)}." if said else ""


def _joined(*parts: str) -> str:
    return "\n\n".join(part.strip() for part in parts if part.strip())


def _columns_said(details: Mapping[str, Any]) -> set[tuple[str, str, str]]:
    return {
        (source, entry["toColumn"], entry.get("function") or "")
        for entry in details.get("columnsLineage") or []
        if entry.get("toColumn")
        for source in entry.get("fromColumns") or []
    }


def _short(text: str, characters: int) -> str:
    # The database where a real catalogue stores it may refuse NUL in texts.
    clean = text.replace("\x00", "").strip()
    return clean if len(clean) <= characters else clean[: characters - 1].rstrip() + "…"

"""Everything that is known of one node."""

from collections.abc import Mapping, Sequence
from typing import Any

from dbt_lineage.core.projects import Project
from dbt_lineage.ledger.job_lineage import JobLineage
from dbt_lineage.ledger.run_events import EventRecord
from dbt_lineage.manifest.graph import Manifest
from dbt_lineage.page.graph import Graph
from dbt_lineage.page.results import outcomes


def detail(
    graph: Graph,
    place: int,
    project: Project,
    runs: Sequence[Mapping[str, Any]],
    lineage: JobLineage | None,
    event: EventRecord | None,
    fresh: Mapping[str, Any] | None,
    with_code: bool,
) -> dict[str, Any]:
    """What ``GET /nodes/{id}`` answers.

    Args:
        graph: the graph.
        place: the node's place.
        project: its project.
        runs: how its task ended in the last runs, the newest first.
        lineage: what its newest event says, with the SQL; None where the ledger has none.
        event: how far that event has come; None where the ledger has forgotten it.
        fresh: how old it is, beside what is promised; None where nothing is promised, or the ledger is away.
        with_code: whether the reader may see SQL.

    Raises:
        ManifestError: the manifest of its project cannot be read.
    """
    node = graph.nodes[place]
    manifest = Manifest.load(project.dbt.manifest)
    tests = _tests(manifest, project, node.unique_id)
    by_column: dict[str, list[str]] = {}
    for test in tests:
        if test["column"]:
            by_column.setdefault(test["column"].lower(), []).append(test["name"])
    said = manifest.content["nodes"].get(node.unique_id, {})
    sql = (lineage.sql if lineage else "") or said.get("compiled_code") or said.get("raw_code") or ""
    return {
        **node.as_json(),
        "description": node.description,
        "sql": sql if with_code else None,
        "sql_hidden": not with_code,
        "columns": [
            {
                "name": name,
                "type": column.type,
                "description": column.description,
                "tests": by_column.get(name.lower(), []),
                "expression": lineage.said.expressions.get(name) if lineage and with_code else None,
            }
            for name, column in node.columns.items()
        ],
        "tests": tests,
        "runs": list(runs),
        "freshness": fresh,
        "upstream": [graph.nodes[each].id for each in graph.upstream.get(place, [])],
        "downstream": [graph.nodes[each].id for each in graph.downstream.get(place, [])],
        "unresolved": [
            {"column": None if column is None else graph.columns.names[column][1], "reason": reason}
            for at, column, reason in graph.columns.unresolved
            if at == place
        ],
        "event_id": lineage.event_id if lineage else None,
        "times": _times(lineage, event),
    }


def _tests(manifest: Manifest, project: Project, unique_id: str) -> list[dict[str, Any]]:
    results = outcomes(project.dbt.run_artifacts)
    found = []
    for test in manifest.tests().get(unique_id, []):
        node = manifest.content["nodes"].get(test, {})
        outcome = results.get(test)
        found.append(
            {
                "name": node.get("name") or test.split(".")[2],
                "column": node.get("column_name"),
                "state": outcome.status if outcome else None,
                "message": outcome.message if outcome else None,
                "at": outcome.at if outcome else None,
            }
        )
    return found


def _times(lineage: JobLineage | None, event: EventRecord | None) -> dict[str, str | None]:
    """The four times of the ledger; of an event that it has forgotten only when it was read back."""
    read_back = lineage.verified_at if lineage else None
    times = {
        "emitted": event.emitted_at if event else None,
        "acknowledged": event.acknowledged_at if event else None,
        "ingested": event.ingested_at if event else None,
        "verified": (event.verified_at if event else None) or read_back,
    }
    return {name: time.isoformat() if time else None for name, time in times.items()}

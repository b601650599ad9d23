"""Projects, graph, columns, and how the last run stands."""

from collections import Counter
from datetime import UTC, datetime
from typing import Annotated, Any

from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity
from airflow.api_fastapi.common.db.common import SessionDep
from fastapi import APIRouter, Header, Query, Request, Response

from dbt_lineage.airflow.page.rights import Reader, ReaderDep
from dbt_lineage.airflow.page.runs import last_runs, task_states
from dbt_lineage.core import settings
from dbt_lineage.core.projects import Project
from dbt_lineage.manifest.graph import Manifest
from dbt_lineage.page.answers import Compressed, View, Views
from dbt_lineage.page.nodes import Kind
from dbt_lineage.page.results import counted, outcomes
from dbt_lineage.spool.switch import Switch

router = APIRouter()

ProjectNames = Annotated[list[str], Query(alias="project", description="names of projects; all by default")]
# Airflow's states, as far as the page has another word for them.
_STATES = {
    None: "none",
    "scheduled": "queued",
    "queued": "queued",
    "deferred": "running",
    "running": "running",
    "restarting": "running",
    "up_for_retry": "retry",
    "up_for_reschedule": "running",
    "removed": "none",
}


def view_of(request: Request, reader: Reader, names: list[str]) -> View:
    """What a reader sees of some projects. Raises HTTPException, SettingsError."""
    views: Views = request.app.state.views
    return views.of(reader.chosen(names))


@router.get("/projects")
def projects(request: Request, reader: ReaderDep, session: SessionDep) -> list[dict[str, Any]]:
    """The projects that the reader may see, each with its last run."""
    off = Switch(settings.spool().dir).off()
    runs = last_runs(session, [each.dbt.dag_id for each in reader.projects])
    found = []
    for project in reader.projects:
        view = view_of(request, reader, [project.name])
        nodes = [each for each in view.graph.nodes if each.project == project.name]
        kinds = Counter(each.kind for each in nodes)
        found.append(
            {
                "name": project.name,
                "dag_id": project.dbt.dag_id,
                "models": kinds[Kind.MODEL],
                "columns": sum(len(each.columns) for each in nodes),
                "dashboards": kinds[Kind.DASHBOARD],
                "lineage_on": off is None,
                "lineage_reason": None if off is None else str(off),
                # The graph itself names what else is wrong, such as a ledger that is away.
                "problem": None if nodes else view.problem,
                "last_run": runs.get(project.dbt.dag_id),
            }
        )
    return found


@router.get("/graph")
def graph(
    request: Request,
    reader: ReaderDep,
    project: ProjectNames = [],  # noqa: B006 - FastAPI copies it
    if_none_match: Annotated[str | None, Header()] = None,
    accept_encoding: Annotated[str, Header()] = "",
) -> Response:
    """The nodes and the edges between them."""
    return _sent(view_of(request, reader, project).nodes, if_none_match, accept_encoding)


@router.get("/columns")
def columns(
    request: Request,
    reader: ReaderDep,
    project: ProjectNames = [],  # noqa: B006 - FastAPI copies it
    if_none_match: Annotated[str | None, Header()] = None,
    accept_encoding: Annotated[str, Header()] = "",
) -> Response:
    """The columns of the nodes of ``/graph``, and the edges between them."""
    return _sent(view_of(request, reader, project).columns, if_none_match, accept_encoding)


@router.get("/state")
def state(
    request: Request,
    reader: ReaderDep,
    session: SessionDep,
    project: ProjectNames = [],  # noqa: B006 - FastAPI copies it
    run_id: str | None = None,
) -> dict[str, Any]:
    """How the tasks of a run stand, by node; of the last run of each project, when none is named."""
    chosen = [each for each in reader.chosen(project) if reader.may(each.dbt.dag_id, DagAccessEntity.TASK_INSTANCE)]
    runs = last_runs(session, [each.dbt.dag_id for each in chosen], run_id)
    tasks = task_states(session, [(dag_id, run["run_id"]) for dag_id, run in runs.items()])
    tests = _tests(chosen) if run_id is None else {}
    nodes = {}
    for node in view_of(request, reader, project).graph.nodes:
        if node.dag_id is None or node.dag_id not in runs:
            continue
        found = tasks.get((node.dag_id, node.task_id or ""))
        said = found or {"state": None, "started_at": None, "ended_at": None}
        nodes[node.id] = {
            **said,
            "state": _STATES.get(said["state"], said["state"]),
            # Of the last build: dbt keeps those of no other one.
            "tests": tests.get(node.unique_id),
            "verified_at": node.verified_at,
        }
    return {
        "now": datetime.now(UTC).isoformat(),
        "runs": [
            {"project": each.name, "dag_id": each.dbt.dag_id, **runs[each.dbt.dag_id]}
            for each in chosen
            if each.dbt.dag_id in runs
        ],
        "nodes": nodes,
    }


def _tests(chosen: list[Project]) -> dict[str, dict[str, int]]:
    """How many tests of each node passed, failed and warned in the last build, by unique id."""
    found: dict[str, dict[str, int]] = {}
    for project in chosen:
        if results := outcomes(project.dbt.run_artifacts):
            tests = Manifest.load(project.dbt.manifest).tests()
            found |= {unique_id: counted(results, of_node) for unique_id, of_node in tests.items()}
    return found


def _sent(body: Compressed, if_none_match: str | None, accept_encoding: str) -> Response:
    """A body as the browser takes it; nothing when it has this version."""
    tag = f'"{body.version}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Accept-Encoding, Cookie, Authorization"}
    # A proxy that compresses anew makes a tag weak.
    if if_none_match and tag in if_none_match.replace("W/", "").split(", "):
        return Response(status_code=304, headers=headers)
    if "gzip" in accept_encoding:
        return Response(body.packed, media_type="application/json", headers={**headers, "Content-Encoding": "gzip"})
    return Response(body.plain, media_type="application/json", headers=headers)

"""One node, and what a change of it would reach."""

from datetime import UTC, datetime
from typing import Any

from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity
from airflow.api_fastapi.common.db.common import SessionDep
from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel, Field, model_validator

from dbt_lineage.airflow.page.rights import ReaderDep
from dbt_lineage.airflow.page.routes.graph import view_of
from dbt_lineage.airflow.page.runs import task_history
from dbt_lineage.core import settings
from dbt_lineage.core.projects import Project
from dbt_lineage.ledger.history import History
from dbt_lineage.ledger.job_lineage import JobLineage, LineageLedger
from dbt_lineage.ledger.ledger import LedgerError
from dbt_lineage.ledger.run_events import EventRecord, RunLedger
from dbt_lineage.manifest.graph import Manifest
from dbt_lineage.page import what_if
from dbt_lineage.page.detail import detail
from dbt_lineage.page.freshness import freshness

router = APIRouter()
_RUNS = 20
_SQL_CHARACTERS = 1_000_000


class Change(BaseModel):
    """A change that is thought of: of a column, or of the SQL of a model."""

    node: str = Field(description="id of the table or model")
    column: str | None = Field(None, description="the column that would change")
    sql: str | None = Field(None, max_length=_SQL_CHARACTERS, description="the model's SQL as it would be")

    @model_validator(mode="after")
    def _names_one_change(self) -> "Change":
        if (self.column is None) == (self.sql is None):
            raise ValueError("give either column or sql")
        return self


@router.get("/nodes/{node_id:path}")
def node(node_id: str, request: Request, reader: ReaderDep, session: SessionDep) -> dict[str, Any]:
    """Everything that is known of one node. Its SQL only for who may read the code of its DAG."""
    graph = view_of(request, reader, []).graph
    place = graph.place_of.get(node_id)
    if place is None:
        raise HTTPException(404, f"there is no node {node_id!r} that you may see")
    found = graph.nodes[place]
    project = next(each for each in reader.projects if each.name == found.project)
    dag_id = project.dbt.dag_id
    runs = []
    if found.dag_id and found.task_id and reader.may(dag_id, DagAccessEntity.TASK_INSTANCE):
        runs = list(task_history(session, found.dag_id, found.task_id, _RUNS))
    lineage, event, fresh = _of_ledger(graph.lineage.get(place), project, found.unique_id)
    return detail(graph, place, project, runs, lineage, event, fresh, reader.may(dag_id, DagAccessEntity.CODE))


@router.post("/what-if")
def what_if_changed(change: Change, request: Request, reader: ReaderDep) -> dict[str, Any]:
    """What a change would reach, by column, down to charts."""
    graph = view_of(request, reader, []).graph
    place = graph.place_of.get(change.node)
    if place is None:
        raise HTTPException(404, f"there is no node {change.node!r} that you may see")
    if change.column is not None:
        return what_if.of_column(graph, place, change.column)
    assert change.sql is not None  # noqa: S101 - one of both is there
    project = next(each for each in reader.projects if each.name == graph.nodes[place].project)
    return what_if.of_sql(graph, place, change.sql, Manifest.load(project.dbt.manifest))


def _of_ledger(
    known: JobLineage | None, project: Project, unique_id: str
) -> tuple[JobLineage | None, EventRecord | None, dict[str, Any] | None]:
    """What the newest event of a job says, with its SQL, how far it has come, and how old the node is.

    Where the ledger is away, the node is shown without what only the ledger knows; the page says so.
    """
    if not settings.ledger_is_configured():
        return known, None, None
    try:
        with History(settings.ledger()) as history:
            last = history.last_events(project.openlineage.namespace, [unique_id])[unique_id]
        fresh = freshness(project, unique_id, last, datetime.now(UTC))
        if known is None:
            return None, None, fresh
        with LineageLedger(settings.ledger()) as ledger:
            of_job = ledger.of_job(known.job_namespace, known.job_name)
        with RunLedger(settings.ledger()) as runs:
            event = runs.event(known.event_id)
    except LedgerError:
        return known, None, None
    return next((each for each in of_job if each.output == known.output), known), event, fresh

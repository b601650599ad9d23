"""Receipts of runs, also as a table and as a signed statement, and the events of a run."""

import json
import logging
import sys
from collections.abc import Sequence
from importlib import metadata
from typing import Annotated, Any, Literal

from airflow import __version__ as airflow_version
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity
from airflow.api_fastapi.common.db.common import SessionDep
from fastapi import APIRouter, HTTPException, Query, Request, Response
from pydantic import AwareDatetime
from sqlalchemy.orm import Session

from dbt_lineage.airflow.page.rights import Reader, ReaderDep
from dbt_lineage.airflow.page.root_runs import root_run_ids
from dbt_lineage.airflow.page.routes.graph import view_of
from dbt_lineage.airflow.page.runs import last_runs, runs_before, task_states
from dbt_lineage.core import settings
from dbt_lineage.core.projects import Project
from dbt_lineage.kafka.reader import messages
from dbt_lineage.ledger.refreshes import DashboardLedger
from dbt_lineage.ledger.run_events import Counted, EventRecord, RunLedger
from dbt_lineage.manifest.graph import Manifest
from dbt_lineage.manifest.project_file import Jobs
from dbt_lineage.page.receipts import Receipt, receipt, waiting_in_spool
from dbt_lineage.page.statement import edges_of, private_key, signed, statement
from dbt_lineage.spool.errors import SpoolError
from dbt_lineage.spool.facts import EventFacts

router = APIRouter()
log = logging.getLogger(__name__)
DISTRIBUTION = "dbt-lineage-airflow"


@router.get("/receipts")
def receipts(
    reader: ReaderDep,
    session: SessionDep,
    dag_id: str | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    before: AwareDatetime | None = None,
) -> list[dict[str, Any]]:
    """The runs of dbt DAGs, the newest first, each with how many models ended and how many were read back."""
    chosen = [reader.of_dag(dag_id)] if dag_id is not None else reader.projects
    by_dag = {each.dbt.dag_id: each.name for each in chosen if reader.may(each.dbt.dag_id, DagAccessEntity.RUN)}
    runs = runs_before(session, by_dag, limit, before)
    with RunLedger(settings.ledger()) as ledger:
        counted = ledger.counted({root: _name(run) for run in runs for root in _roots(session, run)})
    found = []
    for run in runs:
        models, read_back = counted.get(_name(run), Counted())
        found.append({**run, "project": by_dag[run["dag_id"]], "models": models, "read_back": read_back})
    return found


@router.get("/receipts/{dag_id}/{run_id}")
def receipt_of_run(
    dag_id: str,
    run_id: str,
    request: Request,
    reader: ReaderDep,
    session: SessionDep,
    format: Literal["json", "csv"] = "json",
) -> Response:
    """How far the lineage of each model of a run has come."""
    _, made = _receipt(dag_id, run_id, request, reader, session)
    if format == "csv":
        name = "".join(letter if letter.isalnum() else "_" for letter in f"{dag_id}_{run_id}")
        headers = {"Content-Disposition": f'attachment; filename="receipt_{name}.csv"'}
        return Response(made.as_csv(), media_type="text/csv", headers=headers)
    return Response(json.dumps(made.as_json()), media_type="application/json")


@router.get("/receipts/{dag_id}/{run_id}/statement")
def statement_of_run(
    dag_id: str, run_id: str, request: Request, reader: ReaderDep, session: SessionDep
) -> dict[str, Any]:
    """The receipt as an in-toto statement in a DSSE envelope, signed with the key that PAGE_RECEIPT_KEY names."""
    file = settings.page().receipt_key
    if file is None:
        raise HTTPException(409, "receipts are not signed here: PAGE_RECEIPT_KEY names no key")
    key = private_key(file)
    project, made = _receipt(dag_id, run_id, request, reader, session)
    graph = view_of(request, reader, [project.name]).graph
    dbt = project.dbt
    files = (dbt.manifest, dbt.run_artifacts / "run_results.json")
    versions = {
        DISTRIBUTION: _version(),
        "apache-airflow": airflow_version,
        "dbt": str(Manifest.load(dbt.manifest).content["metadata"].get("dbt_version", "not told")),
        "python": sys.version.split()[0],
    }
    return signed(statement(made.as_json(), edges_of(graph), files, versions), key)


@router.get("/events")
def events(
    dag_id: str, run_id: str, reader: ReaderDep, session: SessionDep, model: str | None = None
) -> list[dict[str, Any]]:
    """The events of a run, and when each reached each station.

    Args:
        dag_id: the DAG.
        run_id: its run.
        reader: who asks.
        session: of Airflow's database.
        model: only of the job of this name, such as a model's unique id.
    """
    reader.of_dag(dag_id)
    reader.require(dag_id, DagAccessEntity.RUN)
    with RunLedger(settings.ledger()) as ledger:
        found = ledger.of_runs(root_run_ids(session, dag_id, run_id))
    return [_as_json(each) for each in found if model in (None, each.job_name)]


@router.get("/events/{event_id}")
def event(event_id: str, reader: ReaderDep) -> Response:
    """One event as it was sent, from the events topic. It holds SQL: only for who may read the code of its DAG."""
    with RunLedger(settings.ledger()) as ledger:
        found = ledger.event(event_id)
    owner = None if found is None else _project_of(found, reader.projects)
    if found is None or owner is None:
        raise HTTPException(404, f"there is no event {event_id!r} that you may see")
    reader.require(owner.dbt.dag_id, DagAccessEntity.CODE)
    if found.topic is None or found.partition is None or found.offset is None:
        raise HTTPException(404, f"event {event_id} is not in Kafka yet")
    start = {found.partition: found.offset}
    ends = {found.partition: found.offset + 1}
    message = next(messages(settings.kafka(), found.topic, start, ends), None)
    if message is None or message.offset() != found.offset:
        raise HTTPException(410, f"Kafka has deleted event {event_id}: it is older than KAFKA_RETENTION_DAYS")
    return Response(message.value() or b"", media_type="application/json")


def _receipt(dag_id: str, run_id: str, request: Request, reader: Reader, session: Session) -> tuple[Project, Receipt]:
    project = reader.of_dag(dag_id)
    reader.require(dag_id, DagAccessEntity.RUN)
    run = last_runs(session, [dag_id], run_id).get(dag_id)
    if run is None:
        raise HTTPException(404, f"there is no run {run_id!r} of DAG {dag_id}")
    roots = root_run_ids(session, dag_id, run_id)
    tasks = {task: said for (_, task), said in task_states(session, [(dag_id, run_id)]).items()}
    with RunLedger(settings.ledger()) as ledger:
        found = ledger.ends_of_nodes(roots)
    with DashboardLedger(settings.ledger()) as ledger:
        refreshes = ledger.refreshes(project.name)
    graph = view_of(request, reader, [project.name]).graph
    return project, receipt({"dag_id": dag_id, **run}, project.name, graph, tasks, found, _waiting(roots), refreshes)


def _waiting(roots: list[str]) -> dict[str, EventFacts]:
    """What waits in the spool of this machine, as far as this process may read it: emitters are often elsewhere."""
    try:
        return waiting_in_spool(settings.spool(), roots)
    except SpoolError as error:
        log.warning("receipts do not show what waits in the spool of this machine: %s", error)
        return {}


def _name(run: dict[str, Any]) -> str:
    """A name that no run of another DAG has."""
    return f"{run['dag_id']} {run['run_id']}"


def _roots(session: Session, run: dict[str, Any]) -> list[str]:
    return root_run_ids(session, run["dag_id"], run["run_id"])


def _project_of(event: EventRecord, projects: Sequence[Project]) -> Project | None:
    return next((each for each in projects if Jobs.of(each).has(event.job_namespace, event.job_name)), None)


def _as_json(event: EventRecord) -> dict[str, Any]:
    times = {name: getattr(event, name) for name in ("emitted_at", "acknowledged_at", "ingested_at", "verified_at")}
    return {
        "event_id": event.event_id,
        "type": event.event_type,
        "job": event.job_name,
        "at": event.event_time,
        **{name: time.isoformat() if time else None for name, time in times.items()},
        "reason": event.reason,
    }


def _version() -> str:
    try:
        return metadata.version(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        return "a checkout"

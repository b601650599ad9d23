"""Runs and tasks in Airflow's own database, each by one query."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from airflow.models.dagrun import DagRun
from airflow.models.taskinstance import TaskInstance
from sqlalchemy import func, select
from sqlalchemy.orm import Session


def last_runs(session: Session, dag_ids: Iterable[str], run_id: str | None = None) -> dict[str, dict[str, Any]]:
    """The last run of each DAG, or the one of a name.

    Args:
        session: of Airflow's database.
        dag_ids: the DAGs.
        run_id: of which run; the last one that was queued, when None.
    """
    columns = (DagRun.dag_id, DagRun.run_id, DagRun.state, DagRun.start_date, DagRun.end_date)
    query = select(*columns).where(DagRun.dag_id.in_(list(dag_ids)))
    if run_id is None:
        newest = (
            select(DagRun.dag_id, func.max(DagRun.id).label("id"))
            .where(DagRun.dag_id.in_(list(dag_ids)))
            .group_by(DagRun.dag_id)
            .subquery()
        )
        query = query.join(newest, DagRun.id == newest.c.id)
    else:
        query = query.where(DagRun.run_id == run_id)
    return {row.dag_id: as_run(row) for row in session.execute(query)}


def runs_before(
    session: Session, dag_ids: Collection[str], limit: int, before: datetime | None = None
) -> list[dict[str, Any]]:
    """The runs of DAGs, the newest first.

    Args:
        session: of Airflow's database.
        dag_ids: the DAGs.
        limit: how many.
        before: only those that started earlier.
    """
    columns = (DagRun.dag_id, DagRun.run_id, DagRun.state, DagRun.start_date, DagRun.end_date)
    query = select(*columns).where(DagRun.dag_id.in_(list(dag_ids)), DagRun.start_date.is_not(None))
    if before is not None:
        query = query.where(DagRun.start_date < before)
    query = query.order_by(DagRun.start_date.desc(), DagRun.id.desc()).limit(limit)
    return [{"dag_id": row.dag_id, **as_run(row)} for row in session.execute(query)]


def task_states(session: Session, runs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], dict[str, Any]]:
    """How the tasks of runs stand, by DAG and task. A task is mapped nowhere here.

    Args:
        session: of Airflow's database.
        runs: DAG and run.
    """
    found: dict[tuple[str, str], dict[str, Any]] = {}
    columns = (
        TaskInstance.dag_id,
        TaskInstance.task_id,
        TaskInstance.state,
        TaskInstance.start_date,
        TaskInstance.end_date,
    )
    for dag_id, run_id in runs:
        query = select(*columns).where(TaskInstance.dag_id == dag_id, TaskInstance.run_id == run_id)
        for row in session.execute(query):
            found[dag_id, row.task_id] = {
                "state": row.state,
                "started_at": moment(row.start_date),
                "ended_at": moment(row.end_date),
            }
    return found


def task_history(session: Session, dag_id: str, task_id: str, limit: int) -> Sequence[dict[str, Any]]:
    """How a task ended in the last runs, the newest first."""
    query = (
        select(TaskInstance.run_id, TaskInstance.state, TaskInstance.start_date, TaskInstance.end_date)
        .where(TaskInstance.dag_id == dag_id, TaskInstance.task_id == task_id)
        .order_by(TaskInstance.start_date.desc())
        .limit(limit)
    )
    return [as_run(row) for row in session.execute(query)]


def as_run(row: Any) -> dict[str, Any]:
    """A row of Airflow's as the page has it."""
    return {
        "run_id": row.run_id,
        "state": None if row.state is None else str(getattr(row.state, "value", row.state)),
        "started_at": moment(row.start_date),
        "ended_at": moment(row.end_date),
    }


def moment(time: datetime | None) -> str | None:
    """A time as the page has it."""
    return None if time is None else time.isoformat()

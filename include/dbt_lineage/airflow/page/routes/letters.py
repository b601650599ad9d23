"""Dead letters, and their replay by a DAG."""

import json
from collections.abc import Sequence
from typing import Annotated, Any

from airflow.api.common.trigger_dag import trigger_dag
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity
from airflow.api_fastapi.common.db.common import SessionDep
from airflow.exceptions import DagNotFound
from airflow.models import DagModel
from airflow.utils.types import DagRunTriggeredByType
from fastapi import APIRouter, HTTPException, Query
from pydantic import BaseModel, Field

from dbt_lineage.airflow.page.rights import Reader, ReaderDep
from dbt_lineage.core import settings
from dbt_lineage.core.projects import Project, projects
from dbt_lineage.manifest.project_file import Jobs
from dbt_lineage.relay.dead_letters import DeadLetter, DeadLetters

router = APIRouter()
REPLAY = "lineage_replay"


class Replay(BaseModel):
    """What is to be replayed: all dead letters that are new."""

    dry_run: bool = Field(False, description="only log what would be sent again")


@router.get("/dead-letters")
def dead_letters(reader: ReaderDep, limit: Annotated[int, Query(ge=1, le=500)] = 50) -> dict[str, Any]:
    """The last dead letters that no replay has taken up yet, the newest first.

    Who does not see all projects sees those of the jobs of the own ones. Payloads hold SQL: they are for who may read
    the code of the DAG.
    """
    count, letters = DeadLetters(settings.kafka()).last(limit)
    sees_all = len(reader.projects) == len(projects())
    found = []
    for letter in letters:
        said = _job(letter)
        owner = _owner(reader.projects, said)
        if owner is not None or sees_all:
            found.append(_as_json(letter, said, owner, reader))
    return {"total": count if sees_all else len(found), "letters": found, "may_replay": _may_replay(reader)}


@router.post("/dead-letters/replay")
def replay(wanted: Replay, reader: ReaderDep, session: SessionDep) -> dict[str, str]:
    """Start the DAG lineage_replay, which checks the new dead letters again and sends those that are valid now."""
    if REPLAY not in reader.dag_ids:
        raise HTTPException(404, f"there is no DAG {REPLAY} that you may see")
    reader.require(REPLAY, DagAccessEntity.RUN, "POST")
    known = DagModel.get_current(REPLAY, session=session)
    if known is not None and known.is_paused:
        raise HTTPException(409, f"DAG {REPLAY} is paused: a run of it would wait until it is not")
    conf = {"dead_letters": True, "dry_run": wanted.dry_run}
    try:
        run = trigger_dag(
            dag_id=REPLAY,
            conf=conf,
            triggered_by=DagRunTriggeredByType.UI,
            triggering_user_name=reader.user.get_name(),
            session=session,
        )
    except DagNotFound as error:
        raise HTTPException(404, f"DAG {REPLAY} cannot be started: {error}") from error
    if run is None:
        raise HTTPException(409, f"DAG {REPLAY} was not started")
    return {"dag_id": REPLAY, "run_id": run.run_id}


def _may_replay(reader: Reader) -> bool:
    return REPLAY in reader.dag_ids and reader.may(REPLAY, DagAccessEntity.RUN, "POST")


def _job(letter: DeadLetter) -> dict[str, str]:
    """Namespace, name and run of the job that a letter is about; empty where it does not say."""
    try:
        event = json.loads(letter.body)
        job, run = event.get("job") or {}, event.get("run") or {}
        told = {"namespace": job.get("namespace"), "name": job.get("name"), "run": run.get("runId")}
    except (ValueError, AttributeError, RecursionError):
        told = {}
    return {key: value if isinstance(value := told.get(key), str) else "" for key in ("namespace", "name", "run")}


def _owner(among: Sequence[Project], job: dict[str, str]) -> Project | None:
    return next((each for each in among if Jobs.of(each).has(job["namespace"], job["name"])), None)


def _as_json(letter: DeadLetter, job: dict[str, str], owner: Project | None, reader: Reader) -> dict[str, Any]:
    dag_ids = [owner.dbt.dag_id] if owner else [each.dbt.dag_id for each in reader.projects]
    may_read = bool(dag_ids) and all(reader.may(each, DagAccessEntity.CODE) for each in dag_ids)
    return {
        "id": f"{letter.partition}-{letter.offset}",
        "event_id": letter.event_id,
        "at": letter.arrived_at.isoformat(),
        "reason": letter.reason,
        "source": letter.source,
        "attempts": letter.attempts,
        "job": job["name"] or None,
        "run_id": job["run"] or None,
        "project": owner.name if owner else None,
        "payload": letter.body.decode(errors="replace") if may_read else None,
    }

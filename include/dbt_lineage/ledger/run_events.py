"""The events of single runs, with the time at which each reached each station."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ARRAY, ColumnElement, and_, case, cast, func, or_, select

from dbt_lineage.ledger.history import TERMINAL
from dbt_lineage.ledger.ledger import Ledger
from dbt_lineage.ledger.schema import Base, LineageEvent

_event = Base.metadata.tables[LineageEvent.__tablename__]
# What has a receipt. Most events of a run are of its tests, and a START says nothing of how far the lineage is.
_is_end_of_node = and_(
    _event.c.event_type.in_(TERMINAL),
    or_(*(_event.c.job_name.like(f"{kind}.%") for kind in ("model", "seed", "snapshot"))),
)


class Counted(NamedTuple):
    """How far a run is.

    Args:
        ended: number of its models, seeds and snapshots that ended.
        read_back: how many of these were read back from the catalogue.
    """

    ended: int = 0
    read_back: int = 0


@dataclass(frozen=True)
class EventRecord:
    """What the ledger knows of an event. A station that it has not reached has no time.

    Args:
        event_id: its id.
        job_namespace: namespace of its job.
        job_name: name of its job.
        run_id: its run.
        root_run_id: the run at the root of its parents, in Airflow the DAG run.
        event_type: START, COMPLETE, FAIL and so on.
        event_time: when it happened, ISO 8601 in UTC.
        emitted_at: when it was put into the spool.
        topic: where the broker has it.
        partition: of that topic.
        offset: its offset there.
        reason: why it is a dead letter; None when it is none.
        acknowledged_at: when the broker had it.
        ingested_at: when the ingestion had read it.
        verified_at: when its lineage was read back from the catalogue.
    """

    event_id: str
    job_namespace: str
    job_name: str
    run_id: str
    root_run_id: str
    event_type: str
    event_time: str
    emitted_at: datetime
    topic: str | None
    partition: int | None
    offset: int | None
    reason: str | None
    acknowledged_at: datetime | None
    ingested_at: datetime | None
    verified_at: datetime | None


class RunLedger(Ledger):
    """The ledger, asked for the events of runs. Every method raises LedgerError."""

    def of_runs(self, root_run_ids: Collection[str]) -> list[EventRecord]:
        """The events of some root runs, by time.

        Args:
            root_run_ids: ids of root runs, in Airflow of DAG runs.
        """
        return self._read(_of(root_run_ids))

    def ends_of_nodes(self, root_run_ids: Collection[str]) -> list[EventRecord]:
        """The events that end a model, seed or snapshot in some root runs, by time. It takes what ``of_runs`` takes."""
        return self._read(_of(root_run_ids).where(_is_end_of_node))

    def counted(self, runs: Mapping[str, str]) -> dict[str, Counted]:
        """How far runs are. Of a model that was tried again its last end counts.

        Args:
            runs: a name of each run by the ids of its root runs, such as those of the times that it was cleared.

        Returns:
            By the runs' names; without those that no model ended in.
        """
        if not runs:
            return {}
        run: ColumnElement[str] = case(dict(runs), value=_event.c.root_run_id)
        times = (_event.c.event_time, _event.c.emitted_at)
        ends = select(run.label("run"), _event.c.job_name, _event.c.verified_at, *times).where(
            _is_one_of(list(runs)), _is_end_of_node
        )
        of_node = ends.subquery()
        node = (of_node.c.run, of_node.c.job_name)
        last = (
            select(of_node)
            .distinct(*node)
            .order_by(*node, of_node.c.event_time.desc(), of_node.c.emitted_at.desc())
            .subquery()
        )
        numbers = (func.count().label("ended"), func.count(last.c.verified_at).label("read_back"))
        query = select(last.c.run, *numbers).group_by(last.c.run)
        with self._transaction() as database:
            rows = database.execute(query).mappings()
            return {row["run"]: Counted(row["ended"], row["read_back"]) for row in rows}

    def event(self, event_id: str) -> EventRecord | None:
        """One event; None when the ledger does not have it."""
        return next(iter(self._read(select(_event).where(_event.c.event_id == event_id))), None)

    def _read(self, query: Any) -> list[EventRecord]:
        with self._transaction() as database:
            return [EventRecord(**row) for row in database.execute(query).mappings()]


def _of(root_run_ids: Collection[str]) -> Any:
    return select(_event).where(_is_one_of(root_run_ids)).order_by(_event.c.event_time, _event.c.emitted_at)


def _is_one_of(root_run_ids: Collection[str]) -> ColumnElement[bool]:
    return _event.c.root_run_id == func.any(cast(list(root_run_ids), ARRAY(_event.c.root_run_id.type)))

"""The events of single runs, with the time at which each reached each station."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, cast, func, select

from dbt_lineage.ledger.ledger import Ledger
from dbt_lineage.ledger.schema import Base, LineageEvent

_event = Base.metadata.tables[LineageEvent.__tablename__]


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
        asked = func.any(cast(list(root_run_ids), ARRAY(_event.c.root_run_id.type)))
        query = select(_event).where(_event.c.root_run_id == asked).order_by(_event.c.event_time, _event.c.emitted_at)
        return self._read(query)

    def event(self, event_id: str) -> EventRecord | None:
        """One event; None when the ledger does not have it."""
        return next(iter(self._read(select(_event).where(_event.c.event_id == event_id))), None)

    def _read(self, query: Any) -> list[EventRecord]:
        with self._transaction() as database:
            return [EventRecord(**row) for row in database.execute(query).mappings()]

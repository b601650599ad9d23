"""The past of jobs: last events, latencies, runs that ended twice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, cast, column, extract, func, select
from sqlalchemy.dialects.postgresql import ARRAY, array

from dbt_lineage.ledger.ledger import Ledger
from dbt_lineage.ledger.schema import Base, LineageEvent
from dbt_lineage.spool.facts import NAME_CHARACTERS, storable

TERMINAL = ("COMPLETE", "FAIL", "ABORT")
_PERCENTILES = (0.5, 0.95, 1.0)

_event = Base.metadata.tables[LineageEvent.__tablename__]


@dataclass(frozen=True)
class LastEvent:
    """The last events of a job that Kafka has.

    Args:
        at: when its last event of any type happened; None when there is none.
        event_type: of that event.
        completed_at: when it last completed; None when it never did.
    """

    at: datetime | None = None
    event_type: str = ""
    completed_at: datetime | None = None


@dataclass(frozen=True)
class Latency:
    """How long events took, from their event time to a station.

    Args:
        count: of how many events.
        p50: the median, seconds.
        p95: the 95th percentile, seconds.
        max: the longest, seconds.
    """

    count: int
    p50: float
    p95: float
    max: float


@dataclass(frozen=True)
class DoubleRun:
    """A run that ended more than once.

    Args:
        job: name of its job.
        run_id: the run.
        times: how often it ended.
    """

    job: str
    run_id: str
    times: int


class History(Ledger):
    """The ledger, asked for the past of the jobs of one namespace."""

    def last_events(self, namespace: str, jobs: Sequence[str]) -> dict[str, LastEvent]:
        """The last events of each job. Raises LedgerError.

        Args:
            namespace: namespace of the jobs.
            jobs: their names.
        """
        kept = {job: storable(job, NAME_CHARACTERS) for job in jobs}
        last = self._newest_of_each(namespace, list(kept.values()))
        completed = self._newest_of_each(namespace, list(kept.values()), "COMPLETE")
        found: dict[str, LastEvent] = {}
        for job, name in kept.items():
            at, event_type = last.get(name, (None, ""))
            found[job] = LastEvent(at, event_type, completed.get(name, (None, ""))[0])
        return found

    def latencies(
        self, namespace: str, jobs: Sequence[str], since: datetime, root_run_id: str | None = None
    ) -> dict[str, Latency]:
        """How long the COMPLETE events of jobs took to be in the topic, and to be verified. Raises LedgerError.

        Args:
            namespace: namespace of the jobs.
            jobs: their names.
            since: only of events that happened then or later.
            root_run_id: only of this root run, in Airflow a DAG run.

        Returns:
            ``acknowledged`` and ``verified``, each only when there are such events.
        """
        row = _event.c
        happened = cast(row.event_time, DateTime(timezone=True))
        found: dict[str, Latency] = {}
        for station in ("acknowledged", "verified"):
            reached = row[f"{station}_at"]
            took = func.greatest(extract("epoch", reached - happened), 0)
            percentiles = func.percentile_cont(array(_PERCENTILES)).within_group(took.asc())
            query = select(func.count(), percentiles).where(
                *self._of(namespace, jobs),
                row.event_type == "COMPLETE",
                row.event_time >= _as_text(since),
                reached.is_not(None),
                *([row.root_run_id == root_run_id] if root_run_id else []),
            )
            with self._transaction() as database:
                counted: Any = database.execute(query).one()
            count, figures = counted
            if count:
                found[station] = Latency(count, *(round(float(figure), 3) for figure in figures))
        return found

    def double_runs(self, namespace: str, jobs: Sequence[str], since: datetime) -> list[DoubleRun]:
        """The runs with more than one event that ends a run. Raises LedgerError.

        Args:
            namespace: namespace of the jobs.
            jobs: their names.
            since: only of events that happened then or later.
        """
        row = _event.c
        query = (
            select(row.job_name, row.run_id, func.count())
            .where(*self._of(namespace, jobs), row.event_type.in_(TERMINAL), row.event_time >= _as_text(since))
            .group_by(row.job_name, row.run_id)
            .having(func.count() > 1)
            .order_by(row.job_name, row.run_id)
        )
        with self._transaction() as database:
            found: Any = database.execute(query).all()
        return [DoubleRun(*run) for run in found]

    def _of(self, namespace: str, jobs: Sequence[str]) -> list[Any]:
        row = _event.c
        kept = [storable(job, NAME_CHARACTERS) for job in jobs]
        names = func.any(cast(kept, ARRAY(row.job_name.type)))
        return [row.job_namespace == namespace, row.job_name == names, row.reason.is_(None)]

    def _newest_of_each(
        self, namespace: str, jobs: Sequence[str], event_type: str | None = None
    ) -> dict[str, tuple[datetime, str]]:
        """When the newest event of each job happened, and its type: one look into the index for each job."""
        row = _event.c
        names = func.unnest(cast(list(jobs), ARRAY(row.job_name.type)))
        # Derived, so that the column has this name: PostgreSQL would read it as a cast to its type of 63 bytes.
        job = names.table_valued(column("name", row.job_name.type), name="job").render_derived()
        newest = (
            select(row.event_time, row.event_type)
            .where(
                row.job_name == job.c.name,
                row.job_namespace == namespace,
                row.event_time != "",
                # It only adds to a run that has ended.
                row.event_type != "OTHER",
                row.acknowledged_at.is_not(None),
                row.reason.is_(None),
                *([row.event_type == event_type] if event_type else []),
            )
            .order_by(row.event_time.desc())
            .limit(1)
            .lateral()
        )
        with self._transaction() as database:
            found: Any = database.execute(select(job.c.name, newest.c.event_time, newest.c.event_type)).all()
        return {name: (datetime.fromisoformat(time), kind) for name, time, kind in found}


def _as_text(moment: datetime) -> str:
    """A time as the ledger keeps those of events: in UTC, so that the order of text is that of time."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")

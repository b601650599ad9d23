"""What the ledger keeps of one project: the events of its jobs, the results of its checks, its alerts and refreshes."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Table, and_, delete, func, or_, select

from dbt_lineage.core.settings import LedgerSettings
from dbt_lineage.ledger.ledger import BATCH, Ledger
from dbt_lineage.ledger.schema import Alert, Base, CheckResult, DashboardRefresh, JobLineage, LineageEvent
from dbt_lineage.manifest.project_file import Jobs
from dbt_lineage.spool.facts import NAME_CHARACTERS, storable

_event = Base.metadata.tables[LineageEvent.__tablename__]
_lineage = Base.metadata.tables[JobLineage.__tablename__]
# What is kept by the project's name, in words.
_BY_NAME = {
    "check results": Base.metadata.tables[CheckResult.__tablename__],
    "alerts": Base.metadata.tables[Alert.__tablename__],
    "refreshes of dashboards": Base.metadata.tables[DashboardRefresh.__tablename__],
}


class ProjectRecords(Ledger):
    """The ledger, as the removal of one project uses it. Every method raises LedgerError.

    Args:
        settings: its database.
        project: the project's name.
        jobs: its jobs.
    """

    def __init__(self, settings: LedgerSettings, project: str, jobs: Jobs) -> None:
        super().__init__(settings)
        self._project = storable(project, NAME_CHARACTERS)
        self._jobs = jobs

    def counts(self) -> dict[str, int]:
        """How many rows of each kind there are, in words; kinds of which there are none are left out."""
        with self._transaction() as database:
            found = {
                name: database.execute(select(func.count()).where(table.c.project == self._project)).scalar_one()
                for name, table in _BY_NAME.items()
            }
            events = database.execute(select(func.count()).where(*self._of_jobs(_event))).scalar_one()
            lineage = database.execute(select(func.count()).where(*self._of_jobs(_lineage))).scalar_one()
        counts = {"events": events, "lineage of jobs": lineage, **found}
        return {name: count for name, count in counts.items() if count}

    def remove(self) -> None:
        """Delete them."""
        batch = select(_event.c.event_id).where(*self._of_jobs(_event)).limit(BATCH)
        while self._execute(delete(_event).where(_event.c.event_id.in_(batch))):
            continue
        self._execute(delete(_lineage).where(*self._of_jobs(_lineage)))
        for table in _BY_NAME.values():
            self._execute(delete(table).where(table.c.project == self._project))

    def _of_jobs(self, table: Table) -> Collection[Any]:
        row, jobs = table.c, self._jobs
        of_node = and_(
            func.split_part(row.job_name, ".", 2) == jobs.project, func.split_part(row.job_name, ".", 3) != ""
        )
        of_dag = or_(row.job_name == jobs.dag_id, func.starts_with(row.job_name, f"{jobs.dag_id}."))
        return [row.job_namespace.in_(sorted(jobs.namespaces)), or_(of_node, of_dag)]

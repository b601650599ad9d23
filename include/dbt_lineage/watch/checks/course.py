"""How the promises were kept over the last runs of the checks."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from dbt_lineage.core.levels import Level
from dbt_lineage.ledger.ledger import Ledger
from dbt_lineage.ledger.schema import Base, CheckResult

_result = Base.metadata.tables[CheckResult.__tablename__]


@dataclass(frozen=True)
class Made:
    """A check of one project in one run of the checks.

    Args:
        project: whose; empty for a check of what all share.
        check: which check.
        run: in which run.
        at: when it was made.
        level: the worst of its results.
        value: the largest figure of its results; None where they have none.
        unit: of the figure.
        seen: what the worst result says.
        allowed: what is allowed.
        is_made: whether it could be made.
    """

    project: str
    check: str
    run: str
    at: datetime
    level: Level
    value: float | None
    unit: str
    seen: str
    allowed: str
    is_made: bool


class CourseLedger(Ledger):
    """The ledger, asked for the course of the promises. Raises LedgerError."""

    def course(self, projects: Collection[str], since: datetime) -> list[Made]:
        """Each check in each run of the checks since a time, the oldest first.

        Args:
            projects: whose; an empty name for what all share.
            since: from when on.
        """
        row = _result.c
        failed, warned = (func.count().filter(row.level == str(level)) for level in (Level.FAIL, Level.WARN))
        first = [func.min(row.id).filter(row.level == str(level)) for level in (Level.FAIL, Level.WARN)]
        groups = (row.project, row.check_name, row.run)
        runs = (
            select(
                *groups,
                func.max(row.checked_at).label("at"),
                failed.label("failed"),
                warned.label("warned"),
                func.max(row.value).label("value"),
                func.max(row.unit).label("unit"),
                func.coalesce(*first, func.min(row.id)).label("worst"),
            )
            .where(row.checked_at >= since, row.project.in_(list(projects)))
            .group_by(*groups)
            .subquery()
        )
        told = _result.alias("told")
        query = (
            select(runs, told.c.seen, told.c.allowed, told.c.made)
            .join(told, told.c.id == runs.c.worst)
            .order_by(runs.c.at)
        )
        with self._transaction() as database:
            return [
                Made(
                    each.project,
                    each.check_name,
                    each.run,
                    each.at,
                    Level.FAIL if each.failed else Level.WARN if each.warned else Level.OK,
                    each.value,
                    each.unit,
                    each.seen,
                    each.allowed,
                    each.made,
                )
                for each in database.execute(query)
            ]

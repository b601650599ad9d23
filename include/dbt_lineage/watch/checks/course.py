"""How the promises were kept over the last runs of the checks."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, select

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
        level: that of its worst result. Of several the one with the largest figure counts.
        value: the figure of that result; None if it has none.
        unit: the figure's unit.
        seen: what was seen.
        allowed: what is allowed.
        is_made: whether the check could be made.
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
        groups = (row.project, row.check_name, row.run)
        severity = case({str(Level.FAIL): 2, str(Level.WARN): 1}, value=row.level, else_=0)
        # One result stands for the check, so that its figure, its unit and what is allowed belong together.
        query = (
            select(*groups, row.checked_at, row.level, row.value, row.unit, row.seen, row.allowed, row.made)
            .distinct(*groups)
            .where(row.checked_at >= since, row.project.in_(list(projects)))
            .order_by(*groups, severity.desc(), row.value.desc().nulls_last(), row.id)
        )
        with self._transaction() as database:
            found = [
                Made(
                    *(each.project, each.check_name, each.run, each.checked_at, Level(each.level)),
                    *(each.value, each.unit, each.seen, each.allowed, each.made),
                )
                for each in database.execute(query)
            ]
        return sorted(found, key=lambda each: each.at)

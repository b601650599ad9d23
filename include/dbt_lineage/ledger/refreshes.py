"""When each dashboard was last refreshed, and whether its charts were equal."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from dbt_lineage.core.durations import in_words
from dbt_lineage.ledger.ledger import Ledger
from dbt_lineage.ledger.schema import Base
from dbt_lineage.ledger.schema import DashboardRefresh as Row
from dbt_lineage.spool.facts import NAME_CHARACTERS, REASON_CHARACTERS, storable

_refresh = Base.metadata.tables[Row.__tablename__]


@dataclass(frozen=True)
class DashboardRefresh:
    """The last refresh of a dashboard.

    Args:
        dashboard: the last part of its address.
        refreshed_at: when it began: what was built later may not show. With a time zone.
        charts: how many charts it has.
        charts_equal: how many of them showed what the warehouse has.
        recomputed: how many of them were computed anew.
        seconds: how long the refresh took, seconds.
        problem: what was wrong, chart by chart; empty when nothing was.
    """

    dashboard: str
    refreshed_at: datetime
    charts: int
    charts_equal: int
    recomputed: int
    seconds: float
    problem: str

    @property
    def equal(self) -> bool:
        """Whether every chart showed what the warehouse has."""
        return self.charts_equal == self.charts > 0

    def in_words(self, now: datetime) -> str:
        """How old it is, and what was wrong, for people.

        Args:
            now: the present.
        """
        age = in_words((now - self.refreshed_at).total_seconds())
        found = f"{self.charts_equal} of {self.charts} charts equal to the warehouse"
        return f"{self.dashboard} refreshed {age} ago, {found}" + (f": {self.problem}" if self.problem else "")


class DashboardLedger(Ledger):
    """The ledger, as the dashboards use it. Every method raises LedgerError."""

    def refreshed(self, refreshes: Sequence[DashboardRefresh], *, all_there_are: bool) -> None:
        """Note refreshes, each in place of the one before it of the same dashboard.

        Args:
            refreshes: at most one of each dashboard.
            all_there_are: whether these are all dashboards; rows of others are deleted then.
        """
        rows = [_as_row(each) for each in refreshes]
        with self._transaction() as database:
            if rows:
                added = insert(_refresh)
                changed = {name: added.excluded[name] for name in rows[0] if name != "dashboard"}
                # One that began earlier and ended later adds nothing new.
                newer = _refresh.c.refreshed_at <= added.excluded.refreshed_at
                database.execute(
                    added.on_conflict_do_update(index_elements=["dashboard"], set_=changed, where=newer), rows
                )
            if all_there_are:
                known = [row["dashboard"] for row in rows]
                database.execute(delete(_refresh).where(_refresh.c.dashboard.not_in(known)))

    def refreshes(self) -> list[DashboardRefresh]:
        """The last refresh of each dashboard, by their names."""
        with self._transaction() as database:
            rows = database.execute(select(_refresh).order_by(_refresh.c.dashboard)).mappings().all()
        return [DashboardRefresh(**row) for row in rows]


def _as_row(refresh: DashboardRefresh) -> dict[str, object]:
    return {
        **asdict(refresh),
        "dashboard": storable(refresh.dashboard, NAME_CHARACTERS),
        "problem": storable(refresh.problem, REASON_CHARACTERS),
    }

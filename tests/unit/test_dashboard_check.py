"""The check of the dashboards, and what the ledger says of a refresh."""

from datetime import UTC, datetime, timedelta

import pytest

from dbt_lineage.core.levels import Level
from dbt_lineage.core.settings import CheckSettings
from dbt_lineage.dashboards.refresh import ChartResult, ChartsDiffer, Refreshed
from dbt_lineage.ledger.refreshes import DashboardRefresh
from dbt_lineage.watch.checks.dashboard_numbers import judged

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
CHECK = CheckSettings(lag_warn_seconds=300, lag_fail_seconds=1800)


def ago(**duration: float) -> datetime:
    return NOW - timedelta(**duration)


def refresh(at: datetime, equal: int = 14, problem: str = "") -> DashboardRefresh:
    return DashboardRefresh("shop", at, 14, equal, 3, 4.2, problem)


@pytest.mark.parametrize(
    ("last", "built_at", "level"),
    [
        pytest.param(refresh(ago(hours=30)), ago(hours=31), Level.OK, id="nothing was built since"),
        pytest.param(refresh(ago(hours=1)), None, Level.OK, id="nothing was ever built"),
        pytest.param(refresh(ago(hours=1)), ago(minutes=1), Level.OK, id="built just now"),
        pytest.param(refresh(ago(hours=1)), ago(minutes=6), Level.WARN, id="built a while ago"),
        pytest.param(refresh(ago(hours=1)), ago(minutes=31), Level.FAIL, id="built long ago"),
        pytest.param(None, ago(minutes=31), Level.FAIL, id="never refreshed"),
        pytest.param(None, None, Level.OK, id="never refreshed and nothing built"),
        pytest.param(refresh(ago(minutes=1), equal=13), ago(hours=1), Level.FAIL, id="one chart differs"),
    ],
)
def test_a_dashboard_is_right_and_of_the_last_build(
    last: DashboardRefresh | None, built_at: datetime | None, level: Level
) -> None:
    assert judged("shop", last, built_at, CHECK, NOW).level is level


def test_what_is_wrong_is_told_with_the_age() -> None:
    said = judged("shop", refresh(ago(minutes=5), 13, "Revenue: 1 instead of 2"), None, CHECK, NOW).seen
    assert (
        said
        == "differs from the warehouse: shop refreshed 5 min ago, 13 of 14 charts equal to the warehouse: Revenue: 1 instead of 2"
    )


def test_a_table_that_waits_for_a_refresh_is_told_since_when() -> None:
    result = judged("shop", refresh(ago(hours=2)), ago(hours=1), CHECK, NOW)
    assert result.seen.endswith("; a table that it shows was built 1 h ago")
    assert result.since == ago(hours=1)


def test_each_dashboard_is_kept_by_itself() -> None:
    charts = [
        ChartResult("shop", "Revenue", "orders", rows=1, recomputed=True),
        ChartResult("shop", "Orders", "orders", rows=1, problem="3 rows instead of 4"),
        ChartResult("staff", "Hours", "hours", rows=1),
    ]
    refreshed = Refreshed(charts, ["orders"], 4.24, NOW, everything=True)
    shop, staff = refreshed.of_dashboards()
    assert shop == DashboardRefresh("shop", NOW, 2, 1, 1, 4.2, "Orders: 3 rows instead of 4")
    assert (staff.dashboard, staff.equal, shop.equal) == ("staff", True, False)
    with pytest.raises(ChartsDiffer, match=r"shop: Orders \(orders\): 3 rows instead of 4"):
        refreshed.require_equal()


def test_a_dashboard_without_a_chart_is_kept_and_fails() -> None:
    """It would otherwise stay as it was when it was last whole."""
    empty = ChartResult("shop", "the dashboard", "", problem="it shows no chart")
    refreshed = Refreshed([empty, ChartResult("staff", "Hours", "hours", rows=1)], [], 1.0, NOW, everything=True)
    shop, staff = refreshed.of_dashboards()
    assert (shop.equal, shop.problem, staff.equal) == (False, "the dashboard: it shows no chart", True)
    with pytest.raises(ChartsDiffer, match=r"\nshop: the dashboard: it shows no chart$"):
        refreshed.require_equal()

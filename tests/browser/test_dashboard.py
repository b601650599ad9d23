"""The dashboard as a person sees it, in Chromium: every chart drawn, the values equal to SQL, new data shown."""

from collections.abc import Iterator

import pytest

from dbt_lineage.core import settings
from dbt_lineage.dashboards.folder import Assets
from dbt_lineage.dashboards.import_export import publish
from dbt_lineage.dashboards.refresh import refresh
from dbt_lineage.manifest.graph import Manifest
from dbt_lineage.warehouse.postgres import PostgresWarehouse
from stack import superset
from stack.airflow_api import AirflowApi
from stack.browser import chromium
from stack.config import StackConfig
from stack.dashboard import DashboardPage
from stack.data import add_orders
from tests.support import BuiltProject, query

# A run that selects models leaves the source as it is.
WITHOUT_SEEDS = {"select": "resource_type:model"}
SLUG, REFRESH = "jaffle-shop", "superset_refresh"
SCHEMA = "jaffle_shop_dev"
CUSTOMERS, SHOPS = f"{SCHEMA}.customer_lifetime_value", f"{SCHEMA}.geographic_performance"
TABS = {
    "Customer lifetime value": [
        "Customers",
        "Revenue",
        "Orders",
        "Average order",
        "Customers by segment",
        "Revenue by segment",
        "Top 10 customers by revenue",
    ],
    "Geographic performance": ["Revenue by state", "Orders by shop", "Performance of each shop"],
    "Monthly summary": [
        "Revenue by month",
        "Growth of revenue by month",
        "Orders by month",
        "New customers by month",
    ],
}


@pytest.fixture(scope="module")
def refreshed(built: BuiltProject) -> None:
    """The dashboard imported and refreshed, over a warehouse that is built."""
    publish(settings.superset(), PostgresWarehouse(settings.warehouse()), Manifest.load(settings.dbt().manifest))
    refresh(settings.superset(), PostgresWarehouse(settings.warehouse())).require_equal()


@pytest.fixture(scope="module")
def seen(stack: StackConfig, refreshed: None) -> Iterator[DashboardPage]:
    """A browser that is logged in and has the dashboard open."""
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1600, "height": 1000})
        dashboard = DashboardPage(page, f"http://{stack.address('superset')}")
        dashboard.log_in(superset.ADMIN, stack.credentials.superset_admin_password)
        dashboard.open(SLUG)
        yield dashboard


def number_of(dashboard: DashboardPage, chart: str) -> str:
    return dashboard.chart(chart).locator(".header-line").inner_text()


def rows_of(dashboard: DashboardPage, chart: str) -> list[list[str]]:
    rows = dashboard.chart(chart).locator("tbody tr:visible").all()
    return [[cell.strip() for cell in row.locator("td").all_inner_texts()] for row in rows]


def kpis() -> dict[str, str]:
    """The numbers on top of the first tab, as they should be written."""
    [(customers, revenue, orders)] = query(f"select count(*), sum(total_revenue), sum(total_orders) from {CUSTOMERS}")
    return {
        "Customers": f"{customers:,}",
        "Revenue": f"${revenue:,.2f}",
        "Orders": f"{orders:,}",
        "Average order": f"${revenue / orders:,.2f}",
    }


def test_the_dashboard_has_its_tabs(seen: DashboardPage) -> None:
    assert seen.tabs == list(TABS)


@pytest.mark.parametrize("tab", TABS)
def test_every_chart_of_a_tab_is_drawn_without_an_error(seen: DashboardPage, tab: str) -> None:
    seen.open_tab(tab)
    assert seen.charts() == TABS[tab]
    assert seen.errors() == []


def test_what_a_browser_asks_for_was_computed_before(seen: DashboardPage) -> None:
    for tab in TABS:
        seen.open_tab(tab)
    assert len({asked.chart for asked in seen.asked}) == sum(len(charts) for charts in TABS.values())
    assert [asked for asked in seen.asked if not asked.cached] == []


def test_nothing_is_asked_of_another_host(seen: DashboardPage) -> None:
    assert seen.elsewhere == []


def test_the_queries_in_the_code_are_those_that_a_browser_sends(seen: DashboardPage) -> None:
    sent = [asked.queries for asked in seen.asked if asked.queries]
    charts = Assets.load(settings.superset().assets_dir).of_kind("charts")
    assert [path for path, chart in charts.items() if "queries" in chart and chart["queries"] not in sent] == []


def test_the_numbers_on_the_page_equal_the_warehouse(seen: DashboardPage) -> None:
    seen.open_tab("Customer lifetime value")
    assert {name: number_of(seen, name) for name in kpis()} == kpis()


def test_the_best_customers_on_the_page_equal_the_warehouse(seen: DashboardPage) -> None:
    seen.open_tab("Customer lifetime value")
    expected = query(
        f"select customer_name, customer_segment, total_orders, total_revenue, avg_order_value from {CUSTOMERS} "
        "order by total_revenue desc, customer_name limit 10"
    )
    written = [[name, segment, f"{n:,}", f"${sum_:,.2f}", f"${mean:,.2f}"] for name, segment, n, sum_, mean in expected]
    assert [row[:5] for row in rows_of(seen, "Top 10 customers by revenue")] == written


def test_the_shops_on_the_page_equal_the_warehouse(seen: DashboardPage) -> None:
    seen.open_tab("Geographic performance")
    expected = query(
        f"select location_name, state, total_revenue, total_orders from {SHOPS} order by total_revenue desc, location_name"
    )
    written = [[name, state or "N/A", f"${revenue:,.2f}", f"{orders:,}"] for name, state, revenue, orders in expected]
    assert [row[:4] for row in rows_of(seen, "Performance of each shop")] == written


def test_the_map_colours_just_the_states_with_shops(seen: DashboardPage) -> None:
    seen.open_tab("Geographic performance")
    regions = seen.chart("Revenue by state").locator("path.region")
    coloured = regions.evaluate_all("paths => paths.filter(p => p.style.fill && p.style.fill !== 'none').length")
    assert coloured == query(f"select count(distinct state) from {SHOPS}")[0][0]


def test_a_filter_narrows_its_tab(seen: DashboardPage) -> None:
    seen.open_tab("Geographic performance")
    shops = seen.chart("Performance of each shop")
    seen.page.locator("[data-test=filter-bar] [role=combobox]:visible").first.click()
    seen.page.locator(".ant-select-item-option[title=LA]").click()
    seen.page.keyboard.press("Escape")
    seen.page.locator("[data-test=filter-bar__apply-button]").click()
    shops.get_by_text("Chicago").wait_for(state="hidden")
    shops.get_by_text("New Orleans").wait_for(state="visible")
    assert {row[0] for row in rows_of(seen, "Performance of each shop")} == {"New Orleans"}
    seen.page.locator("[data-test=filter-bar__clear-button]").click()
    apply = seen.page.locator("[data-test=filter-bar__apply-button]")
    if apply.is_enabled():
        apply.click()
    shops.get_by_text("Chicago").wait_for(state="visible")


def test_orders_that_are_added_show_after_the_dbt_run(seen: DashboardPage, api: AirflowApi) -> None:
    before, known = kpis(), {run["dag_run_id"] for run in api.runs(REFRESH)}
    add_orders(7)
    api.unpause(REFRESH)
    try:
        assert api.run_once("jaffle_shop", WITHOUT_SEEDS)["state"] == "success"
        run = api.await_new_run(REFRESH, known)
    finally:
        api.unpause(REFRESH, paused=True)
    assert run["state"] == "success", api.tasks(REFRESH, run["dag_run_id"])
    now = kpis()
    assert int(now["Orders"].replace(",", "")) == int(before["Orders"].replace(",", "")) + 7
    seen.open(SLUG)
    assert {name: number_of(seen, name) for name in now} == now

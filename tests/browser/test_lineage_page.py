"""The lineage page as Airflow shows it, on a stack that has built the jaffle shop."""

import re
from collections.abc import Iterator
from typing import Any, Literal

import httpx
import pytest
from playwright.sync_api import Page, expect

from stack import airflow, lifecycle
from stack.airflow_api import AirflowApi
from stack.browser import chromium
from stack.config import StackConfig
from stack.demo import WITHOUT_SEEDS
from stack.screenshots import log_in
from stack.supervisor import Supervisor
from tests.accessibility import violations

LINEAGE = "/plugin/dbt-lineage"
VALUE = "jaffle_db.jaffle_shop_dev.customer_lifetime_value"
CHARTS = {"Revenue", "Average order", "Revenue by segment", "Top 10 customers by revenue"}
# What the stack needs at most until the catalogue has been read back.
SECONDS = 180
# How long a view may take on a busy machine, milliseconds.
LOADED = 60_000


@pytest.fixture(scope="module")
def page(stack: StackConfig) -> Iterator[Page]:
    """A browser that is logged in."""
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        log_in(page, stack)
        yield page


@pytest.fixture(scope="module")
def run(api: AirflowApi, topics: str) -> str:
    """A build that ended well. The dashboards are refreshed after it, and after those that follow."""
    api.unpause("superset_refresh")
    run = api.run_once("jaffle_shop")
    assert run["state"] == "success"
    return run["dag_run_id"]


def opened(page: Page, **options: Any) -> Page:
    """A window of its own in the same browser, with a login of its own."""
    browser = page.context.browser
    assert browser is not None
    return browser.new_page(**options)


def whole(page: Page) -> None:
    """Wait until the receipt that is open says that nothing is missing."""
    expect(page.get_by_text(re.compile("Whole: the lineage of all .* was read back"))).to_be_visible(
        timeout=SECONDS * 1000
    )


def names(page: Page, classes: str) -> set[str]:
    return set(page.locator(f".dbtl-card{classes} .name").all_inner_texts())


def test_the_entry_and_the_tab_of_a_dag_lead_to_the_graph(page: Page, api: AirflowApi, run: str) -> None:
    page.goto(f"{api.address}/")
    page.get_by_role("link", name="Lineage").click()
    expect(page.locator(".dbtl-card .name", has_text="stg_orders")).to_be_visible()
    page.goto(f"{api.address}/dags/jaffle_shop/runs/{run}")
    page.get_by_role("link", name="Lineage").last.click()
    expect(page.locator(".dbtl-card .name", has_text="stg_orders")).to_be_visible()


def test_no_route_answers_without_a_login(page: Page, api: AirflowApi) -> None:
    routes = page.request.get(f"{api.address}/dbt-lineage/api/v1/openapi.json").json()["paths"]
    assert len(routes) > 10
    answered = {
        (method, path): httpx.request(method, f"{api.address}/dbt-lineage{path}", json={}).status_code
        for path, methods in routes.items()
        for method in methods
    }
    assert set(answered.values()) == {401}, answered


def test_a_viewer_reads_everything_and_starts_nothing(
    page: Page, stack: StackConfig, api: AirflowApi, run: str
) -> None:
    viewer = AirflowApi(stack, airflow.VIEWER)
    served = f"{api.address}/dbt-lineage"
    of_run = {"dag_id": "jaffle_shop", "run_id": run}
    routes = httpx.get(f"{served}/api/v1/openapi.json", headers=viewer.login).json()["paths"]
    [event, *_] = httpx.get(f"{served}/api/v1/events", headers=viewer.login, params=of_run).json()
    values = {**of_run, "node_id": VALUE, "event_id": event["event_id"]}
    answered = {}
    for path, methods in routes.items():
        if "get" in methods:
            named = re.sub(r"{(\w+)}", lambda found: values[found[1]], path)
            answered[path] = httpx.get(f"{served}{named}", headers=viewer.login, params=of_run).status_code
    assert len(answered) > 8
    # Nobody has given the page a key to sign with.
    assert answered.pop("/api/v1/receipts/{dag_id}/{run_id}/statement") == 409
    assert set(answered.values()) == {200}, answered
    letters, replays = f"{served}/api/v1/dead-letters", api.runs("lineage_replay")
    assert httpx.get(letters, headers=viewer.login).json()["may_replay"] is False
    refused = httpx.post(f"{letters}/replay", headers=viewer.login, json={"dry_run": True})
    assert refused.status_code == 403
    assert api.runs("lineage_replay") == replays
    window = opened(page)
    log_in(window, stack, airflow.VIEWER)
    window.goto(f"{api.address}{LINEAGE}?tab=dead-letters")
    # Other tests may have left some.
    either = re.compile("No dead letters|You may not start a replay")
    expect(window.get_by_text(either)).to_be_visible(timeout=LOADED)
    expect(window.get_by_role("button", name="Replay")).to_have_count(0)
    window.close()


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.long)])
def test_axe_finds_nothing_in_airflow(
    page: Page, stack: StackConfig, api: AirflowApi, run: str, scheme: Literal["light", "dark"]
) -> None:
    window = opened(page, viewport={"width": 1360, "height": 840}, color_scheme=scheme)
    log_in(window, stack)
    for view in ("", f"?node={VALUE}&column=total_revenue", "?tab=receipts", "?tab=health", "?tab=what-if"):
        window.goto(f"{api.address}{LINEAGE}{view}")
        expect(window.locator(".dbtl-header")).to_be_visible(timeout=LOADED)
        expect(window.get_by_text("Loading")).to_have_count(0, timeout=LOADED)
        assert violations(window) == [], view
    window.close()


def test_a_column_is_lit_from_the_raw_table_to_its_charts_and_nothing_else(
    page: Page, api: AirflowApi, run: str
) -> None:
    page.goto(f"{api.address}{LINEAGE}?tab=receipts")
    whole(page)
    page.goto(f"{api.address}{LINEAGE}?node={VALUE}&column=total_revenue&depth=all")
    expect(page.locator(".dbtl-card.by-value")).to_have_count(9)
    models = {"raw_orders", "stg_orders", "orders", "customer_lifetime_value"}
    assert names(page, ".by-value") == {*models, *CHARTS, "Jaffle Shop"}
    assert names(page, ".by-condition") == {"raw_customers", "stg_customers", "customers"}
    assert {"Customers", "Orders", "Customers by segment"} == names(page, ".faded")


def test_a_receipt_becomes_whole_once_the_relay_is_back_without_a_reload(
    page: Page, api: AirflowApi, stack: StackConfig, run: str
) -> None:
    Supervisor(stack).stop("relay")
    try:
        assert api.run_once("jaffle_shop", WITHOUT_SEEDS)["state"] == "success"
        page.goto(f"{api.address}{LINEAGE}?tab=receipts")
        expect(page.get_by_text("Not whole: 15 of 15 models wait.")).to_be_visible(timeout=30_000)
        page.evaluate("() => { window.notReloaded = true }")
    finally:
        lifecycle.start(stack, "relay")
    whole(page)
    assert page.evaluate("() => window.notReloaded") is True

"""The page for everybody: on a phone, in the dark, by a screen reader; and as Airflow loads it."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.accessibility import violations
from tests.page.server import Site

REVENUE = "warehouse.shop.customer_lifetime_value"
VIEWS = {
    "graph": "",
    "focus": f"?node={REVENUE}",
    "path": f"?node={REVENUE}&column=total_revenue",
    "table": f"?column=total_revenue&of={REVENUE}&as=table",
    "health": "?tab=health",
    "receipts": "?tab=receipts",
    "dead letters": "?tab=dead-letters",
    "events": "?tab=events&run=manual__2",
    "what if": "?tab=what-if",
}


def loaded(page: Page) -> None:
    """Wait until nothing is loading any more."""
    expect(page.locator(".dbtl-header")).to_be_visible()
    expect(page.get_by_text("Loading")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("view", VIEWS)
def test_axe_finds_nothing(browser: Browser, site: Site, view: str, scheme: str) -> None:
    page = browser.new_page(viewport={"width": 1360, "height": 840}, color_scheme=scheme)
    page.goto(site.page + VIEWS[view])
    loaded(page)
    broken = violations(page)
    page.close()
    assert broken == []


@pytest.mark.parametrize("view", VIEWS)
def test_a_phone_shows_it_without_scrolling_sideways(browser: Browser, site: Site, view: str) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page.goto(site.page + VIEWS[view])
    loaded(page)
    wide = page.evaluate("() => document.documentElement.scrollWidth")
    page.close()
    assert wide <= 390


def test_the_dark_page_is_dark(browser: Browser, site: Site) -> None:
    page = browser.new_page(color_scheme="dark")
    page.goto(site.page)
    loaded(page)
    expect(page.locator("html")).to_have_class("dark")
    background = page.locator(".dbtl").evaluate("one => getComputedStyle(one).backgroundColor")
    page.close()
    assert background == "rgb(15, 18, 22)"


def test_the_mode_changes_with_airflow_while_the_page_is_open(page: Page, site: Site) -> None:
    page.goto(site.page)
    loaded(page)
    page.evaluate("() => document.documentElement.classList.add('dark')")
    assert page.locator(".dbtl").evaluate("one => getComputedStyle(one).backgroundColor") == "rgb(15, 18, 22)"


def test_on_a_dag_run_it_shows_that_project_and_run(page: Page, site: Site) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.route("**/index.html", lambda route: with_data(route, site))
    page.goto(site.page)
    loaded(page)
    expect(page.locator(".dbtl-card").first).to_be_visible()
    assert f"{site.address}/dbt-lineage/api/v1/state?project=shop&run_id=manual__1" in asked
    page.get_by_role("link", name="Events").click()
    expect(page.get_by_text("shop, run manual__1")).to_be_visible()


def with_data(route: object, site: Site) -> None:
    """The plain page, as if Airflow had opened it on a DAG run."""
    answer = route.fetch()  # type: ignore[attr-defined]
    text = answer.text().replace("data-script", 'data-dag="shop" data-run="manual__1" data-script')
    route.fulfill(response=answer, body=text)  # type: ignore[attr-defined]


def test_airflows_router_is_used_where_there_is_one(page: Page, site: Site) -> None:
    """The page changes the address by the router that it finds, so that Airflow knows of it."""
    page.add_init_script(
        """globalThis.ReactRouterDOM = {
            useLocation: () => ({ pathname: '/plugin/dbt-lineage', search: globalThis.search_ ?? '' }),
            useNavigate: () => (to, { replace }) => { (globalThis.went ??= []).push([to.search, replace]); },
        };"""
    )
    page.goto(site.page)
    loaded(page)
    page.get_by_role("link", name="Health").click()
    assert page.evaluate("() => globalThis.went") == [["?tab=health", False]]


def test_the_script_needs_only_what_airflow_gives(page: Page, site: Site) -> None:
    """It leaves the component where Airflow looks for it."""
    page.goto(site.page)
    loaded(page)
    assert page.evaluate("() => [typeof globalThis.Lineage, globalThis.Lineage === globalThis.AirflowPlugin]") == [
        "function",
        True,
    ]

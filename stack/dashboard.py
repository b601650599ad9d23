"""Superset's dashboards as a person sees them; ``python -m stack.dashboard`` keeps what their charts ask for.

A chart's answer is found in the cache only by the very query that a browser sends, and only the browser knows how it
makes a query from a chart's settings. So after a change of a chart in the code, its queries are taken from a browser
and written beside its settings.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import yaml
from playwright.sync_api import Locator, Page, Response, expect

from dbt_lineage.core import commands, settings
from dbt_lineage.dashboards.client import Superset
from dbt_lineage.dashboards.folder import Assets
from stack import airflow, superset
from stack.browser import chromium
from stack.config import StackConfig, load

# How long a browser may take for a page or a chart on a busy machine, milliseconds.
PATIENCE = 60_000
CHART = "[data-test=chart-grid-component]:visible"
DRAWN = "[data-test=slice-container] :is(canvas, svg, table, .header-line), [role=alert]"
LOADING = "[data-test=loading-indicator]:visible, .loading:visible"
MAP = "canvas#deckgl-overlay:visible"
# A map asks for its tiles after it is drawn: they are there when there are some, and no more than a moment before.
TILES_ARE_THERE = """() => {
    const now = performance.getEntriesByType('resource').filter(each => each.name.includes('/basemap/')).length;
    const same = now > 0 && window.tilesBefore === now;
    window.tilesBefore = now;
    return same;
}"""
# Charts grow into place: they are there when their pictures no longer change.
CHARTS_STAND_STILL = """() => {
    const canvases = document.querySelectorAll('[data-test=slice-container] canvas:not(#deckgl-overlay)');
    const now = Array.from(canvases, each => each.toDataURL()).join();
    const same = window.chartsBefore === now;
    window.chartsBefore = now;
    return same;
}"""


@dataclass(frozen=True)
class Asked:
    """What a browser asked for one chart, and what it was told.

    Args:
        chart: the chart's number.
        queries: as they were sent; none for the older charts.
        answer: what Superset answered.
    """

    chart: int
    queries: list[dict[str, Any]]
    answer: dict[str, Any]

    @property
    def cached(self) -> bool:
        """Whether the answer came from the cache."""
        results = self.answer.get("result", [self.answer])
        return all(result.get("is_cached") for result in results)


class DashboardPage:
    """One dashboard in a browser.

    Args:
        page: of a browser.
        address: of Superset, such as ``http://127.0.0.1:8088``.
    """

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.asked: list[Asked] = []
        self.elsewhere: list[str] = []
        page.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        page.on("response", self._note)

    def log_in(self, user: str, password: str) -> None:
        """Log in as a person would."""
        self.page.goto(f"{self.address}/login/")
        self.page.locator("#username").fill(user)
        self.page.locator("#password").fill(password)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url("**/welcome/**")

    def open(self, slug: str) -> None:
        """Open a dashboard and wait for its first tab."""
        self.page.goto(f"{self.address}/superset/dashboard/{slug}/")
        self.page.locator("[data-test=dashboard-header-container]").wait_for()
        self.await_drawn()

    @property
    def tabs(self) -> list[str]:
        """The names of the dashboard's tabs."""
        return [name.strip() for name in self.page.get_by_role("tab").all_inner_texts()]

    def open_tab(self, name: str) -> None:
        """Open a tab and wait until its charts are drawn."""
        self.page.get_by_role("tab", name=name).click()
        self.await_drawn()

    def charts(self) -> list[str]:
        """The titles of the charts that can be seen now."""
        shown = self.page.locator(CHART).all()
        return [chart.get_attribute("data-test-chart-name") or "" for chart in shown]

    def chart(self, name: str) -> Locator:
        """One chart by its title."""
        return self.page.locator(f'{CHART}[data-test-chart-name="{name}"]')

    def errors(self) -> list[str]:
        """What the boxes say that Superset shows in place of a chart that failed."""
        return self.page.locator("[role=alert]:visible").all_inner_texts()

    def await_drawn(self) -> None:
        """Wait until every chart that can be seen has drawn something, an error included."""
        expect(self.page.locator(CHART).first).to_be_visible()
        for name in self.charts():
            drawn = self.chart(name).locator(DRAWN)
            expect(drawn.first).to_be_visible()
        expect(self.page.locator(LOADING)).to_have_count(0)
        if self.page.locator(MAP).count():
            self.page.wait_for_function(TILES_ARE_THERE, polling=500)
        self.page.wait_for_load_state("networkidle")
        self.page.wait_for_function(CHARTS_STAND_STILL, polling=400)

    def _note(self, response: Response) -> None:
        request = response.request
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.elsewhere.append(request.url)
        path = urlsplit(request.url).path
        if path == "/api/v1/chart/data":
            body = json.loads(request.post_data or "{}")
            # A filter asks for its choices in the same way, and is no chart.
            if "slice_id" in body["form_data"]:
                self.asked.append(Asked(body["form_data"]["slice_id"], body["queries"], response.json()))
        elif path.startswith("/superset/explore_json"):
            asked = json.loads(_form_field(request.post_data or "", request.url))
            self.asked.append(Asked(asked["slice_id"], [], response.json()))


def take_queries(config: StackConfig, assets: Assets) -> Iterator[str]:
    """Open every dashboard in a browser and write the queries of its charts into the code.

    Args:
        config: the running stack, with the charts imported.
        assets: the code.

    Yields:
        The paths of the files that were changed.
    """
    with chromium() as browser, Superset.as_administrator(settings.superset()) as administrator:
        seen = DashboardPage(browser.new_page(viewport={"width": 1600, "height": 1000}), administrator.address)
        seen.log_in(superset.ADMIN, config.credentials.superset_admin_password)
        for slug in assets.slugs:
            seen.open(slug)
            for tab in seen.tabs:
                seen.open_tab(tab)
        for asked in seen.asked:
            uuid = administrator.get(f"/api/v1/chart/{asked.chart}")["result"]["uuid"]
            path = assets.path_of(uuid)
            if path and asked.queries and assets.files[path].get("queries") != asked.queries:
                content = assets.files[path]
                content["queries"] = asked.queries
                text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=110)
                (assets.folder / path).write_text(text, encoding="utf-8")
                yield path


def _form_field(body: str, url: str) -> str:
    """The field ``form_data`` of a form, however it was sent."""
    if 'name="form_data"' in body:
        return body.split('name="form_data"', 1)[1].strip().splitlines()[0]
    return parse_qs(urlsplit(url).query)["form_data"][0]


def main() -> None:
    """Write the queries of every chart; import the files again afterwards."""
    config = load()
    os.environ.update(airflow.environment(config))
    for path in take_queries(config, Assets.load(settings.superset().assets_dir)):
        print(path)


if __name__ == "__main__":
    commands.run("dashboard", main)

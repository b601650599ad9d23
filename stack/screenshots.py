"""Pictures of the running stack for the README: ``make screenshots``. Needs Chromium on the machine."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page

from include import settings
from include.settings import PROJECT_ROOT
from include.superset.assets import Assets
from stack import airflow, superset
from stack.airflow_api import AirflowApi
from stack.browser import chromium
from stack.config import StackConfig, StackError, load
from stack.dashboard import DashboardPage

STANDS_STILL = """() => {
    const now = document.querySelector('.react-flow__viewport').style.transform;
    const still = window.viewBefore === now;
    window.viewBefore = now;
    return still;
}"""
IMAGES = PROJECT_ROOT / "docs" / "images"


def main() -> None:
    """Take pictures of the last run of each DAG. Raises StackError without Chromium."""
    config = load()
    os.environ.update(airflow.environment(config))
    IMAGES.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1600, "height": 900})
        log_in(page, config)
        api = AirflowApi(config)
        for dag_id in (settings.dbt().dag_id, "openmetadata_ingestion", "superset_refresh", "lineage_checks"):
            print(picture_of_graph(page, api, dag_id))
        print(picture_of_timeline(page, api, settings.dbt().dag_id))
        for picture in pictures_of_dashboards(browser.new_page(viewport={"width": 1600, "height": 1000}), config):
            print(picture)


def log_in(page: Page, config: StackConfig) -> None:
    """Log in as a user would."""
    page.goto(f"http://{config.address('airflow')}/")
    page.get_by_label("Username").fill(airflow.ADMIN)
    page.get_by_label("Password").fill(config.credentials.airflow_admin_password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/")


def picture_of_graph(page: Page, api: AirflowApi, dag_id: str) -> Path:
    """The graph of a DAG's last run, with its groups open."""
    run_id = api.runs(dag_id)[-1]["dag_run_id"]
    page.goto(f"{api.address}/dags/{dag_id}/runs/{run_id}")
    page.get_by_role("button", name="Show Graph").click()
    page.get_by_role("button", name="Collapse Details Panel").click()
    tasks = api.tasks(dag_id, run_id)
    if any("." in task for task in tasks):
        page.get_by_role("button", name="Expand all task groups").click()
    page.locator(".react-flow__node", has_text=max(tasks).rsplit(".", 1)[-1]).first.wait_for()
    page.wait_for_load_state("networkidle")
    page.get_by_role("button", name="Fit View").click()
    # The view glides into place; it is there when its position no longer changes.
    page.wait_for_function(STANDS_STILL, polling=300)
    file = IMAGES / f"airflow-{dag_id.replace('_', '-')}.png"
    page.screenshot(path=file)
    return file


def picture_of_timeline(page: Page, api: AirflowApi, dag_id: str) -> Path:
    """When each task of a DAG's last run started and ended."""
    run_id = api.runs(dag_id)[-1]["dag_run_id"]
    page.set_viewport_size({"width": 1600, "height": 1000})
    page.goto(f"{api.address}/dags/{dag_id}/runs/{run_id}")
    page.get_by_role("button", name="Show Gantt").click()
    # The graph before it has opened the groups, and the page remembers them.
    page.get_by_text("dbt_build").first.wait_for()
    page.get_by_role("button", name="Collapse Details Panel").click()
    page.wait_for_load_state("networkidle")
    file = IMAGES / f"airflow-{dag_id.replace('_', '-')}-timeline.png"
    page.screenshot(path=file)
    return file


def pictures_of_dashboards(page: Page, config: StackConfig) -> Iterator[Path]:
    """Each tab of each dashboard."""
    dashboard = DashboardPage(page, f"http://{config.address('superset')}")
    dashboard.log_in(superset.ADMIN, config.credentials.superset_admin_password)
    for slug in Assets.load(settings.superset().assets_dir).slugs:
        dashboard.open(slug)
        for tab in dashboard.tabs:
            dashboard.open_tab(tab)
            file = IMAGES / f"superset-{tab.lower().replace(' ', '-')}.png"
            page.screenshot(path=file, full_page=True)
            yield file


if __name__ == "__main__":
    try:
        main()
    except StackError as problem:
        sys.exit(f"screenshots: {problem}")

"""Pictures of the running stack for the README: ``make screenshots``. Needs Chromium on the machine."""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from include import settings
from include.settings import PROJECT_ROOT
from stack import airflow
from stack.airflow_api import AirflowApi
from stack.config import StackConfig, StackError, load

IMAGES = PROJECT_ROOT / "docs" / "images"


def main() -> None:
    """Take a picture of the graph of the last run of each DAG. Raises StackError without Chromium."""
    config = load()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        raise StackError("there is no Chromium on the PATH")
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-background-networking", "--disable-sync"]
        )
        page = browser.new_page(viewport={"width": 1600, "height": 900})
        log_in(page, config)
        for dag_id in (settings.dbt().dag_id, "openmetadata_ingestion"):
            print(picture_of_graph(page, AirflowApi(config), dag_id))
        browser.close()


def log_in(page: Page, config: StackConfig) -> None:
    """Log in as a user would."""
    page.goto(f"http://{config.address('airflow')}/")
    page.get_by_label("Username").fill(airflow.ADMIN)
    page.get_by_label("Password").fill(config.credentials.airflow_admin_password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/")


def picture_of_graph(page: Page, api: AirflowApi, dag_id: str) -> Path:
    """The graph of a DAG's last run, groups opened."""
    run_id = api.runs(dag_id)[-1]["dag_run_id"]
    page.evaluate("dag => localStorage.setItem(`dag_view-${dag}`, JSON.stringify('graph'))", dag_id)
    page.goto(f"{api.address}/dags/{dag_id}/runs/{run_id}")
    page.locator(".react-flow__node").first.wait_for()
    expand = page.get_by_role("button", name="Expand all task groups")
    if expand.count():
        expand.first.click()
    page.wait_for_load_state("networkidle")
    fit = page.get_by_role("button", name="Fit view")
    if fit.count():
        fit.first.click()
    page.wait_for_timeout(1500)
    file = IMAGES / f"airflow-{dag_id.replace('_', '-')}.png"
    page.screenshot(path=file)
    return file


if __name__ == "__main__":
    try:
        main()
    except StackError as problem:
        sys.exit(f"screenshots: {problem}")

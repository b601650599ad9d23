"""Pictures of the running stack for the README: ``make screenshots``. Needs Chromium on the machine."""

import email
import json
import mailbox
import os
from collections.abc import Iterator, Mapping
from email.message import EmailMessage
from email.policy import default
from html import escape
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from dbt_lineage.catalogue.client import Catalogue
from dbt_lineage.core import commands, settings
from dbt_lineage.dashboards.folder import Assets
from dbt_lineage.manifest.graph import Manifest
from stack import airflow, superset
from stack.airflow_api import AirflowApi
from stack.browser import chromium
from stack.checkout import PROJECT_ROOT
from stack.config import StackConfig, StackError, load
from stack.dashboard import DashboardPage

STANDS_STILL = """() => {
    const now = document.querySelector('.react-flow__viewport').style.transform;
    const still = window.viewBefore === now;
    window.viewBefore = now;
    return still;
}"""
IMAGES = PROJECT_ROOT / "docs" / "images"
# Of the example. Its way goes from a raw table to four charts.
PICTURED_MODEL, PICTURED_COLUMN = "model.jaffle_shop.customer_lifetime_value", "total_revenue"
# How much of an edge a picture has.
_COLUMNS_SHOWN, _SQL_SHOWN = 3, 300


def main() -> None:
    """Take pictures of the last run of each DAG. Raises StackError without Chromium, or when one has not run yet."""
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
        for picture in pictures_of_lineage(browser.new_page(viewport={"width": 1600, "height": 900}), api, config):
            print(picture)
        print(picture_of_edges(browser.new_page(viewport={"width": 1300, "height": 300})))
        for picture in picture_of_newest_mail(browser.new_page(viewport={"width": 1100, "height": 300}), config):
            print(picture)
        for picture in pictures_of_dashboards(browser.new_page(viewport={"width": 1600, "height": 1170}), config):
            print(picture)


def log_in(page: Page, config: StackConfig, user: str = airflow.ADMIN) -> None:
    """Log in as a user would."""
    page.goto(f"http://{config.address('airflow')}/")
    page.get_by_label("Username").fill(user)
    page.get_by_label("Password").fill(airflow.passwords(config)[user])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/")


def last_run(api: AirflowApi, dag_id: str) -> str:
    """The id of a DAG's last run. Raises StackError when there is none."""
    runs = api.runs(dag_id)
    if not runs:
        raise StackError(f"{dag_id} has not run yet: switch it on in Airflow, or trigger it, first")
    return runs[-1]["dag_run_id"]


def picture_of_graph(page: Page, api: AirflowApi, dag_id: str) -> Path:
    """The graph of a DAG's last run, with its groups open."""
    run_id = last_run(api, dag_id)
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
    run_id = last_run(api, dag_id)
    page.set_viewport_size({"width": 1600, "height": 1000})
    page.goto(f"{api.address}/dags/{dag_id}/runs/{run_id}")
    page.get_by_role("button", name="Show Gantt").click()
    # The graph before it has opened the groups, and the page remembers them.
    page.get_by_text("dbt_build").first.wait_for()
    page.get_by_role("button", name="Collapse Details Panel").click()
    page.wait_for_load_state("networkidle")
    # The page draws its rows anew for the room that it has got.
    page.get_by_text("dbt_build").first.wait_for()
    file = IMAGES / f"airflow-{dag_id.replace('_', '-')}-timeline.png"
    page.screenshot(path=file)
    return file


def pictures_of_lineage(page: Page, api: AirflowApi, config: StackConfig) -> Iterator[Path]:
    """The lineage page: the path of a column of the last model, the receipt of the last run, and the health."""
    manifest = Manifest.load(settings.dbt().manifest)
    log_in(page, config)
    lineage = f"{api.address}/plugin/dbt-lineage"
    views = {
        "graph": f"?node={manifest.relation(PICTURED_MODEL)}&column={PICTURED_COLUMN}&depth=all",
        "receipt": "?tab=receipts",
        "health": "?tab=health",
    }
    for name, view in views.items():
        page.goto(f"{lineage}{view}")
        page.wait_for_load_state("networkidle")
        file = IMAGES / f"lineage-{name}.png"
        page.screenshot(path=file)
        yield file


def picture_of_edges(page: Page) -> Path:
    """The edges on the way from raw data to a report, as the catalogue has them: two columns of each, and its SQL."""
    manifest = Manifest.load(settings.dbt().manifest)
    parents = {edge.downstream: edge.upstream for edge in sorted(manifest.edges(), reverse=True)}
    table, shown = manifest.relation(manifest.dashboard_models[0]), []
    with Catalogue(settings.openmetadata()) as catalogue:
        while upstream := parents.get(table):
            stored = next(each for each in catalogue.upstream(table) or () if each.edge.upstream == upstream)
            shown.append(f"<h3>{escape(str(stored.edge))}</h3><pre>{escape(_shortened(stored.details))}</pre>")
            table = upstream
    page.set_content(f"<style>pre {{white-space: pre-wrap; font-size: 13px}}</style>{''.join(reversed(shown))}")
    file = IMAGES / "catalogue-edges.png"
    page.screenshot(path=file, full_page=True)
    return file


def _shortened(details: Mapping[str, Any]) -> str:
    """An edge's details with so much of each as fits a picture."""
    columns = details["columnsLineage"]
    more = [f"… {len(columns) - _COLUMNS_SHOWN} more"] if len(columns) > _COLUMNS_SHOWN else []
    # Those that are computed tell more than those that are handed on.
    computed = sorted(columns, key=lambda each: each["function"].startswith("IDENTITY"))
    sql = " ".join(details["sqlQuery"].split())
    told = {
        "source": details["source"],
        "pipeline": details["pipeline"]["fullyQualifiedName"],
        "columnsLineage": [*computed[:_COLUMNS_SHOWN], *more],
        "sqlQuery": sql if len(sql) <= _SQL_SHOWN else f"{sql[:_SQL_SHOWN]} …",
        "description": details["description"],
    }
    return json.dumps(told, indent=2, ensure_ascii=False)


def picture_of_newest_mail(page: Page, config: StackConfig) -> Iterator[Path]:
    """The mail that came last, as its reader sees it; none where no mail has come."""
    box = mailbox.Maildir(config.mail / "inbox", factory=None, create=False)
    mails: list[EmailMessage] = [email.message_from_bytes(box.get_bytes(key), policy=default) for key in box.keys()]  # noqa: SIM118
    if not mails:
        return
    newest = max(mails, key=lambda mail: mail["Date"].datetime)
    body = newest.get_body(("html",)) or newest
    page.set_content(f"<p><b>{escape(newest['Subject'])}</b></p>{body.get_content()}")
    file = IMAGES / "mail.png"
    page.screenshot(path=file, full_page=True)
    yield file


def pictures_of_dashboards(page: Page, config: StackConfig) -> Iterator[Path]:
    """Each tab of each dashboard."""
    dashboard = DashboardPage(page, f"http://{config.address('superset')}")
    dashboard.log_in(superset.ADMIN, config.credentials.superset_admin_password)
    for slug in Assets.load(settings.superset().assets_dir).slugs:
        dashboard.open(slug)
        for tab in dashboard.tabs:
            dashboard.open_tab(tab)
            file = IMAGES / f"superset-{tab.lower().replace(' ', '-')}.png"
            # The page is as high as the window: a picture of more would change the window, and with it what is drawn.
            page.screenshot(path=file)
            yield file


if __name__ == "__main__":
    commands.run("screenshots", main)

"""Airflow's page as a person uses it, in Chromium."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from stack.airflow_api import AirflowApi
from stack.browser import chromium
from stack.config import StackConfig
from stack.screenshots import log_in


@pytest.fixture(scope="module")
def page(stack: StackConfig) -> Iterator[Page]:
    """A browser that is logged in."""
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1600, "height": 1400})
        log_in(page, stack)
        yield page


def open_form(page: Page, api: AirflowApi, dag_id: str) -> Locator:
    """The button of the form that starts a run."""
    page.goto(f"{api.address}/dags/{dag_id}")
    page.get_by_role("button", name="Trigger").first.click()
    form = page.get_by_role("dialog")
    expect(form.get_by_text("Run Parameters")).to_be_visible()
    return form.get_by_role("button", name="Trigger", exact=True)


def test_the_form_of_the_dbt_project_can_be_sent_as_it_opens(page: Page, api: AirflowApi) -> None:
    expect(open_form(page, api, "jaffle_shop")).to_be_enabled()


def test_a_run_is_started_by_the_button_and_ends_well(page: Page, api: AirflowApi, topics: str) -> None:
    before = {run["dag_run_id"] for run in api.runs("kafka_topics")}
    open_form(page, api, "kafka_topics").click()
    assert api.await_new_run("kafka_topics", before)["state"] == "success"

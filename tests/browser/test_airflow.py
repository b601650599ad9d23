"""Airflow's page as a person uses it, in Chromium."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

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


def test_every_dag_can_be_triggered_as_its_form_is_when_it_opens(page: Page, api: AirflowApi) -> None:
    grey = []
    for dag_id in sorted(api.dags()):
        page.goto(f"{api.address}/dags/{dag_id}")
        page.get_by_role("button", name="Trigger").first.click()
        form = page.get_by_role("dialog")
        expect(form.get_by_text("Run Parameters")).to_be_visible()
        trigger = form.get_by_role("button", name="Trigger", exact=True)
        try:
            expect(trigger).to_be_enabled(timeout=10_000)
        except AssertionError:
            grey.append(dag_id)
    assert grey == []


def test_a_run_is_started_by_the_button_and_ends_well(page: Page, api: AirflowApi, topics: str) -> None:
    before = {run["dag_run_id"] for run in api.runs("kafka_topics")}
    page.goto(f"{api.address}/dags/kafka_topics")
    page.get_by_role("button", name="Trigger").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Trigger", exact=True).click()
    assert api.await_new_run("kafka_topics", before)["state"] == "success"

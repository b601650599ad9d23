"""What a user meets when something breaks: the right states, a message that names it, and a mail."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from dbt_lineage.core import settings
from stack import lifecycle, postgres
from stack.airflow_api import AirflowApi
from stack.config import HOST, StackConfig
from stack.supervisor import Supervisor
from tests.support import BuiltProject, Inbox, Topic, integration, text_of


@pytest.fixture
def without(stack: StackConfig) -> Iterator:
    """Stops a service for the length of a test."""
    stopped = []

    def stop(name: str) -> None:
        Supervisor(stack).stop(name)
        stopped.append(name)

    yield stop
    lifecycle.up(stack, *stopped)


def events_of_failed_run(api: AirflowApi, dag_id: str) -> tuple[dict, list[dict]]:
    events = Topic(settings.kafka().events_topic)
    before = events.ends()
    run = api.run_once(dag_id)
    return run, [event for event in events.since(before) if integration(event) == "DBT"]


def test_a_failing_model(built: BuiltProject, api: AirflowApi, project: Path, inbox: Inbox) -> None:
    model = project / "models" / "marts" / "orders.sql"
    model.write_text(model.read_text() + "\n-- broken on purpose\nwhere 1 / 0 = 1\n")

    run, events = events_of_failed_run(api, "jaffle_shop")

    assert run["state"] == "failed"
    states = {
        task.removeprefix("models."): each["state"]
        for task, each in api.tasks("jaffle_shop", run["dag_run_id"]).items()
    }
    assert states["orders"] == "failed"
    assert states["stg_orders"] == states["products"] == states["supplies"] == "success"
    downstream = ("customer_lifetime_value", "monthly_business_summary", "geographic_performance")
    assert {states[task] for task in downstream} == {"skipped"}
    assert states.pop("dbt_build") == "failed"

    assert states.pop("assets_of_failed_build") == "success"
    updated = {uri.rsplit("/", 1)[-1] for uri in api.updated_assets("jaffle_shop", run["dag_run_id"])}
    assert updated == {task for task, state in states.items() if task != "seeds" and state == "success"}

    by_job = {(event["job"]["name"], event["eventType"]): event for event in events}
    failed = by_job["model.jaffle_shop.orders", "FAIL"]
    assert "division by zero" in failed["run"]["facets"]["errorMessage"]["message"]
    assert ("model.jaffle_shop.orders", "START") in by_job
    assert ("model.jaffle_shop.products", "COMPLETE") in by_job
    assert not [job for job, _ in by_job if job == "model.jaffle_shop.customer_lifetime_value"]

    mail = text_of(inbox.await_mail("jaffle_shop.models.dbt_build failed"))
    assert "model.jaffle_shop.orders" in mail
    assert "division by zero" in mail
    assert "division by zero" in api.log("jaffle_shop", run["dag_run_id"], "models.orders")
    assert [str(each["Subject"]) for each in inbox.new() if "jaffle_shop" in str(each["Subject"])] == [
        f"[Airflow] jaffle_shop.models.dbt_build failed in {run['dag_run_id']}"
    ]


def test_the_mail_of_a_failed_task_names_dag_task_run_error_and_log(
    built: BuiltProject, api: AirflowApi, inbox: Inbox
) -> None:
    run = api.run_once("kafka_topics", {"replication_factor": 3})
    assert run["state"] == "failed"
    mail = inbox.await_mail("kafka_topics.events failed")
    text = text_of(mail)
    assert mail["To"] == settings.mail().mail_to
    assert run["dag_run_id"] in text
    assert "replication factor 1 and 3 is wanted" in text
    assert f"{api.address}/dags/kafka_topics/runs/" in text
    assert "tasks/events" in text


def test_a_broker_that_is_away_is_named_within_a_minute(
    built: BuiltProject, api: AirflowApi, stack: StackConfig, without
) -> None:
    without("kafka")
    run = api.run_once("kafka_topics")
    assert run["state"] == "failed"
    task = api.tasks("kafka_topics", run["dag_run_id"])["events"]
    assert task["duration"] < 60
    assert f"Kafka at {stack.address('kafka')}" in api.log("kafka_topics", run["dag_run_id"], "events")


def test_dbt_without_a_broker_builds_and_loses_no_event(
    built: BuiltProject, api: AirflowApi, stack: StackConfig
) -> None:
    topic = Topic(settings.kafka().events_topic)
    before = topic.ends()
    Supervisor(stack).stop("kafka")
    try:
        run = api.run_once("jaffle_shop")
    finally:
        lifecycle.up(stack, "kafka")
    assert run["state"] == "success"

    events = topic.since(before)
    of_tasks = [event for event in events if integration(event) == "AIRFLOW"]
    assert {event["eventType"] for event in of_tasks} == {"START", "COMPLETE"}
    jobs = Counter((event["job"]["name"], event["eventType"]) for event in events if integration(event) == "DBT")
    assert jobs == Counter((event["job"]["name"], event["eventType"]) for event in built.of_dbt())


def test_a_catalogue_that_is_away_is_named_within_a_minute(
    built: BuiltProject, api: AirflowApi, stack: StackConfig, without
) -> None:
    without("openmetadata-standin")
    run = api.run_once("openmetadata_ingestion")
    assert run["state"] == "failed"
    tasks = api.tasks("openmetadata_ingestion", run["dag_run_id"])
    assert tasks["warehouse_metadata"]["duration"] < 60
    log = api.log("openmetadata_ingestion", run["dag_run_id"], "warehouse_metadata")
    assert f"OpenMetadata at http://{stack.address('openmetadata')}" in log
    assert "/api/v1/system/version" in log


@pytest.fixture
def closed_warehouse(stack: StackConfig) -> Iterator[None]:
    """The warehouse takes no connection, while Airflow's database on the same server does."""

    def allow(connections: str) -> None:
        with psycopg2.connect(
            host=HOST, port=stack.ports["postgres"], user="postgres",
            password=stack.credentials.postgres_password, dbname="postgres",
        ) as admin:  # fmt: skip
            admin.autocommit = True
            admin.cursor().execute(f"ALTER DATABASE {postgres.WAREHOUSE_DATABASE} ALLOW_CONNECTIONS {connections}")

    allow("false")
    yield
    allow("true")


def test_a_warehouse_that_is_away_is_named_within_a_minute(
    built: BuiltProject, api: AirflowApi, stack: StackConfig, closed_warehouse: None
) -> None:
    for dag_id, task_id in (("jaffle_shop", "models.dbt_build"), ("openmetadata_ingestion", "warehouse_metadata")):
        run = api.run_once(dag_id)
        assert run["state"] == "failed"
        assert api.tasks(dag_id, run["dag_run_id"])[task_id]["duration"] < 60
        log = api.log(dag_id, run["dag_run_id"], task_id)
        assert str(stack.ports["postgres"]) in log
        assert "jaffle_db" in log

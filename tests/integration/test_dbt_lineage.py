"""One lineage event for each dbt node of a run in Airflow, and nothing of Cosmos' merged product."""

from collections import Counter

import pytest

from dbt_lineage.core import settings
from dbt_lineage.manifest.graph import Edge, Manifest
from stack.airflow_api import AirflowApi
from tests.openlineage_spec import validate_event
from tests.support import BuiltProject, Event, query


@pytest.fixture(scope="module")
def manifest(built: BuiltProject) -> Manifest:
    return Manifest.load(settings.dbt().manifest)


def names(datasets: list[dict]) -> set[str]:
    return {dataset["name"] for dataset in datasets}


def completed(built: BuiltProject, kind: str) -> list[Event]:
    return [
        event
        for event in built.of_dbt()
        if event["eventType"] == "COMPLETE" and event["job"]["facets"]["jobType"]["jobType"] == kind
    ]


def test_every_node_has_one_start_and_one_complete(built: BuiltProject, manifest: Manifest) -> None:
    seen = Counter((event["job"]["name"], event["eventType"]) for event in built.of_dbt())
    nodes = [key for key in manifest.content["nodes"] if key.startswith(("model.", "seed.", "test."))]
    nodes += manifest.content["unit_tests"]
    assert seen == {(node, state): 1 for node in nodes for state in ("START", "COMPLETE")}


def test_the_edges_of_the_events_are_those_of_the_manifest(built: BuiltProject, manifest: Manifest) -> None:
    edges = {
        Edge(upstream, downstream)
        for event in completed(built, "MODEL")
        for upstream in names(event["inputs"])
        for downstream in names(event["outputs"])
    }
    assert edges == manifest.edges()


def test_each_model_writes_its_own_relation_only(built: BuiltProject, manifest: Manifest) -> None:
    for event in completed(built, "MODEL") + completed(built, "SEED"):
        assert names(event["outputs"]) == {manifest.relation(event["job"]["name"])}


def test_tests_carry_their_assertion_on_what_they_tested(built: BuiltProject) -> None:
    events = completed(built, "TEST")
    assert len(events) == len({event["job"]["name"] for event in events}) > 0
    for event in events:
        assert not event["outputs"]
        for dataset in event["inputs"]:
            (assertion,) = dataset["facets"]["dataQualityAssertions"]["assertions"]
            assert assertion["success"] is True


def test_events_carry_schema_and_sql(built: BuiltProject) -> None:
    for event in completed(built, "MODEL"):
        assert event["outputs"][0]["facets"]["schema"]["fields"]
        assert "select" in event["job"]["facets"]["sql"]["query"].lower()


def test_every_event_is_valid(built: BuiltProject) -> None:
    assert built.of_dbt()
    assert built.of_airflow()
    for event in built.events:
        validate_event(event)


def test_the_airflow_task_is_parent_and_the_dag_run_is_root(built: BuiltProject) -> None:
    tasks = {e["run"]["runId"]: e["job"]["name"] for e in built.of_airflow() if e["eventType"] == "START"}
    for event in built.of_dbt():
        parent = event["run"]["facets"]["parent"]
        assert parent["job"]["name"] == tasks[parent["run"]["runId"]] == "jaffle_shop.models.dbt_build"
        assert parent["root"]["job"]["name"] == tasks[parent["root"]["run"]["runId"]] == "jaffle_shop"


def test_airflows_own_events_carry_no_datasets(built: BuiltProject) -> None:
    with_datasets = [e["job"]["name"] for e in built.of_airflow() if e.get("inputs") or e.get("outputs")]
    assert with_datasets == []


def test_every_model_is_a_task_and_its_asset_was_updated(
    built: BuiltProject, manifest: Manifest, api: AirflowApi
) -> None:
    tasks = api.tasks("jaffle_shop", built.dbt_run["dag_run_id"])
    assert {task["state"] for task in tasks.values()} == {"success"}
    models = {manifest.content["nodes"][model]["name"] for model in manifest.models}
    assert models <= {task.removeprefix("models.") for task in tasks}
    updated = {uri.rsplit("/", 1)[-1] for uri in api.updated_assets("jaffle_shop", built.dbt_run["dag_run_id"])}
    of_models = {manifest.relation(model).rsplit(".", 1)[-1] for model in manifest.models}
    assert updated == of_models | {"dbt_built__jaffle_shop"}


def test_the_warehouse_holds_what_was_built(built: BuiltProject) -> None:
    (revenue,), (reported,), (by_month,) = (
        query(f"select sum({column}) from jaffle_shop_dev.{table}")[0]
        for column, table in [
            ("amount", "orders"),
            ("total_revenue", "customer_lifetime_value"),
            ("total_revenue", "monthly_business_summary"),
        ]
    )
    assert revenue == reported == by_month > 0

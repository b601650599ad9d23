"""What reaches the catalogue, by the real workflows of openmetadata-ingestion."""

import json
import re

import pytest
from confluent_kafka import Producer

from dbt_lineage.catalogue.verify import Comparison, verified_lineage
from dbt_lineage.core import settings
from dbt_lineage.kafka.offsets import Bookmarks
from dbt_lineage.manifest.graph import Manifest
from dbt_lineage.warehouse.postgres import PostgresWarehouse
from stack.airflow_api import AirflowApi
from tests.support import BuiltProject, Catalogue, Topic

INGESTION = "openmetadata_ingestion"
WRITER = "lineage_ingestion"
REPLAY = "lineage_replay"
SERVICE = "jaffle_postgres"


@pytest.fixture(scope="module")
def manifest(built: BuiltProject) -> Manifest:
    return Manifest.load(settings.dbt().manifest)


def test_the_assets_of_the_models_start_the_ingestion(built: BuiltProject) -> None:
    assert built.ingestion["run_type"] == "asset_triggered"
    assert built.ingestion["state"] == "success"


def test_the_catalogue_has_exactly_the_expected_edges(
    built: BuiltProject, catalogue: Catalogue, manifest: Manifest
) -> None:
    comparison = verified_lineage(settings.dbt(), PostgresWarehouse(settings.warehouse()), settings.openmetadata())
    assert comparison.found == comparison.expected == manifest.edges()


def test_each_model_with_inputs_has_its_pipeline_in_the_configured_service(
    built: BuiltProject, catalogue: Catalogue, manifest: Manifest
) -> None:
    pipelines = catalogue.get("pipelines", service="dbt-openlineage-kafka", limit=100)["data"]
    assert {pipeline["name"] for pipeline in pipelines} == {f"jaffle_shop-{model}" for model in manifest.models}
    assert len(pipelines) == catalogue.get("pipelines", limit=100)["paging"]["total"]


def test_descriptions_of_dbt_reach_tables_and_columns(
    built: BuiltProject, catalogue: Catalogue, manifest: Manifest
) -> None:
    for model in manifest.models:
        node = manifest.content["nodes"][model]
        table = catalogue.get(f"tables/name/{SERVICE}.{manifest.relation(model)}", fields="columns")
        assert table["description"].strip() == node["description"].strip()
        described = {column["name"]: column.get("description", "").strip() for column in table["columns"]}
        assert described == {name: column["description"].strip() for name, column in node["columns"].items()}


def test_dbts_tests_and_their_results_are_in_the_catalogue(
    built: BuiltProject, catalogue: Catalogue, manifest: Manifest
) -> None:
    cases = catalogue.get("dataQuality/testCases", limit=200, fields="testCaseResult")["data"]
    tests = {node["name"] for key, node in manifest.content["nodes"].items() if key.startswith("test.")}
    assert {case["name"] for case in cases} == tests
    assert {case["testCaseResult"]["testCaseStatus"] for case in cases} == {"Success"}


def test_a_lost_edge_is_told_and_brought_back_from_the_newest_event(
    built: BuiltProject, catalogue: Catalogue, api: AirflowApi, manifest: Manifest
) -> None:
    upstream, downstream = (
        f"{SERVICE}.jaffle_db.jaffle_shop_dev.{name}" for name in ("orders", "customer_lifetime_value")
    )
    # What earlier runs left to ingest would bring the edge back by itself.
    api.await_idle(INGESTION)
    assert api.run_once(WRITER)["state"] == "success"
    catalogue.delete_edge(upstream, downstream)
    assert len(compared().found) == len(manifest.edges()) - 1

    run = api.run_once(INGESTION)
    assert run["state"] == "success"
    log = api.log(INGESTION, run["dag_run_id"], "verify_lineage")
    assert re.search(r"mended 1 of \d+ tables: their edges were not what their newest event says", log)
    assert compared().found == manifest.edges()


def test_a_replay_shows_what_it_would_send_and_rebuilds_the_lineage_from_the_topic_alone(
    built: BuiltProject, catalogue: Catalogue, api: AirflowApi, manifest: Manifest
) -> None:
    api.await_idle(INGESTION)
    for edge in manifest.edges():
        catalogue.delete_edge(*(f"{SERVICE}.{table}" for table in edge))

    shown = api.run_once(REPLAY, {"job": "model.jaffle_shop.customer*"})
    states = {name: task["state"] for name, task in api.tasks(REPLAY, shown["dag_run_id"]).items()}
    assert states == {"replay_events": "success", "ingest": "skipped"}
    log = api.log(REPLAY, shown["dag_run_id"], "replay_events")
    assert "model.jaffle_shop.customer_lifetime_value" in log
    assert "model.jaffle_shop.orders" not in log
    assert not compared().found

    api.unpause(INGESTION)
    assert api.run_once(REPLAY, {"rebuild": True, "dry_run": False})["state"] == "success"
    assert compared().found == manifest.edges()


def compared() -> Comparison:
    """The lineage in the catalogue against the manifest."""
    return verified_lineage(settings.dbt(), PostgresWarehouse(settings.warehouse()), settings.openmetadata())


def test_a_malformed_event_goes_to_the_dead_letters_with_its_reason(built: BuiltProject, api: AirflowApi) -> None:
    kafka = settings.kafka()
    dead = Topic(kafka.dlq_topic)
    before = dead.ends()
    producer = Producer({"bootstrap.servers": kafka.bootstrap_servers})
    producer.produce(kafka.events_topic, value=b"{not json", partition=0)
    producer.produce(
        kafka.events_topic, value=json.dumps({"eventTime": "2026-01-01T00:00:00Z", "run": {}}), partition=1
    )
    assert producer.flush(10) == 0

    assert api.run_once(WRITER)["state"] == "success"
    letters = dead.messages_since(before)
    reasons = {dict(letter.headers())["reason"].decode().split(":")[0]: letter for letter in letters}
    assert set(reasons) == {"not JSON", "job"}
    assert reasons["not JSON"].value() == b"{not json"
    assert dict(reasons["not JSON"].headers())["source"].decode().startswith(f"{kafka.events_topic}[0]@")


def test_the_verified_offsets_stand_at_the_end_of_the_curated_topic(built: BuiltProject) -> None:
    kafka = settings.kafka()
    bookmarks = Bookmarks(kafka, kafka.lineage_topic)
    assert bookmarks.committed(settings.openmetadata().consumer_group) == bookmarks.ends()


def test_the_reapers_dag_shows_what_is_stale_of_its_project(built: BuiltProject, api: AirflowApi) -> None:
    run = api.run_once("lineage_reaper")
    assert run["state"] == "success"
    log = api.log("lineage_reaper", run["dag_run_id"], "reap_stale_lineage")
    assert "edges and 0 pipelines, dry run: nothing was deleted" in log

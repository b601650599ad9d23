"""One OpenLineage run for each dbt node, with that node's inputs and outputs and no other's."""

import copy
import inspect
import json
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from dbt_runs import (
    COMPLETED_AT,
    GENERATED_AT,
    INVOCATION,
    JOB_NAMESPACE,
    PARENT,
    PROJECT,
    STARTED_AT,
    events_of,
    names,
    never_started,
    result,
    whole_run,
)
from jaffle_shop import EDGES, MODELS, RAW, SCHEMA, SEEDS, model_id
from openlineage.client.generated import base
from openlineage.client.serde import Serde
from openlineage.common.provider.dbt.structured_logs import DbtStructuredLogsProcessor
from openlineage.common.provider.dbt.utils import PRODUCER, __version__

from dbt_lineage.core import settings
from dbt_lineage.events import dbt_events
from dbt_lineage.events.dbt_events import node_events
from dbt_lineage.events.dbt_run import ArtifactsError, load_artifacts
from dbt_lineage.manifest.graph import Edge, Manifest, ManifestError
from tests.openlineage_spec import validate_event

LOCATIONS = model_id("locations")
ORDERS_SUMMARY = model_id("monthly_business_summary")
SEED = "seed.jaffle_shop.raw_orders"
NOT_NULL = "test.jaffle_shop.not_null_customers_first_name.602d132c3b"
SINGULAR = "test.jaffle_shop.monthly_business_summary_agrees_with_orders"
ONE_OF_EACH = (LOCATIONS, SEED, NOT_NULL, SINGULAR)
ERROR = 'Database Error in model locations (models/marts/locations.sql)\n  column "citty" does not exist\n  LINE 14'


# --- what include/dbt_lineage/events/dbt_events.py uses of the library without its promise

LIBRARY = f"DbtStructuredLogsProcessor of openlineage-integration-common {__version__}"


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("parse_node_finished_event", ["event"]),
        ("extract_adapter_type", ["profile"]),
        ("extract_dataset_namespace", ["profile"]),
        ("extract_dialect", []),
        ("get_column_lineage", ["namespace", "compiled_sql"]),
    ],
)
def test_the_library_still_has_the_method_that_the_events_are_built_with(method: str, arguments: list[str]) -> None:
    found = getattr(DbtStructuredLogsProcessor, method, None)
    assert found is not None, f"{dbt_events.__file__} calls {method}, which {LIBRARY} no longer has"
    assert list(inspect.signature(found).parameters) == ["self", *arguments], (
        f"{dbt_events.__file__} relies on {method}({', '.join(arguments)}), which {LIBRARY} has changed to "
        f"{method}{inspect.signature(found)}"
    )


@pytest.fixture
def processor() -> DbtStructuredLogsProcessor:
    return DbtStructuredLogsProcessor(
        dbt_command_line=["dbt", "build", "--profiles-dir", str(PROJECT)],
        producer=PRODUCER,
        project_dir=str(PROJECT),
        target="dev",
        job_namespace=JOB_NAMESPACE,
    )


@pytest.mark.parametrize(
    "attribute",
    [
        "_compiled_manifest",
        "_dbt_version",
        "_dbt_invocation_id",
        "dbt_run_metadata",
        "full_refresh",
        "node_id_to_ol_run_id",
    ],
)
def test_the_library_still_keeps_the_attribute_that_the_run_is_told_with(
    processor: DbtStructuredLogsProcessor, attribute: str
) -> None:
    assert hasattr(processor, attribute), (
        f"{dbt_events.__file__} sets {attribute}, which {LIBRARY} no longer has: the events would lack what it tells"
    )


def test_the_library_still_reads_what_it_is_told(processor: DbtStructuredLogsProcessor) -> None:
    manifest = {"nodes": {}, "sources": {}, "parent_map": {}}
    processor._compiled_manifest = manifest
    processor._dbt_version, processor._dbt_invocation_id = "1.2.3", INVOCATION
    told = (processor.compiled_manifest, processor.dbt_version, processor.invocation_id)
    assert told == (manifest, "1.2.3", INVOCATION), (
        f"{dbt_events.__file__} sets _compiled_manifest, _dbt_version and _dbt_invocation_id, which {LIBRARY} no longer "
        "reads"
    )
    assert processor.profile["type"] == "postgres", f"{LIBRARY} no longer finds the profile of {dbt_events.__file__}"


# --- the events of single nodes


@pytest.fixture
def manifest(manifest_content: dict[str, Any]) -> dict[str, Any]:
    """The project's manifest as a build leaves it: with the SQL that was run."""
    for unique_id, node in manifest_content["nodes"].items():
        if node["resource_type"] in ("model", "test"):
            node["compiled_code"] = f"select customer_id from {SCHEMA}.stg_customers -- {unique_id}"
    return manifest_content


def types(events: list[dict[str, Any]]) -> list[str]:
    return [event["eventType"] for event in events]


@pytest.mark.parametrize("status", ["success", "error"])
@pytest.mark.parametrize("model", MODELS)
def test_a_model_has_its_own_inputs_and_output(manifest: dict[str, Any], model: str, status: str) -> None:
    events = events_of(manifest, result(model_id(model), status, message="SELECT 5"))
    assert types(events) == ["START", "COMPLETE" if status == "success" else "FAIL"]
    for event in events:
        validate_event(event)
        assert event["job"]["facets"]["jobType"]["jobType"] == "MODEL"
    assert names(events[1]["inputs"]) == sorted(MODELS[model])
    assert names(events[1]["outputs"]) == [f"{SCHEMA}.{model}"]


def test_a_model_tells_its_sql_and_its_columns(manifest: dict[str, Any]) -> None:
    complete = events_of(manifest, result(LOCATIONS, "success"))[1]
    sql = complete["job"]["facets"]["sql"]
    assert sql["query"] == f"select customer_id from {SCHEMA}.stg_customers -- {LOCATIONS}"
    assert sql["dialect"] == "postgres"
    columns = [field["name"] for field in complete["outputs"][0]["facets"]["schema"]["fields"]]
    assert columns[:3] == ["location_id", "location_name", "city"]


@pytest.mark.parametrize("unique_id", ONE_OF_EACH)
def test_a_start_tells_who_runs_what_and_leaves_the_rest_to_the_end(manifest: dict[str, Any], unique_id: str) -> None:
    start, finish = events_of(manifest, result(unique_id, "error", message=ERROR))
    assert start["inputs"] == start["outputs"] == []
    assert start["run"]["runId"] == finish["run"]["runId"]
    assert start["run"]["facets"].keys() == {"dbt_version", "processing_engine", "dbt_run", "parent"}
    assert start["job"]["facets"].keys() == {"jobType", "dbt_node"}
    for whose in ("run", "job"):
        assert start[whose]["facets"].items() <= finish[whose]["facets"].items()


def test_a_node_without_sql_has_no_sql_facet(manifest: dict[str, Any]) -> None:
    for event in events_of(manifest, result(SEED, "success")):
        assert "sql" not in event["job"]["facets"]


def test_no_column_lineage_is_better_than_half_of_one(manifest: dict[str, Any]) -> None:
    complete = events_of(manifest, result(model_id("customers"), "success"))[1]
    assert "columnLineage" not in complete["outputs"][0]["facets"]


def test_a_failing_model_keeps_its_error(manifest: dict[str, Any]) -> None:
    start, fail = events_of(manifest, result(LOCATIONS, "error", message=ERROR))
    assert types([start, fail]) == ["START", "FAIL"]
    assert fail["run"]["facets"]["errorMessage"]["message"] == ERROR
    assert "errorMessage" not in start["run"]["facets"]


@pytest.mark.parametrize("seed", sorted(SEEDS))
def test_a_seed_has_one_output_and_no_input(manifest: dict[str, Any], seed: str) -> None:
    events = events_of(manifest, result(f"seed.jaffle_shop.{seed}", "success", message="INSERT 6"))
    assert types(events) == ["START", "COMPLETE"]
    for event in events:
        validate_event(event)
        assert event["inputs"] == []
        assert event["job"]["facets"]["jobType"]["jobType"] == "SEED"
    assert names(events[1]["outputs"]) == [f"{SCHEMA if seed == 'store_locations' else RAW}.{seed}"]


@pytest.mark.parametrize(
    ("status", "failures", "message", "event_type", "success"),
    [
        ("pass", 0, None, "COMPLETE", True),
        ("warn", 3, "Got 3 results, configured to warn if != 0", "COMPLETE", False),
        ("fail", 2, "Got 2 results, configured to fail if != 0", "FAIL", False),
    ],
)
def test_a_generic_test_tells_what_it_found(
    manifest: dict[str, Any], status: str, failures: int, message: str | None, event_type: str, success: bool
) -> None:
    start, finish = events_of(manifest, result(NOT_NULL, status, failures=failures, message=message))
    validate_event(start)
    validate_event(finish)
    assert types([start, finish]) == ["START", event_type]
    assert names(finish["inputs"]) == [f"{SCHEMA}.customers"]
    assert finish["outputs"] == []
    [assertion] = finish["inputs"][0]["facets"]["dataQualityAssertions"]["assertions"]
    assert assertion["assertion"] == "not_null"
    assert assertion["column"] == "first_name"
    assert assertion["success"] is success
    assert assertion["actual"] == str(failures)
    assert finish["run"]["facets"].get("errorMessage", {}).get("message") == (message if status == "fail" else None)


def test_a_singular_test_tells_what_it_found_of_all_that_it_reads(manifest: dict[str, Any]) -> None:
    start, fail = events_of(manifest, result(SINGULAR, "fail", failures=4, message="Got 4 results"))
    read = sorted([f"{SCHEMA}.monthly_business_summary", f"{SCHEMA}.orders"])
    for event in (start, fail):
        validate_event(event)
    assert names(fail["inputs"]) == read
    assert fail["outputs"] == []
    for dataset in fail["inputs"]:
        [assertion] = dataset["facets"]["dataQualityAssertions"]["assertions"]
        assert (assertion["success"], assertion["actual"]) == (False, "4")
    [execution] = fail["run"]["facets"]["test"]["tests"]
    assert (execution["type"], execution["status"], execution["actual"]) == ("singular", "fail", "4")


@pytest.mark.parametrize("unique_id", ONE_OF_EACH)
def test_a_skipped_node_has_no_event(manifest: dict[str, Any], unique_id: str) -> None:
    assert events_of(manifest, never_started(unique_id, "skipped", "Skipping due to fail in parent")) == []


def test_an_exposure_has_no_event(manifest: dict[str, Any]) -> None:
    assert events_of(manifest, result(next(iter(manifest["exposures"])), "success")) == []


@pytest.mark.parametrize(
    ("status", "message", "event_type"),
    [("pass", None, "COMPLETE"), ("fail", "actual differs from expected", "FAIL"), ("error", ERROR, "FAIL")],
)
def test_a_unit_test_reads_no_relation_and_tells_how_it_ended(
    manifest: dict[str, Any], status: str, message: str | None, event_type: str
) -> None:
    unique_id = next(iter(manifest["unit_tests"]))
    events = events_of(manifest, result(unique_id, status, message=message))
    assert types(events) == ["START", event_type]
    for event in events:
        validate_event(event)
        assert event["inputs"] == event["outputs"] == []
        assert event["job"]["name"] == unique_id
        assert event["run"]["facets"]["parent"]["run"]["runId"] == PARENT.run_id
    [execution] = events[1]["run"]["facets"]["test"]["tests"]
    assert (execution["type"], execution["status"]) == ("unit", "pass" if status == "pass" else "fail")
    assert events[1]["run"]["facets"].get("errorMessage", {}).get("message") == message


def test_a_node_that_failed_before_it_started_starts_and_fails_when_the_run_ended(manifest: dict[str, Any]) -> None:
    events = events_of(manifest, never_started(LOCATIONS, "error", "Compilation Error in model locations"))
    assert types(events) == ["START", "FAIL"]
    for event in events:
        validate_event(event)
        assert event["eventTime"] == GENERATED_AT
    assert events[1]["run"]["facets"]["errorMessage"]["message"] == "Compilation Error in model locations"


def test_a_run_starts_when_the_node_starts_and_ends_when_it_ends(manifest: dict[str, Any]) -> None:
    assert [event["eventTime"] for event in events_of(manifest, result(LOCATIONS, "success"))] == [
        STARTED_AT,
        COMPLETED_AT,
    ]


# --- the whole run


def edges_of(events: list[dict[str, Any]]) -> list[Edge]:
    return [
        Edge(source["name"], made["name"])
        for event in events
        if event["eventType"] == "COMPLETE"
        for source in event["inputs"]
        for made in event["outputs"]
    ]


def test_every_event_of_a_whole_run_is_valid_and_the_models_make_exactly_the_edges(manifest: dict[str, Any]) -> None:
    results = whole_run(manifest)
    events = events_of(manifest, *results)
    for event in events:
        validate_event(event)
    assert sorted((event["job"]["name"], event["eventType"]) for event in events) == sorted(
        (result["unique_id"], event_type) for result in results for event_type in ("START", "COMPLETE")
    )
    assert sorted(edges_of(events)) == sorted(EDGES)


def test_all_datasets_are_in_the_namespace_of_the_warehouse(
    environment: pytest.MonkeyPatch, manifest: dict[str, Any]
) -> None:
    environment.setenv("WAREHOUSE_HOST", "warehouse.example.com")
    environment.setenv("WAREHOUSE_PORT", "5555")
    events = events_of(manifest, *(result(unique_id, "success") for unique_id in ONE_OF_EACH))
    namespaces = {dataset["namespace"] for event in events for dataset in [*event["inputs"], *event["outputs"]]}
    assert namespaces == {"postgres://warehouse.example.com:5555"}


def test_an_ipv6_address_stands_in_brackets_in_a_namespace(
    environment: pytest.MonkeyPatch, manifest: dict[str, Any]
) -> None:
    environment.setenv("WAREHOUSE_HOST", "::1")
    events = events_of(manifest, *(result(unique_id, "success") for unique_id in ONE_OF_EACH))
    namespaces = {dataset["namespace"] for event in events for dataset in [*event["inputs"], *event["outputs"]]}
    assert namespaces == {settings.warehouse().namespace} == {"postgres://[::1]:5432"}


def test_a_session_of_spark_has_a_namespace_and_its_columns_though_it_has_no_databases(
    manifest: dict[str, Any],
) -> None:
    for node in (*manifest["nodes"].values(), *manifest["sources"].values()):
        node["database"] = None
    columns = {"default.jaffle_shop_dev.locations": {"city": "string"}}
    [_, complete] = events_of(manifest, result(LOCATIONS, "success"), target="spark", columns=columns)
    [output] = complete["outputs"]
    assert (output["namespace"], output["name"]) == ("spark://localhost", "jaffle_shop_dev.locations")
    assert [(each["name"], each["type"]) for each in output["facets"]["schema"]["fields"]] == [("city", "string")]


def test_a_run_has_one_id_from_start_to_end_and_no_other_node_has_it(manifest: dict[str, Any]) -> None:
    ids: dict[str, set[str]] = {}
    for event in events_of(manifest, *whole_run(manifest)):
        ids.setdefault(event["job"]["name"], set()).add(str(uuid.UUID(event["run"]["runId"])))
    assert {len(of_node) for of_node in ids.values()} == {1}
    assert len(set.union(*ids.values())) == len(ids)


def test_the_same_invocation_gives_the_same_events_again(manifest: dict[str, Any]) -> None:
    results = whole_run(manifest)
    assert events_of(manifest, *results) == events_of(manifest, *results)


def test_another_invocation_is_another_run(manifest: dict[str, Any]) -> None:
    once, again = (
        {event["run"]["runId"] for event in events_of(manifest, *whole_run(manifest), invocation=invocation)}
        for invocation in (INVOCATION, "9f1e6f0c-52f6-4f7f-8d6a-0a8b4a3f5d11")
    )
    assert not once & again


@pytest.mark.parametrize("command", ["build", "run", "seed", "test"])
def test_the_job_is_named_by_the_node_whatever_the_command(manifest: dict[str, Any], command: str) -> None:
    for unique_id in ONE_OF_EACH:
        for event in events_of(manifest, result(unique_id, "success"), command=command):
            assert (event["job"]["namespace"], event["job"]["name"]) == (JOB_NAMESPACE, unique_id)


@pytest.mark.parametrize("unique_id", ONE_OF_EACH)
def test_the_airflow_task_is_the_parent_and_the_dag_run_is_the_root(manifest: dict[str, Any], unique_id: str) -> None:
    for event in events_of(manifest, result(unique_id, "success")):
        parent = event["run"]["facets"]["parent"]
        assert parent["run"]["runId"] == PARENT.run_id
        assert parent["job"] == {"namespace": PARENT.job_namespace, "name": PARENT.job_name}
        assert parent["root"]["run"]["runId"] == PARENT.root_parent_run_id
        assert parent["root"]["job"] == {
            "namespace": PARENT.root_parent_job_namespace,
            "name": PARENT.root_parent_job_name,
        }


@pytest.mark.parametrize("unique_id", ONE_OF_EACH)
def test_the_events_of_a_run_for_an_interval_have_it_as_nominal_time(manifest: dict[str, Any], unique_id: str) -> None:
    march = (datetime(2020, 3, 1, tzinfo=UTC), datetime(2020, 4, 1, tzinfo=UTC))
    events = events_of(manifest, result(unique_id, "success"), interval=march)
    assert events
    for event in events:
        validate_event(event)
        facet = event["run"]["facets"]["nominalTime"]
        assert (facet["nominalStartTime"], facet["nominalEndTime"]) == (
            "2020-03-01T00:00:00+00:00",
            "2020-04-01T00:00:00+00:00",
        )
    for event in events_of(manifest, result(unique_id, "success")):
        assert "nominalTime" not in event["run"]["facets"]


def test_the_events_come_in_order_of_time(manifest: dict[str, Any]) -> None:
    late = result(ORDERS_SUMMARY, "success", started_at=COMPLETED_AT, completed_at=GENERATED_AT)
    early = result(model_id("orders"), "success")
    assert [(event["job"]["name"], event["eventType"]) for event in events_of(manifest, late, early)] == [
        (model_id("orders"), "START"),
        (ORDERS_SUMMARY, "START"),
        (model_id("orders"), "COMPLETE"),
        (ORDERS_SUMMARY, "COMPLETE"),
    ]


def test_a_start_on_the_full_second_comes_before_its_end(manifest: dict[str, Any]) -> None:
    on_the_second = result(LOCATIONS, "success", started_at="2026-11-22T14:12:07Z")
    assert types(events_of(manifest, on_the_second)) == ["START", "COMPLETE"]


def test_the_facets_name_dbt_as_producer_and_airflow_keeps_its_own(manifest: dict[str, Any]) -> None:
    before = base.PRODUCER
    airflow = "https://github.com/apache/airflow/tree/providers-openlineage/2.20.3"
    base.set_producer(airflow)
    try:
        events = events_of(manifest, *whole_run(manifest))
        assert airflow not in json.dumps(events)
        assert airflow == base.PRODUCER
    finally:
        base.set_producer(before)
    assert {event["producer"] for event in events} == {PRODUCER}


def test_an_ephemeral_parent_is_seen_through(manifest: dict[str, Any]) -> None:
    manifest["nodes"][model_id("order_items")]["config"]["materialized"] = "ephemeral"
    complete = events_of(manifest, result(ORDERS_SUMMARY, "success"))[1]
    assert names(complete["inputs"]) == sorted([f"{SCHEMA}.orders", f"{SCHEMA}.stg_order_items"])


def test_an_ephemeral_model_that_dbt_tells_of_as_it_goes_has_no_event(manifest: dict[str, Any]) -> None:
    told = result(model_id("order_items"), "success")
    assert len(events_of(manifest, told)) == 2
    manifest["nodes"][model_id("order_items")]["config"]["materialized"] = "ephemeral"
    assert events_of(manifest, told) == []


def test_a_test_of_an_ephemeral_model_names_no_relation_that_does_not_exist(manifest: dict[str, Any]) -> None:
    manifest["nodes"][model_id("customers")]["config"]["materialized"] = "ephemeral"
    complete = events_of(manifest, result(NOT_NULL, "pass", failures=0))[1]
    assert names(complete["inputs"]) == [f"{SCHEMA}.stg_customers"]


@pytest.mark.parametrize("status", ["no-op", "reused"])
@pytest.mark.parametrize("unique_id", ONE_OF_EACH)
def test_a_node_that_dbt_did_not_run_has_no_event(manifest: dict[str, Any], unique_id: str, status: str) -> None:
    assert events_of(manifest, result(unique_id, status)) == []


def test_a_node_whose_status_is_unknown_has_no_event_and_is_named(
    manifest: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    assert events_of(manifest, result(LOCATIONS, "postponed")) == []
    assert f"{LOCATIONS} has no event: its status 'postponed' is unknown" in caplog.text


@pytest.mark.parametrize("command", ["compile", "generate", "clone", "freshness", "run-operation", "show"])
def test_a_command_that_builds_nothing_has_no_events_of_nodes(manifest: dict[str, Any], command: str) -> None:
    assert events_of(manifest, *whole_run(manifest), command=command) == []


def test_a_run_that_reads_no_rows_or_a_sample_has_no_events_of_nodes(manifest: dict[str, Any]) -> None:
    assert events_of(manifest, *whole_run(manifest), reads_part=True) == []


def test_a_parent_that_was_read_in_another_environment_is_named_as_it_is_there(manifest: dict[str, Any]) -> None:
    stg_locations = manifest["nodes"][model_id("stg_locations")]
    there = copy.deepcopy(manifest)
    there["nodes"][model_id("stg_locations")] |= {
        "schema": "prod",
        "relation_name": '"jaffle_db"."prod"."stg_locations"',
    }
    manifest["nodes"][LOCATIONS]["compiled_code"] = 'select * from "jaffle_db"."prod"."stg_locations"'
    deferred = events_of(manifest, result(LOCATIONS, "success"), deferred_to=Manifest(there))[1]
    assert "jaffle_db.prod.stg_locations" in names(deferred["inputs"])
    assert f"{SCHEMA}.stg_locations" not in names(deferred["inputs"])

    # What was built here is read here.
    manifest["nodes"][LOCATIONS]["compiled_code"] = f"select * from {stg_locations['relation_name']}"
    built = events_of(manifest, result(LOCATIONS, "success"), deferred_to=Manifest(there))[1]
    assert names(built["inputs"]) == sorted(MODELS["locations"])


@pytest.mark.parametrize(
    ("part", "unique_id", "field", "edge"),
    [
        pytest.param(
            *("nodes", model_id("orders"), "alias"),
            Edge(f"{SCHEMA}.renamed", f"{SCHEMA}.customer_lifetime_value"),
            id="alias",
        ),
        pytest.param(
            *("sources", "source.jaffle_shop.ecom.raw_orders", "identifier"),
            Edge(f"{RAW}.renamed", f"{SCHEMA}.stg_orders"),
            id="identifier",
        ),
    ],
)
def test_a_relation_is_named_as_in_the_warehouse(
    manifest: dict[str, Any], part: str, unique_id: str, field: str, edge: Edge
) -> None:
    manifest[part][unique_id][field] = "renamed"
    assert edge in Manifest(manifest).edges()
    assert edge in edges_of(events_of(manifest, *whole_run(manifest)))


# --- what a run left behind


def run_results(invocation: str, *results: dict[str, Any], **args: Any) -> dict[str, Any]:
    metadata = {"invocation_id": invocation, "generated_at": GENERATED_AT}
    return {"metadata": metadata, "args": {"which": "build", **args}, "results": list(results)}


@pytest.fixture
def left_behind(tmp_path: Path, manifest: dict[str, Any]) -> Path:
    """A project folder with the artifacts of one invocation."""
    manifest["metadata"]["invocation_id"] = INVOCATION
    target = tmp_path / "target"
    target.mkdir()
    (target / "manifest.json").write_text(json.dumps(manifest))
    (target / "run_results.json").write_text(json.dumps(run_results(INVOCATION)))
    return tmp_path


def test_the_artifacts_of_one_invocation_are_taken(left_behind: Path) -> None:
    run, results = load_artifacts(left_behind, PROJECT, "dev")
    assert run.manifest.edges() == EDGES
    assert results == []


def test_artifacts_of_two_invocations_are_refused(left_behind: Path) -> None:
    other = "9f1e6f0c-52f6-4f7f-8d6a-0a8b4a3f5d11"
    (left_behind / "target/run_results.json").write_text(json.dumps(run_results(other)))
    with pytest.raises(ArtifactsError, match=f"{left_behind}/target are of different invocations") as refused:
        load_artifacts(left_behind, PROJECT, "dev")
    assert INVOCATION in str(refused.value)
    assert other in str(refused.value)


@pytest.mark.parametrize(("missing", "error"), [("run_results.json", ArtifactsError), ("manifest.json", ManifestError)])
def test_a_missing_artifact_is_named(left_behind: Path, missing: str, error: type[Exception]) -> None:
    (left_behind / "target" / missing).unlink()
    with pytest.raises(error, match=missing) as refused:
        load_artifacts(left_behind, PROJECT, "dev")
    assert str(left_behind / "target") in str(refused.value)


def batch(day: int) -> list[str]:
    return [f"2026-01-0{day}T00:00:00+00:00", f"2026-01-0{day + 1}T00:00:00+00:00"]


@pytest.mark.parametrize(
    ("successful", "failed", "sql"),
    [
        pytest.param([1, 3], [2], "select 3", id="a part failed"),
        pytest.param([], [1, 2, 3], "select 1", id="all failed"),
        pytest.param([1, 2, 3], [], "select 3", id="all succeeded"),
    ],
)
def test_a_microbatch_model_is_one_run_with_the_sql_of_a_batch(
    left_behind: Path, manifest: dict[str, Any], successful: list[int], failed: list[int], sql: str
) -> None:
    node = manifest["nodes"][LOCATIONS]
    del node["compiled_code"]
    node["config"] |= {"materialized": "incremental", "incremental_strategy": "microbatch", "batch_size": "day"}
    (left_behind / "target/manifest.json").write_text(json.dumps(manifest))
    folder = left_behind / "target/compiled/jaffle_shop/models/marts/locations"
    folder.mkdir(parents=True)
    # The last one is of an earlier run.
    for day in (1, 2, 3, 4):
        (folder / f"locations_2026-01-0{day}.sql").write_text(f"select {day}")
    of_batches = {"successful": [batch(day) for day in successful], "failed": [batch(day) for day in failed]}
    status = {(True, True): "partial success", (True, False): "success", (False, True): "error"}[
        bool(successful), bool(failed)
    ]
    found = {**result(LOCATIONS, status), "batch_results": of_batches}
    (left_behind / "target/run_results.json").write_text(json.dumps(run_results(INVOCATION, found)))

    (left_behind / "dbt_project.yml").write_bytes((PROJECT / "dbt_project.yml").read_bytes())
    run, results = load_artifacts(left_behind, PROJECT, "dev")
    events = [json.loads(Serde.to_json(event)) for event in node_events(run, results, PARENT, JOB_NAMESPACE)]
    assert types(events) == ["START", "FAIL" if failed else "COMPLETE"]
    assert events[1]["job"]["facets"]["sql"]["query"] == sql
    assert names(events[1]["outputs"]) == [f"{SCHEMA}.locations"]


@pytest.mark.parametrize("args", [{"empty": True}, {"sample": {"start": "2026-01-01", "end": "2026-01-02"}}])
def test_a_run_that_reads_a_part_is_known_by_its_arguments(left_behind: Path, args: dict[str, Any]) -> None:
    results = run_results(INVOCATION, **args)
    (left_behind / "target/run_results.json").write_text(json.dumps(results))
    run, _ = load_artifacts(left_behind, PROJECT, "dev")
    assert run.reads_part
    assert not run.builds


@pytest.mark.parametrize("argument", ["state", "defer_state"])
def test_the_manifest_that_a_run_deferred_to_is_read(
    left_behind: Path, manifest: dict[str, Any], argument: str
) -> None:
    (left_behind / "production").mkdir()
    (left_behind / "production/manifest.json").write_text(json.dumps(manifest))
    results = run_results(INVOCATION, defer=True, project_dir=str(left_behind), **{argument: "production"})
    (left_behind / "target/run_results.json").write_text(json.dumps(results))
    run, _ = load_artifacts(left_behind, PROJECT, "dev")
    assert run.deferred_to is not None
    assert run.deferred_to.edges() == EDGES

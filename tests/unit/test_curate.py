"""The curated topic: what is no event is refused with its reason, and only true lineage is passed on."""

import copy
import json
from collections.abc import Mapping
from typing import Any

import pytest
from dbt_runs import JOB_NAMESPACE, events_of, names, result, whole_run
from jaffle_shop import EDGES, SCHEMA, model_id

from dbt_lineage.events.run_event import MalformedEvent, parsed
from dbt_lineage.ingest import curate
from dbt_lineage.manifest.graph import Edge

Event = dict[str, Any]
WAREHOUSE = "postgres://127.0.0.1:5432"
ORDERS, STG_ORDERS = f"{SCHEMA}.orders", f"{SCHEMA}.stg_orders"
COLUMN_LINEAGE: dict[str, Any] = {
    "_producer": "https://example.com",
    "_schemaURL": "https://openlineage.io/spec/facets/1-2-0/ColumnLineageDatasetFacet.json",
    "fields": {"amount": {"inputFields": [{"namespace": WAREHOUSE, "name": STG_ORDERS, "field": "order_total"}]}},
}
MINIMAL: Event = {
    "eventType": "START",
    "eventTime": "2026-11-22T14:12:07Z",
    "job": {"namespace": "jobs", "name": "job"},
    "run": {"runId": "0193f1b4-0000-7000-8000-000000000001"},
}


def reduced(event: Event) -> dict[str, Any] | None:
    """What the connector would see of an event that came as a message."""
    return curate.reduced(parsed(json.dumps(event).encode()))


def message(**changed: object) -> bytes:
    """A run event with some of its parts replaced; None takes a part away."""
    return json.dumps({key: part for key, part in {**MINIMAL, **changed}.items() if part is not None}).encode()


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        pytest.param(None, "not JSON: ", id="tombstone"),
        pytest.param(b"", "not JSON: ", id="empty"),
        pytest.param(b'{"eventType": "COMP', "not JSON: ", id="cut off"),
        pytest.param(b"\xff\xfe\x00", "not JSON: ", id="binary"),
        pytest.param(b"[]", "event: Input should be", id="list"),
        pytest.param(b'"COMPLETE"', "event: Input should be", id="string"),
        pytest.param(b"null", "event: Input should be", id="null"),
        pytest.param(message(job=None), "job: Field required", id="no job"),
        pytest.param(message(job="job"), "job: Input should be", id="job is a string"),
        pytest.param(message(job={"namespace": "jobs"}), "job.name: Field required", id="no job name"),
        pytest.param(message(job={"name": "job"}), "job.namespace: Field required", id="no job namespace"),
        pytest.param(message(job={"namespace": "jobs", "name": ""}), "job.name: String should have", id="empty name"),
        pytest.param(message(run=None), "run: Field required", id="no run"),
        pytest.param(message(run=["id"]), "run: Input should be", id="run is a list"),
        pytest.param(message(run={}), "run.runId: Field required", id="no run id"),
        pytest.param(message(eventTime=None), "eventTime: Field required", id="no time"),
        pytest.param(message(eventTime=""), "eventTime: String should have", id="empty time"),
        pytest.param(message(eventTime="soon"), "eventTime: 'soon' is not a time", id="no time at all"),
    ],
)
def test_what_is_no_run_event_is_refused_with_its_reason(value: bytes | None, reason: str) -> None:
    with pytest.raises(MalformedEvent) as refused:
        parsed(value)
    assert str(refused.value).startswith(reason)


# One such message stops the pass for good: its offset never moves, and each pass meets it again.
@pytest.mark.parametrize(
    "value",
    [
        pytest.param(message(job={"namespace": "a", "name": "b", "facets": None}), id="job facets are null"),
        pytest.param(message(job={"namespace": "a", "name": "b", "facets": {"jobType": None}}), id="jobType is null"),
        pytest.param(b"[" * 100_000, id="nested too deep"),
        *(
            pytest.param(
                message(
                    eventType="COMPLETE",
                    job={"namespace": "a", "name": "b", "facets": {"jobType": {"jobType": "MODEL"}}},
                    inputs=inputs,
                    outputs=[{"namespace": WAREHOUSE, "name": ORDERS}],
                ),
                id=what,
            )
            for what, inputs in {
                "input without name": [{"namespace": WAREHOUSE}],
                "input without namespace": [{"name": STG_ORDERS}],
                "input is a string": [STG_ORDERS],
                "inputs are an object": {"name": STG_ORDERS},
                "input facets are null": [{"namespace": WAREHOUSE, "name": STG_ORDERS, "facets": None}],
            }.items()
        ),
    ],
)
def test_a_message_of_the_wrong_shape_cannot_stop_the_others(value: bytes) -> None:
    try:
        curate.reduced(parsed(value))
    except MalformedEvent:
        return


@pytest.fixture
def complete(manifest_content: dict[str, Any]) -> Event:
    """COMPLETE of the model `orders`, with all the facets that dbt's library gives it."""
    manifest_content["nodes"][model_id("orders")]["compiled_code"] = "select 1"
    return events_of(manifest_content, result(model_id("orders"), "success"))[1]


def test_a_model_is_reduced_to_its_edge(complete: Event) -> None:
    assert reduced(complete) == {
        "eventType": "COMPLETE",
        "eventTime": "2026-11-22T14:12:07.386342Z",
        "run": {},
        "job": {"namespace": JOB_NAMESPACE, "name": "model.jaffle_shop.orders"},
        "inputs": [{"namespace": WAREHOUSE, "name": STG_ORDERS}],
        "outputs": [{"namespace": WAREHOUSE, "name": ORDERS}],
    }


def test_column_lineage_is_kept_and_no_other_facet(complete: Event) -> None:
    complete["outputs"][0]["facets"]["columnLineage"] = COLUMN_LINEAGE
    curated = reduced(complete)
    assert curated is not None
    assert curated["outputs"] == [{"namespace": WAREHOUSE, "name": ORDERS, "facets": {"columnLineage": COLUMN_LINEAGE}}]


def test_columns_that_only_decide_which_values_there_are_stay_out(complete: Event) -> None:
    flows = {"type": "DIRECT", "subtype": "IDENTITY"}
    decides = {"type": "INDIRECT", "subtype": "WINDOW"}
    facet = copy.deepcopy(COLUMN_LINEAGE)
    [source] = facet["fields"]["amount"]["inputFields"]
    facet["fields"]["amount"]["inputFields"] = [
        {**source, "transformations": [decides, flows]},
        {**source, "field": "ordered_at", "transformations": [decides]},
    ]
    facet["fields"]["rank"] = {"inputFields": [{**source, "transformations": [decides]}]}
    facet["dataset"] = [{**source, "field": "store_id", "transformations": [decides]}]
    complete["outputs"][0]["facets"]["columnLineage"] = facet
    curated = reduced(complete)
    assert curated is not None
    assert curated["outputs"][0]["facets"]["columnLineage"]["fields"] == COLUMN_LINEAGE["fields"]
    assert "dataset" not in curated["outputs"][0]["facets"]["columnLineage"]


def test_column_lineage_that_is_none_is_left_out(complete: Event) -> None:
    complete["outputs"][0]["facets"]["columnLineage"] = {"fields": {"amount": {"inputFields": [{"name": ORDERS}]}}}
    curated = reduced(complete)
    assert curated is not None
    assert "facets" not in curated["outputs"][0]


@pytest.mark.parametrize("job_type", ["MODEL", "SEED", "SNAPSHOT"])
def test_whatever_makes_a_relation_from_another_is_passed_on(complete: Event, job_type: str) -> None:
    complete["job"]["facets"]["jobType"]["jobType"] = job_type
    assert reduced(complete) is not None


@pytest.mark.parametrize("job_type", ["TEST", "UNIT_TEST", "TASK", "DAG", "JOB", "SQL"])
def test_no_other_job_is_passed_on_even_with_inputs_and_outputs(complete: Event, job_type: str) -> None:
    complete["job"]["facets"]["jobType"]["jobType"] = job_type
    assert reduced(complete) is None


@pytest.mark.parametrize("event_type", ["START", "RUNNING", "FAIL", "ABORT", "OTHER", None])
def test_only_a_complete_model_is_passed_on(complete: Event, event_type: str | None) -> None:
    assert reduced({**complete, "eventType": event_type}) is None


@pytest.mark.parametrize("absent", [[], None], ids=["empty", "null"])
@pytest.mark.parametrize("side", ["inputs", "outputs"])
def test_without_both_sides_there_is_no_edge(complete: Event, side: str, absent: list[Any] | None) -> None:
    assert reduced({**complete, side: absent}) is None
    del complete[side]
    assert reduced(complete) is None


def test_an_event_without_a_job_type_is_not_passed_on(complete: Event) -> None:
    del complete["job"]["facets"]
    assert reduced(complete) is None


@pytest.mark.parametrize(
    ("unique_id", "status"),
    [
        ("seed.jaffle_shop.raw_orders", "success"),
        ("test.jaffle_shop.not_null_customers_first_name.602d132c3b", "pass"),
        ("test.jaffle_shop.monthly_business_summary_agrees_with_orders", "fail"),
        (model_id("orders"), "error"),
    ],
)
def test_seeds_tests_and_failures_as_they_are_sent_are_not_passed_on(
    manifest_content: dict[str, Any], unique_id: str, status: str
) -> None:
    events = events_of(manifest_content, result(unique_id, status, message="", failures=1))
    assert [reduced(event) for event in events] == [None, None]


def test_a_whole_run_becomes_exactly_the_edges_of_the_project(manifest_content: dict[str, Any]) -> None:
    sent = events_of(manifest_content, *whole_run(manifest_content))
    curated = [event for event in map(reduced, sent) if event is not None]
    edges = [
        Edge(source, made) for event in curated for source in names(event["inputs"]) for made in names(event["outputs"])
    ]
    assert sorted(edges) == sorted(EDGES)


@pytest.mark.parametrize("room", [20_000, 2_000, 900])
def test_an_event_in_pieces_has_each_edge_with_its_columns_once(complete: Event, room: int) -> None:
    sources = [{"namespace": WAREHOUSE, "name": f"shop.dev.source_{number}"} for number in range(100)]
    fields = {
        column: {"inputFields": [{**source, "field": f"{column}_{place}"} for place, source in enumerate(sources)]}
        for column in ("amount", "Größe")
    }
    complete["inputs"] = sources
    complete["outputs"][0]["facets"]["columnLineage"] = {**COLUMN_LINEAGE, "fields": fields}
    whole = reduced(complete)
    assert whole is not None
    found = list(curate.pieces(whole, room))
    assert all(sum(map(len, curate.curated_message(piece))) <= room for piece in found)
    assert sorted(name for piece in found for name in names(piece["inputs"])) == names(sources)
    read = {(column, each["name"], each["field"]) for piece in found for column, each in _columns(piece)}
    assert read == {(column, each["name"], each["field"]) for column, each in _columns(whole)}
    assert len(read) == sum(len(list(_columns(piece))) for piece in found) == 200
    for piece in found:
        assert {each["name"] for _, each in _columns(piece)} == set(names(piece["inputs"]))
        assert {**piece, "inputs": [], "outputs": []} == {**whole, "inputs": [], "outputs": []}


def test_many_outputs_are_pieces_too(complete: Event) -> None:
    complete["outputs"] = [{"namespace": WAREHOUSE, "name": f"shop.dev.made_{number}"} for number in range(100)]
    whole = reduced(complete)
    assert whole is not None
    found = list(curate.pieces(whole, 700))
    assert len(found) > 1
    assert sorted(name for piece in found for name in names(piece["outputs"])) == names(complete["outputs"])
    assert {tuple(names(piece["inputs"])) for piece in found} == {tuple(names(complete["inputs"]))}


def test_an_edge_that_is_too_large_by_itself_goes_without_its_columns(
    complete: Event, caplog: pytest.LogCaptureFixture
) -> None:
    complete["outputs"][0]["facets"]["columnLineage"] = COLUMN_LINEAGE
    whole = reduced(complete)
    assert whole is not None
    [piece] = curate.pieces(whole, 430)
    assert piece["outputs"] == [{"namespace": WAREHOUSE, "name": ORDERS}]
    assert piece["inputs"] == whole["inputs"]
    assert list(curate.pieces(whole, 100)) == []
    assert ["left out" in caplog.messages[0], "too long" in caplog.messages[1]] == [True, True]


def _columns(event: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Each column of the outputs with each of its sources."""
    return [
        (column, source)
        for output in event["outputs"]
        for column, told in output.get("facets", {}).get("columnLineage", {}).get("fields", {}).items()
        for source in told["inputFields"]
    ]

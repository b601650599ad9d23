"""The judge of events: what the specification does not allow is refused, whoever made it."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from dbt_runs import events_of, result
from jaffle_shop import model_id
from jsonschema import ValidationError

from tests.openlineage_spec import validate_event

Event = dict[str, Any]
NOT_NULL = "test.jaffle_shop.not_null_customers_first_name.602d132c3b"


@pytest.fixture
def event(manifest_content: dict[str, Any]) -> Event:
    manifest_content["nodes"][model_id("orders")]["compiled_code"] = "select 1"
    return events_of(manifest_content, result(model_id("orders"), "success"))[1]


def without(path: str) -> Callable[[Event], None]:
    def spoil(event: Event) -> None:
        *parents, last = path.split("/")
        for key in parents:
            event = event[int(key)] if key.isdigit() else event[key]
        del event[last]

    return spoil


def with_value(path: str, value: object) -> Callable[[Event], None]:
    def spoil(event: Event) -> None:
        *parents, last = path.split("/")
        for key in parents:
            event = event[int(key)] if key.isdigit() else event[key]
        event[last] = value

    return spoil


UNKNOWN_FACET = {
    "_producer": "https://example.com",
    "_schemaURL": "https://openlineage.io/spec/facets/1-0-0/NoSuchFacet.json#/$defs/NoSuchFacet",
}
WRONG_FACET = {
    "_producer": "https://example.com",
    "_schemaURL": "https://openlineage.io/spec/facets/1-1-0/SQLJobFacet.json#/$defs/SQLJobFacet",
    "query": "select 1",
}


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        pytest.param(without("eventTime"), "'eventTime' is a required property", id="no time"),
        pytest.param(with_value("eventTime", "yesterday"), "is not a 'date-time'", id="no ISO 8601"),
        pytest.param(with_value("eventTime", "2026-11-22T14:12:07"), "is not a 'date-time'", id="no time zone"),
        pytest.param(with_value("eventType", "DONE"), "'DONE' is not one of", id="no such type"),
        pytest.param(without("run/runId"), "'runId' is a required property", id="no run id"),
        pytest.param(with_value("run/runId", "manual__1"), "is not a 'uuid'", id="run id is no uuid"),
        pytest.param(without("job/name"), "'name' is a required property", id="no job name"),
        pytest.param(without("outputs/0/namespace"), "'namespace' is a required property", id="no dataset namespace"),
        pytest.param(without("job/facets/sql/_producer"), "'_producer' is a required", id="facet without producer"),
        pytest.param(without("job/facets/sql/query"), "'query' is a required property", id="sql without query"),
        pytest.param(without("run/facets/parent/job"), "'job' is a required property", id="parent without job"),
        pytest.param(
            *(without("run/facets/dbt_run/invocation_id"), "'invocation_id' is a required property"),
            id="dbt's own facet",
        ),
        pytest.param(
            with_value("outputs/0/facets/schema/fields", "id"),
            "'id' is not of type 'array'",
            id="schema without fields",
        ),
        pytest.param(with_value("run/facets/noSuch", UNKNOWN_FACET), "has no schema NoSuchFacet.json", id="no schema"),
        pytest.param(
            with_value("job/facets/query", WRONG_FACET), "SQLJobFacet.json is the schema of sql", id="facet misnamed"
        ),
    ],
)
def test_an_event_that_breaks_the_specification_is_refused(
    event: Event, spoil: Callable[[Event], None], complaint: str
) -> None:
    validate_event(event)
    spoilt = copy.deepcopy(event)
    spoil(spoilt)
    with pytest.raises(ValidationError) as refused:
        validate_event(spoilt)
    assert complaint in refused.value.message


def test_an_assertion_without_a_result_is_refused(manifest_content: dict[str, Any]) -> None:
    complete = events_of(manifest_content, result(NOT_NULL, "pass", failures=0))[1]
    del complete["inputs"][0]["facets"]["dataQualityAssertions"]["assertions"][0]["success"]
    with pytest.raises(ValidationError, match="'success' is a required property"):
        validate_event(complete)


def test_a_facet_of_another_producer_needs_only_what_every_facet_needs(event: Event) -> None:
    url = "https://raw.githubusercontent.com/apache/airflow/main/AirflowRunFacet.json"
    event["run"]["facets"]["airflow"] = {"_producer": "https://airflow.apache.org", "_schemaURL": url, "dag": {}}
    validate_event(event)

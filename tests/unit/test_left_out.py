"""What the checks say of events of which lineage was left out because they were larger than Kafka takes."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dbt_lineage.catalogue.ours import StoredLineage
from dbt_lineage.catalogue.stored import StoredEdge
from dbt_lineage.core.levels import Level
from dbt_lineage.core.settings import CheckSettings
from dbt_lineage.events.run_event import parsed
from dbt_lineage.ingest.fact import facts_of
from dbt_lineage.ingest.warehouses import CatalogueWarehouse, Warehouses
from dbt_lineage.manifest.graph import Edge
from dbt_lineage.relay.left_out import left_out
from dbt_lineage.relay.slimming import smaller
from dbt_lineage.watch.checks import accuracy, validity
from dbt_lineage.watch.checks.groups import reason
from dbt_lineage.watch.checks.results import Result
from tests.openlineage_events import body, run_event

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
A, B = "db.dev.a", "db.dev.b"
CHECK = CheckSettings()
ONE = Warehouses([CatalogueWarehouse("postgres://h:1", "db", "", "")])


def broken(results: list[Result]) -> dict[str, str]:
    return {result.subject: result.seen for result in results if result.level is Level.FAIL}


def stored(columns: str = "") -> StoredLineage:
    """The edge from A to B, with columns of one name on both sides, or source:target."""
    pairs = frozenset((f"{A}.{each.partition(':')[0]}", f"{B}.{each.rpartition(':')[2]}") for each in columns.split())
    return StoredLineage((A, B), (StoredEdge(Edge(A, B), (A, B), "OpenLineage", "shop-model.p.b", pairs),), ())


def made_of(upstream: str, downstream: str, model: str, **changes: Any) -> dict[str, Any]:
    """An event of a model with a column that is made from another, and one that is decided by a filter."""
    sources = [
        {"namespace": "postgres://h:1", "name": upstream, "field": "id", "transformations": [way]}
        for way in ({"type": "DIRECT", "subtype": "IDENTITY"}, {"type": "INDIRECT", "subtype": "CONDITIONAL"})
    ]
    facet = {"_producer": "urn:t", "_schemaURL": "https://example.com/s#/$defs/F"}
    fields = {"id": {"inputFields": sources[:1]}, "rank": {"inputFields": sources[1:]}}
    output = {
        "namespace": "postgres://h:1",
        "name": downstream,
        "facets": {"columnLineage": {**facet, "fields": fields}},
    }
    job = {"namespace": "shop", "name": model, "facets": {"jobType": {**facet, "jobType": "MODEL"}}}
    inputs = [{"namespace": "postgres://h:1", "name": upstream}]
    return {**run_event(1, inputs=inputs, outputs=[output]), "job": job, **changes}


def expected_by(*bodies: bytes) -> accuracy.ExpectedColumns:
    events = [parsed(each) for each in bodies]
    facts = [(fact, event.run.facets) for event in events for fact in facts_of(event, ONE)]
    return accuracy.expected_of(facts, frozenset({Edge(A, B)}))


def smaller_forms() -> list[bytes]:
    """The event of model b, each time with less: without INDIRECT columns, without all of them."""
    return list(smaller(json.dumps(made_of(A, B, "model.p.b")).encode()))[:2]


def test_columns_that_were_left_out_of_a_large_event_are_no_failure_and_are_named() -> None:
    """The catalogue still has what an older event said."""
    there = stored("id id:rank")
    whole = json.dumps(made_of(A, B, "model.p.b")).encode()
    before = accuracy.of_columns(expected_by(whole), there, CHECK)
    assert "lineage was left out" not in str(before)
    for form, parts in zip(smaller_forms(), ("INDIRECT columns", "INDIRECT columns, column lineage"), strict=True):
        results = accuracy.of_columns(expected_by(form), there, CHECK)
        assert broken(results) == {}
        [warning] = [each for each in results if each.level is Level.WARN]
        assert warning.subject == "model.p.b"
        assert "max.message.bytes" in reason(warning.seen)
        assert warning.seen.endswith(f": {parts}")


def test_columns_that_a_large_event_still_has_must_be_in_the_catalogue() -> None:
    results = accuracy.of_columns(expected_by(smaller_forms()[0]), stored(), CHECK)
    assert broken(results) == {"recall of columns": "0, 0 of 1", f"{A}.id -> {B}.id": "column not in the catalogue"}


def test_once_a_newer_event_is_whole_nothing_is_left_out() -> None:
    newer = json.dumps(made_of(A, B, "model.p.b", eventTime="2026-11-23T00:00:00Z")).encode()
    assert expected_by(*smaller_forms(), newer).left_out == {}


def test_an_event_of_which_something_was_left_out_is_a_warning_that_says_what_to_do() -> None:
    whole = body(2)
    *_, smallest = smaller(json.dumps(made_of(A, B, "model.p.b")).encode())
    [found] = validity.problems_of(
        [validity.Arrived("events[0]@9", smallest, NOW), validity.Arrived("events[0]@10", whole, NOW)],
        timedelta(minutes=5),
        timedelta(days=7),
    )
    assert (found.subject, found.level, found.since) == ("events[0]@9", Level.WARN, NOW)
    assert "max.message.bytes" in reason(found.seen)
    assert found.seen.endswith(": INDIRECT columns, column lineage, all but names, of COMPLETE of model.p.b")


@pytest.mark.parametrize("facet", [{"parts": 5}, {"parts": [None, 1]}, [], "text", {}])
def test_a_facet_of_that_name_may_hold_anything(facet: Any) -> None:
    event = run_event(1, run={"runId": "0190a1f6-0000-7000-8000-000000000001", "facets": {"lineageLeftOut": facet}})
    assert isinstance(left_out(event["run"]["facets"]), tuple)

"""Where a number comes from, column by column, as the events and the catalogue tell it after one run."""

from collections import defaultdict
from typing import Any

from dbt_lineage.columns.facet import UNRESOLVED
from dbt_lineage.core import settings
from dbt_lineage.warehouse.postgres import PostgresWarehouse
from prove.golden import load_golden
from stack.checkout import PROJECT_ROOT
from tests.support import BuiltProject, Catalogue, Event

GOLDEN = PROJECT_ROOT / "tests" / "data" / "golden_columns.yml"
SCHEMA = "jaffle_db.jaffle_shop_dev"


def models(built: BuiltProject) -> dict[str, dict[str, Any]]:
    """The one output of each model's COMPLETE, by its name."""
    complete = [event for event in built.of_dbt() if event["eventType"] == "COMPLETE" and is_model(event)]
    return {event["outputs"][0]["name"]: event["outputs"][0] for event in complete}


def is_model(event: Event) -> bool:
    return event["job"]["facets"]["jobType"]["jobType"] == "MODEL"


def test_every_column_of_every_model_is_resolved_and_has_its_type(built: BuiltProject) -> None:
    outputs = models(built)
    assert len(outputs) == 15
    columns = PostgresWarehouse(settings.warehouse()).columns(outputs)
    for name, output in outputs.items():
        assert UNRESOLVED not in output["facets"]
        assert output["facets"]["columnLineage"]["fields"].keys() == columns[name].keys()
        assert {field["name"]: field["type"] for field in output["facets"]["schema"]["fields"]} == columns[name]


def test_the_catalogue_has_the_columns_that_a_value_depends_on_and_no_others(
    built: BuiltProject, catalogue: Catalogue
) -> None:
    golden = load_golden(GOLDEN)
    expected = {
        (f"{edge.source.relation}.{edge.source.name}", f"{edge.target.relation}.{edge.target.name}")
        for lineage in golden.values()
        for edge in lineage.edges
        if edge.source.relation != edge.target.relation
    }
    found = {edge for relation in models(built) for edge in column_edges(catalogue, relation)}
    assert found == expected


def test_a_number_of_a_report_is_traced_to_the_raw_data(built: BuiltProject, catalogue: Catalogue) -> None:
    sources = defaultdict(set)
    for relation in models(built):
        for source, target in column_edges(catalogue, relation):
            sources[target].add(source)
    reached, left = set(), {f"{SCHEMA}.customer_lifetime_value.total_revenue"}
    while left:
        column = left.pop()
        reached.add(column)
        left |= sources[column] - reached
    assert f"{SCHEMA}.orders.amount" in reached
    assert f"{SCHEMA}_raw.raw_orders.order_total" in reached


def column_edges(catalogue: Catalogue, relation: str) -> set[tuple[str, str]]:
    """The catalogue's column edges into a relation, by the columns' names as OpenLineage has them."""
    service = settings.openmetadata().database_service
    lineage = catalogue.get(f"lineage/table/name/{service}.{relation}", upstreamDepth=1, downstreamDepth=0)
    return {
        (source.removeprefix(f"{service}."), columns["toColumn"].removeprefix(f"{service}."))
        for edge in lineage["upstreamEdges"]
        for columns in edge["lineageDetails"].get("columnsLineage") or []
        for source in columns["fromColumns"]
    }

"""The edges that the code of the dashboards expects, up to the dashboard and down to columns."""

from typing import Any

from dbt_lineage.catalogue.dashboard_lineage import expected
from dbt_lineage.dashboards.folder import Assets
from dbt_lineage.manifest.graph import Edge, Manifest
from stack.checkout import PROJECT_ROOT

ASSETS = Assets.load(PROJECT_ROOT / "superset" / "assets")
SCHEMA = "jaffle_db.jaffle_shop_dev"


def edges_of(*tables: str) -> set[Edge]:
    datasets = ASSETS.of_kind("datasets").values()
    made = [each for each in datasets if each["table_name"] in tables]
    return set(expected(ASSETS, {each["uuid"]: f"{SCHEMA}.{each['table_name']}" for each in made}))


def test_a_table_is_followed_to_the_dashboard() -> None:
    edges = edges_of("geographic_performance")
    assert Edge(f"{SCHEMA}.geographic_performance", "dashboardDataModel:geographic_performance") in edges
    assert Edge("dashboardDataModel:geographic_performance", "dashboard:Jaffle Shop") in edges
    assert Edge("chart:Orders by shop", "dashboard:Jaffle Shop") in edges


def test_its_columns_are_followed_to_those_of_the_dataset() -> None:
    column = Edge(f"{SCHEMA}.geographic_performance.state", "dashboardDataModel:geographic_performance.state")
    assert column in edges_of("geographic_performance")


def test_a_dataset_on_a_table_that_is_no_more_is_left_out() -> None:
    ends = {end for edge in edges_of("geographic_performance") for end in edge}
    assert not [end for end in ends if "customer_lifetime_value" in end]
    assert "chart:Customers" in ends, "the chart is still on the dashboard"


def test_every_chart_of_the_code_is_expected() -> None:
    charts = {edge.upstream for edge in edges_of() if edge.upstream.startswith("chart:")}
    assert charts == {f"chart:{content['slice_name']}" for content in ASSETS.of_kind("charts").values()}


def test_the_datasets_are_on_tables_of_the_project(manifest_content: dict[str, Any]) -> None:
    manifest = Manifest(manifest_content)
    tables = {manifest.relation(model).rpartition(".")[2] for model in manifest.dashboard_models}
    assert {content["table_name"] for content in ASSETS.of_kind("datasets").values()} == tables

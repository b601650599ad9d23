"""Which table of the warehouse a dataset is on: as it is spelled there, or a clear refusal."""

import copy
import io
import zipfile
from typing import Any

import pytest
import yaml

from dbt_lineage.catalogue.dashboard_lineage import expected
from dbt_lineage.core.settings import WarehouseSettings
from dbt_lineage.dashboards.dataset_tables import Table, Tables
from dbt_lineage.dashboards.files import AssetsError, TableNotMade
from dbt_lineage.dashboards.folder import Assets
from dbt_lineage.manifest.graph import Edge, Manifest
from dbt_lineage.warehouse.postgres import PostgresWarehouse
from stack.checkout import PROJECT_ROOT

PATH = "datasets/x.yaml"
DATABASE, SCHEMA = "jaffle_db", "jaffle_shop_dev"


def named(name: str, schema: str | None = None) -> dict[str, Any]:
    return {"table_name": name, **({"schema": schema} if schema else {})}


def renamed(content: dict[str, Any], unique_id: str, schema: str, name: str) -> None:
    """As dbt writes a node whose schema and alias are these; it quotes both."""
    node = {**content["nodes"]["model.jaffle_shop.geographic_performance"], "schema": schema, "alias": name}
    content["nodes"][unique_id] = {**node, "relation_name": f'"{DATABASE}"."{schema}"."{name}"'}


@pytest.fixture
def orders_twice(manifest_content: dict[str, Any]) -> Tables:
    renamed(manifest_content, "model.jaffle_shop.a", "finance", "sales")
    renamed(manifest_content, "model.jaffle_shop.b", "Marketing", "sales")
    return Tables(Manifest(manifest_content))


def test_a_table_that_is_in_two_schemas_must_say_which(orders_twice: Tables) -> None:
    with pytest.raises(AssetsError, match=r"datasets/x\.yaml: table_name: sales is in the schemas Marketing, finance"):
        orders_twice.of(PATH, named("sales"))
    assert orders_twice.of(PATH, named("sales", "Marketing")).schema == "Marketing"
    assert orders_twice.of(PATH, named("sales", "finance")).schema == "finance"
    with pytest.raises(TableNotMade, match=r"no table shop\.sales, but Marketing\.sales, finance\.sales, as it is"):
        orders_twice.of(PATH, named("sales", "shop"))


def test_capitals_are_as_the_warehouse_has_them(manifest_content: dict[str, Any]) -> None:
    renamed(manifest_content, "model.jaffle_shop.a", "Finance", "Sales")
    tables = Tables(Manifest(manifest_content))
    assert tables.of(PATH, named("Sales")) == Table(DATABASE, "Finance", "Sales")
    assert tables.of(PATH, named("Sales")).relation == "jaffle_db.finance.sales"
    with pytest.raises(TableNotMade, match=r"makes no table sales, but Finance\.Sales, as it is spelled"):
        tables.of(PATH, named("sales"))


def test_two_tables_that_differ_in_capitals_only_are_two(manifest_content: dict[str, Any]) -> None:
    renamed(manifest_content, "model.jaffle_shop.a", "finance", "Sales")
    renamed(manifest_content, "model.jaffle_shop.b", "shop", "sales")
    tables = Tables(Manifest(manifest_content))
    assert [tables.of(PATH, named(name)).schema for name in ("Sales", "sales")] == ["finance", "shop"]


def test_a_name_that_dbt_does_not_quote_is_in_lower_case_in_the_warehouse(manifest_content: dict[str, Any]) -> None:
    renamed(manifest_content, "model.jaffle_shop.a", "Finance", "Sales")
    manifest_content["nodes"]["model.jaffle_shop.a"]["relation_name"] = f'{DATABASE}."Finance".Sales'
    assert Tables(Manifest(manifest_content)).of(PATH, named("sales")) == Table(DATABASE, "Finance", "sales")


def test_dots_in_names_are_of_the_names(manifest_content: dict[str, Any]) -> None:
    renamed(manifest_content, "model.jaffle_shop.a", "a.b", "c.d")
    assert Tables(Manifest(manifest_content)).of(PATH, named("c.d")).schema == "a.b"


@pytest.mark.parametrize("kind", ["seed", "snapshot", "model"])
def test_what_dbt_builds_may_be_of_any_kind(manifest_content: dict[str, Any], kind: str) -> None:
    renamed(manifest_content, f"{kind}.jaffle_shop.a", "finance", "sales")
    assert Tables(Manifest(manifest_content)).of(PATH, named("sales")).schema == "finance"


def test_what_dbt_only_reads_is_known_after_what_it_builds(manifest_content: dict[str, Any]) -> None:
    source = next(iter(manifest_content["sources"].values()))
    other = {"identifier": "sales", "schema": "raw", "relation_name": f'"{DATABASE}"."raw"."sales"'}
    manifest_content["sources"]["source.jaffle_shop.other.sales"] = {**source, **other}
    assert Tables(Manifest(manifest_content)).of(PATH, named("sales")).schema == "raw"
    renamed(manifest_content, "model.jaffle_shop.a", "finance", "sales")
    assert Tables(Manifest(manifest_content)).of(PATH, named("sales")).schema == "finance"


def test_an_ephemeral_model_is_no_table(manifest_content: dict[str, Any]) -> None:
    renamed(manifest_content, "model.jaffle_shop.a", "finance", "sales")
    node = copy.deepcopy(manifest_content["nodes"]["model.jaffle_shop.a"])
    manifest_content["nodes"]["model.jaffle_shop.a"] = {**node, "config": {"materialized": "ephemeral"}}
    with pytest.raises(TableNotMade, match="makes no table sales"):
        Tables(Manifest(manifest_content)).of(PATH, named("sales"))


# --- what Superset and the catalogue are told of it


@pytest.fixture
def on_capitals(manifest_content: dict[str, Any]) -> tuple[Assets, Manifest]:
    """The dashboards of the project, one of whose datasets is on a table with capitals."""
    renamed(manifest_content, "model.jaffle_shop.a", "Finance", "Sales")
    assets = Assets.load(PROJECT_ROOT / "superset" / "assets")
    assets.files["datasets/geographic_performance.yaml"]["table_name"] = "Sales"
    return assets, Manifest(manifest_content)


def test_superset_is_told_the_schema_as_it_is_spelled(on_capitals: tuple[Assets, Manifest]) -> None:
    assets, manifest = on_capitals
    warehouse = PostgresWarehouse(WarehouseSettings.model_validate({"password": "p", "reader_password": "r"}))
    with zipfile.ZipFile(io.BytesIO(assets.bundle(warehouse, manifest))) as bundle:
        told = [yaml.safe_load(bundle.read(f"assets/{path}")) for path in assets.of_kind("datasets")]
    assert {each["table_name"]: each["schema"] for each in told} == {
        "customer_lifetime_value": SCHEMA,
        "monthly_business_summary": SCHEMA,
        "Sales": "Finance",
    }


def test_its_edges_start_at_its_own_table(on_capitals: tuple[Assets, Manifest]) -> None:
    assets, manifest = on_capitals
    tables = Tables(manifest)
    relations = {each["uuid"]: tables.of(path, each).relation for path, each in assets.of_kind("datasets").items()}
    edges = set(expected(assets, relations))
    assert Edge("jaffle_db.finance.sales", "dashboardDataModel:Sales") in edges
    assert Edge("jaffle_db.finance.sales.state", "dashboardDataModel:Sales.state") in edges

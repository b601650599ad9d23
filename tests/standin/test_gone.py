"""Which tables the catalogue hides once they are no more in the warehouse, and which it keeps for all that."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from catalogue_under_test import Warehouse
from small_project import Shop, manifest

from dbt_lineage.catalogue.gone import GoneTables
from dbt_lineage.manifest.graph import Manifest

COLUMNS = {"id": "integer"}
TODAY = Manifest(manifest(a="raw", b="a"))


@pytest.fixture
def shop(catalogue: httpx.Client, warehouse: Warehouse, tmp_path: Path) -> Iterator[Shop]:
    made = Shop(catalogue, warehouse, tmp_path)
    yield made
    made.close()


@pytest.fixture
def there(shop: Shop) -> dict[str, dict[str, str]]:
    """What the warehouse has: at first, all that the catalogue has."""
    return {f"shop.dev.{name}": COLUMNS for name in shop.tables}


@pytest.fixture
def gone(shop: Shop, there: dict[str, dict[str, str]]) -> GoneTables:
    def columns_of(relations: object) -> dict[str, dict[str, str]]:
        return dict(there)

    return GoneTables(shop.openmetadata, TODAY, "shop", columns_of)


def visible(shop: Shop) -> set[str]:
    found = shop.http.get("/tables", params={"databaseSchema": shop.warehouse.schema, "limit": 100})
    return {table["name"] for table in found.json()["data"]}


def test_a_table_that_neither_the_warehouse_nor_the_manifest_has_is_hidden(
    shop: Shop, there: dict[str, dict[str, str]], gone: GoneTables
) -> None:
    del there["shop.dev.gone"]
    gone.look()
    assert gone.hide() == ["shop.dev.gone"]
    assert visible(shop) == {"raw", "a", "b", "empty"}


def test_a_table_that_is_absent_only_for_a_moment_is_kept(
    shop: Shop, there: dict[str, dict[str, str]], gone: GoneTables
) -> None:
    del there["shop.dev.gone"]
    gone.look()
    there["shop.dev.gone"] = COLUMNS
    del there["shop.dev.empty"]
    assert gone.hide() == []
    assert visible(shop) == set(shop.tables)


def test_a_table_of_the_manifest_is_kept_with_its_lineage_while_it_is_rebuilt(
    shop: Shop, there: dict[str, dict[str, str]], gone: GoneTables
) -> None:
    edge = shop.edge("raw", "a")
    del there["shop.dev.raw"], there["shop.dev.a"]
    gone.look()
    assert gone.hide() == []
    assert visible(shop) == set(shop.tables)
    assert shop.edges() == {edge}


def test_of_two_that_differ_in_case_alone_the_one_that_is_gone_is_hidden(
    shop: Shop, there: dict[str, dict[str, str]], gone: GoneTables
) -> None:
    shop.tables["Gone"] = shop.warehouse.table("Gone", "id")
    gone.look()
    assert gone.hide() == ["shop.dev.Gone"]
    assert visible(shop) == {"raw", "a", "b", "gone", "empty"}


def test_tables_with_odd_names_are_told_by_them(shop: Shop, there: dict[str, dict[str, str]], gone: GoneTables) -> None:
    odd = ["with.dot", "50% of größe", "a/b"]
    for name in odd:
        shop.warehouse.table(name, "id")
    there["shop.dev.with.dot"] = there["shop.dev.a/b"] = COLUMNS
    gone.look()
    assert gone.hide() == ["shop.dev.50% of größe"]


def test_schemas_of_others_are_left_alone(shop: Shop, gone: GoneTables) -> None:
    other = {"name": "others", "database": shop.warehouse.schema.rpartition(".")[0]}
    shop.http.put("/databaseSchemas", json=other).raise_for_status()
    schema = f"{other['database']}.others"
    table = {"name": "theirs", "databaseSchema": schema, "columns": [{"name": "id", "dataType": "INT"}]}
    shop.http.put("/tables", json=table).raise_for_status()
    gone.look()
    assert gone.hide() == []
    assert shop.http.get(f"/tables/name/{schema}.theirs").status_code == 200

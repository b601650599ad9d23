"""Services, databases, schemas and tables."""

import httpx
import pytest
from catalogue_under_test import Warehouse


def test_version_is_open_to_all(catalogue: httpx.Client) -> None:
    answer = httpx.get(f"{catalogue.base_url}system/version", trust_env=False)
    assert answer.status_code == 200
    assert answer.json()["version"].startswith("2.0.")


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}], ids=["no token", "wrong token"])
def test_token_is_required(catalogue: httpx.Client, headers: dict[str, str]) -> None:
    assert httpx.get(f"{catalogue.base_url}tables", headers=headers, trust_env=False).status_code == 401


def test_created_table_is_read_by_name_and_by_id(catalogue: httpx.Client, warehouse: Warehouse) -> None:
    orders = warehouse.table("orders", "order_id", "amount")
    by_name = catalogue.get(f"/tables/name/{warehouse.schema}.orders").json()
    assert by_name["id"] == orders["id"] == catalogue.get(f"/tables/{orders['id']}").json()["id"]
    assert [column["fullyQualifiedName"] for column in by_name["columns"]] == [
        f"{warehouse.schema}.orders.order_id",
        f"{warehouse.schema}.orders.amount",
    ]
    assert by_name["databaseSchema"]["fullyQualifiedName"] == warehouse.schema
    assert by_name["service"]["id"] == warehouse.service["id"]
    assert by_name["serviceType"] == "Postgres"


def test_second_put_keeps_the_table(warehouse: Warehouse) -> None:
    first = warehouse.table("orders", "order_id")
    second = warehouse.table("orders", "order_id", "amount")
    assert second["id"] == first["id"]
    assert [column["name"] for column in second["columns"]] == ["order_id", "amount"]


def test_post_of_what_exists_is_a_conflict(catalogue: httpx.Client, warehouse: Warehouse) -> None:
    name = warehouse.service["name"]
    assert catalogue.post("/databases", json={"name": "shop", "service": name}).status_code == 409


def test_body_that_the_model_refuses(catalogue: httpx.Client, warehouse: Warehouse) -> None:
    body = {"name": "orders", "databaseSchema": warehouse.schema, "columns": [], "no_such_field": 1}
    assert catalogue.put("/tables", json=body).status_code == 400


def test_parent_must_exist(catalogue: httpx.Client, warehouse: Warehouse) -> None:
    body = {"name": "orders", "databaseSchema": f"{warehouse.service['name']}.shop.nowhere", "columns": []}
    assert catalogue.put("/tables", json=body).status_code == 404


def test_bulk_put(catalogue: httpx.Client, warehouse: Warehouse) -> None:
    tables = [
        {"name": name, "databaseSchema": warehouse.schema, "columns": [{"name": "id", "dataType": "INT"}]}
        for name in ("a", "b")
    ]
    result = catalogue.put("/tables/bulk", params={"async": "false"}, json=tables).json()
    assert (result["status"], result["numberOfRowsProcessed"], result["numberOfRowsFailed"]) == ("success", 2, 0)
    assert catalogue.get(f"/tables/name/{warehouse.schema}.b").status_code == 200


def test_patch_of_descriptions(catalogue: httpx.Client, warehouse: Warehouse) -> None:
    orders = warehouse.table("orders", "order_id")
    patch = [
        {"op": "add", "path": "/description", "value": "All orders."},
        {"op": "add", "path": "/columns/0/description", "value": "Key of the order."},
    ]
    answer = catalogue.patch(
        f"/tables/{orders['id']}", json=patch, headers={"Content-Type": "application/json-patch+json"}
    )
    assert answer.status_code == 200
    read = catalogue.get(f"/tables/{orders['id']}").json()
    assert (read["description"], read["columns"][0]["description"]) == ("All orders.", "Key of the order.")
    assert read["version"] > orders["version"]


def test_fields_bring_what_an_answer_else_leaves_out(catalogue: httpx.Client, warehouse: Warehouse) -> None:
    orders = warehouse.table("orders", "order_id")
    model = {"modelType": "DBT", "rawSql": "select 1 as order_id", "columns": [{"name": "order_id", "dataType": "INT"}]}
    assert catalogue.put(f"/tables/{orders['id']}/dataModel", json=model).status_code == 200
    read = catalogue.get(f"/tables/{orders['id']}", params={"fields": "dataModel"}).json()
    assert read["dataModel"]["rawSql"] == model["rawSql"]
    assert catalogue.get(f"/tables/{orders['id']}", params={"fields": "no_such_field"}).status_code == 400


def test_list_goes_page_by_page(catalogue: httpx.Client, warehouse: Warehouse) -> None:
    for name in "abc":
        warehouse.table(name, "id")
    found: list[str] = []
    query = {"databaseSchema": warehouse.schema, "limit": "2"}
    while True:
        page = catalogue.get("/tables", params=query).json()
        assert page["paging"]["total"] == 3
        found += [table["name"] for table in page["data"]]
        if "after" not in page["paging"]:
            break
        query["after"] = page["paging"]["after"]
    assert found == ["a", "b", "c"]


def test_stale_tables_are_hidden_and_come_back(catalogue: httpx.Client, warehouse: Warehouse) -> None:
    kept, gone = warehouse.table("kept", "id"), warehouse.table("gone", "id")
    body = {
        "scopeFqn": warehouse.schema,
        "scopeEntityType": "databaseSchema",
        "seenFqns": [kept["fullyQualifiedName"]],
        "recursive": True,
    }
    assert catalogue.request("DELETE", "/tables/deleteStale", json=body).status_code == 200
    path = f"/tables/name/{gone['fullyQualifiedName']}"
    assert catalogue.get(path).status_code == 404
    assert catalogue.get(path, params={"include": "all"}).json()["deleted"] is True
    assert catalogue.get(f"/tables/name/{kept['fullyQualifiedName']}").status_code == 200
    assert warehouse.table("gone", "id")["id"] == gone["id"]
    assert catalogue.get(path).status_code == 200

"""Test definitions, test cases and their results."""

import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from catalogue_under_test import Warehouse


@pytest.fixture
def definition(catalogue: httpx.Client) -> Iterator[dict[str, Any]]:
    body = {"name": f"unique_{uuid.uuid4().hex[:8]}", "entityType": "COLUMN", "testPlatforms": ["dbt"]}
    made = catalogue.put("/dataQuality/testDefinitions", json=body)
    made.raise_for_status()
    yield made.json()
    catalogue.delete(
        f"/dataQuality/testDefinitions/{made.json()['id']}", params={"recursive": "true", "hardDelete": "true"}
    ).raise_for_status()


def test_result_of_a_column_test(catalogue: httpx.Client, definition: dict[str, Any], warehouse: Warehouse) -> None:
    orders = warehouse.table("orders", "order_id")
    body = {
        "name": "unique_orders_order_id",
        "testDefinition": definition["fullyQualifiedName"],
        "entityLink": f"<#E::table::{orders['fullyQualifiedName']}::columns::order_id>",
    }
    case = catalogue.put("/dataQuality/testCases", json=body).json()
    assert case["fullyQualifiedName"] == f"{orders['fullyQualifiedName']}.order_id.unique_orders_order_id"
    result: dict[str, Any] = {
        "timestamp": 1_790_000_000_000,
        "testCaseStatus": "Failed",
        "result": "Got 2 results, configured to fail if != 0",
        "testResultValue": [{"name": "failures", "value": "2"}],
    }
    path = f"/dataQuality/testCases/testCaseResults/{case['fullyQualifiedName']}"
    assert catalogue.post(path, json=result).is_success
    span = {"startTs": result["timestamp"], "endTs": result["timestamp"]}
    (read,) = catalogue.get(path, params=span).json()["data"]
    assert (read["testCaseStatus"], read["result"]) == ("Failed", result["result"])
    query = {"entityLink": body["entityLink"], "fields": "testCaseResult,testDefinition"}
    (listed,) = catalogue.get("/dataQuality/testCases", params=query).json()["data"]
    assert listed["testCaseResult"]["testCaseStatus"] == "Failed"
    assert listed["testDefinition"]["name"] == definition["name"]


def test_case_of_an_unknown_table(catalogue: httpx.Client, definition: dict[str, Any], warehouse: Warehouse) -> None:
    body = {
        "name": "unique_nowhere",
        "testDefinition": definition["fullyQualifiedName"],
        "entityLink": f"<#E::table::{warehouse.schema}.nowhere::columns::id>",
    }
    assert catalogue.put("/dataQuality/testCases", json=body).status_code == 404


@pytest.mark.parametrize("link", ["no link", "<#E::table::{schema}.orders::columns::nowhere>"])
def test_case_with_a_senseless_link(
    catalogue: httpx.Client, definition: dict[str, Any], warehouse: Warehouse, link: str
) -> None:
    warehouse.table("orders", "order_id")
    body = {
        "name": "unique_nowhere",
        "testDefinition": definition["fullyQualifiedName"],
        "entityLink": link.format(schema=warehouse.schema),
    }
    assert catalogue.put("/dataQuality/testCases", json=body).status_code == 400

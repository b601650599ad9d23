"""The search answers that the workflows need. A real server's index follows its writes after a moment."""

import json
from typing import Any

import httpx
import pytest
from catalogue_under_test import Warehouse
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed


def names(answer: httpx.Response) -> list[str]:
    answer.raise_for_status()
    return [hit["_source"]["fullyQualifiedName"] for hit in answer.json()["hits"]["hits"]]


@retry(retry=retry_if_exception_type(AssertionError), stop=stop_after_delay(30), wait=wait_fixed(0.2), reraise=True)
def assert_found(catalogue: httpx.Client, path: str, query: dict[str, Any], expected: list[str]) -> None:
    assert names(catalogue.get(path, params=query)) == expected


@pytest.mark.parametrize("pattern", ["{service}.shop.dev.orders", "{service}.*.dev.orders"], ids=["exact", "wildcard"])
def test_table_by_name(catalogue: httpx.Client, warehouse: Warehouse, pattern: str) -> None:
    orders = warehouse.table("orders", "order_id")
    warehouse.table("customers", "customer_id")
    query = {
        "fieldName": "fullyQualifiedName",
        "fieldValue": pattern.format(service=warehouse.service["name"]),
        "from": 0,
        "size": 10,
        "index": "table_search_index",
        "deleted": "false",
    }
    assert_found(catalogue, "/search/fieldQuery", query, [orders["fullyQualifiedName"]])


def test_nothing_found_is_an_answer(catalogue: httpx.Client) -> None:
    query = {"fieldName": "fullyQualifiedName", "fieldValue": "no.such.table.here", "index": "table_search_index"}
    assert names(catalogue.get("/search/fieldQuery", params=query)) == []


def test_query_with_a_filter(catalogue: httpx.Client, warehouse: Warehouse) -> None:
    orders = warehouse.table("orders", "order_id")
    wanted = {"query": {"bool": {"must": [{"term": {"service.name.keyword": warehouse.service["name"]}}]}}}
    query = {"q": "", "index": "table_search_index", "size": 10, "query_filter": json.dumps(wanted)}
    assert_found(catalogue, "/search/query", query, [orders["fullyQualifiedName"]])


def test_owner_that_nobody_is(catalogue: httpx.Client) -> None:
    clause = {"query": "nobody_at_all AND isBot:false", "fields": ["name", "displayName"], "default_operator": "AND"}
    query: dict[str, Any] = {"query_filter": json.dumps({"query": {"query_string": clause}}), "from": 0, "size": 1}
    for index in ("user_search_index", "team_search_index"):
        assert names(catalogue.get("/search/query", params=query | {"index": index})) == []

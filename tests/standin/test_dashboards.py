"""Dashboards, their charts and datasets, and what they are made from."""

import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from catalogue_under_test import Warehouse


@pytest.fixture
def service(catalogue: httpx.Client) -> Iterator[str]:
    """A dashboard service of the test's own; removed after the test."""
    name = f"contract_{uuid.uuid4().hex[:8]}"
    made = catalogue.put("/services/dashboardServices", json={"name": name, "serviceType": "Superset"})
    made.raise_for_status()
    yield name
    catalogue.delete(
        f"/services/dashboardServices/{made.json()['id']}", params={"recursive": "true", "hardDelete": "true"}
    ).raise_for_status()


@pytest.fixture
def dataset(catalogue: httpx.Client, service: str) -> dict[str, Any]:
    """A dataset as Superset has it: its name is a number."""
    body = {
        "name": "7",
        "displayName": "orders",
        "service": service,
        "dataModelType": "SupersetDataModel",
        "columns": [{"name": "amount", "displayName": "amount", "dataType": "INT"}],
    }
    made = catalogue.put("/dashboard/datamodels", json=body)
    made.raise_for_status()
    return made.json()


@pytest.fixture
def dashboard(catalogue: httpx.Client, service: str) -> dict[str, Any]:
    """A dashboard with one chart."""
    catalogue.put("/charts", json={"name": "3", "displayName": "Revenue", "service": service}).raise_for_status()
    body = {"name": "1", "displayName": "Shop", "service": service, "charts": [f"{service}.3"]}
    made = catalogue.put("/dashboards", json=body)
    made.raise_for_status()
    return made.json()


def put_edge(catalogue: httpx.Client, source: Any, source_type: str, target: Any, **details: Any) -> httpx.Response:
    edge = {
        "fromEntity": {"id": source["id"], "type": source_type},
        "toEntity": {"id": target["id"], "type": "dashboardDataModel"},
        "lineageDetails": {"source": "DashboardLineage"} | details,
    }
    return catalogue.put("/lineage", json={"edge": edge})


def test_a_dashboard_tells_its_charts_when_asked(
    catalogue: httpx.Client, service: str, dashboard: dict[str, Any]
) -> None:
    path = f"/dashboards/name/{service}.1"
    assert "charts" not in catalogue.get(path).json()
    charts = catalogue.get(path, params={"fields": "charts"}).json()["charts"]
    assert [(chart["type"], chart["displayName"]) for chart in charts] == [("chart", "Revenue")]


def test_a_dashboard_of_a_chart_that_is_not_there_is_refused(catalogue: httpx.Client, service: str) -> None:
    body = {"name": "2", "service": service, "charts": [f"{service}.99"]}
    assert catalogue.put("/dashboards", json=body).status_code == 404


def test_the_name_of_a_dataset_tells_that_it_is_one(service: str, dataset: dict[str, Any]) -> None:
    assert dataset["fullyQualifiedName"] == f"{service}.model.7"
    assert dataset["columns"][0]["fullyQualifiedName"] == f"{service}.model.7.amount"


def test_columns_of_a_dataset_are_made_from_those_of_a_table(
    catalogue: httpx.Client, warehouse: Warehouse, dataset: dict[str, Any]
) -> None:
    table = warehouse.table("orders", "amount")
    mapping = [
        {
            "fromColumns": [f"{table['fullyQualifiedName']}.amount"],
            "toColumn": f"{dataset['fullyQualifiedName']}.amount",
        }
    ]
    assert put_edge(catalogue, table, "table", dataset, columnsLineage=mapping).status_code == 200
    lineage = catalogue.get(f"/lineage/dashboardDataModel/name/{dataset['fullyQualifiedName']}").json()
    assert [edge["lineageDetails"]["columnsLineage"] for edge in lineage["upstreamEdges"]] == [mapping]
    assert [node["fullyQualifiedName"] for node in lineage["nodes"]] == [table["fullyQualifiedName"]]


def test_a_column_that_a_dataset_lacks_is_left_out(
    catalogue: httpx.Client, warehouse: Warehouse, dataset: dict[str, Any]
) -> None:
    table = warehouse.table("orders", "amount")
    mapping = [
        {
            "fromColumns": [f"{table['fullyQualifiedName']}.amount"],
            "toColumn": f"{dataset['fullyQualifiedName']}.nowhere",
        }
    ]
    assert put_edge(catalogue, table, "table", dataset, columnsLineage=mapping).status_code == 200
    lineage = catalogue.get(f"/lineage/dashboardDataModel/name/{dataset['fullyQualifiedName']}").json()
    assert [edge["lineageDetails"]["columnsLineage"] for edge in lineage["upstreamEdges"]] == [[]]


def test_a_dataset_that_is_gone_from_superset_goes(
    catalogue: httpx.Client, service: str, dataset: dict[str, Any]
) -> None:
    body = {"scopeEntityType": "dashboardService", "scopeFqn": service, "seenFqns": [], "recursive": True}
    answer = catalogue.request("DELETE", "/dashboard/datamodels/deleteStale", json=body)
    assert answer.json()["successRequest"][0]["request"] == dataset["fullyQualifiedName"]
    assert catalogue.get(f"/dashboard/datamodels/name/{dataset['fullyQualifiedName']}").status_code == 404

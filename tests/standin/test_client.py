"""The project's own client of the catalogue, where names have capitals, dots and quotes, and where it deletes."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from catalogue_under_test import Warehouse
from pydantic import HttpUrl, SecretStr

from dbt_lineage.catalogue.client import Catalogue
from dbt_lineage.catalogue.stored import StoredPipeline
from dbt_lineage.core.settings import OpenMetadataSettings


@pytest.fixture
def client(catalogue: httpx.Client, warehouse: Warehouse) -> Iterator[Catalogue]:
    """A client of the same catalogue, for this test's warehouse."""
    settings = OpenMetadataSettings(
        url=HttpUrl(str(catalogue.base_url).removesuffix("/").removesuffix("/api/v1")),
        token=SecretStr(catalogue.headers["Authorization"].removeprefix("Bearer ")),
        database_service=warehouse.service["name"],
    )
    with Catalogue(settings) as opened:
        yield opened


def connect(warehouse: Warehouse, source: dict[str, Any], made: dict[str, Any], *columns: tuple[str, str]) -> None:
    """Write an edge as the connector does."""
    lineage = [
        {"fromColumns": [f"{source['fullyQualifiedName']}.{a}"], "toColumn": f"{made['fullyQualifiedName']}.{b}"}
        for a, b in columns
    ]
    ends = {
        "fromEntity": {"id": source["id"], "type": "table"},
        "toEntity": {"id": made["id"], "type": "table"},
        "lineageDetails": {"source": "OpenLineage", "sqlQuery": "select 1", "columnsLineage": lineage},
    }
    warehouse.catalogue.put("/lineage", json={"edge": ends}).raise_for_status()


def test_a_table_is_found_by_its_name_in_lower_case(client: Catalogue, warehouse: Warehouse) -> None:
    source, made = warehouse.table("Orders", "id"), warehouse.table("totals", "id")
    connect(warehouse, made, source, ("id", "id"))
    (edge,) = client.upstream("shop.dev.orders") or ()
    assert (edge.edge.upstream, edge.edge.downstream) == ("shop.dev.totals", "shop.dev.orders")
    assert client.upstream("shop.dev.order") is None


def test_of_two_tables_that_differ_in_case_none_is_guessed(client: Catalogue, warehouse: Warehouse) -> None:
    for name in ("Orders", "ORDERS"):
        warehouse.table(name, "id")
    assert client.upstream("shop.dev.orders") is None
    warehouse.table("orders", "id")
    assert client.upstream("shop.dev.orders") == []


def test_a_pipeline_and_its_service_are_deleted_for_good_and_once(
    client: Catalogue, catalogue: httpx.Client, pipeline: dict[str, Any]
) -> None:
    service = pipeline["service"]["name"]
    stored = StoredPipeline(pipeline["name"], service, pipeline["fullyQualifiedName"], pipeline["id"])
    assert list(client.pipelines(service)) == [stored]
    for _ in range(2):
        client.delete_pipeline(stored)
    assert list(client.pipelines(service)) == []
    gone = catalogue.get(f"/pipelines/{pipeline['id']}", params={"include": "all"})
    assert gone.status_code == 404
    assert client.has_pipeline_service(service)

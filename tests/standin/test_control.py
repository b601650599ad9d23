"""What only the stand-in has: unknown routes, faults on demand and the log of requests."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from catalogue_under_test import Standin, Warehouse


@pytest.fixture
def control(standin: Standin) -> Iterator[httpx.Client]:
    with standin.control() as client:
        yield client
        for route in ("faults", "unknown-routes", "requests", "options"):
            client.delete(f"/{route}").raise_for_status()


def test_unknown_route_is_written_down(catalogue: httpx.Client, control: httpx.Client) -> None:
    for method, path in (("GET", "/topics"), ("DELETE", "/tables")):
        assert catalogue.request(method, path).status_code == 404
    assert control.get("/unknown-routes").json() == [
        {"method": "DELETE", "path": "/api/v1/tables", "count": 1},
        {"method": "GET", "path": "/api/v1/topics", "count": 1},
    ]


def test_missing_entity_is_no_unknown_route(catalogue: httpx.Client, control: httpx.Client) -> None:
    assert catalogue.get("/tables/name/no.such.table.here").status_code == 404
    assert control.get("/unknown-routes").json() == []


def test_requests_are_logged(catalogue: httpx.Client, control: httpx.Client) -> None:
    control.delete("/requests")
    catalogue.get("/tables/name/no.such.table.here", params={"fields": "owners"})
    entry = {
        "method": "GET",
        "path": "/api/v1/tables/name/no.such.table.here",
        "query": "fields=owners",
        "status": 404,
    }
    assert control.get("/requests").json() == [entry]


def test_status_as_often_as_told(catalogue: httpx.Client, control: httpx.Client) -> None:
    fault = {"method": "GET", "path": "/tables$", "status": 503, "times": 2}
    assert control.post("/faults", json=fault).status_code == 201
    assert [catalogue.get("/tables").status_code for _ in range(3)] == [503, 503, 200]


def test_fault_meets_only_its_method_and_path(catalogue: httpx.Client, control: httpx.Client) -> None:
    control.post("/faults", json={"method": "PUT", "path": "/lineage", "status": 500}).raise_for_status()
    assert catalogue.get("/tables").status_code == 200
    assert control.get("/faults").json()[0]["times"] == 1
    control.delete("/faults").raise_for_status()
    assert catalogue.put("/lineage", json={}).status_code == 400


def test_delay_outlasts_an_impatient_client(catalogue: httpx.Client, control: httpx.Client) -> None:
    control.post("/faults", json={"method": "GET", "path": "/tables", "delay": 3}).raise_for_status()
    with pytest.raises(httpx.ReadTimeout):
        catalogue.get("/tables", timeout=0.2)
    assert catalogue.get("/tables", timeout=30).status_code == 200


@pytest.mark.parametrize("applied", [False, True], ids=["before it takes effect", "after it took effect"])
def test_dropped_connection(catalogue: httpx.Client, control: httpx.Client, applied: bool) -> None:
    name = f"dropped_{applied}"
    fault = {"method": "PUT", "path": "/databaseServices", "drop": True, "applied": applied}
    control.post("/faults", json=fault).raise_for_status()
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        catalogue.put("/services/databaseServices", json={"name": name, "serviceType": "Postgres"})
    found = catalogue.get(f"/services/databaseServices/name/{name}").status_code
    assert found == (200 if applied else 404)


@pytest.mark.parametrize(
    "fault",
    [
        {"method": "GET", "path": "/"},
        {"method": "GET", "path": "/", "status": 500, "drop": True},
        {"method": "GET", "path": "(", "status": 500},
        {"method": "GET", "path": "/", "status": 500, "times": 0},
    ],
    ids=["no effect", "two effects", "no pattern", "never"],
)
def test_senseless_fault_is_refused(control: httpx.Client, fault: dict[str, Any]) -> None:
    assert control.post("/faults", json=fault).status_code == 400


def test_a_token_that_was_replaced_is_refused(catalogue: httpx.Client, control: httpx.Client) -> None:
    control.put("/options", json={"token": "another"}).raise_for_status()
    assert catalogue.get("/tables").status_code == 401
    assert catalogue.get("/tables", headers={"Authorization": "Bearer another"}).status_code == 200
    assert catalogue.get("/system/version").status_code == 200


def test_without_its_search_engine_a_write_is_stored_and_answers_500(
    catalogue: httpx.Client, control: httpx.Client, warehouse: Warehouse
) -> None:
    ends = [{"id": warehouse.table(name, "id")["id"], "type": "table"} for name in ("a", "b")]
    control.put("/options", json={"search_down": True}).raise_for_status()
    edge = {"edge": dict(zip(("fromEntity", "toEntity"), ends, strict=True))}
    assert catalogue.put("/lineage", json=edge).status_code == 500
    assert catalogue.get(f"/lineage/getLineageEdge/{ends[0]['id']}/{ends[1]['id']}").status_code == 200
    assert catalogue.get("/search/query", params={"index": "table_search_index"}).status_code == 500


def test_search_knows_late_what_was_written(
    catalogue: httpx.Client, control: httpx.Client, warehouse: Warehouse
) -> None:
    control.put("/options", json={"search_delay": 600}).raise_for_status()
    table = warehouse.table("late", "id")
    asked = {"q": f"fullyQualifiedName:{table['fullyQualifiedName']}", "index": "table_search_index"}
    assert catalogue.get("/search/query", params=asked).json()["hits"]["hits"] == []
    control.delete("/options").raise_for_status()
    assert len(catalogue.get("/search/query", params=asked).json()["hits"]["hits"]) == 1


def test_a_cache_is_not_told_of_a_patch(catalogue: httpx.Client, control: httpx.Client, warehouse: Warehouse) -> None:
    ends = [{"id": warehouse.table(name, "id")["id"], "type": "table"} for name in ("a", "b")]
    catalogue.put("/lineage", json={"edge": {"fromEntity": ends[0], "toEntity": ends[1]}}).raise_for_status()
    control.put("/options", json={"cache_seconds": 600}).raise_for_status()
    paths = (f"/lineage/table/{ends[1]['id']}", f"/lineage/getLineageEdge/{ends[0]['id']}/{ends[1]['id']}")
    catalogue.get(paths[0]).raise_for_status()
    patch = [{"op": "add", "path": "/sqlQuery", "value": "select 1"}]
    path = f"/lineage/table/{ends[0]['id']}/table/{ends[1]['id']}"
    catalogue.patch(path, json=patch, headers={"Content-Type": "application/json-patch+json"}).raise_for_status()
    assert "sqlQuery" not in catalogue.get(paths[0]).json()["upstreamEdges"][0]["lineageDetails"]
    assert catalogue.get(paths[1]).json()["edge"]["sqlQuery"] == "select 1"

"""What only the stand-in has: unknown routes, faults on demand and the log of requests."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from catalogue_under_test import Standin


@pytest.fixture
def control(standin: Standin) -> Iterator[httpx.Client]:
    with standin.control() as client:
        yield client
        for route in ("faults", "unknown-routes", "requests"):
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

"""Contract tests of the catalogue: they hold for the stand-in and for a real OpenMetadata server alike.

With OPENMETADATA_URL and OPENMETADATA_TOKEN set they run against that server. Otherwise a stand-in is
started, with the interpreter that OPENMETADATA_PYTHON names or the one of the `openmetadata` environment.
"""

import os
import signal
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from catalogue_under_test import Standin, Warehouse, make_warehouse, rest_client

REAL_URL = os.environ.get("OPENMETADATA_URL")

# A real server has no faults on demand, and is not ours to kill.
collect_ignore = ["test_control.py", "test_durability.py"] if REAL_URL else []


@pytest.fixture(scope="session")
def standin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standin]:
    """A running stand-in, shared by all tests that do not kill it."""
    running = Standin(tmp_path_factory.mktemp("standin"))
    running.start()
    yield running
    running.kill(signal.SIGTERM)


@pytest.fixture(scope="session")
def catalogue(request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    """The catalogue under test."""
    if REAL_URL:
        client = rest_client(REAL_URL.rstrip("/") + "/api", os.environ["OPENMETADATA_TOKEN"])
    else:
        client = request.getfixturevalue("standin").client()
    with client:
        yield client


@pytest.fixture
def warehouse(catalogue: httpx.Client) -> Iterator[Warehouse]:
    """A database service with a schema; removed after the test."""
    made = make_warehouse(catalogue)
    yield made
    catalogue.delete(
        f"/services/databaseServices/{made.service['id']}", params={"recursive": "true", "hardDelete": "true"}
    ).raise_for_status()


@pytest.fixture
def pipeline(catalogue: httpx.Client) -> Iterator[dict[str, Any]]:
    """A pipeline of a service of its own, with a name that needs quotes; removed after the test."""
    name = f"contract_{uuid.uuid4().hex[:8]}"
    service = catalogue.put("/services/pipelineServices", json={"name": name, "serviceType": "OpenLineage"})
    service.raise_for_status()
    made = catalogue.put("/pipelines", json={"name": "dbt-shop.dev.orders", "service": name})
    made.raise_for_status()
    yield made.json()
    catalogue.delete(
        f"/services/pipelineServices/{service.json()['id']}", params={"recursive": "true", "hardDelete": "true"}
    ).raise_for_status()

"""What every test on the whole stack is held to."""

from collections.abc import Iterator

import pytest

from stack.airflow_api import AirflowApi
from tests.support import Catalogue


@pytest.fixture(autouse=True)
def no_unknown_routes(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever the test made the workflows call, the stand-in must have known."""
    yield
    if "catalogue" in request.fixturenames:
        client: Catalogue = request.getfixturevalue("catalogue")
        assert client.unknown_routes() == []


@pytest.fixture(autouse=True)
def paused_ingestion(request: pytest.FixtureRequest) -> Iterator[None]:
    """OpenMetadata's workflows run where a test starts them: a run takes minutes of CPU, and the tests build often."""
    yield
    if "api" in request.fixturenames:
        api: AirflowApi = request.getfixturevalue("api")
        api.pause("openmetadata_ingestion")

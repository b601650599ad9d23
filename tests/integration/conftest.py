"""What every test on the whole stack is held to."""

from collections.abc import Iterator

import pytest

from tests.support import Catalogue


@pytest.fixture(autouse=True)
def no_unknown_routes(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever the test made the workflows call, the stand-in must have known."""
    yield
    if "catalogue" in request.fixturenames:
        client: Catalogue = request.getfixturevalue("catalogue")
        assert client.unknown_routes() == []

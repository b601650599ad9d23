"""The built page in Chromium, against a small server with made-up answers."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from stack.browser import chromium
from tests.page import answers
from tests.page.server import Site, served, site_of


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def site() -> Iterator[Site]:
    """A shop of which all is known."""
    with served(site_of(answers.shop())) as site:
        yield site


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A window; a script that fails in it fails the test."""
    page = browser.new_page(viewport={"width": 1360, "height": 840})
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(error.message))
    expect.set_options(timeout=10_000)
    yield page
    page.close()
    assert broken == []

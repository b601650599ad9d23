"""A real browser for pictures and tests: Chromium, driven by Playwright."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

from stack.config import StackError


@contextmanager
def chromium() -> Iterator[Browser]:
    """Chromium without a window. Raises StackError when there is none on the machine."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        raise StackError("there is no Chromium on the PATH")
    # Maps are drawn by WebGL, which a machine without a graphics card computes.
    options = ["--no-sandbox", "--disable-background-networking", "--disable-sync", "--enable-unsafe-swiftshader"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=options)
        yield browser
        browser.close()

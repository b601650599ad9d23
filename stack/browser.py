"""A real browser for pictures and tests: Chromium, driven by Playwright. ``python -m stack.browser`` installs one."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Playwright, sync_playwright

from dbt_lineage.core import commands
from stack.config import StackError

# What distributions and vendors call it, and where macOS has it.
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
PLACES = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/snap/bin/chromium",
)
# Maps are drawn by WebGL, which a machine without a graphics card computes.
OPTIONS = ("--no-sandbox", "--disable-background-networking", "--disable-sync", "--enable-unsafe-swiftshader")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Chromium without a window: the machine's own, else one that Playwright brings.

    Raises:
        StackError: the machine has none, and Playwright could not download one.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_installed() or _brought(playwright), args=OPTIONS)
        yield browser
        browser.close()


def _installed() -> str | None:
    """A Chromium that the machine has."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    return found or next((place for place in PLACES if Path(place).exists()), None)


def install() -> str:
    """Where Chromium is; it is installed first where there is none.

    By Debian's packages where that can be done without asking, as in a container, else by Playwright.

    Raises:
        StackError: neither brings one.
    """
    with sync_playwright() as playwright:
        return _installed() or _packaged() or _brought(playwright)


def _packaged() -> str | None:
    """Chromium of the distribution, installed; None where that takes somebody else, or has none."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return None
    quietly = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update", "--quiet"], ["install", "--yes", "--quiet", "--no-install-recommends", "chromium"]):
        done = subprocess.run(["apt-get", *arguments], env=quietly, capture_output=True, text=True)
        if done.returncode != 0:
            print(f"apt-get {' '.join(arguments)}: {done.stderr.strip()[-300:]}", file=sys.stderr)
            return None
    return _installed()


def _brought(playwright: Playwright) -> str:
    """Playwright's own Chromium, downloaded when it is not there yet."""
    own = Path(playwright.chromium.executable_path)
    if not own.exists():
        done = subprocess.run(
            [sys.executable, "-m", "playwright", "install", "chromium"], capture_output=True, text=True
        )
        if done.returncode != 0 or not own.exists():
            raise StackError(
                f"there is no Chromium: none of {', '.join(NAMES)} is on the PATH, and `playwright install chromium` "
                f"failed: {(done.stderr or done.stdout).strip()[-300:]}. Install the package chromium of your system"
            )
    return str(own)


if __name__ == "__main__":
    commands.run("browser", lambda: print(f"Chromium: {install()}"))

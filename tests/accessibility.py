"""What axe-core finds on the lineage page."""

from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).parents[1] / "lineage-page" / "node_modules" / "axe-core" / "axe.min.js"


def violations(page: Page) -> list[tuple[str, list[str]]]:
    """The broken rules, each with the beginning of some elements that break it."""
    page.add_script_tag(path=AXE)
    # What the path leaves out is faded on purpose: it is in the table view, and at full strength under the pointer.
    found = page.evaluate("() => axe.run({include: ['.dbtl'], exclude: ['.dbtl-card.faded']})")
    return [(one["id"], [node["html"][:150] for node in one["nodes"]][:3]) for one in found["violations"]]

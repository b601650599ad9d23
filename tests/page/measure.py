"""Measure the lineage page on projects of some sizes: ``python -m tests.page.measure 1000 3000``."""

import json
import statistics
import sys
import time

from playwright.sync_api import Page

from stack.browser import chromium
from tests.page import answers
from tests.page.server import served, site_of

COLUMNS = 20
# Two frames after a change, it is on the screen.
SHOWN = "await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));"
# The time from an act to the frame in which a condition holds.
UNTIL = (
    "async ([act, holds]) => { const from = performance.now(); eval(act); "
    "while (!eval(holds)) await new Promise(requestAnimationFrame);" + SHOWN + "return performance.now() - from; }"
)
FRAMES = """() => { const times = []; window.frames_ = times; let last = performance.now();
const frame = now => { times.push(now - last); last = now; window.watching = requestAnimationFrame(frame); };
window.watching = requestAnimationFrame(frame); }"""
TYPE = """const box = document.querySelector('.dbtl-search input'); box.focus();
Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(box, '%s');
box.dispatchEvent(new Event('input', {bubbles: true}))"""


def frames(page: Page) -> dict[str, float]:
    """Milliseconds between frames since ``FRAMES``."""
    times = page.evaluate("() => { cancelAnimationFrame(window.watching); return window.frames_.slice(1); }")
    at = statistics.quantiles(times, n=20)
    return {"median": round(statistics.median(times), 1), "p95": round(at[18], 1), "worst": round(max(times), 1)}


def summary(times: list[float]) -> dict[str, int]:
    """Median and worst of a few."""
    return {"median": round(statistics.median(times)), "worst": round(max(times))}


def measured(page: Page, models: int) -> dict[str, object]:
    """Every figure for a project of some models."""
    lineage = answers.generated(models, COLUMNS)
    found: dict[str, object] = {"models": models, "columns": models * COLUMNS, "column_edges": len(lineage.edges)}
    with served(site_of(lineage)) as site:
        started = time.monotonic()
        page.goto(site.page)
        page.wait_for_selector(".dbtl-canvas")
        page.evaluate("async () => {" + SHOWN + "}")
        found["first_view_s"] = round(time.monotonic() - started, 2)
        page.wait_for_selector(".dbtl-legend .item")
        found["columns_after_s"] = round(time.monotonic() - started, 2)
        middle = f"model_{models // 2:04d}"
        searches = []
        for column in ("column_07", "column_08", "column_09"):
            holds = f"document.querySelector('[role=option] b')?.textContent === '{column}'"
            searches.append(page.evaluate(UNTIL, [TYPE % f"{middle}.{column}", holds]))
        found["search_ms"] = summary(searches)
        page.keyboard.press("Escape")
        page.mouse.move(600, 500)
        page.evaluate(FRAMES)
        page.mouse.down()
        for step in range(60):
            page.mouse.move(600 + 4 * step, 500 + (step % 20) * 5)
        page.mouse.up()
        found["pan_frame_ms"] = frames(page)
        page.evaluate(FRAMES)
        for step in range(40):
            page.mouse.wheel(0, -60 if step < 20 else 60)
        found["zoom_frame_ms"] = frames(page)
        page.goto(f"{site.page}?node=warehouse.area_{models // 2 % 12}.{middle}")
        page.get_by_role("complementary").get_by_role("button", name="column_07").wait_for()
        paths = []
        for column in ("column_07", "column_08", "column_09", "column_10", "column_11"):
            act = f"[...document.querySelectorAll('aside .dbtl-link')].find(one => one.textContent === '{column}').click()"
            holds = f"document.querySelector('.row.start')?.textContent.includes('{column}')"
            paths.append(page.evaluate(UNTIL, [act, holds]))
        found["highlight_ms"] = summary(paths)
        found["lit"] = page.evaluate("() => document.querySelectorAll('.row.by-value').length || 'on the canvas'")
        page.goto(f"{site.page}?of=warehouse.area_{models // 2 % 12}.{middle}&column=column_07")
        page.wait_for_selector(".dbtl-area.traced")
        page.evaluate(FRAMES)
        page.mouse.move(600, 500)
        page.mouse.down()
        for step in range(60):
            page.mouse.move(600 + 4 * step, 500)
        page.mouse.up()
        found["pan_traced_frame_ms"] = frames(page)
        found["heap_mb"] = round(page.evaluate("() => performance.memory.usedJSHeapSize / 1e6"))
    return found


if __name__ == "__main__":
    with chromium() as browser:
        for size in sys.argv[1:] or ["1000", "3000"]:
            window = browser.new_page(viewport={"width": 1360, "height": 840})
            print(json.dumps(measured(window, int(size))), flush=True)
            window.close()

"""Draws wall time over the number of models from build/bench.json into docs/images: ``python -m bench.picture``."""

import json
import math
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from typing import Any

from bench import results
from bench.usage import BY_HAND
from dbt_lineage.core import commands
from dbt_lineage.core.errors import ExpectedError
from stack.checkout import PROJECT_ROOT

FILE = PROJECT_ROOT / "docs" / "images" / "models.svg"
WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 720, 420, 70, 55, 30, 100
# Name of a line, its colour, and what the results call it.
LINES = (
    ("dbt by hand", "#7f7f7f", BY_HAND),
    ("DAG run", "#1f77b4", "fast"),
    ("Cosmos' watcher", "#d62728", "watcher"),
)

Curve = Mapping[int, float]


class Axis:
    """A logarithmic axis.

    Args:
        low: smallest value that is drawn.
        high: largest.
        start: where the smallest is, pixels.
        end: where the largest is, pixels.
    """

    def __init__(self, low: float, high: float, start: float, end: float) -> None:
        self.low, self.high = 10 ** math.floor(math.log10(low)), 10 ** math.ceil(math.log10(high))
        self._start, self._end = start, end

    def at(self, value: float) -> float:
        """Where a value is, pixels."""
        part = math.log(value / self.low) / math.log(self.high / self.low)
        return round(self._start + part * (self._end - self._start), 1)

    def ticks(self) -> list[int]:
        """The powers of ten on it."""
        return [10**power for power in range(round(math.log10(self.low)), round(math.log10(self.high)) + 1)]


def curves(figures: Mapping[str, Any]) -> dict[str, Curve]:
    """Median wall seconds by models, of each line that was measured.

    Args:
        figures: what the part ``thousand`` left.
    """
    sizes = sorted(map(int, figures["by_models"]))
    found: dict[str, dict[int, float]] = {name: {} for name, _, _ in LINES}
    for models in sizes:
        watcher = figures["by_models"][str(models)].get("watcher", {}).get("ways", {})
        ways = {way: figures["ways"].get(f"{models} models, {way}") for _, _, way in LINES}
        for name, _, way in LINES:
            measured = ways[way] or (watcher.get(way) if way == "watcher" else None)
            if measured:
                found[name][models] = measured["wall_s"]["median"]
    return {name: curve for name, curve in found.items() if curve}


def drawn(shown: Mapping[str, Curve]) -> ET.Element:
    """The picture.

    Args:
        shown: seconds by models, by the name of the line.
    """
    models = [size for curve in shown.values() for size in curve]
    seconds = [value for curve in shown.values() for value in curve.values()]
    across = Axis(min(models), max(models), LEFT, WIDTH - RIGHT)
    up = Axis(min(seconds), max(seconds), HEIGHT - BOTTOM, TOP)
    svg = ET.Element("svg", xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {WIDTH} {HEIGHT}")
    svg.set("font-family", "sans-serif")
    svg.set("font-size", "13")
    ET.SubElement(svg, "rect", width=str(WIDTH), height=str(HEIGHT), fill="white")
    for tick in across.ticks():
        _line(svg, across.at(tick), TOP, across.at(tick), HEIGHT - BOTTOM, "#e0e0e0")
        _text(svg, across.at(tick), HEIGHT - BOTTOM + 20, f"{tick:,}", "middle")
    for tick in up.ticks():
        _line(svg, LEFT, up.at(tick), WIDTH - RIGHT, up.at(tick), "#e0e0e0")
        _text(svg, LEFT - 8, up.at(tick) + 4, f"{tick:,}", "end")
    _text(svg, (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, "models, with two tests each", "middle")
    _text(svg, LEFT - 50, TOP - 12, "wall, seconds", "start")
    for name, colour, _ in LINES:
        if name in shown:
            _curve(svg, [(across.at(size), up.at(value)) for size, value in sorted(shown[name].items())], name, colour)
    return svg


def _curve(svg: ET.Element, points: list[tuple[float, float]], name: str, colour: str) -> None:
    ET.SubElement(svg, "polyline", points=" ".join(f"{x},{y}" for x, y in points), fill="none", stroke=colour).set(
        "stroke-width", "2"
    )
    for x, y in points:
        ET.SubElement(svg, "circle", cx=str(x), cy=str(y), r="4", fill=colour)
    x, y = points[-1]
    _text(svg, x + 10, y + (4 if name != "dbt by hand" else 16), name, "start", colour)


def _line(svg: ET.Element, x1: float, y1: float, x2: float, y2: float, colour: str) -> None:
    ET.SubElement(svg, "line", x1=str(x1), y1=str(y1), x2=str(x2), y2=str(y2), stroke=colour)


def _text(svg: ET.Element, x: float, y: float, text: str, anchor: str, colour: str = "#333333") -> None:
    element = ET.SubElement(svg, "text", x=str(x), y=str(y), fill=colour)
    element.set("text-anchor", anchor)
    element.text = text


def main() -> None:
    """Draw it. Raises ExpectedError when nothing was measured."""
    measured = json.loads(results.FILE.read_text(encoding="utf-8")) if results.FILE.exists() else {}
    if "thousand" not in measured:
        raise ExpectedError(f"{results.FILE} has no figures of it: run `make bench PARTS=thousand`")
    ET.ElementTree(drawn(curves(measured["thousand"]))).write(FILE, encoding="unicode")
    print(FILE.relative_to(PROJECT_ROOT))


if __name__ == "__main__":
    commands.run("bench", main)

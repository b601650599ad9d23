"""Map tiles of North America, drawn from the outlines that Superset ships for its country maps.

Served by Superset itself, so that a map needs no internet. The outlines are Natural Earth's, in the public domain.
"""

import json
import math
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

import superset
from flask import Blueprint, Response, abort
from PIL import Image, ImageDraw

TILE = 256
SMOOTH = 3  # drawn this much larger and made smaller, so that lines are not ragged
DEEPEST = 9
WATER = (214, 228, 238)
LAND = (247, 246, 242)
NEIGHBOUR = (236, 236, 231)
BORDER = (196, 200, 204)
# A region that only this country's file has; the files' own names are hashes that change with every build.
COUNTRIES = {'"US-PA"': LAND, '"CA-ON"': NEIGHBOUR, '"MX-CHP"': NEIGHBOUR}
# Superset's file shows these beside the mainland, where they are not.
MISPLACED = {"US-AK", "US-HI"}

Point = tuple[float, float]
Ring = tuple[list[Point], tuple[float, float, float, float]]
tiles = Blueprint("basemap", __name__, url_prefix="/basemap")


@tiles.route("/<int:z>/<int:x>/<int:y>.png")
def tile(z: int, x: int, y: int) -> Response:
    """One tile in the numbering of web maps."""
    if z > DEEPEST or not (0 <= x < 2**z and 0 <= y < 2**z):
        abort(404)
    return Response(_drawn(z, x, y), mimetype="image/png", headers={"Cache-Control": "public, max-age=604800"})


@lru_cache(maxsize=2048)
def _drawn(z: int, x: int, y: int) -> bytes:
    size = TILE * SMOOTH
    image = Image.new("RGB", (size, size), WATER)
    draw = ImageDraw.Draw(image)
    scale = size * 2**z
    for colour, (ring, (west, north, east, south)) in _outlines():
        if east * 2**z < x or west * 2**z > x + 1 or south * 2**z < y or north * 2**z > y + 1:
            continue
        corners = [(u * scale - x * size, v * scale - y * size) for u, v in ring]
        draw.polygon(corners, fill=colour)
        draw.line([*corners, corners[0]], fill=BORDER, width=SMOOTH)
    out = BytesIO()
    image.resize((TILE, TILE), Image.Resampling.LANCZOS).save(out, "PNG")
    return out.getvalue()


@cache
def _outlines() -> list[tuple[tuple[int, int, int], Ring]]:
    """Every outline with its colour, in units of the whole web map: 0 to 1 eastwards and southwards."""
    assets = Path(superset.__file__).parent / "static" / "assets"
    texts = [file.read_text(encoding="utf-8") for file in sorted(assets.glob("*.geojson"))]
    return [
        (colour, ring)
        for region, colour in COUNTRIES.items()
        for text in texts
        if region in text
        for feature in json.loads(text)["features"]
        if feature["properties"]["ISO"] not in MISPLACED
        for ring in _rings(feature["geometry"])
    ]


def _rings(geometry: dict[str, Any]) -> list[Ring]:
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    rings = [[_mercator(*point[:2]) for point in polygon[0]] for polygon in polygons]
    return [(ring, _bounds(ring)) for ring in rings if len(ring) > 2]


def _mercator(longitude: float, latitude: float) -> Point:
    sine = math.sin(math.radians(latitude))
    return (longitude + 180) / 360, 0.5 - math.log((1 + sine) / (1 - sine)) / (4 * math.pi)


def _bounds(ring: list[Point]) -> tuple[float, float, float, float]:
    across, down = zip(*ring, strict=True)
    return min(across), min(down), max(across), max(down)

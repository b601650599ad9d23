"""The stand-in's routes: one module for each subject.

Each module has a table of (method, path, handler). Paths are Starlette's, below /api/v1 unless they start with /standin.
"""

from ..answers import Handler
from . import collections, control, data_quality, lineage, pipelines, search, system, tables

# First match wins: routes with fixed parts go before the ones of whole collections.
ROUTES: list[tuple[str, str, Handler]] = [
    *system.ROUTES,
    *search.ROUTES,
    *lineage.ROUTES,
    *pipelines.ROUTES,
    *tables.ROUTES,
    *data_quality.ROUTES,
    *collections.ROUTES,
    *control.ROUTES,
]

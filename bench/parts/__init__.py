"""The figures: each module here measures some and registers itself by ``@part``."""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Measure = Callable[[int], dict[str, Any]]


@dataclass(frozen=True)
class Part:
    """Some figures that are measured together.

    Args:
        name: what the command line and the results call it.
        measure: measures it in this many rounds; returns ``ways`` and ``ratios``, as ``bench.measure.summary`` does.
        by_default: whether it runs when no part is named.
    """

    name: str
    measure: Measure
    by_default: bool


_parts: dict[str, Part] = {}


def part(name: str, by_default: bool = True) -> Callable[[Measure], Measure]:
    """Register the decorated function as what measures a part."""

    def register(measure: Measure) -> Measure:
        _parts[name] = Part(name, measure, by_default)
        return measure

    return register


def all_parts() -> dict[str, Part]:
    """Every part by its name."""
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        importlib.import_module(module.name)
    return dict(_parts)

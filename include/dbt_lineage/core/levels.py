"""Levels of health, from OK to FAIL."""

from collections.abc import Iterable
from enum import StrEnum


class Level(StrEnum):
    """The result of a check, in order of severity. ``UNKNOWN``: it could not run, since what it needs is broken."""

    OK = "ok"
    WARN = "warn"
    UNKNOWN = "unknown"
    FAIL = "fail"

    @property
    def colour(self) -> str:
        """The colour of the level in a table of rich."""
        return _COLOURS[self]


_COLOURS = {Level.OK: "green", Level.WARN: "yellow", Level.UNKNOWN: "magenta", Level.FAIL: "red"}
_ORDER = list(Level)


def worst(levels: Iterable[Level]) -> Level:
    """The worst of them; ``OK`` when there is none."""
    return max(levels, key=_ORDER.index, default=Level.OK)


def above(value: float, warn: float, fail: float) -> Level:
    """The level of a figure that should be small.

    Args:
        value: the figure.
        warn: a higher figure is a warning.
        fail: a higher figure is a failure.
    """
    if value > fail:
        return Level.FAIL
    return Level.WARN if value > warn else Level.OK

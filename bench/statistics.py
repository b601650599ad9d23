"""Figures of repeated and of paired measurements."""

import math
import random
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Spread:
    """One thing, measured several times.

    Args:
        median: of all measurements.
        low: the smallest.
        high: the largest.
        count: how many.
    """

    median: float
    low: float
    high: float
    count: int


@dataclass(frozen=True)
class Ratio:
    """How many times as much one thing takes as another, measured pair by pair.

    Args:
        median: median of the pairs' ratios.
        low: the smallest of the pairs' ratios.
        high: the largest of them.
        interval_low: lower end of the interval that holds 95 % of the medians of resampled pairs.
        interval_high: upper end of it.
        pairs: how many pairs. Of five pairs or fewer the interval says no more than smallest and largest do.
    """

    median: float
    low: float
    high: float
    interval_low: float
    interval_high: float
    pairs: int


def spread(values: Sequence[float]) -> Spread:
    """Median and range. Raises StatisticsError when there is no value."""
    return Spread(_rounded(statistics.median(values)), _rounded(min(values)), _rounded(max(values)), len(values))


def ratio(numerators: Sequence[float], denominators: Sequence[float], resamples: int = 2000) -> Ratio:
    """The ratio of paired measurements with its bootstrap interval; the same input gives the same interval.

    Args:
        numerators: measurements of the one thing.
        denominators: measurements of the other, in the same order.
        resamples: how many times the pairs are drawn anew.

    Raises:
        ValueError: there are more of the ones than of the others.
        StatisticsError: there is no pair.
    """
    ratios = [a / b for a, b in zip(numerators, denominators, strict=True)]
    draw = random.Random(0)  # noqa: S311 - resampling, no secret
    medians = [statistics.median(draw.choices(ratios, k=len(ratios))) for _ in range(resamples)] if ratios else []
    in_forty = statistics.quantiles(medians, n=40)
    return Ratio(
        median=_rounded(statistics.median(ratios)),
        low=_rounded(min(ratios)),
        high=_rounded(max(ratios)),
        interval_low=_rounded(in_forty[0]),
        interval_high=_rounded(in_forty[-1]),
        pairs=len(ratios),
    )


def growth_exponent(by_size: Mapping[int, float]) -> float:
    """Slope of a figure over the size, both by their logarithms: 1 is linear.

    Args:
        by_size: the figure, larger than 0, of each size; two at least.
    """
    points = [(math.log(size), math.log(figure)) for size, figure in by_size.items()]
    return _rounded(statistics.linear_regression(*zip(*points, strict=True)).slope)


def _rounded(value: float) -> float:
    return round(value, 3)

"""Figures of paired measurements."""

import random
import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Ratio:
    """How many times as long one thing takes as another, measured pair by pair.

    Args:
        median: median of the pairs' ratios.
        low: lower end of the interval that holds 95 % of the medians of resampled pairs.
        high: upper end of it.
        pairs: how many pairs.
    """

    median: float
    low: float
    high: float
    pairs: int


def ratio(numerators: Sequence[float], denominators: Sequence[float], resamples: int = 2000) -> Ratio:
    """The ratio of paired measurements with its bootstrap interval; the same input gives the same interval."""
    ratios = [a / b for a, b in zip(numerators, denominators, strict=True)]
    draw = random.Random(0)  # noqa: S311 - resampling, no secret
    medians = sorted(statistics.median(draw.choices(ratios, k=len(ratios))) for _ in range(resamples))
    return Ratio(
        round(statistics.median(ratios), 2),
        round(medians[int(resamples * 0.025)], 2),
        round(medians[int(resamples * 0.975)], 2),
        len(ratios),
    )

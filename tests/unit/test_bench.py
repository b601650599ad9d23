"""The benchmark's figures: ratios of pairs, with an interval that comes out the same each time."""

import pytest

from bench.statistics import ratio


def test_the_ratio_is_the_median_of_the_pairs() -> None:
    assert ratio([2.0, 30.0, 4.0], [1.0, 10.0, 1.0]).median == 3.0


def test_the_interval_holds_the_median_and_stays_within_the_pairs() -> None:
    figures = ratio([11.0, 12.0, 15.0, 11.5, 12.5], [10.0, 10.0, 10.0, 10.0, 10.0])
    assert 1.1 <= figures.low <= figures.median == 1.2 <= figures.high <= 1.5
    assert figures == ratio([11.0, 12.0, 15.0, 11.5, 12.5], [10.0, 10.0, 10.0, 10.0, 10.0])


def test_pairs_that_do_not_match_are_refused() -> None:
    with pytest.raises(ValueError, match="longer"):
        ratio([1.0], [1.0, 2.0])

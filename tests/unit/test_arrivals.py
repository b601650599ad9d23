"""Events that arrive close together are one burst, and none waits for long."""

import pytest

from dbt_lineage.ingest.arrivals import Arrival, Burst


def over_at(*arrivals: float, has_lineage: bool = True) -> float | None:
    """When a burst is over whose events come at these seconds, looked at four times a second for half a minute."""
    burst, look = Burst(quiet_seconds=1, max_wait_seconds=5), 0.25
    left = sorted(arrivals)
    for step in range(120):
        now = step * look
        come = [each for each in left if each <= now]
        left = left[len(come) :]
        burst.add([Arrival(now, has_lineage)] * len(come))
        if burst.is_over(now):
            return now
    return None


@pytest.mark.parametrize(
    ("arrivals", "over"),
    [
        ((), None),
        ((2,), 3),
        ((2, 2, 2), 3),
        ((2, 2.5, 3.25), 4.25),
        # The first one is not kept waiting by those that go on coming.
        (tuple(2 + each / 2 for each in range(40)), 7),
    ],
)
def test_a_burst_is_over_when_it_is_quiet_or_when_its_first_event_has_waited_long_enough(
    arrivals: tuple[float, ...], over: float | None
) -> None:
    assert over_at(*arrivals) == over


def test_ends_of_runs_wait_longer_while_they_keep_coming() -> None:
    assert over_at(2, 2.5, has_lineage=False) == 3.5
    assert over_at(*(2 + each / 2 for each in range(56)), has_lineage=False) == 12
    burst = Burst(quiet_seconds=1, max_wait_seconds=5)
    burst.add([Arrival(each, has_lineage=False) for each in range(100, 108)])
    assert not burst.is_over(107.5)
    burst.add([Arrival(102)])
    assert burst.is_over(107.5)
    # Never shorter than that of lineage.
    burst = Burst(quiet_seconds=1, max_wait_seconds=60)
    burst.add([Arrival(each, has_lineage=False) for each in range(100, 160)])
    assert not burst.is_over(159.5)
    assert burst.is_over(160)


def test_a_burst_counts_all_its_events() -> None:
    burst = Burst(quiet_seconds=1, max_wait_seconds=5)
    for now, events in ((10.0, 3), (10.2, 0), (10.4, 4)):
        burst.add([Arrival(now)] * events)
    assert burst.count == 7


def test_events_that_came_while_nobody_looked_have_waited_already() -> None:
    burst = Burst(quiet_seconds=1, max_wait_seconds=5)
    burst.add([Arrival(8.0), Arrival(7.0)])
    assert burst.is_over(9.0)
    burst.add([Arrival(8.9)])
    assert not burst.is_over(9.0)
    # The last one has just come, and the first one has waited for long enough.
    burst.add([Arrival(4.0)])
    assert burst.is_over(9.0)

"""Events that arrive close together are one burst, and none waits for long."""

import pytest

from dbt_lineage.ingest.arrivals import Burst


def over_at(*arrivals: float, quiet: float = 1, max_wait: float = 5, look: float = 0.25) -> float | None:
    """When a burst is over whose events come at these seconds, looked at four times a second for half a minute."""
    burst = Burst(quiet, max_wait)
    left = sorted(arrivals)
    for step in range(120):
        now = step * look
        come = [each for each in left if each <= now]
        left = left[len(come) :]
        burst.add([now] * len(come))
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


def test_a_burst_counts_all_its_events() -> None:
    burst = Burst(quiet_seconds=1, max_wait_seconds=5)
    for now, events in ((10.0, 3), (10.2, 0), (10.4, 4)):
        burst.add([now] * events)
    assert burst.count == 7


def test_events_that_came_while_nobody_looked_have_waited_already() -> None:
    burst = Burst(quiet_seconds=1, max_wait_seconds=5)
    burst.add([8.0, 7.0])
    assert burst.is_over(9.0)
    burst.add([8.9])
    assert not burst.is_over(9.0)
    # The last one has just come, and the first one has waited for long enough.
    burst.add([4.0])
    assert burst.is_over(9.0)

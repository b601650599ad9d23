"""Times of events."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from dbt_lineage.core.moments import moment


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2016-12-31T23:59:60Z", datetime(2017, 1, 1, tzinfo=UTC)),
        ("2016-12-31t23:59:60.25z", datetime(2017, 1, 1, 0, 0, 0, 250_000, tzinfo=UTC)),
        ("2017-01-01T05:29:60+05:30", datetime(2017, 1, 1, 5, 30, tzinfo=timezone(timedelta(hours=5, minutes=30)))),
        ("2016-12-31T23:59:59Z", datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_a_leap_second_is_the_second_after_it(text: str, expected: datetime) -> None:
    assert moment(text) == expected


@pytest.mark.parametrize("text", ["2016-12-31T12:30:60Z", "2016-12-31T23:59:61Z", "9999-12-31T23:59:60Z", "", "now"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        moment(text)

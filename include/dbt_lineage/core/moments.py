"""Parse the times of events."""

import re
from datetime import UTC, datetime, timedelta

_LEAP_SECOND = re.compile(r"([T ][0-9]{2}:[0-9]{2}):60")


def moment(text: str) -> datetime:
    """Parse a time in ISO 8601 or RFC 3339.

    A leap second becomes the second after it, as in POSIX, since Python has no leap seconds.

    Args:
        text: the time, with or without a time zone, in upper or lower case.

    Raises:
        ValueError: the text is not a time.
    """
    upper = text.upper()
    ordinary = _LEAP_SECOND.sub(r"\1:59", upper)
    found = datetime.fromisoformat(ordinary)
    if ordinary == upper:
        return found
    try:
        after = found + timedelta(seconds=1)
        in_utc = after.astimezone(UTC) if after.tzinfo else after
    except OverflowError as error:
        raise ValueError(f"{text!r} is no time") from error
    if (in_utc.hour, in_utc.minute, in_utc.second) != (0, 0, 0):
        raise ValueError(f"{text!r} is no leap second: those are at 23:59:60 UTC")
    return after

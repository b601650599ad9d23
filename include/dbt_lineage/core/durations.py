"""Durations in words."""

_SECOND, _MINUTE, _HOUR, _DAY = (1, "s"), (60, "min"), (3600, "h"), (86400, "d")
_UNITS = ((_DAY, _HOUR), (_HOUR, _MINUTE), (_MINUTE, _SECOND))


def in_words(seconds: float) -> str:
    """A duration in words, such as ``2 h 5 min``.

    Args:
        seconds: the duration, seconds.
    """
    whole = round(abs(seconds))
    if whole < 60:
        text = f"{abs(seconds):.3g} s" if whole < 10 else f"{whole} s"
    else:
        large, small = next(pair for pair in _UNITS if whole >= pair[0][0])
        rest = whole % large[0] // small[0]
        text = f"{whole // large[0]} {large[1]}" + (f" {rest} {small[1]}" if rest else "")
    return f"-{text}" if seconds < 0 else text

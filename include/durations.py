"""Durations in words."""

from datetime import timedelta


def in_words(seconds: float) -> str:
    """A duration as people say it, such as ``2 h 5 min``.

    Args:
        seconds: how long.
    """
    whole = round(abs(seconds))
    if whole < 60:
        text = f"{abs(seconds):.3g} s" if whole < 10 else f"{whole} s"
    elif whole < 3600:
        text = f"{whole // 60} min {whole % 60} s" if whole < 600 else f"{whole // 60} min"
    elif whole < 2 * 86400:
        text = f"{whole // 3600} h {whole % 3600 // 60} min"
    else:
        text = f"{timedelta(seconds=whole).days} d {whole % 86400 // 3600} h"
    return f"-{text}" if seconds < 0 else text

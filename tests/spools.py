"""Spools that somebody takes for damaged."""

from pathlib import Path

from include.spool.errors import SpoolUnreadable
from include.spool.store import Spool


def set_aside(spool: Spool) -> Path:
    """Set a sound file aside, as somebody does who found it damaged."""
    found = spool.file.stat()
    aside = spool.set_aside(SpoolUnreadable("as if", (found.st_dev, found.st_ino)))
    assert aside is not None
    return aside

"""Is a relay at work? Told by its status file, so that nothing has to answer."""

import os
from datetime import UTC, datetime
from pathlib import Path

from include.durations import in_words
from include.relay import status


def silence(folder: Path, allowed_seconds: float, now: datetime | None = None) -> str | None:
    """Why no relay is at work.

    Args:
        folder: the spool's folder.
        allowed_seconds: how long a relay that works may say nothing.
        now: the present; the clock's by default.

    Returns:
        The reason in words; None when one is at work.
    """
    told = status.read(folder)
    if told is None:
        return f"no relay has ever worked on the spool {folder}"
    if told["stopped_at"] is not None:
        return f"it was stopped at {told['stopped_at']}"
    # Elsewhere, such as in another container, a process cannot be looked for.
    if told["host"] == os.uname().nodename and not _runs(told["pid"]):
        return f"its process {told['pid']} is gone; it was last seen at {told['seen_at']}"
    seconds = ((now or datetime.now(UTC)) - datetime.fromisoformat(told["seen_at"])).total_seconds()
    if seconds > allowed_seconds:
        return f"it has said nothing for {in_words(seconds)} (process {told['pid']})"
    return None


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        # It is somebody else's, and it is there.
        return True
    return True

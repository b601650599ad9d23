"""Events that are too large for the broker: their bytes are kept beside the spool, the dead letters tell of them."""

import os
from pathlib import Path

from include.spool.durable import synchronise
from include.spool.errors import SpoolError

FOLDER = "unsendable"


def keep(spool_folder: Path, event_id: str, body: bytes) -> Path:
    """Keep an event's bytes in a file of its own. Doing it twice changes nothing.

    Args:
        spool_folder: the spool's folder.
        event_id: the event's id.
        body: the event.

    Returns:
        The file; it is on disk then.

    Raises:
        SpoolError: the disk refused.
    """
    folder = spool_folder / FOLDER
    file = folder / f"{event_id}.json"
    new = file.with_suffix(".new")
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as handle:
            handle.write(body)
            handle.flush()
            os.fsync(handle.fileno())
        new.replace(file)
        for each in (folder, spool_folder):
            synchronise(each)
    except OSError as error:
        raise SpoolError(f"an event that is too large for Kafka cannot be kept as {file}: {error}") from error
    return file

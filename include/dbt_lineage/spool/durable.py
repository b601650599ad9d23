"""Make what was written to a disk survive a loss of power."""

import os
from pathlib import Path


def synchronise(folder: Path) -> None:
    """Make the names in a folder durable: a file's own ``fsync`` does not. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

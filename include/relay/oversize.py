"""Events that are too large for the dead letters: their bytes are kept beside the spool, and the letters point to them."""

import os
from hashlib import sha256
from pathlib import Path

from include.errors import ExpectedError
from include.spool.durable import synchronise
from include.spool.errors import SpoolError

FOLDER = "unsendable"
HEADER = "kept_as"


class KeptUnreadable(ExpectedError):
    """The file that a dead letter points to is not there, or is not what was kept; the message names file and machine."""


def keep(spool_folder: Path, body: bytes) -> Path:
    """Keep an event's bytes in a file of its own. Doing it twice changes nothing.

    Args:
        spool_folder: the spool's folder.
        body: the event.

    Returns:
        The file, named by the SHA-256 of the bytes; it is on disk then.

    Raises:
        SpoolError: the disk refused.
    """
    folder = spool_folder.absolute() / FOLDER
    file = folder / f"{sha256(body).hexdigest()}.json"
    new = file.with_suffix(f".{os.getpid()}.new")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as handle:
            handle.write(body)
            handle.flush()
            os.fsync(handle.fileno())
        new.replace(file)
        for each in (folder, folder.parent):
            synchronise(each)
    except OSError as error:
        raise SpoolError(f"an event that is too large for Kafka cannot be kept as {file}: {error}") from error
    return file


def header(file: Path) -> tuple[str, bytes]:
    """The header of a dead letter that points to a file, with the machine that has it: ``host:path``."""
    return HEADER, f"{os.uname().nodename}:{file}".encode()


def read(kept_as: str) -> bytes:
    """The bytes that a dead letter points to.

    Args:
        kept_as: its header.

    Raises:
        KeptUnreadable: the file is not on this machine, or the disk changed it.
    """
    host, _, path = kept_as.partition(":")
    try:
        body = Path(path).read_bytes()
    except OSError as error:
        raise KeptUnreadable(f"{path}, kept on {host}, cannot be read on {os.uname().nodename}: {error}") from error
    if sha256(body).hexdigest() != Path(path).stem:
        raise KeptUnreadable(f"{path} was changed: its SHA-256 is not its name any more")
    return body

"""Keep events that are too large for the dead letters in files beside the spool. The dead letters point to them."""

import os
import re
import stat
from hashlib import sha256
from pathlib import Path

from dbt_lineage.core.errors import ExpectedError
from dbt_lineage.spool.durable import synchronise
from dbt_lineage.spool.errors import SpoolError

FOLDER = "unsendable"
HEADER = "kept_as"
_KEPT = re.compile(r"[0-9a-f]{64}\.json")


class KeptUnreadable(ExpectedError):
    """The file that a dead letter points to is not there, or is not what was kept; the message names file and machine."""


def keep(spool_folder: Path, body: bytes) -> Path:
    """Keep an event's bytes in a file of its own. This is idempotent.

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
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
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
    """The header of a dead letter that points to a file: ``host:path``."""
    return HEADER, f"{os.uname().nodename}:{file}".encode()


def read(spool_folder: Path, kept_as: str) -> bytes:
    """The bytes that a dead letter points to.

    Anyone who writes to the topic chooses the header. So only a file in the spool's folder is opened, and no link.

    Args:
        spool_folder: the spool's folder.
        kept_as: the letter's header.

    Raises:
        KeptUnreadable: the file is not in the spool of this machine, or the disk changed it.
    """
    host, _, path = kept_as.partition(":")
    folder = spool_folder.absolute() / FOLDER
    file = folder / Path(path).name
    if Path(path) != file or not _KEPT.fullmatch(file.name):
        raise KeptUnreadable(f"{kept_as!r} is no file that was kept in {folder}, so it is not opened")
    try:
        with open(os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as handle:
            if not stat.S_ISREG(os.fstat(handle.fileno()).st_mode):
                raise KeptUnreadable(f"{file} is no file of its own")
            body = handle.read()
    except OSError as error:
        raise KeptUnreadable(f"{file}, kept on {host}, cannot be read on {os.uname().nodename}: {error}") from error
    if sha256(body).hexdigest() != file.stem:
        raise KeptUnreadable(f"{file} was changed: its SHA-256 is not its name any more")
    return body

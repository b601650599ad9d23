"""What must leave a spool before its disk is removed, and the state of a spool that other machines see."""

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from secrets import token_hex

from dbt_lineage.spool.errors import SpoolError
from dbt_lineage.spool.follow_ups import ROW, FollowUp
from dbt_lineage.spool.spool import Spool, waiting_of

NAME_FILE = "spool.name"


@dataclass(frozen=True)
class Left:
    """How much is still in a spool.

    Args:
        events: number of events that Kafka does not have.
        follow_ups: number of events whose columns follow.
    """

    events: int
    follow_ups: int

    def __bool__(self) -> bool:
        return bool(self.events or self.follow_ups)

    def __str__(self) -> str:
        columns = f" and {self.follow_ups} events that wait for their columns" if self.follow_ups else ""
        return f"{self.events} events{columns}"


@dataclass(frozen=True)
class SpoolState:
    """The state of a spool, as its relay reported it last, for other machines.

    Args:
        spool: its name.
        waiting: number of events that Kafka did not have.
        oldest: when the oldest waiting event was emitted; None when none waited.
        follow_ups: number of events whose columns had to follow.
        off_since: since when the lineage was off there; None when it was on.
        problem: why nothing could be sent; empty when there was no error.
        seen_at: when it was reported, by the ledger's clock; None before it is in the ledger.
    """

    spool: str
    waiting: int
    oldest: datetime | None
    follow_ups: int
    off_since: datetime | None
    problem: str
    seen_at: datetime | None = None


def name_of(folder: Path) -> str:
    """The name of a spool among those of all machines: the machine and folder that it was made in, and random letters.

    It is a file on the disk: other containers may mount the disk later, and another disk may come to the same place.

    Args:
        folder: of the spool; a folder that does not exist gets no permanent name.

    Returns:
        The name.

    Raises:
        SpoolError: the file cannot be written or read.
    """
    file = folder.absolute() / NAME_FILE
    new = file.with_name(f"{NAME_FILE}.{os.getpid()}.{token_hex(4)}")
    try:
        if not file.exists():
            if not folder.exists():
                return f"{os.uname().nodename}:{folder.absolute()}"
            new.touch(mode=0o600)
            new.write_text(f"{os.uname().nodename}:{folder.absolute()}#{token_hex(3)}", encoding="utf-8")
            # Of two processes that create it, one succeeds.
            with suppress(FileExistsError):
                os.link(new, file)
            new.unlink()
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise SpoolError(f"the name of the spool {file} cannot be written or read: {error}") from error


def newest_place(spool: Spool) -> int:
    """The place of the last event that waits; 0 when none does. Raises SpoolError."""
    return spool.run(lambda file: file.execute("SELECT coalesce(max(id), 0) FROM waiting").fetchone()[0])


def left(spool: Spool, up_to: int) -> Left:
    """Count what has not left a spool.

    Args:
        spool: the spool.
        up_to: place of the last event to count; newer ones may have come since.

    Raises:
        SpoolError: the spool cannot be read.
    """

    def read(file: sqlite3.Connection) -> Left:
        events = file.execute("SELECT count(*) FROM waiting WHERE id <= ?", (up_to,)).fetchone()[0]
        return Left(events, file.execute("SELECT count(*) FROM follow_ups").fetchone()[0])

    return spool.run(read)


def follow_ups(spool: Spool, count: int) -> Sequence[FollowUp]:
    """Return the oldest follow-ups, including those whose earlier event still waits.

    Args:
        spool: the spool.
        count: how many at most.

    Raises:
        SpoolError: the spool cannot be read.
    """

    def read(file: sqlite3.Connection) -> list[FollowUp]:
        query = f"SELECT id, {ROW} FROM follow_ups ORDER BY id LIMIT ?"  # noqa: S608
        with closing(file.execute(query, (count,))) as rows:
            return [FollowUp(waiting_of(row[:5]), *row[5:]) for row in rows]

    return spool.run(read)

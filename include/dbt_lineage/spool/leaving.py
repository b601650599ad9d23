"""What must leave a spool before its disk goes, and what others are told of a spool."""

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
    """What is still in a spool.

    Args:
        events: those that Kafka does not have.
        follow_ups: those whose columns follow.
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
    """What the relay of a spool said last, for those on other machines.

    Args:
        spool: its name.
        waiting: events that Kafka did not have then.
        oldest: when the event that waited longest was emitted; None when none waited.
        follow_ups: events whose columns followed.
        off_since: since when the lineage was off there; None when it was on.
        problem: why nothing could be sent; empty when it could.
        seen_at: when it said so, by the ledger's clock; None as long as the ledger does not have it.
    """

    spool: str
    waiting: int
    oldest: datetime | None
    follow_ups: int
    off_since: datetime | None
    problem: str
    seen_at: datetime | None = None


def name_of(folder: Path) -> str:
    """What a spool is called where several are: the machine and folder that it was made in, and a few letters.

    It stays with the disk: containers of other names may mount it later, and another disk may come to the same place.

    Args:
        folder: of the spool; one that is not there gets no name that stays.

    Raises:
        SpoolError: the disk refused.
    """
    file = folder.absolute() / NAME_FILE
    new = file.with_name(f"{NAME_FILE}.{os.getpid()}.{token_hex(4)}")
    try:
        if not file.exists():
            if not folder.exists():
                return f"{os.uname().nodename}:{folder.absolute()}"
            new.touch(mode=0o600)
            new.write_text(f"{os.uname().nodename}:{folder.absolute()}#{token_hex(3)}", encoding="utf-8")
            # Of two that make it, one does.
            with suppress(FileExistsError):
                os.link(new, file)
            new.unlink()
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise SpoolError(f"the name of the spool {file} cannot be written or read: {error}") from error


def newest_place(spool: Spool) -> int:
    """The place of the event that was put last among those that wait; 0 when none does. Raises SpoolError."""
    return spool.run(lambda file: file.execute("SELECT coalesce(max(id), 0) FROM waiting").fetchone()[0])


def left(spool: Spool, up_to: int) -> Left:
    """What has not left a spool.

    Args:
        spool: which.
        up_to: place of the last event that counts; others may have been put behind it.

    Raises:
        SpoolError: it cannot be read.
    """

    def read(file: sqlite3.Connection) -> Left:
        events = file.execute("SELECT count(*) FROM waiting WHERE id <= ?", (up_to,)).fetchone()[0]
        return Left(events, file.execute("SELECT count(*) FROM follow_ups").fetchone()[0])

    return spool.run(read)


def follow_ups(spool: Spool, count: int) -> Sequence[FollowUp]:
    """The oldest follow-ups, also those whose earlier event waits.

    Args:
        spool: in which.
        count: how many at most.

    Raises:
        SpoolError: it cannot be read.
    """

    def read(file: sqlite3.Connection) -> list[FollowUp]:
        query = f"SELECT id, {ROW} FROM follow_ups ORDER BY id LIMIT ?"  # noqa: S608
        with closing(file.execute(query, (count,))) as rows:
            return [FollowUp(waiting_of(row[:5]), *row[5:]) for row in rows]

    return spool.run(read)

"""What must leave a spool before its disk goes, and what others are told of a spool."""

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from dbt_lineage.spool.follow_ups import ROW, FollowUp
from dbt_lineage.spool.spool import Spool, waiting_of


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
        spool: its machine and folder.
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
    """What a spool is called where several are: its machine and folder.

    Args:
        folder: of the spool.
    """
    return f"{os.uname().nodename}:{folder.absolute()}"


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

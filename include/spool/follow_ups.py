"""Events that follow up earlier ones: those went on without their columns, which the warehouse did not tell in time.

They are kept in the spool's file before the earlier event is sent, and leave it as any event does: once Kafka has them.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from include.spool.store import Spool, Waiting, connect, transaction, waiting_of

_ROW = "event_id, emitted_at, source, body, follows, subject, happened"
_KEEP = f"INSERT INTO follow_ups ({_ROW}) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (event_id) DO NOTHING"  # noqa: S608
_FORGET_OLDER = "DELETE FROM follow_ups WHERE subject = ? AND happened < ?"
_NEWER = "SELECT 1 FROM follow_ups WHERE subject = ? AND happened > ?"
# Those whose earlier event is in Kafka, so that they stand behind it there.
_DUE = """
    SELECT id, event_id, emitted_at, source, body FROM follow_ups
    WHERE follows NOT IN (SELECT event_id FROM waiting) ORDER BY id LIMIT ?
"""
_LET_GO = """
    DELETE FROM follow_ups WHERE id IN (
        SELECT id FROM (SELECT id, sum(length(body)) OVER (ORDER BY id DESC) AS size FROM follow_ups) WHERE size > ?
    )
"""


@dataclass(frozen=True)
class FollowUp:
    """An event that follows up an earlier one.

    Args:
        event: what will be sent, once it has its columns.
        follows: id of the earlier event.
        subject: what it is about: of one subject only the newest is kept.
        happened: when the earlier event happened, ISO 8601 in UTC, so that the order of text is that of time.
    """

    event: Waiting
    follows: str
    subject: str
    happened: str


class FollowUps:
    """The follow-ups in a spool. Every method raises SpoolError.

    Args:
        spool: in whose file they are.
        max_bytes: how much their bodies may take, bytes.
    """

    def __init__(self, spool: Spool, max_bytes: int) -> None:
        self._spool = spool
        self._max_bytes = max_bytes

    def any(self) -> bool:
        """Whether any is kept."""
        return self._spool.run(lambda file: file.execute("SELECT 1 FROM follow_ups LIMIT 1").fetchone() is not None)

    def keep(self, new: Sequence[FollowUp], seen: Sequence[tuple[str, str]]) -> int:
        """Keep follow-ups, durably. One that is kept already, or is older than what is kept, changes nothing.

        Args:
            new: the follow-ups.
            seen: subject and time of events that are about to be sent: older ones of the same subject are untrue now.

        Returns:
            How many of the oldest were let go of, because there is no room for them.
        """

        def write(file: sqlite3.Connection) -> int:
            with transaction(file):
                for each in new:
                    if file.execute(_NEWER, (each.subject, each.happened)).fetchone() is None:
                        file.execute(_KEEP, _row(each)).close()
                file.executemany(_FORGET_OLDER, seen).close()
                return file.execute(_LET_GO, (self._max_bytes,)).rowcount if new else 0

        return self._spool.run(write)

    def due(self, count: int) -> list[Waiting]:
        """The oldest whose earlier event has left the spool.

        Args:
            count: how many at most.
        """

        def read(file: sqlite3.Connection) -> list[Waiting]:
            with closing(file.execute(_DUE, (count,))) as rows:
                return list(map(waiting_of, rows))

        return self._spool.run(read)

    def restore(self, aside: Path) -> int:
        """Take over what can still be read of those in a spool that was set aside.

        Args:
            aside: its file.

        Returns:
            How many can be read.
        """
        rows: list[tuple[Any, ...]] = []
        try:
            with closing(connect(aside)) as file, closing(file.execute(f"SELECT {_ROW} FROM follow_ups")) as found:  # noqa: S608
                rows.extend(found)
        except sqlite3.DatabaseError:
            # The rest cannot be read: those events keep what they say of their columns, that these are missing.
            pass

        def write(file: sqlite3.Connection) -> None:
            with transaction(file):
                file.executemany(_KEEP, rows).close()

        if rows:
            self._spool.run(write)
        return len(rows)


def _row(follow_up: FollowUp) -> tuple[str, str, str, bytes, str, str, str]:
    event = follow_up.event
    first = (event.event_id, event.emitted_at.isoformat(), event.source, event.body)
    return (*first, follow_up.follows, follow_up.subject, follow_up.happened)

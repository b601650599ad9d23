"""Follow-ups: events that bring the columns of earlier ones.

An earlier event went on without its columns, since the warehouse did not answer in time. Its follow-up is stored in the
spool's file before that event is sent, and is deleted once Kafka has it. Follow-ups have room of their own, as receipts
have: no emitter waits for them, and a long outage of the ledger costs none.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

from dbt_lineage.spool.schema import FOLLOW_UPS, room
from dbt_lineage.spool.spool import Spool, Waiting, taken, waiting_of
from dbt_lineage.spool.sqlite_file import transaction

# Their room beside that of the events: one of so many parts of it.
_SHARE = 4
ROW = "event_id, emitted_at, source, body, follows, subject, happened"
_KEEP = f"INSERT INTO follow_ups ({ROW}) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (event_id) DO NOTHING"  # noqa: S608
# Places below 1 are given only here.
_KEEP_FIRST = f"""
    INSERT INTO follow_ups (id, {ROW})
    SELECT min(coalesce(min(id), 1), 1) - 1, ?, ?, ?, ?, ?, ?, ? FROM follow_ups WHERE true
    ON CONFLICT (event_id) DO NOTHING
"""  # noqa: S608
_FORGET_OLDER = "DELETE FROM follow_ups WHERE subject = ? AND happened < ?"
_NEWER = "SELECT 1 FROM follow_ups WHERE subject = ? AND happened > ?"
# Those whose earlier event is in Kafka, so that they come after it.
_DUE = """
    SELECT id, event_id, emitted_at, source, body FROM follow_ups
    WHERE follows NOT IN (SELECT event_id FROM waiting) ORDER BY id LIMIT ?
"""
_OLDEST = f"SELECT id, {room(FOLLOW_UPS)} FROM follow_ups ORDER BY id"  # noqa: S608


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
        spool: in whose file they are. They may take a quarter of its ``max_bytes``, besides events and receipts.
    """

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._room = spool.max_bytes // _SHARE

    def any(self) -> bool:
        """Whether any is kept."""
        return self._spool.run(lambda file: file.execute("SELECT 1 FROM follow_ups LIMIT 1").fetchone() is not None)

    def keep(self, new: Sequence[FollowUp], seen: Sequence[tuple[str, str]]) -> int:
        """Store follow-ups, durably. One that is there already, or is older than the stored one, is ignored.

        Args:
            new: the follow-ups.
            seen: subject and time of events that are about to be sent: older ones of the same subject are untrue now.

        Returns:
            How many of the oldest were let go of, because there is no room for them.
        """
        return self._keep(_KEEP, new, seen)

    def due(self, count: int) -> list[Waiting]:
        """The oldest whose earlier event has left the spool.

        Args:
            count: how many at most.
        """

        def read(file: sqlite3.Connection) -> list[Waiting]:
            with closing(file.execute(_DUE, (count,))) as rows:
                return list(map(waiting_of, rows))

        return self._spool.run(read)

    def restore(self, follow_ups: Sequence[FollowUp]) -> int:
        """Store those of a spool that was set aside, before the present ones, which are newer.

        Args:
            follow_ups: oldest first.

        Returns:
            How many of the oldest were let go of, because there is no room for them.
        """
        return self._keep(_KEEP_FIRST, follow_ups[::-1], [(each.subject, each.happened) for each in follow_ups])

    def _keep(self, statement: str, new: Sequence[FollowUp], seen: Sequence[tuple[str, str]]) -> int:
        def write(file: sqlite3.Connection) -> int:
            with transaction(file):
                for each in new:
                    if file.execute(_NEWER, (each.subject, each.happened)).fetchone() is None:
                        file.execute(statement, _row(each)).close()
                file.executemany(_FORGET_OLDER, seen).close()
                return self._let_go(file)

        return self._spool.run(write)

    def _let_go(self, file: sqlite3.Connection) -> int:
        """Drop the oldest beyond their room."""
        beyond = taken(file)[1] - self._room
        last = None
        with closing(file.execute(_OLDEST)) as rows:
            while beyond > 0 and (row := next(rows, None)) is not None:
                last, size = row
                beyond -= size
        return 0 if last is None else file.execute("DELETE FROM follow_ups WHERE id <= ?", (last,)).rowcount


def _row(follow_up: FollowUp) -> tuple[str, str, str, bytes, str, str, str]:
    event = follow_up.event
    first = (event.event_id, event.emitted_at.isoformat(), event.source, event.body)
    return (*first, follow_up.follows, follow_up.subject, follow_up.happened)

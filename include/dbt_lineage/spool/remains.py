"""What can be read of a spool's file that was set aside."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from dbt_lineage.spool.follow_ups import ROW as FOLLOW_UP
from dbt_lineage.spool.follow_ups import FollowUp
from dbt_lineage.spool.spool import ACKNOWLEDGED, BEFORE_ALL, READ_FORWARD, Receipt, Waiting, waiting_of
from dbt_lineage.spool.sqlite_file import RowUnreadable, connect

_READ_BACKWARD = READ_FORWARD.replace("ORDER BY id", "ORDER BY id DESC")
_UNLIMITED = -1
_SALVAGED_AT_ONCE = 500


def salvaged(file: Path) -> Iterator[Waiting]:
    """What can still be read of a spool that was set aside, newest first.

    That is from its end back to the damage, and then from there, as far as it can be reached from the beginning.

    Args:
        file: the file that was set aside.

    Returns:
        Its events; an event may come twice.
    """
    yield from _readable(file, _READ_BACKWARD, BEFORE_ALL, _UNLIMITED)
    places = [event.id for event in _readable(file, READ_FORWARD, BEFORE_ALL, _UNLIMITED)]
    for end in range(len(places), 0, -_SALVAGED_AT_ONCE):
        part = places[max(0, end - _SALVAGED_AT_ONCE) : end]
        yield from reversed(list(_readable(file, READ_FORWARD, part[0] - 1, len(part))))


def receipts_in(file: Path) -> list[Receipt]:
    """The receipts of a sound file that was set aside, oldest first.

    Args:
        file: the file.
    """
    with closing(connect(file)) as connection:
        rows = connection.execute(f"SELECT {ACKNOWLEDGED} FROM acknowledged ORDER BY id").fetchall()  # noqa: S608
    return [Receipt(*row) for row in rows]


def _readable(file: Path, query: str, after: int, count: int) -> Iterator[Waiting]:
    """The events of a damaged file up to the first that cannot be read."""
    try:
        with closing(connect(file)) as connection:
            # Without it SQLite reads nothing of a truncated file.
            connection.execute("PRAGMA writable_schema = ON").close()
            with closing(connection.execute(query, (after, count))) as rows:
                yield from map(waiting_of, rows)
    except (sqlite3.DatabaseError, RowUnreadable):
        return


def follow_ups_in(file: Path) -> list[FollowUp]:
    """The follow-ups of a file that was set aside, oldest first, up to the first that cannot be read.

    Args:
        file: the file; one of before versions has none.
    """
    found: list[FollowUp] = []
    try:
        with closing(connect(file)) as connection:
            connection.execute("PRAGMA writable_schema = ON").close()
            with closing(connection.execute(f"SELECT id, {FOLLOW_UP} FROM follow_ups ORDER BY id")) as rows:  # noqa: S608
                found.extend(map(_follow_up, rows))
    except (sqlite3.DatabaseError, RowUnreadable):
        # The other events keep their note that their columns are missing.
        pass
    return found


def _follow_up(row: tuple[int, str, str, str, bytes, str, str, str]) -> FollowUp:
    event, texts = waiting_of(row[:5]), row[5:]
    if not all(isinstance(text, str) for text in (event.event_id, event.source, *texts)):
        raise RowUnreadable(f"follow-up {event.id}")
    return FollowUp(event, *texts)

"""The spool: one SQLite file per machine, many writers and one relay.

SQLite has what the guarantee needs. A commit is on disk when it returns (WAL, synchronous=FULL). A killed process holds
no lock. AUTOINCREMENT is an order that depends on no clock and no process.

The limits are kept here. Events, receipts and follow-ups (follow_ups.py) have one each, so that none takes another's
room. Triggers count the room of receipts and follow-ups, and the file may grow by as much beyond the events' limit.
"""

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from pathlib import Path

from dbt_lineage.spool.errors import SpoolError, SpoolUnreadable
from dbt_lineage.spool.identity import event_id
from dbt_lineage.spool.schema import RECEIPTS, room
from dbt_lineage.spool.sqlite_file import LOCK, RowUnreadable, SpoolFile, pragma, transaction

_ATTEMPTS = 5
# A receipt takes a tenth of its event. This part of the events' room, counted with the pages that SQLite may leave half
# empty, is enough for the receipts of as many events as the spool has room for.
_RECEIPTS_SHARE = 4
_PUT = "INSERT INTO waiting (event_id, emitted_at, source, body) VALUES (?, ?, ?, ?) ON CONFLICT (event_id) DO NOTHING"
# Places below 1 are given only here.
_PUT_FIRST = """
    INSERT INTO waiting (id, event_id, emitted_at, source, body)
    SELECT min(coalesce(min(id), 1), 1) - 1, ?, ?, ?, ? FROM waiting WHERE true
    ON CONFLICT (event_id) DO NOTHING
"""
_OLDEST_RECEIPTS = f"SELECT id, {room(RECEIPTS)} FROM acknowledged ORDER BY id"  # noqa: S608
_NOTE_DROPPED = """
    INSERT INTO dropped (topic, partition, first, last, count)
    SELECT topic, partition, min("offset"), max("offset"), count(*) FROM acknowledged WHERE id <= ? GROUP BY 1, 2
    ON CONFLICT (topic, partition) DO UPDATE SET
        first = min(first, excluded.first), last = max(last, excluded.last), count = count + excluded.count
"""
READ_FORWARD = "SELECT id, event_id, emitted_at, source, body FROM waiting WHERE id > ? ORDER BY id LIMIT ?"
# Before and after every place. SQLite's integers have 64 bits.
BEFORE_ALL, AFTER_ALL = -(1 << 63), (1 << 63) - 1
ACKNOWLEDGED = 'event_id, facts, topic, partition, "offset", acknowledged_at, reason'


@dataclass(frozen=True)
class Waiting:
    """An event in the spool.

    Args:
        id: its place in the order; 0 where it has none yet.
        event_id: its deterministic id.
        emitted_at: when it was put there, by the emitter's clock.
        source: who put it there, ``host pid``.
        body: the event as it was emitted.
    """

    id: int
    event_id: str
    emitted_at: datetime
    source: str
    body: bytes


@dataclass(frozen=True)
class Receipt:
    """What is kept of an acknowledged event until the ledger has it.

    Args:
        event_id: its id.
        facts: what the ledger keeps of it, JSON.
        topic: where it is.
        partition: partition of that topic.
        offset: its offset there.
        acknowledged_at: when the broker acknowledged it, ISO 8601.
        reason: why it was dead-lettered; None if it was not.
    """

    event_id: str
    facts: str
    topic: str
    partition: int
    offset: int
    acknowledged_at: str
    reason: str | None


@dataclass(frozen=True)
class Dropped:
    """A range of events in Kafka whose receipts were dropped for lack of room.

    Args:
        topic: which topic.
        partition: which partition of it.
        first: the offset of the first of them.
        last: the offset of the last of them; others may be between the two.
        count: how many receipts were dropped.
    """

    topic: str
    partition: int
    first: int
    last: int
    count: int


@dataclass(frozen=True)
class Usage:
    """What the spool holds.

    Args:
        waiting: events that Kafka does not have yet.
        acknowledged: receipts that the ledger does not have yet.
        oldest: when the event that waits longest was emitted; None when none waits.
        used: bytes that the events use.
        limit: bytes that they may use.
        receipts_used: bytes that the receipts use.
        receipts_limit: bytes that they may use besides.
        dropped: receipts that were dropped for lack of room, and that the ledger has not recovered from Kafka yet.
        follow_ups: events that Kafka has without their columns, which follow.
        oldest_follow_up: since when the first of them waits for its columns; None when none does.
    """

    waiting: int
    acknowledged: int
    oldest: datetime | None
    used: int
    limit: int
    receipts_used: int
    receipts_limit: int
    dropped: int
    follow_ups: int = 0
    oldest_follow_up: datetime | None = None


def entry(body: bytes) -> Waiting:
    """An event that this process emits now, as it is put into a spool.

    Args:
        body: the event, as it is to arrive in Kafka.
    """
    return Waiting(0, event_id(body), datetime.now(UTC), f"{os.uname().nodename} {os.getpid()}", body)


class Spool(SpoolFile):
    """The spool of one folder. Any number of threads, processes and forks may use the same folder at once.

    Args:
        folder: where it is; made when it is not there.
        max_bytes: how much the events may hold, bytes. Receipts and follow-ups have room of their own: a quarter as much
            besides for each of the two.
        bounded: False for the relay: its writes free room, so no limit may stop them.
    """

    def __init__(self, folder: Path, max_bytes: int, bounded: bool = True) -> None:
        super().__init__(folder, max_bytes)
        self._receipts_room = max_bytes // _RECEIPTS_SHARE
        self._bounded = bounded
        self._puts = 0

    def put(self, body: bytes) -> str:
        """Make an event durable. An event that waits already is not put there a second time.

        Args:
            body: the event, as it is to arrive in Kafka.

        Returns:
            Its id. The event is on disk then.

        Raises:
            SpoolFull: the limit is reached, or the disk is full.
            SpoolError: the disk refused in another way.
        """
        event = entry(body)
        self.put_all([event])
        return event.event_id

    def put_all(self, events: Sequence[Waiting]) -> None:
        """Make events durable, all or none, with one write to disk; also events of another spool's file.

        Args:
            events: each as ``entry`` makes it; their places are given here.

        Raises:
            SpoolFull, SpoolError: as ``put`` does.
        """
        self._insert(_PUT, events)

    def put_first(self, events: Sequence[Waiting]) -> None:
        """The same, before everything that waits: older events of another file go before newer ones.

        Args:
            events: in their order; one that waits already stays where it is.

        Raises:
            SpoolFull, SpoolError: as ``put`` does.
        """
        self._insert(_PUT_FIRST, events[::-1])

    def _insert(self, statement: str, events: Sequence[Waiting]) -> None:
        rows = [(event.event_id, event.emitted_at.isoformat(), event.source, event.body) for event in events]

        def write(connection: sqlite3.Connection) -> None:
            with transaction(connection):
                self._bound(connection)
                connection.executemany(statement, rows).close()

        with LOCK:
            for _ in range(_ATTEMPTS):
                try:
                    self.run(write)
                except SpoolUnreadable as damage:
                    # A damaged file must cost no event: it is set aside, and the events go to a new file.
                    self.set_aside(damage)
                    continue
                # The file was set aside between opening and commit, with these events. Write them once more.
                if self._identity == self._identity_of_file():
                    self._puts += 1
                    return
        raise SpoolError(f"the spool {self.file} was unreadable or replaced {_ATTEMPTS} times in a row")

    def waiting(self, count: int, size: int, after: int = BEFORE_ALL) -> list[Waiting]:
        """The events that wait, in order.

        Args:
            count: how many at most.
            size: about how many bytes at most; one event is returned whatever its size.
            after: only those behind this place.

        Raises:
            SpoolUnreadable: the file is damaged; ``set_aside`` is the way on.
            SpoolError: the disk refused.
        """

        def read(connection: sqlite3.Connection) -> list[Waiting]:
            events: list[Waiting] = []
            left = size
            with closing(connection.execute(READ_FORWARD, (after, count))) as rows:
                for row in rows:
                    events.append(waiting_of(row))
                    left -= len(events[-1].body)
                    if left <= 0:
                        break
            return events

        return self.run(read)

    def settle(self, event_ids: Sequence[str], receipts: Sequence[Receipt]) -> None:
        """Delete acknowledged events and keep their receipts for the ledger.

        Without room for all receipts, the oldest are dropped, and the range of their events is kept.

        Args:
            event_ids: their ids. Not their places: the file may have been set aside since, and places begin anew.
            receipts: what to keep of them; none when there is no ledger.

        Raises:
            SpoolError: the disk refused; nothing has changed then.
        """

        def write(connection: sqlite3.Connection) -> None:
            with transaction(connection):
                for table in ("waiting", "follow_ups"):
                    connection.executemany(
                        f"DELETE FROM {table} WHERE event_id = ?",  # noqa: S608
                        [(each,) for each in event_ids],
                    )
                connection.executemany(
                    f"INSERT INTO acknowledged ({ACKNOWLEDGED}) VALUES (?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
                    [astuple(receipt) for receipt in receipts],
                )
                self._drop_receipts(connection)

        self.run(write)

    def receipts(self, count: int) -> list[tuple[int, Receipt]]:
        """The oldest receipts, each with its place. Raises SpoolError."""

        def read(connection: sqlite3.Connection) -> list[tuple[int, Receipt]]:
            rows = connection.execute(
                f"SELECT id, {ACKNOWLEDGED} FROM acknowledged ORDER BY id LIMIT ?",  # noqa: S608
                (count,),
            ).fetchall()
            return [(place, Receipt(*columns)) for place, *columns in rows]

        return self.run(read)

    def forget(self, receipts: Sequence[tuple[int, Receipt]]) -> None:
        """Delete receipts that the ledger has, each given with its place. Raises SpoolError."""
        # The file may have been set aside since: in the new one another receipt may have that place.
        told = [(place, receipt.event_id) for place, receipt in receipts]

        def write(connection: sqlite3.Connection) -> None:
            with transaction(connection):
                connection.executemany("DELETE FROM acknowledged WHERE id = ? AND event_id = ?", told)

        self.run(write)

    def dropped(self) -> list[Dropped]:
        """The ranges of events whose receipts were dropped. Raises SpoolError."""

        def read(connection: sqlite3.Connection) -> list[Dropped]:
            rows = connection.execute(
                "SELECT topic, partition, first, last, count FROM dropped ORDER BY topic, partition"
            ).fetchall()
            return [Dropped(*row) for row in rows]

        return self.run(read)

    def recovered(self, dropped: Dropped, offset: int) -> None:
        """Shorten a range of dropped receipts: the ledger has its events up to an offset. Raises SpoolError.

        Args:
            dropped: of which partition.
            offset: those before this one.
        """
        place = {"topic": dropped.topic, "partition": dropped.partition, "offset": offset}

        def write(connection: sqlite3.Connection) -> None:
            with transaction(connection):
                connection.execute(
                    "UPDATE dropped SET first = :offset WHERE topic = :topic AND partition = :partition", place
                )
                connection.execute("DELETE FROM dropped WHERE first > last").close()

        self.run(write)

    def usage(self) -> Usage:
        """What it holds now. Raises SpoolError."""

        def read(connection: sqlite3.Connection) -> Usage:
            waiting, acknowledged, follow_ups = (
                connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
                for table in ("waiting", "acknowledged", "follow_ups")
            )
            oldest, oldest_follow_up = (
                connection.execute(f"SELECT emitted_at FROM {table} ORDER BY id LIMIT 1").fetchone()  # noqa: S608
                for table in ("waiting", "follow_ups")
            )
            pages = pragma(connection, "page_count") - pragma(connection, "freelist_count")
            receipts, of_follow_ups = taken(connection)
            return Usage(
                waiting=waiting,
                acknowledged=acknowledged,
                oldest=datetime.fromisoformat(oldest[0]) if oldest else None,
                used=max(0, pages * pragma(connection, "page_size") - receipts - of_follow_ups),
                limit=self.max_bytes,
                receipts_used=receipts,
                receipts_limit=self._receipts_room,
                dropped=connection.execute("SELECT coalesce(sum(count), 0) FROM dropped").fetchone()[0],
                follow_ups=follow_ups,
                oldest_follow_up=datetime.fromisoformat(oldest_follow_up[0]) if oldest_follow_up else None,
            )

        return self.run(read)

    def version(self) -> tuple[int, int, int]:
        """A value that changes with each event that is put there; cheap to ask for. Raises SpoolError."""
        # SQLite counts for each connection apart, and only what others wrote.
        return self.run(lambda connection: (self._openings, self._puts, pragma(connection, "data_version")))

    def _bound(self, connection: sqlite3.Connection) -> None:
        """Let the file grow as far as the events may, beside the receipts and follow-ups that are in it now."""
        if self._bounded:
            pages = (self.max_bytes + sum(taken(connection))) // pragma(connection, "page_size")
            connection.execute(f"PRAGMA max_page_count = {pages}").close()

    def _drop_receipts(self, connection: sqlite3.Connection) -> None:
        """Drop the oldest receipts beyond their room."""
        beyond = taken(connection)[0] - self._receipts_room
        last = None
        with closing(connection.execute(_OLDEST_RECEIPTS)) as rows:
            while beyond > 0 and (row := next(rows, None)) is not None:
                last, room = row
                beyond -= room
        if last is not None:
            connection.execute(_NOTE_DROPPED, (last,)).close()
            connection.execute("DELETE FROM acknowledged WHERE id <= ?", (last,)).close()


def waiting_of(row: tuple[int, str, str, str, bytes]) -> Waiting:
    """An event of a row: its place, its id, when it was emitted and by whom, its body. Raises RowUnreadable."""
    place, name, emitted_at, source, body = row
    try:
        return Waiting(place, name, datetime.fromisoformat(emitted_at), source, bytes(memoryview(body)))
    except (ValueError, TypeError) as error:
        raise RowUnreadable(f"event {place}: {error}") from None


def taken(connection: sqlite3.Connection) -> tuple[int, int]:
    """How much room receipts have taken, and follow-ups, bytes."""
    return connection.execute("SELECT acknowledged, follow_ups FROM rooms").fetchone()

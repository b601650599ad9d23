"""The spool: one SQLite file per machine, written by every process that emits and read by one relay.

SQLite gives what the guarantee needs: a commit is on disk when it returns (WAL, synchronous=FULL), a process that is
killed holds no lock, and AUTOINCREMENT is an order that depends neither on clocks nor on processes. What it does not
give is done here: connections that survive a fork, a file that turned unreadable, and an upper limit.
"""

import fcntl
import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from include.spool.durable import synchronise
from include.spool.errors import SpoolError, SpoolFull, SpoolUnreadable
from include.spool.identity import event_id

FILE_NAME = "spool.sqlite"
UNREADABLE = "unreadable"
LIMIT = "SPOOL_MAX_BYTES"

# Writers wait for each other; one that waits this long is told so. Seconds.
_BUSY_TIMEOUT = 30.0
# SQLite sleeps longer and longer between its attempts to get the lock, and starves who has waited longest: eight
# emitters at once waited 2 s at worst. So it gives up early and is asked anew. Seconds.
_BUSY_TURN = 0.01
_ATTEMPTS = 5
_APPLICATION_ID = 0x4F4C5350
_JOURNALS = ("-wal", "-shm")
# What SQLite says of damage without a code for it.
_DAMAGE = ("no such table", "no such column", "Could not decode")
_NO_LIMIT = 2**32 - 2
_SCHEMA = f"""
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA application_id = {_APPLICATION_ID};
    CREATE TABLE waiting (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        event_id TEXT NOT NULL UNIQUE,
        emitted_at TEXT NOT NULL,
        source TEXT NOT NULL,
        body BLOB NOT NULL
    );
    CREATE TABLE acknowledged (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        event_id TEXT NOT NULL,
        facts TEXT NOT NULL,
        topic TEXT NOT NULL,
        partition INTEGER NOT NULL,
        "offset" INTEGER NOT NULL,
        acknowledged_at TEXT NOT NULL,
        reason TEXT
    );
"""
# Events that follow when the warehouse tells their columns (follow_ups.py). Spools of before do not have it.
_FOLLOW_UPS = """
    CREATE TABLE IF NOT EXISTS follow_ups (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        event_id TEXT NOT NULL UNIQUE,
        emitted_at TEXT NOT NULL,
        source TEXT NOT NULL,
        body BLOB NOT NULL,
        follows TEXT NOT NULL,
        subject TEXT NOT NULL,
        happened TEXT NOT NULL
    )
"""
_PUT = "INSERT INTO waiting (event_id, emitted_at, source, body) VALUES (?, ?, ?, ?) ON CONFLICT (event_id) DO NOTHING"
# Places below 1 are given only here.
_PUT_FIRST = """
    INSERT INTO waiting (id, event_id, emitted_at, source, body)
    SELECT min(coalesce(min(id), 1), 1) - 1, ?, ?, ?, ? FROM waiting WHERE true
    ON CONFLICT (event_id) DO NOTHING
"""
# Before every place. SQLite's integers have 64 bits.
BEFORE_ALL = -(1 << 63)
_ACKNOWLEDGED = 'event_id, facts, topic, partition, "offset", acknowledged_at, reason'

Result = TypeVar("Result")
FileIdentity = tuple[int, int]


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
    """What is kept of an event that Kafka has, until the ledger has it too.

    Args:
        event_id: its id.
        facts: what the ledger keeps of it, JSON.
        topic: where it is.
        partition: partition of that topic.
        offset: its offset there.
        acknowledged_at: when the broker said so, ISO 8601.
        reason: why it went to the dead letters; None when it did not.
    """

    event_id: str
    facts: str
    topic: str
    partition: int
    offset: int
    acknowledged_at: str
    reason: str | None


@dataclass(frozen=True)
class Usage:
    """What the spool holds.

    Args:
        waiting: events that Kafka does not have yet.
        acknowledged: receipts that the ledger does not have yet.
        oldest: when the event that waits longest was emitted; None when none waits.
        used: bytes in use.
        limit: bytes that may be used.
        follow_ups: events that Kafka has without their columns, which follow.
        oldest_follow_up: since when the first of them waits for its columns; None when none does.
    """

    waiting: int
    acknowledged: int
    oldest: datetime | None
    used: int
    limit: int
    follow_ups: int = 0
    oldest_follow_up: datetime | None = None


def entry(body: bytes) -> Waiting:
    """An event that this process emits now, as it is put into a spool.

    Args:
        body: the event, as it is to arrive in Kafka.
    """
    return Waiting(0, event_id(body), datetime.now(UTC), f"{os.uname().nodename} {os.getpid()}", body)


class _RowUnreadable(ValueError):
    """A row is not what was written."""


# One lock for all spools of a process: whatever forks must find every connection at rest.
_LOCK = threading.RLock()
_SPOOLS: "weakref.WeakSet[Spool]" = weakref.WeakSet()


class Spool:
    """The spool of one folder. Any number of threads, processes and forks may use the same folder at once.

    Args:
        folder: where it is; made when it is not there.
        max_bytes: how much it may hold, bytes.
        bounded: False for the relay: what it writes makes room, so no limit may keep it from doing so.
    """

    def __init__(self, folder: Path, max_bytes: int, bounded: bool = True) -> None:
        self.folder = folder.absolute()
        self.file = self.folder / FILE_NAME
        self.max_bytes = max_bytes
        self._bounded = bounded
        self._open: sqlite3.Connection | None = None
        self._identity: FileIdentity | None = None
        self._openings = self._puts = 0
        _SPOOLS.add(self)

    def prepare(self) -> None:
        """Make the folder where there is none. Raises SpoolError."""
        with self._explained():
            missing = [path for path in (self.folder, *self.folder.parents) if not path.exists()]
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for path in missing:
                synchronise(path.parent)

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
        """Make events durable, all or none of them, with one write to disk; also such as were in a spool before.

        Args:
            events: each as ``entry`` makes it; their places are given here.

        Raises:
            SpoolFull, SpoolError: as ``put`` does.
        """
        self._insert(_PUT, events)

    def put_first(self, events: Sequence[Waiting]) -> None:
        """The same, before everything that waits: what was in a spool before goes before what is newer.

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
                connection.executemany(statement, rows).close()

        with _LOCK:
            for _ in range(_ATTEMPTS):
                try:
                    self.run(write)
                except SpoolUnreadable as damage:
                    # Events shall not be the price of a damaged file: that one is kept, the events go to a new one.
                    self.set_aside(damage)
                    continue
                # Set aside between opening and commit: the events are in the file that was put away. Once more, then.
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
            with closing(connection.execute(_READ_FORWARD, (after, count))) as rows:
                for row in rows:
                    events.append(waiting_of(row))
                    left -= len(events[-1].body)
                    if left <= 0:
                        break
            return events

        return self.run(read)

    def settle(self, event_ids: Sequence[str], receipts: Sequence[Receipt]) -> None:
        """Kafka has these events: they leave the spool, and their receipts are kept for the ledger.

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
                    f"INSERT INTO acknowledged ({_ACKNOWLEDGED}) VALUES (?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
                    [astuple(receipt) for receipt in receipts],
                )

        self.run(write)

    def receipts(self, count: int) -> list[tuple[int, Receipt]]:
        """The oldest receipts, each with its place. Raises SpoolError."""

        def read(connection: sqlite3.Connection) -> list[tuple[int, Receipt]]:
            rows = connection.execute(
                f"SELECT id, {_ACKNOWLEDGED} FROM acknowledged ORDER BY id LIMIT ?",  # noqa: S608
                (count,),
            ).fetchall()
            return [(place, Receipt(*columns)) for place, *columns in rows]

        return self.run(read)

    def forget(self, receipts: Sequence[tuple[int, Receipt]]) -> None:
        """The ledger has these receipts, each with its place. Raises SpoolError."""
        # The file may have been set aside since: there another event's receipt may have that place.
        told = [(place, receipt.event_id) for place, receipt in receipts]

        def write(connection: sqlite3.Connection) -> None:
            with transaction(connection):
                connection.executemany("DELETE FROM acknowledged WHERE id = ? AND event_id = ?", told)

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
            pages = _pragma(connection, "page_count") - _pragma(connection, "freelist_count")
            return Usage(
                waiting=waiting,
                acknowledged=acknowledged,
                oldest=datetime.fromisoformat(oldest[0]) if oldest else None,
                used=pages * _pragma(connection, "page_size"),
                limit=self.max_bytes,
                follow_ups=follow_ups,
                oldest_follow_up=datetime.fromisoformat(oldest_follow_up[0]) if oldest_follow_up else None,
            )

        return self.run(read)

    def version(self) -> tuple[int, int, int]:
        """Something that differs once another event was put there; asking is cheap. Raises SpoolError."""
        # SQLite counts for each connection apart, and only what others wrote.
        return self.run(lambda connection: (self._openings, self._puts, _pragma(connection, "data_version")))

    def set_aside(self, damage: SpoolUnreadable) -> Path | None:
        """Give a damaged file another name, so that the next event finds a new one. Nothing of it is deleted.

        Args:
            damage: how it was found.

        Returns:
            The file's new name; None when another process was faster.

        Raises:
            SpoolError: it cannot be renamed.
        """
        with _LOCK, self._explained(), self._exclusively():
            self.close()
            if self._identity_of_file() != damage.identity:
                return None
            aside = self._name_aside()
            self.file.rename(aside)
            self._move_journals(aside)
            synchronise(self.folder)
            return aside

    def finish_setting_aside(self) -> None:
        """Do the rest for whoever was killed while it set a file aside: its log belongs to it. Raises SpoolError."""
        if not self.folder.exists():
            return
        with _LOCK, self._explained(), self._exclusively():
            if self._identity_of_file() is None:
                self._adopt_journals()

    def close(self) -> None:
        """Close this process's connection; the next call opens another."""
        with _LOCK:
            if self._open is not None:
                self._open.close()
            self._open = self._identity = None

    def run(self, action: Callable[[sqlite3.Connection], Result]) -> Result:
        """Do something with the file, alone among the threads of this process.

        Args:
            action: gets the connection; it is done again when another process held the file.

        Raises:
            SpoolUnreadable, SpoolError: the file is damaged, or the disk refused.
        """
        deadline = time.monotonic() + _BUSY_TIMEOUT
        with _LOCK, self._explained():
            while True:
                try:
                    return action(self._connection())
                except sqlite3.OperationalError as error:
                    if not _is_busy(error) or time.monotonic() > deadline:
                        raise

    def _connection(self) -> sqlite3.Connection:
        if self._open is not None and self._identity == self._identity_of_file():
            return self._open
        self.close()
        self.prepare()
        with self._exclusively():
            if self._identity_of_file() is None:
                self._create()
            # From here on a connection exists, even if it turns out to be one to a damaged file.
            self._identity = self._identity_of_file()
            connection = connect(self.file)
            try:
                self._configure(connection)
                # SQLite makes the name of its log durable for whoever made the log, not for who writes to it first.
                synchronise(self.folder)
            except BaseException:
                connection.close()
                raise
        self._open = connection
        self._openings += 1
        return connection

    def _configure(self, connection: sqlite3.Connection) -> None:
        if _pragma(connection, "application_id") != _APPLICATION_ID:
            raise SpoolUnreadable(f"{self.file} is no spool", self._identity)
        connection.execute("PRAGMA synchronous = FULL").close()
        # What a long outage made of the log is given back.
        connection.execute("PRAGMA journal_size_limit = 16777216").close()
        pages = self.max_bytes // _pragma(connection, "page_size") if self._bounded else _NO_LIMIT
        connection.execute(f"PRAGMA max_page_count = {pages}").close()
        connection.execute(_FOLLOW_UPS).close()

    def _create(self) -> None:
        """Under another name first: nobody ever sees a file that is not complete."""
        self._adopt_journals()
        new = self.folder / f"{FILE_NAME}.new"
        for leftover in (new, *(new.with_name(new.name + kind) for kind in _JOURNALS)):
            leftover.unlink(missing_ok=True)
        os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with closing(connect(new)) as connection:
            connection.executescript(_SCHEMA)
        new.rename(self.file)
        synchronise(self.folder)

    def _adopt_journals(self) -> None:
        """A log without its file: somebody was killed while setting that aside."""
        if any(self._journal(kind).exists() for kind in _JOURNALS):
            self._move_journals(max(self.set_aside_files(), default=self._name_aside()))

    def set_aside_files(self) -> list[Path]:
        """The damaged files that were set aside, oldest first."""
        return sorted(
            path
            for path in self.folder.glob(f"{FILE_NAME}.{UNREADABLE}-*")
            if not path.name.endswith((*_JOURNALS, ".json"))
        )

    def _name_aside(self) -> Path:
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        return self.folder / f"{FILE_NAME}.{UNREADABLE}-{stamp}"

    def _move_journals(self, aside: Path) -> None:
        for kind in _JOURNALS:
            if self._journal(kind).exists():
                self._journal(kind).rename(f"{aside}{kind}")

    def _journal(self, kind: str) -> Path:
        return self.folder / f"{FILE_NAME}{kind}"

    def _identity_of_file(self) -> FileIdentity | None:
        try:
            found = self.file.stat()
        except FileNotFoundError:
            return None
        return found.st_dev, found.st_ino

    @contextmanager
    def _exclusively(self) -> Iterator[None]:
        """Alone with the folder, while the file is made, opened or renamed. Ends with the process that holds it."""
        lock = os.open(self.folder / "spool.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise self._explanation(error) from error
        except _RowUnreadable as error:
            raise SpoolUnreadable(f"the spool {self.file} is unreadable: {error}", self._identity) from error
        except OSError as error:
            raise SpoolError(f"the spool {self.folder} cannot be used: {error}") from error

    def _explanation(self, error: sqlite3.Error) -> SpoolError:
        code = getattr(error, "sqlite_errorname", "")
        limit = f"{LIMIT}={self.max_bytes}"
        if code == "SQLITE_FULL":
            return SpoolFull(
                f"the spool {self.file} is full ({limit} bytes) or its disk is: the event is not kept. Is the relay at "
                f"work, and does Kafka answer? `python -m include.relay status` tells"
            )
        if code.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")) or any(sign in str(error) for sign in _DAMAGE):
            return SpoolUnreadable(f"the spool {self.file} is unreadable: {error}", self._identity)
        if _is_busy(error):
            return SpoolError(f"the spool {self.file} was locked by another process for {_BUSY_TIMEOUT:g} s")
        return SpoolError(f"the spool {self.file} ({limit}) cannot be used: {error} ({code or type(error).__name__})")


def salvaged(file: Path) -> Iterator[Waiting]:
    """What can still be read of a spool that was set aside, newest first.

    That is from its end back to the damage, and then from there, as far as it can be reached from the beginning.

    Args:
        file: the file that was set aside.

    Returns:
        Its events; an event may come twice.
    """
    yield from _readable(file, _READ_BACKWARD, BEFORE_ALL, _UNLIMITED)
    places = [event.id for event in _readable(file, _READ_FORWARD, BEFORE_ALL, _UNLIMITED)]
    for end in range(len(places), 0, -_SALVAGED_AT_ONCE):
        part = places[max(0, end - _SALVAGED_AT_ONCE) : end]
        yield from reversed(list(_readable(file, _READ_FORWARD, part[0] - 1, len(part))))


def _readable(file: Path, query: str, after: int, count: int) -> Iterator[Waiting]:
    """The events of a damaged file up to the first that cannot be read."""
    try:
        with closing(connect(file)) as connection:
            # Without it SQLite reads nothing at all of a file that is shorter than it was.
            connection.execute("PRAGMA writable_schema = ON").close()
            with closing(connection.execute(query, (after, count))) as rows:
                yield from map(waiting_of, rows)
    except (sqlite3.DatabaseError, _RowUnreadable):
        return


_READ_FORWARD = "SELECT id, event_id, emitted_at, source, body FROM waiting WHERE id > ? ORDER BY id LIMIT ?"
_READ_BACKWARD = _READ_FORWARD.replace("ORDER BY id", "ORDER BY id DESC")
_UNLIMITED = -1
_SALVAGED_AT_ONCE = 500


def waiting_of(row: tuple[int, str, str, str, bytes]) -> Waiting:
    """An event of a row: its place, its id, when it was emitted and by whom, its body."""
    place, name, emitted_at, source, body = row
    try:
        return Waiting(place, name, datetime.fromisoformat(emitted_at), source, bytes(memoryview(body)))
    except (ValueError, TypeError) as error:
        raise _RowUnreadable(f"event {place}: {error}") from None


def connect(file: Path) -> sqlite3.Connection:
    """Open a file that exists; under the lock any thread may use the connection."""
    return sqlite3.connect(
        f"{file.as_uri()}?mode=rw", uri=True, timeout=_BUSY_TURN, isolation_level=None, check_same_thread=False
    )


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing, on disk when it ends."""
    connection.execute("BEGIN IMMEDIATE").close()
    try:
        yield
        connection.execute("COMMIT").close()
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK").close()
        raise


def _is_busy(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorname", "").startswith("SQLITE_BUSY")


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return connection.execute(f"PRAGMA {name}").fetchone()[0]


def _before_fork() -> None:
    """Close every connection, so that none is open while the process forks.

    SQLite's locks belong to the process and its books are copied by a fork: a child that opens the file while the copy
    says "open already" would take no lock of its own, and another process could remove the log that it writes to.
    """
    _LOCK.acquire()
    for spool in list(_SPOOLS):
        spool.close()


os.register_at_fork(before=_before_fork, after_in_parent=_LOCK.release, after_in_child=_LOCK.release)

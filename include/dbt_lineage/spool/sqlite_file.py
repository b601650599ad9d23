"""The spool's file: opened, migrated, and set aside if it is no spool.

Any number of threads, processes and forks may open it. SQLite lacks three things, which are here: connections that survive
a fork, versions, and what to do with an unreadable file.
"""

import fcntl
import logging
import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from dbt_lineage.spool import schema
from dbt_lineage.spool.durable import synchronise
from dbt_lineage.spool.errors import SpoolError, SpoolFull, SpoolUnreadable

FILE_NAME = "spool.sqlite"
LIMIT = "SPOOL_MAX_BYTES"
UNREADABLE = "unreadable"

# Writers wait for each other; one that waits this long gets an error. Seconds.
_BUSY_TIMEOUT = 30.0
# SQLite sleeps longer and longer between its attempts to get the lock, and starves the longest waiter: with eight
# emitters at once one waited 2 s. So SQLite gives up early, and the attempt is repeated. Seconds.
_BUSY_TURN = 0.01
_JOURNALS = ("-wal", "-shm")
_VERSION = "version"
# SQLite's messages of damage that have no code.
_DAMAGE = ("no such table", "no such column", "Could not decode")

Result = TypeVar("Result")
FileIdentity = tuple[int, int]

_logger = logging.getLogger(__name__)


class RowUnreadable(ValueError):
    """A row is not what was written."""


# One lock for all spools of a process: every connection must be idle at a fork.
LOCK = threading.RLock()
_SPOOLS: "weakref.WeakSet[SpoolFile]" = weakref.WeakSet()


class SpoolFile:
    """The file of the spool of one folder.

    Args:
        folder: where it is; made when it is not there.
        max_bytes: how much its events may hold, bytes.
    """

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self.folder = folder.absolute()
        self.file = self.folder / FILE_NAME
        self.max_bytes = max_bytes
        self._open: sqlite3.Connection | None = None
        self._identity: FileIdentity | None = None
        self._openings = 0
        _SPOOLS.add(self)

    def prepare(self) -> None:
        """Make the folder where there is none. Raises SpoolError."""
        with self._explained():
            missing = [path for path in (self.folder, *self.folder.parents) if not path.exists()]
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for path in missing:
                synchronise(path.parent)

    def set_aside(self, damage: SpoolUnreadable) -> Path | None:
        """Give a file that cannot be used another name: the next event finds a new one. Nothing of it is deleted.

        Args:
            damage: how it was found.

        Returns:
            The file's new name; None when another process was faster.

        Raises:
            SpoolError: it cannot be renamed.
        """
        with LOCK, self._explained(), self._exclusively():
            self.close()
            if self._identity_of_file() != damage.identity:
                return None
            aside = self._name_aside(damage.label)
            self.file.rename(aside)
            self._move_journals(aside)
            synchronise(self.folder)
        _logger.error("%s; the file is kept whole as %s", damage, aside)
        return aside

    def finish_setting_aside(self) -> None:
        """Finish setting a file aside for a process that was killed: move its log too. Raises SpoolError."""
        if not self.folder.exists():
            return
        with LOCK, self._explained(), self._exclusively():
            if self._identity_of_file() is None:
                self._adopt_journals()

    def close(self) -> None:
        """Close this process's connection; the next call opens another."""
        with LOCK:
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
        with LOCK, self._explained():
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
                # SQLite makes the log's name durable for the process that made it, not for the first writer.
                synchronise(self.folder)
            except BaseException:
                connection.close()
                raise
        self._open = connection
        self._openings += 1
        return connection

    def _configure(self, connection: sqlite3.Connection) -> None:
        application_id, version = (pragma(connection, name) for name in ("application_id", "user_version"))
        if application_id != schema.APPLICATION_ID:
            raise SpoolUnreadable(
                f"{self.file} is no spool: its application id is {application_id:#x}, not {schema.APPLICATION_ID:#x}; "
                "nothing of it was changed, move it to where it belongs",
                self._identity,
            )
        if version > schema.VERSION:
            raise SpoolUnreadable(
                f"the spool {self.file} has version {version}, and this release reads versions up to {schema.VERSION}: "
                "its events are sent once a relay of the newer release runs here again",
                self._identity,
                label=f"{_VERSION}-{version}",
            )
        connection.execute("PRAGMA synchronous = FULL").close()
        # Shrink a log that grew in a long outage.
        connection.execute("PRAGMA journal_size_limit = 16777216").close()
        if version < schema.VERSION:
            _migrate(connection)

    def _create(self) -> None:
        """Make a file under another name first, so that no process sees an incomplete one."""
        self._adopt_journals()
        new = self.folder / f"{FILE_NAME}.new"
        for leftover in (new, *(new.with_name(new.name + kind) for kind in _JOURNALS)):
            leftover.unlink(missing_ok=True)
        os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with closing(connect(new)) as connection:
            for statement in ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", *schema.statements(None)):
                connection.execute(statement).close()
        new.rename(self.file)
        synchronise(self.folder)

    def _adopt_journals(self) -> None:
        """A log without its file: a process was killed while setting the file aside."""
        if any(self._journal(kind).exists() for kind in _JOURNALS):
            self._move_journals((self.set_aside_files() or [self._name_aside(UNREADABLE)])[-1])

    def set_aside_files(self) -> list[Path]:
        """The files that were set aside, damaged or of a newer version, oldest first."""
        found = (
            path
            for label in (UNREADABLE, _VERSION)
            for path in self.folder.glob(f"{FILE_NAME}.{label}-*")
            if not path.name.endswith((*_JOURNALS, ".json"))
        )
        return sorted(found, key=lambda path: path.name.rpartition("-")[2])

    def _name_aside(self, label: str) -> Path:
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        return self.folder / f"{FILE_NAME}.{label}-{stamp}"

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
        """Lock the folder while the file is made, opened or renamed. The lock ends with its process."""
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
        except RowUnreadable as error:
            raise SpoolUnreadable(f"the spool {self.file} is unreadable: {error}", self._identity) from error
        except OSError as error:
            raise SpoolError(f"the spool {self.folder} cannot be used: {error}") from error

    def _explanation(self, error: sqlite3.Error) -> SpoolError:
        code = getattr(error, "sqlite_errorname", "")
        limit = f"{LIMIT}={self.max_bytes}"
        if code == "SQLITE_FULL":
            return SpoolFull(
                f"the spool {self.file} is full ({limit} bytes) or its disk is: the event is not kept. Is the relay at "
                f"work, and does Kafka answer? `python -m dbt_lineage.relay status` tells"
            )
        if code.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")) or any(sign in str(error) for sign in _DAMAGE):
            return SpoolUnreadable(f"the spool {self.file} is unreadable: {error}", self._identity)
        if _is_busy(error):
            return SpoolError(f"the spool {self.file} was locked by another process for {_BUSY_TIMEOUT:g} s")
        return SpoolError(f"the spool {self.file} ({limit}) cannot be used: {error} ({code or type(error).__name__})")


def has_version(file: Path) -> bool:
    """Whether a file was set aside for its version, and not because it was damaged.

    Args:
        file: that file.
    """
    return file.name.startswith(f"{FILE_NAME}.{_VERSION}-")


def is_newer(file: Path) -> bool:
    """Whether a file that was set aside has a version that this release cannot read.

    Args:
        file: that file.
    """
    return has_version(file) and int(file.name.split("-")[1]) > schema.VERSION


def connect(file: Path) -> sqlite3.Connection:
    """Open a file that exists; under the lock any thread may use the connection."""
    return sqlite3.connect(
        f"{file.as_uri()}?mode=rw", uri=True, timeout=_BUSY_TURN, isolation_level=None, check_same_thread=False
    )


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """A transaction that writes: all of it or nothing."""
    connection.execute("BEGIN IMMEDIATE").close()
    try:
        yield
        connection.execute("COMMIT").close()
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK").close()
        raise


def _migrate(connection: sqlite3.Connection) -> None:
    """Migrate a file to the present version, all or nothing; a second process finds it done."""
    with transaction(connection):
        version = pragma(connection, "user_version")
        if version < schema.VERSION:
            for statement in schema.statements(version):
                connection.execute(statement).close()


def _is_busy(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorname", "").startswith("SQLITE_BUSY")


def pragma(connection: sqlite3.Connection, name: str) -> int:
    """A number that SQLite keeps of a connection or a file."""
    return connection.execute(f"PRAGMA {name}").fetchone()[0]


def _before_fork() -> None:
    """Close every connection, so that none is open while the process forks.

    SQLite's locks belong to the process and its books are copied by a fork: a child that opens the file while the copy
    says "open already" would take no lock of its own, and another process could remove the log that it writes to.
    """
    LOCK.acquire()
    for spool in list(_SPOOLS):
        spool.close()


os.register_at_fork(before=_before_fork, after_in_parent=LOCK.release, after_in_child=LOCK.release)

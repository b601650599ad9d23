"""Connections to the ledger's database that time out as agreed.

PostgreSQL's own ``statement_timeout`` works while the server is well. A server that hangs, or a network that drops
packets, is noticed on this side only: a watch ends the connection if its answer is late.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Timer
from typing import Any

from psycopg2 import InterfaceError, OperationalError
from psycopg2.extensions import connection, cursor
from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import URL

APPLICATION_NAME = "lineage-ledger"
# The server's own time-out comes first: it keeps the connection and names the slow statement.
_GRACE_SECONDS = 1.0


class LateAnswer(OperationalError):
    """The database did not answer in time, and the connection was ended."""


def engine(url: URL, seconds: int) -> Engine:
    """An engine whose connections, statements and commits each take no longer than so many seconds.

    Args:
        url: a PostgreSQL database.
        seconds: how long one of them may take.
    """
    options = f"{url.query.get('options', '')} -c statement_timeout={seconds}s -c lock_timeout={seconds}s"
    return create_engine(
        url.set(drivername="postgresql+psycopg2"),
        connect_args={
            "connect_timeout": seconds,
            "options": options.strip(),
            "application_name": url.query.get("application_name", APPLICATION_NAME),
            "connection_factory": _watched(seconds),
        },
        use_native_hstore=False,
        # A database that was away is found again by the next call.
        pool_pre_ping=True,
        pool_size=1,
        pool_timeout=seconds,
    )


def _watched(seconds: int) -> type[connection]:
    """A class of connections with a watch over each statement and each commit."""

    class WatchedCursor(cursor):
        def execute(self, query: Any, vars: Any = None) -> None:
            with _watch(self.connection, seconds):
                super().execute(query, vars)

        def executemany(self, query: Any, vars_list: Any) -> None:
            with _watch(self.connection, seconds):
                super().executemany(query, vars_list)

    class WatchedConnection(connection):
        def cursor(self, *args: Any, **kwargs: Any) -> Any:
            return super().cursor(*args, cursor_factory=WatchedCursor, **kwargs)

        def commit(self) -> None:
            with _watch(self, seconds):
                super().commit()

        def rollback(self) -> None:
            with _watch(self, seconds):
                super().rollback()

    return WatchedConnection


@contextmanager
def _watch(watched: connection, seconds: int) -> Iterator[None]:
    """End the connection when what is done inside takes too long. Raises LateAnswer then."""
    late: list[bool] = []
    timer = Timer(seconds + _GRACE_SECONDS, _end, (watched, late))
    timer.daemon = True
    timer.start()
    try:
        yield
    except Exception as error:
        if late:
            raise LateAnswer(f"no answer within {seconds} s") from error
        raise
    finally:
        timer.cancel()


def _end(watched: connection, late: list[bool]) -> None:
    """Shut the socket down: a caller that waits on it gets an error at once."""
    late.append(True)
    # It may have ended by itself in this very moment: then nobody waits for it.
    with suppress(InterfaceError, OSError), socket.socket(fileno=os.dup(watched.fileno())) as same:
        same.shutdown(socket.SHUT_RDWR)

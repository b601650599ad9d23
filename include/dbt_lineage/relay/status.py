"""What the relay tells of itself, in a file beside the spool: readable whether it runs or not."""

import os
import threading
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from dbt_lineage.core import liveness

FILE_NAME = "relay.json"


@dataclass(frozen=True)
class RelayStatus:
    """The relay at work, or the last one that was.

    Args:
        pid: its process.
        host: its machine.
        since: when it began to work, ISO 8601.
        seen_at: when it last said so.
        waiting: events that waited when it last looked.
        sent: events that it brought to the events topic.
        dead: events that it brought to the dead letters.
        last_acknowledged_at: when the broker last acknowledged an event; None when it has not.
        kafka_error: why nothing can be sent; None when it can.
        spool_error: why the spool cannot be read or written; None when it can.
        ledger_error: why the ledger is not told; None when it is.
        warehouse_error: why the columns of events cannot be asked for; None when they can.
        stopped_at: when it ended in good order; None while it runs, or when it was killed.
        off_since: since when lineage is off, so that nothing is sent; None when it is on.
        follow_ups: events that went on without their columns, which follow when the warehouse tells them.
        follow_ups_let_go: such events whose columns do not follow, because there was no room to keep more.
    """

    pid: int
    host: str
    since: str
    seen_at: str
    waiting: int = 0
    sent: int = 0
    dead: int = 0
    last_acknowledged_at: str | None = None
    kafka_error: str | None = None
    spool_error: str | None = None
    ledger_error: str | None = None
    warehouse_error: str | None = None
    stopped_at: str | None = None
    off_since: str | None = None
    follow_ups: int = 0
    follow_ups_let_go: int = 0


class StatusFile:
    """Keeps the status and writes it: at once when a state changes, else about once a second.

    Args:
        folder: the spool's folder.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE_NAME
        self._lock = threading.Lock()
        self._written_at = 0.0
        self.now = RelayStatus(pid=os.getpid(), host=os.uname().nodename, since=liveness.now(), seen_at=liveness.now())

    def update(self, **changes: Any) -> None:
        """Note what changed.

        Args:
            changes: fields of ``RelayStatus``.
        """
        with self._lock:
            before, self.now = self.now, replace(self.now, seen_at=liveness.now(), **changes)
            if _state(before) != _state(self.now) or time.monotonic() - self._written_at >= liveness.EVERY_SECONDS:
                self._write()

    def stopped(self) -> None:
        """Note that the relay ended in good order."""
        self.update(stopped_at=liveness.now())

    def _write(self) -> None:
        self._written_at = time.monotonic()
        liveness.write(self._file, asdict(self.now))


def read(folder: Path) -> dict[str, Any] | None:
    """What the last relay of a spool told; None when there was none, or its file did not survive.

    Args:
        folder: the spool's folder.
    """
    return liveness.read(folder / FILE_NAME)


def _state(status: RelayStatus) -> tuple[Any, ...]:
    errors = (status.kafka_error, status.spool_error, status.ledger_error, status.warehouse_error)
    return status.pid, *errors, status.stopped_at, status.off_since

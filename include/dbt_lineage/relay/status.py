"""The relay's status, in a file beside the spool. It can be read whether the relay runs or not."""

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
        pid: its process id.
        host: its machine.
        since: when it began to work, ISO 8601.
        seen_at: when it last wrote its status, ISO 8601.
        waiting: number of waiting events at that time.
        sent: number of events sent to the events topic.
        dead: number of events dead-lettered.
        last_acknowledged_at: when the broker last acknowledged an event, ISO 8601; None when it has not.
        kafka_error: why nothing can be sent; None when it can.
        spool_error: why the spool cannot be read or written; None when it can.
        ledger_error: why the ledger cannot be written; None when it can.
        warehouse_error: why the warehouse cannot be asked for columns; None when it can.
        stopped_at: when it ended normally, ISO 8601; None while it runs, or when it was killed.
        off_since: since when lineage is off, so that nothing is sent, ISO 8601; None when it is on.
        follow_ups: number of events sent without their columns, which follow when the warehouse answers.
        follow_ups_let_go: number of such events whose columns do not follow, because there was no room for more.
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
        """Change the status.

        Args:
            changes: fields of ``RelayStatus``.
        """
        with self._lock:
            before, self.now = self.now, replace(self.now, seen_at=liveness.now(), **changes)
            if _state(before) != _state(self.now) or time.monotonic() - self._written_at >= liveness.EVERY_SECONDS:
                self._write()

    def stopped(self) -> None:
        """Record that the relay ended normally."""
        self.update(stopped_at=liveness.now())

    def _write(self) -> None:
        self._written_at = time.monotonic()
        liveness.write(self._file, asdict(self.now))


def read(folder: Path) -> dict[str, Any] | None:
    """The last status of a spool's relay; None when there was no relay, or its file is missing or damaged.

    Args:
        folder: the spool's folder.
    """
    return liveness.read(folder / FILE_NAME)


def _state(status: RelayStatus) -> tuple[Any, ...]:
    errors = (status.kafka_error, status.spool_error, status.ledger_error, status.warehouse_error)
    return status.pid, *errors, status.stopped_at, status.off_since

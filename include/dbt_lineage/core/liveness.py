"""Whether a process is at work, by a status file that it writes. The process need not answer."""

import json
import logging
import os
import threading
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from dbt_lineage.core.durations import in_words

EVERY_SECONDS = 1.0

log = logging.getLogger(__name__)


class SignOfLife:
    """Writes once a second that this process is at work, while it is entered as a context manager.

    Args:
        file: the status file.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._say_so, daemon=True)

    def __enter__(self) -> Self:
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._write()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()
        self._write(stopped_at=now())

    def _say_so(self) -> None:
        while not self._ended.wait(EVERY_SECONDS):
            self._write()

    def _write(self, stopped_at: str | None = None) -> None:
        told = {"pid": os.getpid(), "host": os.uname().nodename, "seen_at": now(), "stopped_at": stopped_at}
        write(self._file, told)


def write(file: Path, told: dict[str, Any]) -> None:
    """Replace a status file. A full disk is only logged, because the process may be what makes room on it."""
    new = file.with_name(f"{file.name}.new")
    try:
        new.write_text(json.dumps(told, indent=2))
        new.replace(file)
    except OSError as error:
        log.warning("%s cannot be written: %s", file, error)


def read(file: Path) -> dict[str, Any] | None:
    """The last status of a process; None when its file is missing or damaged."""
    try:
        return json.loads(file.read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return None


def silence(file: Path, allowed_seconds: float, now: datetime | None = None) -> str | None:
    """Why a process is not at work.

    Args:
        file: its status file, with ``pid``, ``host``, ``seen_at`` and ``stopped_at``.
        allowed_seconds: how old the status of a working process may be.
        now: the present, with a time zone; the clock's by default.

    Returns:
        The reason in words; None when it is at work.
    """
    told = read(file)
    if told is None:
        return f"it has never been at work: there is no {file}"
    if told["stopped_at"] is not None:
        return f"it was stopped at {told['stopped_at']}"
    # A process on another host, such as another container, cannot be looked for.
    if told["host"] == os.uname().nodename and not _runs(told["pid"]):
        return f"its process {told['pid']} is gone; it was last seen at {told['seen_at']}"
    seconds = ((now or datetime.now(UTC)) - datetime.fromisoformat(told["seen_at"])).total_seconds()
    if seconds > allowed_seconds:
        return f"it has written no status for {in_words(seconds)} (process {told['pid']})"
    return None


def now() -> str:
    """The present, ISO 8601 in UTC."""
    return datetime.now(UTC).isoformat()


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        # The process exists, and belongs to another user.
        return True
    return True

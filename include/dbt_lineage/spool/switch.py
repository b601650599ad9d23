"""The switch: a file beside the spool that keeps events on this machine.

Every emitter checks it at each event, and the relay before each batch. So running processes obey at once, without a
restart. Only the file's existence counts; its content explains.
"""

import getpass
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from dbt_lineage.spool.durable import synchronise
from dbt_lineage.spool.errors import SpoolError

FILE_NAME = "lineage-off.json"


@dataclass(frozen=True)
class Off:
    """The lineage is off.

    Args:
        since: since when.
        by: who switched it off, ``user@host``.
        keeps: whether events are kept aside, to be sent later; False once the lineage was removed.
    """

    since: datetime
    by: str
    keeps: bool = True

    def __str__(self) -> str:
        what = "off" if self.keeps else "removed"
        return f"lineage is {what} since {self.since.isoformat(timespec='seconds')} (by {self.by})"


class Switch:
    """The switch of one spool. Each machine that emits has a spool, and so a switch, of its own.

    Args:
        folder: the spool's folder.
    """

    def __init__(self, folder: Path) -> None:
        self.file = folder.absolute() / FILE_NAME

    def off(self) -> Off | None:
        """Since when the lineage is off; None when it is on. Takes some microseconds."""
        if not os.path.exists(self.file):
            return None
        try:
            told = json.loads(self.file.read_bytes())
            return Off(datetime.fromisoformat(told["since"]), str(told["by"]), bool(told["keeps"]))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError):
            # It was made by hand, with touch for example: off is off.
            return Off(_modified(self.file), "an unknown hand")

    def turn_off(self, keeps: bool = True) -> Off:
        """Switch the lineage off. If it is off already, its time stays.

        Args:
            keeps: whether events are kept aside until it is on again; they are let go of when not.

        Raises:
            SpoolError: the disk refused; nothing has changed then.
        """
        before = self.off()
        if before is not None and before.keeps == keeps:
            return before
        off = Off(before.since if before else datetime.now(UTC), f"{_user()}@{os.uname().nodename}", keeps)
        try:
            self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._write(json.dumps({"since": off.since.isoformat(), "by": off.by, "keeps": off.keeps}))
        except OSError as error:
            raise SpoolError(f"the switch {self.file} cannot be written: {error}") from error
        return off

    def turn_on(self) -> Off | None:
        """Switch the lineage on.

        Returns:
            What it was; None when it was on already.

        Raises:
            SpoolError: the disk refused.
        """
        before = self.off()
        try:
            self.file.unlink(missing_ok=True)
            if before is not None:
                synchronise(self.file.parent)
        except OSError as error:
            raise SpoolError(f"the switch {self.file} cannot be removed: {error}") from error
        return before

    def _write(self, text: str) -> None:
        """Write the whole file or nothing, even if this process is killed."""
        new = self.file.with_name(f"{FILE_NAME}.new")
        with new.open("w", encoding="utf-8") as handle:
            handle.write(text)
            handle.flush()
            os.fsync(handle.fileno())
        new.replace(self.file)
        synchronise(self.file.parent)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # In a container a process may run as a user that the system does not have.
        return f"uid {os.getuid()}"


def _modified(file: Path) -> datetime:
    try:
        return datetime.fromtimestamp(file.stat().st_mtime, UTC)
    except FileNotFoundError:
        return datetime.now(UTC)

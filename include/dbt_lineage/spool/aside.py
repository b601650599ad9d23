"""Events emitted while the lineage was off, kept to be sent later.

The events themselves are kept, in a spool that no relay reads. So the record of what ran is exact, and sending it needs
neither dbt's artifacts, which the next run overwrites, nor Airflow's database.
"""

import json
import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from dbt_lineage.spool.errors import SpoolError
from dbt_lineage.spool.facts import EventFacts, event_facts
from dbt_lineage.spool.identity import event_id
from dbt_lineage.spool.spool import Spool, Waiting

FOLDER = "aside"
LET_GO = "let-go.jsonl"
LIMIT = "SPOOL_ASIDE_MAX_BYTES"

_BATCH = 1000
_BATCH_BYTES = 16 << 20
# Room for the names of some fifty thousand events beyond the limit.
_LET_GO_BYTES = 16 << 20

_logger = logging.getLogger(__name__)


class Aside:
    """The events kept aside beside one spool.

    Args:
        folder: the spool's folder.
        max_bytes: how much may be kept, bytes.

    Attributes:
        spool: where they are.
    """

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self.folder = folder.absolute() / FOLDER
        self._max_bytes = max_bytes
        self.spool = Spool(self.folder, max_bytes)

    def keep(self, body: bytes) -> str:
        """Keep an event. Never raises for the disk: while the lineage is off it must not stop what it only watches.

        An event that there is no room for is let go of, and its name is noted.

        Args:
            body: the event as it was emitted.

        Returns:
            Its id.
        """
        try:
            return self.spool.put(body)
        except SpoolError as error:
            name = event_id(body)
            _logger.warning(
                "lineage is off, and event %s is let go of (%s=%d): %s", name, LIMIT, self._max_bytes, error
            )
            self._note(event_facts(name, body, datetime.now(UTC)))
            return name

    def events(self) -> Iterator[Waiting]:
        """The kept events, in order; deleting some meanwhile is allowed. Raises SpoolError."""
        batch = self.spool.waiting(_BATCH, _BATCH_BYTES) if self._there else []
        while batch:
            yield from batch
            batch = self.spool.waiting(_BATCH, _BATCH_BYTES, batch[-1].id)

    def count(self) -> int:
        """How many are kept. Raises SpoolError."""
        return self.spool.usage().waiting if self._there else 0

    def forget(self, events: Sequence[Waiting]) -> None:
        """Delete kept events. Raises SpoolError."""
        self.spool.settle([each.event_id for each in events], [])

    def let_go(self) -> list[EventFacts]:
        """The names of the events beyond the limit, as far as they could be recorded."""
        try:
            lines = (self.folder / LET_GO).read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []
        return [facts for line in lines if (facts := _parsed(line)) is not None]

    def forget_let_go(self) -> None:
        """Delete the names, after they were reported. Raises SpoolError."""
        try:
            (self.folder / LET_GO).unlink(missing_ok=True)
        except OSError as error:
            raise SpoolError(f"{self.folder / LET_GO} cannot be deleted: {error}") from error

    def close(self) -> None:
        """Close the file."""
        self.spool.close()

    @property
    def _there(self) -> bool:
        """Whether anything was ever kept: asking makes no file."""
        return self.spool.file.exists()

    def _note(self, facts: EventFacts) -> None:
        line = json.dumps({**asdict(facts), "emitted_at": facts.emitted_at.isoformat()}) + "\n"
        try:
            # A line at the end of a file is written whole, even with several writers.
            descriptor = os.open(self.folder / LET_GO, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                if os.fstat(descriptor).st_size < _LET_GO_BYTES:
                    os.write(descriptor, line.encode())
            finally:
                os.close(descriptor)
        except OSError as error:
            _logger.warning("whose event %s was cannot be noted either: %s", facts.event_id, error)


def _parsed(line: str) -> EventFacts | None:
    """A line; None when its process was killed, or the disk full, in the middle of it."""
    try:
        facts = json.loads(line)
        return EventFacts(**{**facts, "emitted_at": datetime.fromisoformat(facts["emitted_at"])})
    except (ValueError, TypeError, KeyError):
        return None

"""Saving what can be read of a spool that turned unreadable."""

import json
import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from include.spool.errors import SpoolError
from include.spool.store import Spool, salvaged

_logger = logging.getLogger(__name__)


def salvage(spool: Spool) -> int:
    """Bring what can be read of each spool that was set aside back into the spool, once.

    The file stays where it is, with a report beside it: what could not be read may be read by other means. An event
    that was sent already is sent again; its id says that it is the same.

    Args:
        spool: where to bring it.

    Returns:
        How many events were brought back.

    Raises:
        SpoolError: the disk refused; the next call begins anew.
    """
    saved = 0
    for file in spool.set_aside_files():
        report = report_of(file)
        if not report.exists():
            found: set[str] = set()
            for event in salvaged(file):
                if event.event_id not in found:
                    spool.put_all([event])
                    found.add(event.event_id)
            _write(report, {"events_saved": len(found), "at": datetime.now(UTC).isoformat()})
            _logger.error(
                "the spool was unreadable and is kept as %s; %d events of it were saved, others may be lost",
                file,
                len(found),
            )
            saved += len(found)
    return saved


def report_of(file: Path) -> Path:
    """Where the report on a file that was set aside is.

    Args:
        file: that file.
    """
    return file.with_name(f"{file.name}.json")


def _write(report: Path, content: dict[str, Any]) -> None:
    try:
        report.write_text(json.dumps(content))
    except OSError as error:
        raise SpoolError(f"the report {report} cannot be written: {error}") from error

"""Saving what can be read of a spool that turned unreadable."""

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dbt_lineage.spool.errors import SpoolError
from dbt_lineage.spool.follow_ups import FollowUps
from dbt_lineage.spool.remains import follow_ups_in, receipts_in, salvaged
from dbt_lineage.spool.spool import Spool, Waiting
from dbt_lineage.spool.sqlite_file import has_version, is_newer

_AT_ONCE = 100

_logger = logging.getLogger(__name__)


def salvage(spool: Spool) -> int:
    """Bring what can be read of each spool that was set aside back into the spool, once, before what is newer.

    The file stays where it is, with a report beside it: what could not be read may be read by other means. An event
    that was sent already is sent again; its id says that it is the same. A file of a newer version waits for the release
    that can read it.

    Args:
        spool: where to bring it.

    Returns:
        How many events were brought back.

    Raises:
        SpoolError: the disk refused; the next call begins anew.
    """
    spool.finish_setting_aside()
    saved = 0
    # The newest first, since each goes before what is there.
    for file in reversed(left_aside(spool)):
        if is_newer(file):
            continue
        found = 0
        for events in _batches(file):
            spool.put_first(events)
            found += len(events)
        if let_go := FollowUps(spool).restore(follow_ups_in(file)):
            _logger.error("%d events keep no columns: there is no room for more that wait for them", let_go)
        if has_version(file):
            spool.settle([], receipts_in(file))
            _logger.warning("%s is of a version that can be read now: %d events of it were brought back", file, found)
        else:
            _logger.error(
                "the spool was unreadable and is kept as %s; %d events of it were saved, others may be lost",
                file,
                found,
            )
        _write(report_of(file), {"events_saved": found, "at": datetime.now(UTC).isoformat()})
        saved += found
    return saved


def left_aside(spool: Spool) -> list[Path]:
    """The files that were set aside and that nothing was brought back of yet, oldest first.

    Args:
        spool: beside which.
    """
    return [file for file in spool.set_aside_files() if not report_of(file).exists()]


def _batches(file: Path) -> Iterator[list[Waiting]]:
    """What can be read of a file, each event once: the newest batch first, each in its order."""
    found: set[str] = set()
    batch: list[Waiting] = []
    for event in salvaged(file):
        if event.event_id in found:
            continue
        found.add(event.event_id)
        batch.insert(0, event)
        if len(batch) == _AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


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

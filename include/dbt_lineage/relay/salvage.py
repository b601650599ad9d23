"""Save the readable events of a spool file that was set aside."""

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
    """Put the readable events of each file that was set aside back into the spool, once, before newer events.

    The file stays where it is, with a report beside it, since other means may read more of it. An event that was sent
    already is sent again under the same id. A file of a newer version waits for the release that can read it.

    Args:
        spool: the spool that receives the events.

    Returns:
        How many events were put back.

    Raises:
        SpoolError: the disk refused. The next call begins anew.
    """
    spool.finish_setting_aside()
    saved = 0
    # The newest file first, since each is put before what is there.
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
            _logger.warning(
                "this release can read the version of %s: %d of its events were put back into the spool", file, found
            )
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
    """The files that were set aside and not salvaged yet, oldest first.

    Args:
        spool: the spool beside which they are.
    """
    return [file for file in spool.set_aside_files() if not report_of(file).exists()]


def _batches(file: Path) -> Iterator[list[Waiting]]:
    """The readable events of a file, each once, in batches: the newest batch first, each in its order."""
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
    """The report on a file that was set aside.

    Args:
        file: that file.
    """
    return file.with_name(f"{file.name}.json")


def _write(report: Path, content: dict[str, Any]) -> None:
    try:
        report.write_text(json.dumps(content))
    except OSError as error:
        raise SpoolError(f"the report {report} cannot be written: {error}") from error

"""The end of a task on a worker with a temporary disk: its events are moved off the disk (``SPOOL_HANDOVER``)."""

import logging
import threading
import time
from typing import TYPE_CHECKING

from tenacity import Retrying, before_sleep_log, retry_if_exception_type, stop_after_delay, wait_fixed

from dbt_lineage.core import settings
from dbt_lineage.core.errors import ExpectedError
from dbt_lineage.relay import status
from dbt_lineage.relay.from_settings import relay, spool
from dbt_lineage.relay.ledger_updates import tell_acknowledged
from dbt_lineage.relay.salvage import left_aside, salvage
from dbt_lineage.spool.leaving import follow_ups, left, name_of, newest_place
from dbt_lineage.spool.spool import Spool
from dbt_lineage.spool.switch import Switch

if TYPE_CHECKING:
    from dbt_lineage.ledger.of_relays import RelayLedger

_BATCH = 1000
_BATCH_BYTES = 16 << 20
# Pause before the ledger's database is retried. Seconds.
_RETRY = 1.0

_logger = logging.getLogger(__name__)


class HandoverError(ExpectedError):
    """Events are still on a temporary disk. The message has their number, the file and the reason."""


def hand_over(at_most_seconds: float | None = None) -> None:
    """Move the spool's events to where they outlive this worker, as ``SPOOL_HANDOVER`` sets.

    While the lineage is off, nothing is sent and nothing is handed over.

    Args:
        at_most_seconds: a limit below ``SPOOL_HANDOVER_SECONDS``.

    Raises:
        HandoverError: that did not succeed in time.
        SettingsError: the setting needs another one that is missing.
        SpoolError: the spool's disk failed.
    """
    chosen = settings.spool()
    if chosen.handover == "off" or Switch(chosen.dir).off() is not None:
        return
    seconds = min(chosen.handover_seconds, at_most_seconds or chosen.handover_seconds)
    began = time.monotonic()
    own = spool()
    try:
        if chosen.handover == "wait":
            _wait(own, seconds)
        else:
            to_ledger(own, seconds)
    finally:
        own.close()
    _logger.info("SPOOL_HANDOVER=%s: nothing is left on this worker, %.1f s", chosen.handover, time.monotonic() - began)


def _wait(own: Spool, seconds: float) -> None:
    """Wait until Kafka has the spool's present events. Without another relay, this process sends them."""
    last = newest_place(own)
    if not left(own, last) and not left_aside(own):
        return
    stop = threading.Event()
    deadline = threading.Timer(seconds, stop.set)
    deadline.daemon = True
    deadline.start()
    try:
        works = relay(own)
        works.drain(stop)
        # Columns may follow in a moment, by another relay too.
        while (rest := left(own, last)) and not stop.wait(_RETRY):
            works.drain(stop)
    finally:
        deadline.cancel()
    if rest:
        told = status.read(own.folder) or {}
        why = told.get("kafka_error") or told.get("spool_error") or told.get("warehouse_error") or "no answer yet"
        raise HandoverError(
            f"SPOOL_HANDOVER=wait: {rest} in {own.file} did not reach Kafka within {seconds:g} s: {why}"
        )
    _require_nothing_aside(own)


def to_ledger(own: Spool, seconds: float) -> None:
    """Move a spool's events to the ledger's database, in order.

    Args:
        own: the spool.
        seconds: how long to retry.

    Raises:
        HandoverError, SettingsError, SpoolError: as ``hand_over`` does.
    """
    from dbt_lineage.ledger.ledger import LedgerError
    from dbt_lineage.ledger.of_relays import RelayLedger

    salvage(own)
    last = newest_place(own)
    attempts = Retrying(
        retry=retry_if_exception_type(LedgerError),
        stop=stop_after_delay(seconds),
        wait=wait_fixed(_RETRY),
        before_sleep=before_sleep_log(_logger, logging.WARNING),
        reraise=True,
    )
    with RelayLedger(settings.ledger()) as ledger:
        try:
            attempts(_move, own, ledger, last)
            ledger.forget(name_of(own.folder))
        except LedgerError as error:
            rest = left(own, last)
            raise HandoverError(
                f"SPOOL_HANDOVER=handover: {rest} in {own.file} were not handed over within {seconds:g} s: {error}"
            ) from error
    _require_nothing_aside(own)


def _move(own: Spool, ledger: "RelayLedger", last: int) -> None:
    while tell_acknowledged(own, ledger):
        pass
    while events := [each for each in own.waiting(_BATCH, _BATCH_BYTES) if each.id <= last]:
        ledger.hand_over(events)
        own.settle([each.event_id for each in events], [])
    # Follow-ups go after the events that they follow.
    while later := follow_ups(own, _BATCH):
        ledger.hand_over(later)
        own.settle([each.event.event_id for each in later], [])


def _require_nothing_aside(own: Spool) -> None:
    if files := left_aside(own):
        names = ", ".join(map(str, files))
        raise HandoverError(
            f"{names}: set aside, and no relay of this release can read it; copy it before its disk goes"
        )

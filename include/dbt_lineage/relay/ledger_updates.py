"""Write to the ledger, on a thread of its own, so that an unreachable or slow ledger delays no event.

The same thread deletes old records from the ledger. Only relays fill the ledger, so the deletion runs wherever records
arrive. A DAG that does it could be paused.
"""

import json
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Protocol

from dbt_lineage.core.settings import KafkaSettings
from dbt_lineage.relay.recovery import recovered
from dbt_lineage.relay.takeover import HandoverPort, Takeover
from dbt_lineage.spool.errors import SpoolError
from dbt_lineage.spool.facts import Acknowledgement, EventFacts, event_facts
from dbt_lineage.spool.leaving import SpoolState
from dbt_lineage.spool.spool import Receipt, Spool, Waiting

_BATCH = 1000
_BATCH_BYTES = 16 << 20
# Pause after there was nothing to write, and after the ledger refused. Seconds.
_IDLE = 1.0
_RETRY = 3.0
# Pause between deletions, once there was nothing more to delete. Seconds.
_DELETE_EVERY = 3600.0
# How often the state of the spool is written to the ledger. Seconds.
_REPORT_EVERY = 5.0
# How long a relay that ends still writes receipts to the ledger. Seconds.
_GRACE = 5.0

_logger = logging.getLogger(__name__)


class LedgerPort(HandoverPort, Protocol):
    """What the relay needs of the ledger. Each method is idempotent."""

    def emitted(self, events: Sequence[EventFacts]) -> None:
        """Record events that were put into a spool."""

    def acknowledged(self, acknowledgements: Sequence[Acknowledgement]) -> None:
        """Record events that the broker acknowledged."""

    def delete_old(self) -> int:
        """Delete a small batch of old events. Returns how many were deleted."""

    def note(self, state: SpoolState) -> None:
        """Record the present state of a spool."""

    def forget(self, spool: str) -> int:
        """Delete the state of a spool that was removed. Returns how many had that name."""


class Bookkeeper:
    """Records waiting and acknowledged events in the ledger.

    Args:
        spool: where receipts are kept until the ledger has them.
        ledger: the ledger.
        kafka: the cluster, from which events are read whose receipts were dropped.
        on_trouble: called with the error when the ledger fails, and with None when a write succeeds.
        state: returns the state of the spool.
        takeover: claims what ended workers handed over, and deletes what Kafka has; None when this relay does neither.
        claims: whether more is claimed.
        leaves: whether the spool's disk is removed with its worker. An empty spool is then forgotten at the end.
    """

    def __init__(
        self,
        spool: Spool,
        ledger: LedgerPort,
        kafka: KafkaSettings,
        on_trouble: Callable[[str | None], None],
        state: Callable[[], SpoolState],
        takeover: Takeover | None = None,
        claims: bool = True,
        leaves: bool = False,
    ) -> None:
        self._spool = spool
        self._ledger = ledger
        self._kafka = kafka
        self._on_trouble = on_trouble
        self._told = 0
        self._delete_at = 0.0
        self._report_at = self._take_over_at = 0.0
        self._state = state
        self._takeover = takeover
        self._claims = claims
        self._leaves = leaves
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="ledger", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, after writing receipts for a few seconds at most. The rest stays in the spool for the next relay."""
        self._stop.set()
        self._thread.join()
        give_up_at = time.monotonic() + _GRACE
        while self._attempt(self._tell_acknowledged) and time.monotonic() < give_up_at:
            continue
        if self._takeover is not None:
            # What is left there would be sent again.
            self._attempt(self._takeover.deliver)
        self._attempt(self._report_end)

    def _work(self) -> None:
        while not self._stop.is_set():
            if time.monotonic() >= self._take_over_at:
                self._attempt(self._take_over)
            if time.monotonic() >= self._report_at:
                self._attempt(self._report)
            told = self._attempt(lambda: self._tell_acknowledged() or self._tell_waiting())
            if told == 0:
                # These two are not urgent, so the others go first.
                told = self._attempt(self._tell_dropped)
                if time.monotonic() >= self._delete_at:
                    self._attempt(self._delete_old)
            if told is None:
                self._stop.wait(_RETRY)
            elif told == 0:
                self._stop.wait(_IDLE)

    def _attempt(self, tell: Callable[[], int]) -> int | None:
        """Write one batch. Returns how many events it had; None when the write failed."""
        try:
            told = tell()
        except SpoolError:
            # The sending thread meets the same error and logs it.
            return None
        except Exception as error:
            # This thread must not end, whatever the ledger raises. The receipts are kept and retried soon.
            _logger.debug("the ledger was not written", exc_info=True)
            self._on_trouble(f"{type(error).__name__}: {error}")
            return None
        if told:
            self._on_trouble(None)
        return told

    def _tell_acknowledged(self) -> int:
        return tell_acknowledged(self._spool, self._ledger)

    def _take_over(self) -> int:
        self._take_over_at = time.monotonic() + _IDLE
        if self._takeover is None:
            return 0
        return self._takeover.round() if self._claims else self._takeover.deliver()

    def _report(self) -> int:
        self._report_at = time.monotonic() + _REPORT_EVERY
        self._ledger.note(self._state())
        self._on_trouble(None)
        return 0

    def _report_end(self) -> int:
        state = self._state()
        if self._leaves and not state.waiting and not state.follow_ups:
            return self._ledger.forget(state.spool)
        self._ledger.note(state)
        return 0

    def _tell_dropped(self) -> int:
        """Record a part of the events whose receipts were dropped, by reading them from Kafka."""
        # An event may be in both topics: the events topic goes before the dead letters.
        dropped = sorted(self._spool.dropped(), key=lambda each: each.topic == self._kafka.dlq_topic)
        if not dropped:
            return 0
        part = recovered(self._kafka, dropped[0], _BATCH)
        self._ledger.emitted(part.facts)
        self._ledger.acknowledged(part.acknowledgements)
        self._spool.recovered(dropped[0], part.offset)
        _logger.info("the ledger recovered %d events from Kafka whose receipts had been dropped", len(part.facts))
        return max(1, len(part.facts))

    def _delete_old(self) -> int:
        """Delete one batch now and then, since the ledger serves others too."""
        deleted = self._ledger.delete_old()
        self._on_trouble(None)
        if deleted == 0:
            self._delete_at = time.monotonic() + _DELETE_EVERY
        return deleted

    def _tell_waiting(self) -> int:
        """Record events that wait long. An event that is sent at once is recorded with its acknowledgement."""
        waiting = self._spool.waiting(_BATCH, _BATCH_BYTES, after=self._told)
        if waiting:
            self._ledger.emitted([event_facts(event.event_id, event.body, event.emitted_at) for event in waiting])
            self._told = waiting[-1].id
        return len(waiting)


def tell_acknowledged(spool: Spool, ledger: LedgerPort) -> int:
    """Write a batch of receipts to the ledger, and delete them from the spool.

    Args:
        spool: where the receipts are.
        ledger: the ledger.

    Returns:
        How many receipts were written.

    Raises:
        SpoolError, LedgerError: one of the two failed. The receipts stay in the spool.
    """
    receipts = spool.receipts(_BATCH)
    if receipts:
        ledger.emitted([_facts(receipt) for _, receipt in receipts])
        ledger.acknowledged([_acknowledgement(receipt) for _, receipt in receipts])
        spool.forget(receipts)
    return len(receipts)


def receipt_of(event: Waiting, topic: str, partition: int, offset: int, at: datetime, reason: str | None) -> Receipt:
    """The receipt of an event that the broker acknowledged.

    Args:
        event: the event.
        topic: its topic.
        partition: its partition.
        offset: its offset.
        at: when the broker acknowledged it.
        reason: why it was dead-lettered; None if it was not.
    """
    facts = asdict(event_facts(event.event_id, event.body, event.emitted_at))
    facts["emitted_at"] = event.emitted_at.isoformat()
    return Receipt(event.event_id, json.dumps(facts), topic, partition, offset, at.isoformat(), reason)


def _facts(receipt: Receipt) -> EventFacts:
    facts = json.loads(receipt.facts)
    return EventFacts(**{**facts, "emitted_at": datetime.fromisoformat(facts["emitted_at"])})


def _acknowledgement(receipt: Receipt) -> Acknowledgement:
    return Acknowledgement(
        event_id=receipt.event_id,
        topic=receipt.topic,
        partition=receipt.partition,
        offset=receipt.offset,
        acknowledged_at=datetime.fromisoformat(receipt.acknowledged_at),
        reason=receipt.reason,
    )

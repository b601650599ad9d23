"""Telling the ledger, on a thread of its own: a ledger that is away or slow holds up no event.

The same thread deletes what the ledger need not keep any longer. It is where that is sure to happen: nothing comes into
the ledger but by a relay, and a DAG may be paused.
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
from dbt_lineage.spool.facts import Acknowledgement, EventFacts, facts_of
from dbt_lineage.spool.leaving import SpoolState
from dbt_lineage.spool.spool import Receipt, Spool, Waiting

_BATCH = 1000
_BATCH_BYTES = 16 << 20
# How soon the next look follows: after nothing to tell, and after a ledger that did not take it. Seconds.
_IDLE = 1.0
_RETRY = 3.0
# How soon the ledger is asked again for what is too old, once there was nothing more to delete. Seconds.
_DELETE_EVERY = 3600.0
# How often others are told the state of the spool, seconds.
_REPORT_EVERY = 5.0
# How long the end of a relay may be held up by a ledger that has much to be told, seconds.
_GRACE = 5.0

_logger = logging.getLogger(__name__)


class LedgerPort(HandoverPort, Protocol):
    """What the relay needs of the ledger. It may be told the same twice."""

    def emitted(self, events: Sequence[EventFacts]) -> None:
        """These events were put into a spool."""

    def acknowledged(self, acknowledgements: Sequence[Acknowledgement]) -> None:
        """The broker has these events."""

    def delete_old(self) -> int:
        """Delete a small batch of what need not be kept any longer; how many events that were."""

    def note(self, state: SpoolState) -> None:
        """This is the state of a spool now."""

    def forget(self, spool: str) -> int:
        """This spool is no more, and nothing was left in it; how many had that name."""


class Bookkeeper:
    """Tells the ledger of the events that wait and of those that the broker has.

    Args:
        spool: where receipts are kept until the ledger has them.
        ledger: who is told.
        kafka: where the events are whose receipts there was no room for.
        on_trouble: told in words when the ledger is away, and None when it took what it was told.
        state: tells the state of the spool.
        takeover: takes over what ended workers handed over; None when this relay does not.
        leaves: whether the spool ends with its worker: a state in which nothing is left is then no one's matter.
    """

    def __init__(
        self,
        spool: Spool,
        ledger: LedgerPort,
        kafka: KafkaSettings,
        on_trouble: Callable[[str | None], None],
        state: Callable[[], SpoolState],
        takeover: Takeover | None = None,
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
        self._leaves = leaves
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="ledger", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, after the receipts that the ledger takes at once; what it does not take stays kept for the next relay."""
        self._stop.set()
        self._thread.join()
        give_up_at = time.monotonic() + _GRACE
        while self._attempt(self._tell_acknowledged) and time.monotonic() < give_up_at:
            continue
        self._attempt(self._report_end)

    def _work(self) -> None:
        while not self._stop.is_set():
            if time.monotonic() >= self._take_over_at:
                self._attempt(self._take_over)
            if time.monotonic() >= self._report_at:
                self._attempt(self._report)
            told = self._attempt(lambda: self._tell_acknowledged() or self._tell_waiting())
            if told == 0:
                # Nobody waits for these two, so others go first.
                told = self._attempt(self._tell_dropped)
                if time.monotonic() >= self._delete_at:
                    self._attempt(self._delete_old)
            if told is None:
                self._stop.wait(_RETRY)
            elif told == 0:
                self._stop.wait(_IDLE)

    def _attempt(self, tell: Callable[[], int]) -> int | None:
        """Tell one batch: how many events it had, None when it could not be told."""
        try:
            told = tell()
        except SpoolError:
            # The sending side meets the same and says so.
            return None
        except Exception as error:
            # Whatever the ledger raises, the receipts are kept and the next attempt is soon: this thread must not end.
            _logger.debug("the ledger was not told", exc_info=True)
            self._on_trouble(f"{type(error).__name__}: {error}")
            return None
        if told:
            self._on_trouble(None)
        return told

    def _tell_acknowledged(self) -> int:
        return tell_acknowledged(self._spool, self._ledger)

    def _take_over(self) -> int:
        self._take_over_at = time.monotonic() + _IDLE
        return 0 if self._takeover is None else self._takeover.round()

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
        """A part of the events whose receipts there was no room for: they are read in Kafka again."""
        # An event may be in both topics: the ledger gets the better place first.
        dropped = sorted(self._spool.dropped(), key=lambda each: each.topic == self._kafka.dlq_topic)
        if not dropped:
            return 0
        part = recovered(self._kafka, dropped[0], _BATCH)
        self._ledger.emitted(part.facts)
        self._ledger.acknowledged(part.acknowledgements)
        self._spool.recovered(dropped[0], part.offset)
        _logger.info("the ledger has %d events whose receipts the spool had no room for", len(part.facts))
        return max(1, len(part.facts))

    def _delete_old(self) -> int:
        """One batch now and then: the ledger has others to serve."""
        deleted = self._ledger.delete_old()
        self._on_trouble(None)
        if deleted == 0:
            self._delete_at = time.monotonic() + _DELETE_EVERY
        return deleted

    def _tell_waiting(self) -> int:
        """Events that wait long are told of too; one that is sent at once is told of with its acknowledgement."""
        waiting = self._spool.waiting(_BATCH, _BATCH_BYTES, after=self._told)
        if waiting:
            self._ledger.emitted([facts_of(event.event_id, event.body, event.emitted_at) for event in waiting])
            self._told = waiting[-1].id
        return len(waiting)


def tell_acknowledged(spool: Spool, ledger: LedgerPort) -> int:
    """Tell the ledger of a batch of receipts, and delete them.

    Args:
        spool: where they are.
        ledger: who is told.

    Returns:
        How many they were.

    Raises:
        SpoolError, LedgerError: one of the two refused; the receipts stay.
    """
    receipts = spool.receipts(_BATCH)
    if receipts:
        ledger.emitted([_facts(receipt) for _, receipt in receipts])
        ledger.acknowledged([_acknowledgement(receipt) for _, receipt in receipts])
        spool.forget(receipts)
    return len(receipts)


def receipt_of(event: Waiting, topic: str, partition: int, offset: int, at: datetime, reason: str | None) -> Receipt:
    """What is kept of an event that the broker has.

    Args:
        event: the event.
        topic: where it is.
        partition: in which partition.
        offset: at which offset.
        at: when the broker said so.
        reason: why it is in the dead letters; None when it is not.
    """
    facts = asdict(facts_of(event.event_id, event.body, event.emitted_at))
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

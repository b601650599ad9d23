"""Claim events that ended workers handed over to the ledger's database, and send them like one's own."""

import logging
import threading
from collections.abc import Collection, Sequence
from typing import Protocol

from dbt_lineage.spool.errors import SpoolError
from dbt_lineage.spool.follow_ups import FollowUp, FollowUps
from dbt_lineage.spool.leaving import name_of
from dbt_lineage.spool.spool import Spool, Waiting
from dbt_lineage.spool.switch import Switch

_AT_ONCE = 2000
_BYTES_AT_ONCE = 16 << 20

_logger = logging.getLogger(__name__)


class HandoverPort(Protocol):
    """The store of events that were handed over."""

    def claim(self, relay: str, count: int, size: int, has: Collection[str]) -> Sequence[Waiting | FollowUp]:
        """Claim the oldest events for one relay besides those that it has, and prolong its claims."""

    def delivered(self, event_ids: Sequence[str]) -> None:
        """Delete events that Kafka has, or follow-ups that a spool with a permanent disk has."""


class Takeover:
    """Copies events that were handed over into a spool, and deletes them from the ledger once Kafka has them.

    Until then they are in both places, so a relay that is killed and loses its disk loses no event.

    Args:
        spool: the spool that gets the events.
        ledger: the store of the events.

    Attributes:
        let_go: how many events that follow with their columns found no room in the spool.
    """

    def __init__(self, spool: Spool, ledger: HandoverPort) -> None:
        self._spool = spool
        self._ledger = ledger
        self._follow_ups = FollowUps(spool)
        self.let_go = 0
        self._claimed: set[str] = set()
        self._acknowledged: set[str] = set()
        self._opening: object = None
        self._lock = threading.Lock()

    def acknowledged(self, event_ids: Sequence[str]) -> None:
        """Note events that Kafka has acknowledged and that left the spool.

        Args:
            event_ids: ids of any events. Another thread calls this than the one that calls ``round``.
        """
        with self._lock:
            self._acknowledged.update(self._claimed.intersection(event_ids))

    def round(self) -> int:
        """Delete what Kafka has, and claim the next events. Does nothing while the lineage is off on this machine.

        Returns:
            How many were deleted or claimed anew.

        Raises:
            SpoolError, LedgerError: one of the two failed. The next round retries.
        """
        if Switch(self._spool.folder).off() is not None:
            return 0
        opening = self._spool.version()[0]
        with self._lock:
            if opening != self._opening:
                # The spool has a new file, without these events.
                self._opening = opening
                self._claimed.clear()
                self._acknowledged.clear()
            has = frozenset(self._claimed)
        done = self.deliver()
        room = _AT_ONCE - len(has)
        new = self._ledger.claim(name_of(self._spool.folder), max(0, room), _BYTES_AT_ONCE, has)
        self._put([each for each in new if isinstance(each, Waiting)])
        follow_ups = [each for each in new if isinstance(each, FollowUp)]
        if follow_ups:
            if let_go := self._follow_ups.keep(follow_ups, []):
                self.let_go += let_go
                _logger.error("%d events keep no columns: there is no room for more that wait for them", let_go)
            self._ledger.delivered([each.event.event_id for each in follow_ups])
        return done + len(new)

    def deliver(self) -> int:
        """Delete from the ledger what Kafka has.

        Returns:
            How many were deleted.

        Raises:
            LedgerError: the ledger failed. They are deleted the next time.
        """
        with self._lock:
            done = list(self._acknowledged)
        if done:
            self._ledger.delivered(done)
            self._forget(done)
        return len(done)

    def _put(self, events: Sequence[Waiting]) -> None:
        ids = [each.event_id for each in events]
        with self._lock:
            # Before the spool has them: Kafka may have them before this thread goes on.
            self._claimed.update(ids)
        try:
            if events:
                self._spool.put_all(events)
        except SpoolError:
            self._forget(ids)
            raise

    def _forget(self, event_ids: Sequence[str]) -> None:
        with self._lock:
            self._claimed.difference_update(event_ids)
            self._acknowledged.difference_update(event_ids)

"""Taking over what ended workers handed over to the ledger's database."""

import threading
from collections.abc import Sequence
from typing import Protocol

from dbt_lineage.spool.errors import SpoolError
from dbt_lineage.spool.follow_ups import FollowUp, FollowUps
from dbt_lineage.spool.leaving import name_of
from dbt_lineage.spool.spool import Spool, Waiting
from dbt_lineage.spool.switch import Switch

_AT_ONCE = 2000


class HandoverPort(Protocol):
    """Where events are that were handed over."""

    def claim(self, relay: str, count: int) -> Sequence[Waiting | FollowUp]:
        """The oldest of them, for one relay; those it has claimed before are among them."""

    def delivered(self, event_ids: Sequence[str]) -> None:
        """Kafka has these events, or a spool with a disk of its own has these follow-ups."""


class Takeover:
    """Brings events that were handed over into a spool, and deletes them where they were once Kafka has them.

    Until then they are in both places: a relay that is killed, disk and all, has taken none with it.

    Args:
        spool: whose relay takes them over.
        ledger: where they are.
    """

    def __init__(self, spool: Spool, ledger: HandoverPort) -> None:
        self._spool = spool
        self._ledger = ledger
        self._follow_ups = FollowUps(spool)
        self._claimed: set[str] = set()
        self._acknowledged: set[str] = set()
        self._opening: object = None
        self._lock = threading.Lock()

    def acknowledged(self, event_ids: Sequence[str]) -> None:
        """Kafka has these events, and the spool none of them any more.

        Args:
            event_ids: of any events. Told by another thread than that which calls ``round``.
        """
        with self._lock:
            self._acknowledged.update(self._claimed.intersection(event_ids))

    def round(self) -> int:
        """Delete what Kafka has, and claim the next events; nothing while the lineage is off here.

        Returns:
            How many were deleted or claimed anew.

        Raises:
            SpoolError, LedgerError: one of the two did not take them; the next round goes on.
        """
        if Switch(self._spool.folder).off() is not None:
            return 0
        opening = self._spool.version()[0]
        with self._lock:
            if opening != self._opening:
                # Another file now, without the events.
                self._opening = opening
                self._claimed.clear()
                self._acknowledged.clear()
            done = list(self._acknowledged)
        if done:
            self._ledger.delivered(done)
            self._forget(done)
        new = [
            each for each in self._ledger.claim(name_of(self._spool.folder), _AT_ONCE) if _id(each) not in self._claimed
        ]
        self._put([each for each in new if isinstance(each, Waiting)])
        follow_ups = [each for each in new if isinstance(each, FollowUp)]
        if follow_ups:
            self._follow_ups.keep(follow_ups, [])
            self._ledger.delivered([each.event.event_id for each in follow_ups])
        return len(done) + len(new)

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


def _id(handed: Waiting | FollowUp) -> str:
    return handed.event_id if isinstance(handed, Waiting) else handed.event.event_id

"""Telling the ledger how far the ingestion has come."""

import logging
from collections.abc import Mapping
from typing import Protocol

from include import settings

log = logging.getLogger(__name__)


class Progress(Protocol):
    """Who is told how far the ingestion has come, by offsets of the events topic."""

    def ingested(self, topic: str, offsets: Mapping[int, int]) -> None:
        """Every event of a topic's partitions below these offsets was read by the connector, if it says lineage."""

    def verified(self, topic: str, offsets: Mapping[int, int]) -> None:
        """The lineage of every event of a topic's partitions below these offsets was read back."""


class LedgerProgress:
    """Tells the ledger. One that is away is told next time: offsets say all that was missed too.

    Args:
        ledger: its settings; None when there are none.
    """

    def __init__(self, ledger: settings.LedgerSettings | None) -> None:
        self._ledger = ledger

    @classmethod
    def from_environment(cls) -> "LedgerProgress":
        """The ledger that the environment names; when it names none, that is logged and nothing is told."""
        try:
            return cls(settings.ledger())
        except settings.SettingsError as error:
            log.warning("the ledger is not told what is ingested: %s", error)
            return cls(None)

    def ingested(self, topic: str, offsets: Mapping[int, int]) -> None:
        """Tell what the connector has read."""
        self._tell("ingested", topic, offsets)

    def verified(self, topic: str, offsets: Mapping[int, int]) -> None:
        """Tell what was read back."""
        self._tell("verified", topic, offsets)

    def _tell(self, what: str, topic: str, offsets: Mapping[int, int]) -> None:
        if self._ledger is None:
            return
        from include.ledger.store import Ledger, LedgerError

        try:
            with Ledger(self._ledger) as ledger:
                getattr(ledger, what)(topic, offsets)
        except LedgerError as error:
            log.warning("the ledger was not told that %s is %s up to %s: %s", topic, what, dict(offsets), error)

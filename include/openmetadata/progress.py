"""Telling the ledger how far the ingestion has come."""

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol

from include import settings

if TYPE_CHECKING:
    from include.ledger.store import Ledger

log = logging.getLogger(__name__)


class Progress(Protocol):
    """Who is told how far the ingestion has come, by offsets of the events topic."""

    def ingested(self, topic: str, offsets: Mapping[int, int]) -> None:
        """Every event of a topic's partitions below these offsets was read by the connector, if it says lineage."""

    def verified(self, topic: str, offsets: Mapping[int, int]) -> None:
        """The lineage of every event of a topic's partitions below these offsets was read back."""

    def given_up(self, reasons: Mapping[str, str]) -> bool:
        """These events, by id, went from a topic to the dead letters, each with its reason. Returns whether it was told."""


class LedgerProgress:
    """Tells the ledger. One that is away is told next time: offsets say all that was missed too, and the dead letters stay.

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
        self._tell(f"{topic} is ingested up to {dict(offsets)}", lambda ledger: ledger.ingested(topic, offsets))

    def verified(self, topic: str, offsets: Mapping[int, int]) -> None:
        """Tell what was read back."""
        self._tell(f"{topic} is verified up to {dict(offsets)}", lambda ledger: ledger.verified(topic, offsets))

    def given_up(self, reasons: Mapping[str, str]) -> bool:
        """Tell what went to the dead letters. Returns whether that was told, or there is nobody to tell."""
        return self._tell(f"{sorted(reasons)} went to the dead letters", lambda ledger: ledger.given_up(reasons))

    def _tell(self, what: str, tell: "Callable[[Ledger], None]") -> bool:
        if self._ledger is None:
            return True
        from include.ledger.store import Ledger, LedgerError

        try:
            with Ledger(self._ledger) as ledger:
                tell(ledger)
        except LedgerError as error:
            log.warning("the ledger was not told that %s: %s", what, error)
            return False
        return True

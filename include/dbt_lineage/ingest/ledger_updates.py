"""Telling the ledger how far the ingestion has come."""

import logging
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol

from confluent_kafka import Message

from dbt_lineage.core import settings
from dbt_lineage.ingest.fact import Fact
from dbt_lineage.kafka.offsets import Bookmarks
from dbt_lineage.kafka.reader import header, messages

if TYPE_CHECKING:
    from dbt_lineage.ledger.job_lineage import LineageLedger

_IN_TOPIC = re.compile(r"[a-zA-Z0-9._-]+\[\d+\]@\d+")

log = logging.getLogger(__name__)


class Progress(Protocol):
    """Who is told how far the ingestion has come, by offsets of the events topic."""

    def ingested(self, topic: str, offsets: Mapping[int, int]) -> None:
        """Every event of a topic's partitions below these offsets was read by the connector, if it says lineage."""

    def verified(self, topic: str, offsets: Mapping[int, int]) -> None:
        """The lineage of every event of a topic's partitions below these offsets was read back."""

    def given_up(self, reasons: Mapping[str, str]) -> bool:
        """These events, by id, went from a topic to the dead letters, each with its reason. Returns whether it was told."""

    def lineage(self, facts: Mapping[Fact, str]) -> None:
        """These facts were read back; each is given with the id of its event."""


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

    def lineage(self, facts: Mapping[Fact, str]) -> None:
        """Tell what the facts say. What a ledger that is away does not hear, it hears after the next build (``mend``)."""
        if not facts:
            return
        from dbt_lineage.ingest.kept_lineage import keep

        self._tell(f"{len(facts)} facts were read back", lambda ledger: keep(ledger, facts))

    def _tell(self, what: str, tell: "Callable[[LineageLedger], None]") -> bool:
        if self._ledger is None:
            return True
        from dbt_lineage.ledger.job_lineage import LineageLedger
        from dbt_lineage.ledger.ledger import LedgerError

        try:
            with LineageLedger(self._ledger) as ledger:
                tell(ledger)
        except LedgerError as error:
            log.warning("the ledger was not told that %s: %s", what, error)
            return False
        return True


def tell_of_letters(kafka: settings.KafkaSettings, group: str, progress: Progress) -> bool:
    """Tell the ledger of the dead letters that it was not told of yet; one that is away is told next time.

    Args:
        kafka: the cluster and the topics.
        group: whose offsets say up to where the ledger was told.
        progress: who tells the ledger.

    Returns:
        Whether it knows them all.

    Raises:
        BrokerError: the cluster did not answer.
    """
    bookmarks = Bookmarks(kafka, kafka.dlq_topic)
    start, ends = bookmarks.unread(group)
    if start == ends:
        return True
    reasons = dict(filter(None, map(_reason, messages(kafka, kafka.dlq_topic, start, ends))))
    told = progress.given_up(reasons)
    if told:
        bookmarks.move(group, ends)
    return told


def _reason(letter: Message) -> tuple[str, str] | None:
    """Id and reason of a letter that the ingestion wrote; of those that never were in a topic the relay tells."""
    event_id, reason, place = (
        (header(letter, name) or b"").decode(errors="replace") for name in ("event_id", "reason", "source")
    )
    return (event_id, reason) if _IN_TOPIC.fullmatch(place) else None

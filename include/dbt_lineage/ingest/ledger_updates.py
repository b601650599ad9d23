"""Record in the ledger how far the ingestion has come."""

import logging
import re
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from confluent_kafka import Message
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from dbt_lineage.core import settings
from dbt_lineage.ingest.fact import Fact
from dbt_lineage.kafka.offsets import Bookmarks
from dbt_lineage.kafka.reader import header, messages

if TYPE_CHECKING:
    from dbt_lineage.ledger.job_lineage import LineageLedger

_LOOK_SECONDS = 0.02
_IN_TOPIC = re.compile(r"[a-zA-Z0-9._-]+\[\d+\]@\d+")

log = logging.getLogger(__name__)


class ProgressRecorder(Protocol):
    """Records how far the ingestion has come, by offsets of the events topic."""

    def ingested(self, topic: str, offsets: Mapping[int, int]) -> None:
        """Record that all events with lineage below these offsets were ingested.

        Args:
            topic: the topic.
            offsets: an offset for each partition.
        """

    def verified(self, topic: str, offsets: Mapping[int, int]) -> None:
        """Record that the lineage of all events below these offsets was read back.

        Args:
            topic: the topic.
            offsets: an offset for each partition.
        """

    def given_up(self, reasons: Mapping[str, str]) -> bool:
        """Record events that were dead-lettered from a topic.

        Args:
            reasons: why, by the event's id.

        Returns:
            Whether it was recorded.
        """

    def lineage(self, facts: Mapping[Fact, str]) -> None:
        """These facts were read back; each is given with the id of its event."""

    def unverified(self, topic: str, offsets: Mapping[int, int]) -> int:
        """How many events below these offsets are recorded neither as verified nor as dead-lettered.

        Args:
            topic: the topic.
            offsets: an offset for each partition.
        """


class LedgerProgress:
    """Writes to the ledger. A failure is logged only, because the next pass makes up for it.

    Offsets include everything that was missed, and dead letters are recorded until that succeeds.

    Args:
        ledger: its settings; None without a ledger.
    """

    def __init__(self, ledger: settings.LedgerSettings | None) -> None:
        self._ledger = ledger
        self._trouble = ""

    @cached_property
    def _records(self) -> "LineageLedger | None":
        """The ledger, whose connection stays open."""
        from dbt_lineage.ledger.job_lineage import LineageLedger

        return None if self._ledger is None else LineageLedger(self._ledger)

    @classmethod
    def from_environment(cls) -> "LedgerProgress":
        """Use the ledger of the settings. Without one, this is logged and nothing is recorded."""
        try:
            return cls(settings.ledger())
        except settings.SettingsError as error:
            log.warning("the ledger does not record what is ingested: %s", error)
            return cls(None)

    def ingested(self, topic: str, offsets: Mapping[int, int]) -> None:
        """Record what was ingested."""
        self._tell(f"{topic} is ingested up to {dict(offsets)}", lambda ledger: ledger.ingested(topic, offsets))

    def verified(self, topic: str, offsets: Mapping[int, int]) -> None:
        """Record what was read back."""
        self._tell(f"{topic} is verified up to {dict(offsets)}", lambda ledger: ledger.verified(topic, offsets))

    def given_up(self, reasons: Mapping[str, str]) -> bool:
        """Record dead-lettered events. Returns whether that succeeded, or there is no ledger."""
        return self._tell(f"{sorted(reasons)} were dead-lettered", lambda ledger: ledger.given_up(reasons))

    def lineage(self, facts: Mapping[Fact, str]) -> None:
        """Tell what the facts say. What a ledger that is away does not hear, it hears after the next build (``mend``)."""
        if not facts:
            return
        from dbt_lineage.ingest.kept_lineage import keep

        self._tell(f"{len(facts)} facts were read back", lambda ledger: keep(ledger, facts))

    def unverified(self, topic: str, offsets: Mapping[int, int]) -> int:
        """How many events the ledger has not heard of as verified. 0 while it is away."""
        if self._records is None:
            return 0
        from dbt_lineage.ledger.ledger import LedgerError

        try:
            found = self._records.unverified(topic, offsets)
        except LedgerError as error:
            if str(error) != self._trouble:
                log.warning("the ledger did not say what it has not heard of: %s", error)
            self._trouble = str(error)
            return 0
        self._trouble = ""
        return found

    def _tell(self, what: str, tell: "Callable[[LineageLedger], None]") -> bool:
        if self._records is None:
            return True
        from dbt_lineage.ledger.ledger import LedgerError

        try:
            tell(self._records)
        except LedgerError as error:
            log.warning("the ledger did not record that %s: %s", what, error)
            return False
        return True


def tell_of_letters(
    kafka: settings.KafkaSettings, bookmarks: Bookmarks, group: str, progress: ProgressRecorder
) -> bool:
    """Record the new dead letters in the ledger. After a failure the next call does it.

    Letters of a transaction that was committed just now are waited for, as long as a call of the cluster may take.

    Args:
        kafka: the cluster and the topics.
        bookmarks: the offsets of the dead letters.
        group: the consumer group whose offsets mark what is recorded.
        progress: records it.

    Returns:
        Whether all dead letters are recorded. False while a transaction that is open hides some.

    Raises:
        BrokerError: the cluster did not answer.
    """
    written = bookmarks.written_ends()

    def are_hidden(unread: tuple[dict[int, int], dict[int, int]]) -> bool:
        return any(unread[1].get(partition, end) < end for partition, end in written.items())

    awaited = Retrying(
        retry=retry_if_result(are_hidden),
        stop=stop_after_delay(kafka.timeout_seconds),
        wait=wait_fixed(_LOOK_SECONDS),
        retry_error_callback=lambda _: bookmarks.unread(group),
    )
    start, ends = unread = awaited(lambda: bookmarks.unread(group))
    if start == ends:
        return not are_hidden(unread)
    reasons = dict(filter(None, map(_reason, messages(kafka, kafka.dlq_topic, start, ends))))
    told = progress.given_up(reasons)
    if told:
        bookmarks.move(group, ends)
    return told and not are_hidden(unread)


def _reason(letter: Message) -> tuple[str, str] | None:
    """Id and reason of a letter that the ingestion wrote, else None. The relay records those rejected before Kafka."""
    event_id, reason, place = (
        (header(letter, name) or b"").decode(errors="replace") for name in ("event_id", "reason", "source")
    )
    return (event_id, reason) if _IN_TOPIC.fullmatch(place) else None

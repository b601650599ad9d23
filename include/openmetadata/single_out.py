"""Finding the event that the connector dies of, once it has died some times in a row.

Its death alone says nothing of the events: it is also killed from outside, by a deploy, a lack of memory, a node that
goes. But it handles the events of a partition one by one, in order, and what it has written is read back. So when it
died of an event, that is the first one of its partition that is missing. These, at most one of each partition, get a run
of the connector to themselves. It reads from a group's offsets to the end of the topic; so what it is to read alone is
written once more, at the end, as everything is that it has to read again.

An event is given up when the connector died of it alone as often in a row as an event is tried at all, and when after
each of these deaths the connector could read nothing at all and end by itself, and the catalogue took a write. Where it
could not, nothing is counted: the fault is elsewhere. What was counted is noted with the verified offsets at once, and so is
what the connector has to read alone, before it does: whatever ends the pass, the next one goes on from there, and a
connector that was killed together with its pass counts as one that died.
"""

import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

from include.kafka.offsets import Offsets
from include.openmetadata.catalogue import Catalogue
from include.openmetadata.curated import CuratedEvent, write_again
from include.openmetadata.notes import Notes
from include.openmetadata.runs import Ended
from include.openmetadata.standing import Range
from include.openmetadata.workflows import WorkflowError
from include.settings import KafkaSettings, OpenMetadataSettings

# How long the connector may take for one event, beside waiting for another one: many times what it needs, the import of
# its package included, and so little that several tries fit into one task.
ALONE_SECONDS = 120.0

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SingleOut:
    """Singles out the events of a range that the connector dies of.

    Args:
        kafka: the cluster and the curated topic.
        openmetadata: the consumer group, the pipeline service, and how often an event is tried.
        catalogue: an open client.
        notes: what is noted with the verified offsets of the curated topic.
        let_read: lets the connector read events, from offsets on to the end of the topic, within a context.
        missing: which of these events are not in the catalogue, and what of them.
    """

    kafka: KafkaSettings
    openmetadata: OpenMetadataSettings
    catalogue: Catalogue
    notes: Notes
    let_read: Callable[[Sequence[CuratedEvent], Offsets, AbstractContextManager[None]], Ended]
    missing: Callable[[Iterable[CuratedEvent]], Mapping[CuratedEvent, Sequence[str]]]

    def given_up(self, found: Range) -> dict[CuratedEvent, str]:
        """The events that are given up, each with the reason.

        Of each partition that is at most one that the connector dies of, with those alike. Every other one that was
        singled out is in the catalogue now, or was tried once more.

        Args:
            found: what is not verified; in its tries is counted what happens.

        Raises:
            CatalogueError: the catalogue is away, or takes no writes; the last death is not counted.
            WorkflowError: the connector does not run without any event either; the same.
            BrokerError: the cluster is away; the same.
        """
        self.catalogue.require_writes(self.openmetadata.pipeline_service)
        missing = self.missing(found.counting)
        self._count_unseen(found, missing)
        given_up: dict[CuratedEvent, str] = {}
        for partition in found.ends:
            given_up |= self._of_partition(found, [event for event in missing if event.partition == partition])
        return given_up

    def _of_partition(self, found: Range, missing: Iterable[CuratedEvent]) -> dict[CuratedEvent, str]:
        given_up: dict[CuratedEvent, str] = {}
        for event in missing:
            reason = self._deadly(found, event)
            if reason is not None:
                return given_up | dict.fromkeys(_alike(event, found.living), reason)
            problems = self.missing([event]).get(event)
            if problems is None:
                # It only waited behind an event of another partition, and with it all after it.
                break
            # The connector passes over it, so that it may have died of a later one.
            given_up |= found.tried(event, problems, self.openmetadata.attempts)
            self.notes.keep(found)
        return given_up

    def _count_unseen(self, found: Range, missing: Iterable[CuratedEvent]) -> None:
        """Count the death of a connector that had an event alone to read and was killed together with its pass."""
        read = next((each for each in found.living if found.tries.is_under_way(each)), None)
        if read is None:
            return
        # It may have been written after all; or a newer event says the same now.
        alike = next((same for each in missing if read in (same := _alike(each, found.living))), None)
        if alike is not None:
            self._require_well()
            found.tries.died_alone(alike)
        found.tries.end()
        self.notes.keep(found)

    def _deadly(self, found: Range, event: CuratedEvent) -> str | None:
        """Why an event is given up that the connector dies of each time; None when it can read it."""
        alike = _alike(event, found.living)
        # So ended the one that had been counted before this pass.
        how = "and its pass were killed"
        while (deaths := found.tries.deaths_alone(alike)) < self.openmetadata.attempts:
            run = self._alone(found, event)
            if not run.died:
                found.tries.survived(alike)
                self.notes.keep(found)
                return None
            self._require_well()
            how = run.how
            log.warning("the connector %s with %s alone, %d times in a row", how, event, found.tries.died_alone(alike))
            self.notes.keep(found)
        return f"the connector {how} with this event alone, {deaths} times"

    def _alone(self, found: Range, event: CuratedEvent) -> Ended:
        """How the connector ended that had this event to read, and no other.

        Raises:
            WorkflowError: it did not read it, or had others to read as well: that proves nothing.
        """
        before = self.notes.verified.ends()
        write_again(self.kafka, [event])
        run = self.let_read([event], before, self.notes.under_way(found, event))
        if not run.died and run.read[event.partition] <= before[event.partition]:
            raise WorkflowError(f"the connector {run.how} and did not read {event}")
        if run.died and sum(self.notes.verified.ends().values()) != sum(before.values()) + 1:
            raise WorkflowError(
                f"the connector {run.how}, and had not only {event} to read: somebody else wrote to "
                f"{self.kafka.lineage_topic}"
            )
        return run

    def _require_well(self) -> None:
        """Raises WorkflowError or CatalogueError unless the connector runs without any event, and the catalogue writes."""
        run = self.let_read([], self.notes.verified.ends(), nullcontext())
        if run.code != 0:
            raise WorkflowError(f"the connector {run.how} with nothing to read: it was no event that it died of before")
        self.catalogue.require_writes(self.openmetadata.pipeline_service)


def _alike(event: CuratedEvent, others: Iterable[CuratedEvent]) -> list[CuratedEvent]:
    """The event, and those that it supersedes and that the connector could not tell from it."""
    return [each for each in others if each.subject == event.subject and _content(each) == _content(event)]


def _content(event: CuratedEvent) -> dict[str, Any]:
    """What the connector sees of an event: all but its time, which it does not look at."""
    return {**json.loads(event.message.value() or b"{}"), "eventTime": None}

"""What is sent of an event: its message, with the columns that the warehouse tells, or the dead letter that it becomes."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from dbt_lineage.core.settings import KafkaSettings
from dbt_lineage.events.run_event import RUN_EVENT, SAYS, kind_of, says
from dbt_lineage.relay.completion import Completion, follow_up_of, subject_of
from dbt_lineage.relay.producer import Headers, Outgoing
from dbt_lineage.relay.questions import Questions
from dbt_lineage.relay.validation import InvalidEvent, job_key, validated
from dbt_lineage.spool.follow_ups import FollowUp, FollowUps
from dbt_lineage.spool.identity import event_id, event_id_of
from dbt_lineage.spool.spool import Waiting

# SQLite has no checksums: a body that the disk changed is known by its id.
_DAMAGED = "damaged in the spool: it is not what was emitted under its id"
# The SQL of a follow-up may take seconds to analyse, and new events wait meanwhile.
_FOLLOW_UPS_AT_ONCE = 50

# A letter that only tells of an event has to fit any topic. Characters.
_REASON_CHARACTERS = 1000

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Letter:
    """An event on its way.

    Args:
        event: the event, as it is in the spool.
        message: what is sent of it.
        reason: why it goes to the dead letters; None when it does not.
    """

    event: Waiting
    message: Outgoing
    reason: str | None = None


@dataclass(frozen=True)
class _Read:
    """A valid event.

    Args:
        event: as it is in the spool.
        document: parsed.
        relations: whose columns it needs.
    """

    event: Waiting
    document: dict[str, Any]
    relations: frozenset[str]

    @property
    def key(self) -> bytes:
        """Events of one key keep their order."""
        return job_key(self.document)


class Letters:
    """Makes letters of events.

    Args:
        kafka: the topics.
        follow_ups: where the events are kept that bring the columns later.
        completion: adds the columns; None when nothing is added.
        wait_seconds: how long events wait for a warehouse that does not answer, from its first failure on.
    """

    def __init__(
        self, kafka: KafkaSettings, follow_ups: FollowUps, completion: Completion | None, wait_seconds: float
    ) -> None:
        self._kafka = kafka
        self._follow_ups = follow_ups
        self._completion = completion
        self._questions = Questions(completion.columns, completion.place, wait_seconds) if completion else None
        self.let_go = 0

    @property
    def problem(self) -> str | None:
        """Why the warehouse does not tell columns; None when it does."""
        return self._questions.problem if self._questions else None

    def is_stirred(self, held: bool) -> bool:
        """Whether it is time to look at the spool again, though nobody wrote to it.

        Args:
            held: whether events wait for their columns.
        """
        questions = self._questions
        return questions is not None and (questions.look() or (held and (questions.given_up or questions.may_ask)))

    def of(self, batch: Sequence[Waiting], held: set[bytes]) -> list[Letter]:
        """The letters of a batch. An event that waits for its columns has none yet, nor have later ones of its job.

        What follows up an event that goes on without its columns is on disk when this returns.

        Args:
            batch: events in their order.
            held: keys of the events before them that wait; those of this batch are added.

        Raises:
            SpoolError: the disk refused.
        """
        found = [self._read(event) for event in batch]
        # Of what stands behind events that wait, nothing is asked: the answer is first of all about those.
        if not held:
            self._ask([each for each in found if isinstance(each, _Read)])
        letters: list[Letter] = []
        new: list[FollowUp] = []
        sent: list[Waiting] = []
        for each in found:
            if isinstance(each, Letter):
                letters.append(each)
                continue
            if each.key in held:
                continue
            body = self._body(each, new)
            if body is None:
                held.add(each.key)
                continue
            letters.append(self._letter(each, body))
            if each.relations:
                sent.append(each.event)
        self._keep(new, sent)
        return letters

    def of_follow_ups(self) -> list[Letter]:
        """The letters of follow-ups whose columns the warehouse has told; it is asked for those of the next ones.

        Raises:
            SpoolError: the disk refused.
        """
        if self._questions is None or self._completion is None:
            return []
        found = [self._read(event) for event in self._follow_ups.due(_FOLLOW_UPS_AT_ONCE)]
        reads = [each for each in found if isinstance(each, _Read)]
        self._ask(reads)
        return [
            *(each for each in found if isinstance(each, Letter)),
            *(
                self._letter(each, self._completion.of(each.event.body, columns))
                for each in reads
                if (columns := self._columns(each)) is not None
            ),
        ]

    def dead(self, event: Waiting, reason: str) -> Letter:
        """The dead letter that an event becomes.

        Args:
            event: the event.
            reason: why.
        """
        headers = dead_letter_headers(event.event_id, reason, f"spool {event.source}")
        return Letter(event, Outgoing(self._kafka.dlq_topic, None, event.body, headers), reason)

    def _read(self, event: Waiting) -> "_Read | Letter":
        try:
            document = validated(event.body)
        except InvalidEvent as problem:
            return self.dead(
                event, str(problem) if event_id(event.body) == event.event_id else f"{_DAMAGED} ({problem})"
            )
        if event_id_of(document) != event.event_id:
            return self.dead(event, _DAMAGED)
        return _Read(event, document, self._completion.relations(document) if self._completion else frozenset())

    def _letter(self, read: _Read, body: bytes) -> Letter:
        if (kind := kind_of(read.document)) != RUN_EVENT:
            about = read.key.decode()
            _logger.info("not a run event, but a %s of %s: it goes to Kafka, and makes no lineage", kind, about)
        headers: Headers = [("event_id", read.event.event_id.encode()), (SAYS, says(read.document))]
        return Letter(read.event, Outgoing(self._kafka.events_topic, read.key, body, headers))

    def _ask(self, found: Iterable[_Read]) -> None:
        """Ask for what is not known yet, all at once."""
        if self._questions is None:
            return
        self._questions.look()
        needs = {each.event.event_id: each.relations for each in found if self._columns(each) is None}
        if needs:
            self._questions.ask(needs)

    def _columns(self, read: _Read) -> Any:
        """The columns that an event needs; None when they are not known."""
        if not read.relations or self._questions is None:
            return {}
        return self._questions.columns_for(read.event.event_id)

    def _body(self, read: _Read, new: list[FollowUp]) -> bytes | None:
        """What is sent of an event; None while it waits for its columns. What follows it up goes to ``new``."""
        event, completion, questions = read.event, self._completion, self._questions
        if completion is None or questions is None:
            return event.body
        columns = self._columns(read)
        if columns is not None:
            return completion.of(event.body, columns)
        if not questions.given_up:
            return None
        if (follow_up := follow_up_of(event)) is not None:
            new.append(follow_up)
        return completion.without(event.body, str(questions.problem))

    def _keep(self, new: Sequence[FollowUp], sent: Sequence[Waiting]) -> None:
        if not sent or not (new or self._follow_ups.any()):
            return
        let_go = self._follow_ups.keep(new, [subject_of(event) for event in sent])
        if let_go:
            self.let_go += let_go
            _logger.error("%d events keep no columns: there is no room for more that wait for them", let_go)


def dead_letter_headers(name: str, reason: str, source: str) -> Headers:
    """The headers of a dead letter.

    Args:
        name: the event's id.
        reason: why it is one; a path into the event may make it as long as that.
        source: where it came from.
    """
    texts = {"event_id": name, "reason": reason[:_REASON_CHARACTERS], "source": source}
    return [(header, text.encode(errors="backslashreplace")) for header, text in texts.items()]

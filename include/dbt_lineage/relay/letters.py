"""Turn events into Kafka messages: completed with the warehouse's columns, or dead-lettered."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from dbt_lineage.core.settings import KafkaSettings
from dbt_lineage.events.run_event import RUN_EVENT, SAYS, kind_of, says
from dbt_lineage.relay.completion import Columns, Completion, Database, Needs, follow_up_of, subject_of
from dbt_lineage.relay.producer import Headers, Outgoing
from dbt_lineage.relay.questions import Questions
from dbt_lineage.relay.validation import InvalidEvent, job_key, validated
from dbt_lineage.spool.follow_ups import FollowUp, FollowUps
from dbt_lineage.spool.identity import event_id, event_id_of
from dbt_lineage.spool.spool import Waiting

# SQLite has no checksums. A body that the disk changed no longer matches its id.
_DAMAGED = "damaged in the spool: it is not what was emitted under its id"
# Analysing the SQL of a follow-up may take seconds, and new events wait meanwhile.
_FOLLOW_UPS_AT_ONCE = 50

# A dead letter without the event's body must fit any topic. Characters.
_REASON_CHARACTERS = 1000

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Letter:
    """An event and the message that is sent for it.

    Args:
        event: the event, as it is in the spool.
        message: the message.
        reason: why it is dead-lettered; None if it is not.
    """

    event: Waiting
    message: Outgoing
    reason: str | None = None


@dataclass(frozen=True)
class _Read:
    """A valid event.

    Args:
        event: the event, as it is in the spool.
        document: the event, parsed.
        needs: the relations whose columns it needs.
    """

    event: Waiting
    document: dict[str, Any]
    needs: Needs

    @property
    def key(self) -> bytes:
        """Its Kafka key. Events of one key keep their order."""
        return job_key(self.document)


@dataclass
class Held:
    """The events that wait for their columns.

    Args:
        keys: their Kafka keys. Later events with the same key wait too.
        databases: the databases that may still answer.
    """

    keys: set[bytes] = field(default_factory=set)
    databases: set[Database] = field(default_factory=set)

    def __bool__(self) -> bool:
        """Whether anything waits."""
        return bool(self.keys)


class Letters:
    """Turns events into letters.

    Args:
        kafka: the topics.
        follow_ups: where follow-ups are kept until their columns are known.
        completion: adds the columns; None when nothing is added.
        wait_seconds: how long events wait for a warehouse that does not answer, from its first failure on.
    """

    def __init__(
        self, kafka: KafkaSettings, follow_ups: FollowUps, completion: Completion | None, wait_seconds: float
    ) -> None:
        self._kafka = kafka
        self._follow_ups = follow_ups
        self._completion = completion
        places = completion.places if completion else {}
        self._questions = {
            database: Questions(partial(completion.columns, database), place, wait_seconds)
            for database, place in places.items()
            if completion
        }
        self.let_go = 0

    @property
    def problem(self) -> str | None:
        """The errors of warehouses that do not answer; None when all answer."""
        return "; ".join(each.problem for each in self._questions.values() if each.problem is not None) or None

    def is_stirred(self, held: Held) -> bool:
        """Whether waiting events may go on now, though nobody wrote to the spool.

        Args:
            held: the events that wait for their columns.
        """
        changed = [each.look() for each in self._questions.values()]
        waited_for = [self._questions[each] for each in held.databases]
        return any(changed) or any(each.given_up or each.may_ask for each in waited_for)

    def of(self, batch: Sequence[Waiting], held: Held) -> list[Letter]:
        """The letters of a batch. Events that wait for their columns, and later ones of the same job, have none yet.

        An event that waited too long is sent without its columns. Its follow-up is on disk when this returns.

        Args:
            batch: events in their order.
            held: the events that wait so far. Those of this batch are added.

        Raises:
            SpoolError: the disk refused.
        """
        found = [self._read(event) for event in batch]
        # A database with waiting events is not asked about later ones: its next answer is for those that wait.
        self._ask([each for each in found if isinstance(each, _Read)], but=held.databases)
        letters: list[Letter] = []
        new: list[FollowUp] = []
        sent: list[Waiting] = []
        for each in found:
            if isinstance(each, Letter):
                letters.append(each)
                continue
            if each.key in held.keys:
                continue
            body = self._body(each, new)
            if body is None:
                held.keys.add(each.key)
                held.databases |= {one for one in self._untold(each) if not self._questions[one].given_up}
                continue
            letters.append(self._letter(each, body))
            if each.needs:
                sent.append(each.event)
        self._keep(new, sent)
        return letters

    def of_follow_ups(self) -> list[Letter]:
        """The letters of follow-ups whose columns are known. Asks the warehouses for the columns of the next ones.

        Follow-ups that wait for one warehouse do not delay those of another.

        Raises:
            SpoolError: the disk refused.
        """
        if self._completion is None:
            return []
        letters: list[Letter] = []
        waited_for: set[Database] = set()
        after: int | None = None
        while not letters and (due := self._follow_ups.due(_FOLLOW_UPS_AT_ONCE, after)):
            found = [self._read(event) for event in due]
            reads = [each for each in found if isinstance(each, _Read)]
            self._ask(reads, but=waited_for)
            for each in found:
                if isinstance(each, Letter):
                    letters.append(each)
                elif untold := self._untold(each):
                    waited_for |= untold
                else:
                    letters.append(self._letter(each, self._completion.of(each.event.body, self._columns(each))))
            if waited_for >= self._questions.keys():
                break
            after = due[-1].id
        return letters

    def dead(self, event: Waiting, reason: str) -> Letter:
        """Dead-letter an event.

        Args:
            event: the event.
            reason: why it is dead-lettered.
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
        return _Read(event, document, self._completion.needs(document) if self._completion else {})

    def _letter(self, read: _Read, body: bytes) -> Letter:
        if (kind := kind_of(read.document)) != RUN_EVENT:
            about = read.key.decode()
            _logger.info("not a run event, but a %s of %s: it is sent to Kafka, and makes no lineage", kind, about)
        headers: Headers = [("event_id", read.event.event_id.encode()), (SAYS, says(read.document))]
        return Letter(read.event, Outgoing(self._kafka.events_topic, read.key, body, headers))

    def _ask(self, found: Sequence[_Read], but: Iterable[Database]) -> None:
        """Ask each database, except those in ``but``, for all columns that are not known yet, in one question."""
        for database, questions in self._questions.items():
            questions.look()
            if database in but:
                continue
            lacking = {
                each.event.event_id: each.needs[database]
                for each in found
                if database in each.needs and questions.columns_for(each.event.event_id) is None
            }
            # An answer replaces the one before. So an event that needs a second database too is asked for again here.
            waiting = {
                each.event.event_id: each.needs[database]
                for each in found
                if database in each.needs and len(each.needs) > 1 and self._untold(each)
            }
            if lacking:
                questions.ask(lacking | waiting)

    def _untold(self, read: _Read) -> set[Database]:
        """The databases that have not answered yet for an event."""
        return {each for each in read.needs if self._questions[each].columns_for(read.event.event_id) is None}

    def _columns(self, read: _Read) -> Mapping[Database, Columns]:
        """The columns that an event needs, once all databases have answered."""
        told = {each: self._questions[each].columns_for(read.event.event_id) for each in read.needs}
        return {database: columns for database, columns in told.items() if columns is not None}

    def _body(self, read: _Read, new: list[FollowUp]) -> bytes | None:
        """The body to send; None while the event waits for its columns. Its follow-up is added to ``new``."""
        event, completion = read.event, self._completion
        if completion is None:
            return event.body
        untold = [self._questions[each] for each in self._questions if each in self._untold(read)]
        if not untold:
            return completion.of(event.body, self._columns(read))
        if not all(each.given_up for each in untold):
            return None
        if (follow_up := follow_up_of(event)) is not None:
            new.append(follow_up)
        return completion.without(event.body, "; ".join(str(each.problem) for each in untold))

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
        reason: why it is one. It is cut off, since a path into the event may be as long as the event.
        source: where it came from.
    """
    texts = {"event_id": name, "reason": reason[:_REASON_CHARACTERS], "source": source}
    return [(header, text.encode(errors="backslashreplace")) for header, text in texts.items()]

"""What is sent of an event: its message, with the columns that the warehouse tells, or the dead letter that it becomes."""

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
        needs: the relations whose columns it needs.
    """

    event: Waiting
    document: dict[str, Any]
    needs: Needs

    @property
    def key(self) -> bytes:
        """Events of one key keep their order."""
        return job_key(self.document)


@dataclass
class Held:
    """What waits for its columns.

    Args:
        keys: of the events that wait; what is behind them with the same key waits too.
        databases: which may still tell them.
    """

    keys: set[bytes] = field(default_factory=set)
    databases: set[Database] = field(default_factory=set)

    def __bool__(self) -> bool:
        """Whether anything waits."""
        return bool(self.keys)


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
        places = completion.places if completion else {}
        self._questions = {
            database: Questions(partial(completion.columns, database), place, wait_seconds)
            for database, place in places.items()
            if completion
        }
        self.let_go = 0

    @property
    def problem(self) -> str | None:
        """Why warehouses do not tell columns; None when all do."""
        return "; ".join(each.problem for each in self._questions.values() if each.problem is not None) or None

    def is_stirred(self, held: Held) -> bool:
        """Whether it is time to look at the spool again, though nobody wrote to it.

        Args:
            held: what waits for its columns.
        """
        changed = [each.look() for each in self._questions.values()]
        waited_for = [self._questions[each] for each in held.databases]
        return any(changed) or any(each.given_up or each.may_ask for each in waited_for)

    def of(self, batch: Sequence[Waiting], held: Held) -> list[Letter]:
        """The letters of a batch. An event that waits for its columns has none yet, nor have later ones of its job.

        What follows up an event that goes on without its columns is on disk when this returns.

        Args:
            batch: events in their order.
            held: what waits of the events before them; what waits of this batch is added.

        Raises:
            SpoolError: the disk refused.
        """
        found = [self._read(event) for event in batch]
        # Of what stands behind events that wait, their warehouse is asked nothing: its answer is first of all about those.
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
        """The letters of follow-ups whose columns the warehouses have told; they are asked for those of the next ones.

        Those that wait for a warehouse hold up none of another one.

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
        return _Read(event, document, self._completion.needs(document) if self._completion else {})

    def _letter(self, read: _Read, body: bytes) -> Letter:
        if (kind := kind_of(read.document)) != RUN_EVENT:
            about = read.key.decode()
            _logger.info("not a run event, but a %s of %s: it goes to Kafka, and makes no lineage", kind, about)
        headers: Headers = [("event_id", read.event.event_id.encode()), (SAYS, says(read.document))]
        return Letter(read.event, Outgoing(self._kafka.events_topic, read.key, body, headers))

    def _ask(self, found: Sequence[_Read], but: Iterable[Database]) -> None:
        """Ask each warehouse for what is not known yet, all at once, but those that are waited for already."""
        for database, questions in self._questions.items():
            questions.look()
            if database in but:
                continue
            lacking = {
                each.event.event_id: each.needs[database]
                for each in found
                if database in each.needs and questions.columns_for(each.event.event_id) is None
            }
            # An answer takes the place of the one before. So what waits for another one, too, is asked for again.
            waiting = {
                each.event.event_id: each.needs[database]
                for each in found
                if database in each.needs and len(each.needs) > 1 and self._untold(each)
            }
            if lacking:
                questions.ask(lacking | waiting)

    def _untold(self, read: _Read) -> set[Database]:
        """The databases that have not told the columns that an event needs."""
        return {each for each in read.needs if self._questions[each].columns_for(read.event.event_id) is None}

    def _columns(self, read: _Read) -> Mapping[Database, Columns]:
        """The columns that an event needs, once all are told."""
        told = {each: self._questions[each].columns_for(read.event.event_id) for each in read.needs}
        return {database: columns for database, columns in told.items() if columns is not None}

    def _body(self, read: _Read, new: list[FollowUp]) -> bytes | None:
        """What is sent of an event; None while it waits for its columns. What follows it up goes to ``new``."""
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
        reason: why it is one; a path into the event may make it as long as that.
        source: where it came from.
    """
    texts = {"event_id": name, "reason": reason[:_REASON_CHARACTERS], "source": source}
    return [(header, text.encode(errors="backslashreplace")) for header, text in texts.items()]

"""The relay: reads events from the spool in order, validates them, and sends them to Kafka.

An event leaves the spool only after the broker acknowledged it. A relay that is killed in between is followed by one
that retries. Duplicates have the same ``event_id`` header.
"""

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from filelock import AcquireReturnProxy, FileLock, Timeout

from dbt_lineage.core.settings import KafkaSettings
from dbt_lineage.relay import oversize, status
from dbt_lineage.relay.completion import Completion
from dbt_lineage.relay.ledger_updates import Bookkeeper, LedgerPort, receipt_of
from dbt_lineage.relay.letters import Held, Letter, Letters
from dbt_lineage.relay.producer import Answer, BatchProducer, Refused, Sent
from dbt_lineage.relay.salvage import salvage
from dbt_lineage.relay.slimming import smaller
from dbt_lineage.relay.status import StatusFile
from dbt_lineage.relay.takeover import Takeover
from dbt_lineage.spool.errors import SpoolError, SpoolUnreadable
from dbt_lineage.spool.follow_ups import FollowUps
from dbt_lineage.spool.leaving import SpoolState, left, name_of, newest_place
from dbt_lineage.spool.spool import AFTER_ALL, BEFORE_ALL, Receipt, Spool, Waiting
from dbt_lineage.spool.switch import Switch

LOCK_NAME = "relay.lock"

_BATCH = 1000
_BATCH_BYTES = 16 << 20
# How often the spool is checked for new events; a check costs some 20 microseconds. Seconds.
_POLL = 0.05
# How long a new event waits for others to form a batch. A batch costs the broker and the disk as much as one event, and
# slows down dbt where they share a machine. Seconds.
_GATHER = 0.5
# How often a waiting relay checks the other relay's lock, the disk and the broker. Seconds.
_LOOK = 1.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 10.0

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Relayed:
    """What a relay did.

    Args:
        sent: number of events sent to the events topic.
        dead: number of events dead-lettered.
        left: number of events that still wait.
        follow_ups: number of events sent without their columns, which follow.
    """

    sent: int
    dead: int
    left: int
    follow_ups: int = 0


class Relay:
    """Sends a spool's events to Kafka. Any number may be started: one works, the others wait to take over.

    Args:
        spool: where the events wait.
        kafka: the cluster and its topics.
        ledger: records every event; None for no record.
        completion: adds columns and column lineage to valid events; None when nothing is added.
        columns_wait_seconds: how long events wait for a warehouse that does not answer, counted from the first question
            that failed.
        leaves: whether the spool's disk is removed with its worker. Such a relay claims no events that others handed over.
    """

    def __init__(
        self,
        spool: Spool,
        kafka: KafkaSettings,
        ledger: LedgerPort | None = None,
        completion: Completion | None = None,
        columns_wait_seconds: float = 5,
        leaves: bool = False,
    ) -> None:
        self._leaves = leaves
        self._takeover = None if ledger is None or leaves else Takeover(spool, ledger)
        self._spool = spool
        self._switch = Switch(spool.folder)
        self._kafka = kafka
        self._ledger = ledger
        self._letters = Letters(kafka, FollowUps(spool), completion, columns_wait_seconds)
        self._held = Held()
        self._pause = _FIRST_PAUSE
        self._looked_at = 0.0

    def run(self, stop: threading.Event) -> Relayed:
        """Send events until ``stop`` is set.

        Args:
            stop: ends the work. The acknowledgement of a batch under way is awaited, an unreachable broker is not.

        Raises:
            SpoolError: the spool's folder cannot be used at all.
        """
        return self._work(stop, until_empty=False)

    def drain(self, stop: threading.Event | None = None) -> Relayed:
        """Send events until the spool is empty.

        Args:
            stop: ends the work before that.

        Raises:
            SpoolError: the spool's folder cannot be used at all.
        """
        return self._work(stop or threading.Event(), until_empty=True)

    def _work(self, stop: threading.Event, until_empty: bool) -> Relayed:
        lock = self._lock(stop, until_empty)
        if lock is None:
            return Relayed(0, 0, self._left(AFTER_ALL))
        with lock:
            self._status = StatusFile(self._spool.folder)
            self._producer = BatchProducer(self._kafka, partial(self._trouble, "kafka_error"), self._refresh)
            _logger.info("relay: %s to Kafka at %s", self._spool.file, self._kafka.bootstrap_servers)
            try:
                with self._books(takes_over=not until_empty):
                    self._relay(stop, until_empty)
            finally:
                self._producer.close()
                self._refresh(at_once=True)
                self._status.stopped()
        now = self._status.now
        return Relayed(now.sent, now.dead, now.waiting, now.follow_ups)

    def _lock(self, stop: threading.Event, until_empty: bool) -> AcquireReturnProxy | None:
        """Acquire the lock of the relay at work; None when ``stop`` is set, or the spool was drained meanwhile."""
        self._spool.prepare()
        lock = FileLock(self._spool.folder / LOCK_NAME, mode=0o600)
        told = False
        last = newest_place(self._spool) if until_empty else 0
        while True:
            try:
                return lock.acquire(blocking=False)
            except Timeout:
                if not told:
                    other = status.read(self._spool.folder) or {}
                    _logger.info("relay %s works since %s: waiting", other.get("pid"), other.get("since"))
                    told = True
            if stop.wait(_LOOK) or (until_empty and self._left(last) == 0):
                return None

    @contextmanager
    def _books(self, takes_over: bool) -> Iterator[None]:
        if self._ledger is None:
            yield
            return
        bookkeeper = Bookkeeper(
            self._spool,
            self._ledger,
            self._kafka,
            partial(self._trouble, "ledger_error"),
            self._state,
            self._takeover,
            takes_over,
            self._leaves,
        )
        bookkeeper.start()
        try:
            yield
        finally:
            bookkeeper.stop()

    def _relay(self, stop: threading.Event, until_empty: bool) -> None:
        while not stop.is_set():
            try:
                seen = self._send_all(stop)
                if until_empty and not self._held and not self._follows():
                    return
                self._await_change(seen, stop)
            except SpoolError as problem:
                self._recover(problem, stop)

    def _send_all(self, stop: threading.Event) -> object:
        """Send all waiting events except those that wait for columns. Returns the spool's version at the end."""
        self._held = Held()
        version, after = self._spool.version(), BEFORE_ALL
        while not stop.is_set() and self._is_on() and (batch := self._next_batch(after)):
            letters = self._letters.of(batch, self._held)
            # Before the first of them is sent: the status that counts a follow-up gives its reason too.
            self._trouble("warehouse_error", self._letters.problem)
            if not self._send(letters, stop):
                # Events that Kafka did not acknowledge go before those behind them.
                self._held, after = Held(), BEFORE_ALL
            elif self._held:
                after = batch[-1].id
            version = self._spool.version()
        if self._is_on():
            while not stop.is_set() and (letters := self._letters.of_follow_ups()) and self._send(letters, stop):
                version = self._spool.version()
        self._trouble("spool_error", None)
        self._trouble("warehouse_error", self._letters.problem)
        return version

    def _follows(self) -> bool:
        """Whether follow-ups wait that can be sent now: the warehouses answer and the lineage is on."""
        return self._letters.problem is None and self._spool.usage().follow_ups > 0 and self._is_on()

    def _next_batch(self, after: int) -> list[Waiting]:
        """The events to send next. Those saved from a file that was set aside go before newer ones."""
        batch = self._spool.waiting(_BATCH, _BATCH_BYTES, after)
        # After reading, not before: the new file is made only after the old one was set aside.
        while salvage(self._spool):
            batch = self._spool.waiting(_BATCH, _BATCH_BYTES)
        return batch

    def _is_on(self) -> bool:
        """Whether the lineage is on. While it is off, waiting events stay in the spool."""
        off = self._switch.off()
        since = off.since.isoformat() if off else None
        if since != self._status.now.off_since:
            _logger.info("%s", f"{off}: nothing is sent" if off else "lineage is on again")
            self._status.update(off_since=since)
        return off is None

    def _await_change(self, seen: object, stop: threading.Event) -> None:
        """Return soon after a write to the spool, and after a second at the latest."""
        if self._status.now.kafka_error is not None:
            self._producer.look()
        for _ in range(round(_LOOK / _POLL)):
            self._producer.poll()
            self._refresh()
            if self._letters.is_stirred(self._held):
                return
            if self._spool.version() != seen:
                stop.wait(_GATHER)
                return
            if stop.wait(_POLL):
                return

    def _recover(self, problem: SpoolError, stop: threading.Event) -> None:
        self._trouble("spool_error", str(problem))
        if isinstance(problem, SpoolUnreadable):
            try:
                self._spool.set_aside(problem)
                return
            except SpoolError as refused:
                self._trouble("spool_error", str(refused))
        stop.wait(_LOOK)

    def _send(self, letters: Sequence[Letter], stop: threading.Event) -> bool:
        """Send letters, and delete the acknowledged ones from the spool. Returns whether all were acknowledged."""
        if not letters:
            return True
        answers = self._producer.send([letter.message for letter in letters], stop)
        self._settle(letters, answers, stop)
        final = [answer for answer in answers if not _is_too_large(answer)]
        too_large = [letter for letter, answer in zip(letters, answers, strict=True) if _is_too_large(answer)]
        if too_large and self._producer.follow_limits(stop):
            final += [self._send_alone(letter, stop) for letter in too_large if not stop.is_set()]
        self._pace(final, stop)
        return len(final) == len(letters) and all(isinstance(answer, Sent) for answer in final)

    def _send_alone(self, letter: Letter, stop: threading.Event) -> Answer:
        """Send an event that was refused for its size: alone, then in smaller forms, then to the dead letters."""
        answer = self._producer.send([letter.message], stop)[0]
        if _is_too_large(answer) and letter.reason is None:
            for body in smaller(letter.message.value):
                letter = replace(letter, message=replace(letter.message, value=body))
                answer = self._producer.send([letter.message], stop)[0]
                if not _is_too_large(answer):
                    break
        if _is_too_large(answer) and letter.reason is None:
            letter = self._letters.dead(letter.event, f"too large for Kafka: {len(letter.event.body)} bytes")
            answer = self._producer.send([letter.message], stop)[0]
        if _is_too_large(answer):
            letter = self._kept_aside(letter)
            answer = self._producer.send([letter.message], stop)[0]
        self._settle([letter], [answer], stop)
        return answer

    def _kept_aside(self, letter: Letter) -> Letter:
        event = letter.event
        file = oversize.keep(self._spool.folder, event.body)
        _logger.error("event %s has %d bytes, too many for Kafka: kept as %s", event.event_id, len(event.body), file)
        notice = self._letters.dead(event, letter.reason or "too large for Kafka")
        headers = [*notice.message.headers, oversize.header(file)]
        return replace(notice, message=replace(notice.message, value=b"", headers=headers))

    def _settle(self, letters: Sequence[Letter], answers: Sequence[Answer], stop: threading.Event) -> None:
        """Delete acknowledged events from the spool. Retries while the disk refuses, so that no event is sent twice."""
        sent = [(each, answer) for each, answer in zip(letters, answers, strict=True) if isinstance(answer, Sent)]
        if not sent:
            return
        receipts = [] if self._ledger is None else [_receipt(each, answer) for each, answer in sent]
        settled = [each.event.event_id for each, _ in sent]
        while not self._settled(settled, receipts):
            if stop.wait(_LOOK):
                return
        if self._takeover is not None:
            self._takeover.acknowledged(settled)
        dead = sum(each.reason is not None for each, _ in sent)
        now = self._status.now
        self._status.update(
            sent=now.sent + len(sent) - dead,
            dead=now.dead + dead,
            last_acknowledged_at=max(answer.at for _, answer in sent).isoformat(),
        )

    def _state(self) -> SpoolState:
        """The state of the spool, for other machines. Raises SpoolError."""
        usage, now = self._spool.usage(), self._status.now
        off = datetime.fromisoformat(now.off_since) if now.off_since else None
        problem = now.spool_error or now.kafka_error or ""
        return SpoolState(name_of(self._spool.folder), usage.waiting, usage.oldest, usage.follow_ups, off, problem)

    def _left(self, up_to: int) -> int:
        """How many events wait, up to a place; 1 when the spool cannot be read, since it may not be empty."""
        try:
            return left(self._spool, up_to).events
        except SpoolError as error:
            _logger.warning("%s", error)
            return 1

    def _settled(self, event_ids: Sequence[str], receipts: Sequence[Receipt]) -> bool:
        try:
            self._spool.settle(event_ids, receipts)
        except SpoolUnreadable:
            raise
        except SpoolError as error:
            self._trouble("spool_error", str(error))
            return False
        return True

    def _pace(self, answers: Sequence[Answer], stop: threading.Event) -> None:
        """Pause after a refusal or a missing answer, twice as long each time: a missing topic takes time to be created."""
        refusals = [each for each in answers if isinstance(each, Refused)]
        if not refusals and None not in answers:
            self._pause = _FIRST_PAUSE
            return
        if refusals:
            self._trouble("kafka_error", f"refused: {refusals[0].reason}")
        stop.wait(self._pause)
        self._pause = min(2 * self._pause, _LONGEST_PAUSE)

    def _refresh(self, at_once: bool = False) -> None:
        """Write the status about once a second: the relay is at work, and so many events wait."""
        if not at_once and time.monotonic() - self._looked_at < _LOOK:
            return
        self._looked_at = time.monotonic()
        try:
            usage = self._spool.usage()
            self._status.update(waiting=usage.waiting, follow_ups=usage.follow_ups, follow_ups_let_go=self._let_go())
        except SpoolError as error:
            self._trouble("spool_error", str(error))

    def _let_go(self) -> int:
        return self._letters.let_go + (self._takeover.let_go if self._takeover is not None else 0)

    def _trouble(self, field: str, problem: str | None) -> None:
        """Keep an error in the status, and log it twice only: when it begins and when it is over."""
        before = getattr(self._status.now, field)
        if before == problem:
            return
        if before is None:
            _logger.warning("%s", problem)
        elif problem is None:
            _logger.info("over: %s", before)
        self._status.update(**{field: problem})


def _is_too_large(answer: Answer) -> bool:
    return isinstance(answer, Refused) and answer.too_large


def _receipt(letter: Letter, sent: Sent) -> Receipt:
    return receipt_of(letter.event, sent.topic, sent.partition, sent.offset, sent.at, letter.reason)

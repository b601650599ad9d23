"""The relay: takes events from the spool in order, checks them, and brings them to Kafka.

An event leaves the spool only after the broker acknowledged it. What is killed in between is done again, and the
``event_id`` header says that the second copy is one.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial

from filelock import AcquireReturnProxy, FileLock, Timeout

from include.lineage.run_event import SAYS, says
from include.probes import WarehouseError
from include.relay import oversize, status
from include.relay.bookkeeping import Bookkeeper, LedgerPort, receipt_of
from include.relay.producer import Answer, BatchProducer, Headers, Outgoing, Refused, Sent
from include.relay.salvage import salvage
from include.relay.slimming import smaller
from include.relay.status import StatusFile
from include.relay.validation import InvalidEvent, job_key, validated
from include.settings import KafkaSettings
from include.spool.errors import SpoolError, SpoolUnreadable
from include.spool.identity import event_id, event_id_of
from include.spool.store import Receipt, Spool, Waiting
from include.spool.switch import Switch

LOCK_NAME = "relay.lock"

_BATCH = 1000
_BATCH_BYTES = 16 << 20
# How often the spool is asked for new events; asking costs some 20 microseconds. Seconds.
_POLL = 0.05
# How long others may join an event that was just put in: a batch costs the broker and the disk as much as one event,
# and dbt pays for both where they share its machine. Seconds.
_GATHER = 0.5
# How often whoever waits looks whether the other relay, the disk or the broker is back. Seconds.
_LOOK = 1.0
# SQLite has no checksums: a body that the disk changed is known by its id.
_DAMAGED = "damaged in the spool: it is not what was emitted under its id"
# A letter that only tells of an event has to fit any topic. Characters.
_REASON_CHARACTERS = 1000
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 10.0

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Relayed:
    """What a relay did.

    Args:
        sent: events that are in the events topic.
        dead: events that are in the dead letters.
        left: events that still wait.
    """

    sent: int
    dead: int
    left: int


@dataclass(frozen=True)
class _Letter:
    """An event on its way: its message, and why it goes to the dead letters if it does."""

    event: Waiting
    message: Outgoing
    reason: str | None = None


class Relay:
    """Brings a spool's events to Kafka. Any number may be started: one works, the others wait to take over.

    Args:
        spool: where the events wait.
        kafka: the cluster and its topics.
        ledger: who is told of every event; None when nobody is.
        complete: adds to a valid event what only the relay knows; None when nothing is.
    """

    def __init__(
        self,
        spool: Spool,
        kafka: KafkaSettings,
        ledger: LedgerPort | None = None,
        complete: Callable[[bytes], bytes] | None = None,
    ) -> None:
        self._spool = spool
        self._switch = Switch(spool.folder)
        self._kafka = kafka
        self._ledger = ledger
        self._complete = complete
        self._pause = _FIRST_PAUSE
        self._looked_at = 0.0

    def run(self, stop: threading.Event) -> Relayed:
        """Work until told to stop.

        Args:
            stop: ends the work; a batch whose acknowledgement is on its way is waited for, a broker that is away not.

        Raises:
            SpoolError: the spool's folder cannot be used at all.
        """
        return self._work(stop, until_empty=False)

    def drain(self, stop: threading.Event | None = None) -> Relayed:
        """Work until the spool is empty.

        Args:
            stop: ends it before that.

        Raises:
            SpoolError: the spool's folder cannot be used at all.
        """
        return self._work(stop or threading.Event(), until_empty=True)

    def _work(self, stop: threading.Event, until_empty: bool) -> Relayed:
        lock = self._lock(stop, until_empty)
        if lock is None:
            return Relayed(0, 0, self._left())
        with lock:
            self._status = StatusFile(self._spool.folder)
            self._producer = BatchProducer(self._kafka, partial(self._trouble, "kafka_error"), self._refresh)
            _logger.info("relay: %s to Kafka at %s", self._spool.file, self._kafka.bootstrap_servers)
            try:
                with self._books():
                    self._relay(stop, until_empty)
            finally:
                self._producer.close()
                self._refresh(at_once=True)
                self._status.stopped()
        now = self._status.now
        return Relayed(now.sent, now.dead, now.waiting)

    def _lock(self, stop: threading.Event, until_empty: bool) -> AcquireReturnProxy | None:
        """The lock of the relay at work, taken; None when it is not to be waited for any longer."""
        self._spool.prepare()
        lock = FileLock(self._spool.folder / LOCK_NAME, mode=0o600)
        told = False
        while True:
            try:
                return lock.acquire(blocking=False)
            except Timeout:
                if not told:
                    other = status.read(self._spool.folder) or {}
                    _logger.info("relay %s works since %s: waiting", other.get("pid"), other.get("since"))
                    told = True
            if stop.wait(_LOOK) or (until_empty and self._left() == 0):
                return None

    @contextmanager
    def _books(self) -> Iterator[None]:
        if self._ledger is None:
            yield
            return
        bookkeeper = Bookkeeper(self._spool, self._ledger, partial(self._trouble, "ledger_error"))
        bookkeeper.start()
        try:
            yield
        finally:
            bookkeeper.stop()

    def _relay(self, stop: threading.Event, until_empty: bool) -> None:
        while not stop.is_set():
            try:
                seen = self._send_all(stop)
                if until_empty:
                    return
                self._await_change(seen, stop)
            except SpoolError as problem:
                self._recover(problem, stop)
            except WarehouseError as problem:
                # The columns belong to the event; what waits for them is safe where it is.
                self._trouble("warehouse_error", str(problem))
                self._refresh()
                stop.wait(_LOOK)

    def _send_all(self, stop: threading.Event) -> object:
        """Send what waits; the spool's version when nothing waited any more."""
        version = self._spool.version()
        while not stop.is_set() and self._is_on() and (batch := self._next_batch()):
            self._send(batch, stop)
            version = self._spool.version()
        self._trouble("spool_error", None)
        return version

    def _next_batch(self) -> list[Waiting]:
        """The events that are to be sent next: what is saved of a file that was set aside goes before what is newer."""
        batch = self._spool.waiting(_BATCH, _BATCH_BYTES)
        # After reading, not before: a file that takes events in place of another is made after that was set aside.
        while salvage(self._spool):
            batch = self._spool.waiting(_BATCH, _BATCH_BYTES)
        return batch

    def _is_on(self) -> bool:
        """Whether the lineage is on. While it is off, what waits stays where it is."""
        off = self._switch.off()
        since = off.since.isoformat() if off else None
        if since != self._status.now.off_since:
            _logger.info("%s", f"{off}: nothing is sent" if off else "lineage is on again")
            self._status.update(off_since=since)
        return off is None

    def _await_change(self, seen: object, stop: threading.Event) -> None:
        """Return soon after somebody wrote to the spool, and after a second anyhow."""
        if self._status.now.kafka_error is not None:
            self._producer.look()
        for _ in range(round(_LOOK / _POLL)):
            self._producer.poll()
            self._refresh()
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

    def _send(self, batch: Sequence[Waiting], stop: threading.Event) -> None:
        letters, problem = self._letters(batch)
        answers = self._producer.send([letter.message for letter in letters], stop)
        self._settle(letters, answers, stop)
        final = [answer for answer in answers if not _is_too_large(answer)]
        too_large = [letter for letter, answer in zip(letters, answers, strict=True) if _is_too_large(answer)]
        if too_large and self._producer.follow_limits(stop):
            final += [self._send_alone(letter, stop) for letter in too_large if not stop.is_set()]
        self._pace(final, stop)
        if problem is not None:
            raise problem
        self._trouble("warehouse_error", None)

    def _letters(self, batch: Sequence[Waiting]) -> tuple[list[_Letter], WarehouseError | None]:
        """The letters of a batch, up to the first event whose columns cannot be asked for, and why they cannot."""
        letters: list[_Letter] = []
        for event in batch:
            try:
                letters.append(self._letter(event))
            except WarehouseError as problem:
                return letters, problem
        return letters, None

    def _letter(self, event: Waiting) -> _Letter:
        try:
            document = validated(event.body)
        except InvalidEvent as problem:
            return self._dead(
                event, str(problem) if event_id(event.body) == event.event_id else f"{_DAMAGED} ({problem})"
            )
        if event_id_of(document) != event.event_id:
            return self._dead(event, _DAMAGED)
        body = event.body if self._complete is None else self._complete(event.body)
        headers: Headers = [("event_id", event.event_id.encode()), (SAYS, says(document))]
        return _Letter(event, Outgoing(self._kafka.events_topic, job_key(document), body, headers))

    def _dead(self, event: Waiting, reason: str) -> _Letter:
        headers = dead_letter_headers(event.event_id, reason, f"spool {event.source}")
        return _Letter(event, Outgoing(self._kafka.dlq_topic, None, event.body, headers), reason)

    def _send_alone(self, letter: _Letter, stop: threading.Event) -> Answer:
        """An event that was refused for its size: by itself it may pass, else with less, else to the dead letters."""
        answer = self._producer.send([letter.message], stop)[0]
        if _is_too_large(answer) and letter.reason is None:
            for body in smaller(letter.message.value):
                letter = replace(letter, message=replace(letter.message, value=body))
                answer = self._producer.send([letter.message], stop)[0]
                if not _is_too_large(answer):
                    break
        if _is_too_large(answer) and letter.reason is None:
            letter = self._dead(letter.event, f"too large for Kafka: {len(letter.event.body)} bytes")
            answer = self._producer.send([letter.message], stop)[0]
        if _is_too_large(answer):
            letter = self._kept_aside(letter)
            answer = self._producer.send([letter.message], stop)[0]
        self._settle([letter], [answer], stop)
        return answer

    def _kept_aside(self, letter: _Letter) -> _Letter:
        event = letter.event
        file = oversize.keep(self._spool.folder, event.body)
        _logger.error("event %s has %d bytes, too many for Kafka: kept as %s", event.event_id, len(event.body), file)
        notice = self._dead(event, letter.reason or "too large for Kafka")
        headers = [*notice.message.headers, oversize.header(file)]
        return replace(notice, message=replace(notice.message, value=b"", headers=headers))

    def _settle(self, letters: Sequence[_Letter], answers: Sequence[Answer], stop: threading.Event) -> None:
        """Take out of the spool what the broker has. A disk that refuses is waited for: the events shall not go twice."""
        sent = [(each, answer) for each, answer in zip(letters, answers, strict=True) if isinstance(answer, Sent)]
        if not sent:
            return
        receipts = [] if self._ledger is None else [_receipt(each, answer) for each, answer in sent]
        while not self._settled([each.event.event_id for each, _ in sent], receipts):
            if stop.wait(_LOOK):
                return
        dead = sum(each.reason is not None for each, _ in sent)
        now = self._status.now
        self._status.update(
            sent=now.sent + len(sent) - dead,
            dead=now.dead + dead,
            last_acknowledged_at=max(answer.at for _, answer in sent).isoformat(),
        )

    def _left(self) -> int:
        """How many wait; a spool that cannot be read is not empty."""
        try:
            return self._spool.usage().waiting
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
        """Not at once again when the broker refused: a topic that is not there yet will not be there sooner."""
        refusals = [each for each in answers if isinstance(each, Refused)]
        if not refusals and None not in answers:
            self._pause = _FIRST_PAUSE
            return
        if refusals:
            self._trouble("kafka_error", f"Kafka at {self._kafka.bootstrap_servers} refused: {refusals[0].reason}")
        stop.wait(self._pause)
        self._pause = min(2 * self._pause, _LONGEST_PAUSE)

    def _refresh(self, at_once: bool = False) -> None:
        """Say about once a second that the relay is at work, and how much waits."""
        if not at_once and time.monotonic() - self._looked_at < _LOOK:
            return
        self._looked_at = time.monotonic()
        try:
            self._status.update(waiting=self._spool.usage().waiting)
        except SpoolError as error:
            self._trouble("spool_error", str(error))

    def _trouble(self, field: str, problem: str | None) -> None:
        """Keep a trouble in the status, and say it once in the log: when it begins and when it is over."""
        before = getattr(self._status.now, field)
        if before == problem:
            return
        if before is None:
            _logger.warning("%s", problem)
        elif problem is None:
            _logger.info("over: %s", before)
        self._status.update(**{field: problem})


def dead_letter_headers(name: str, reason: str, source: str) -> Headers:
    """The headers of a dead letter.

    Args:
        name: the event's id.
        reason: why it is one; a path into the event may make it as long as that.
        source: where it came from.
    """
    texts = {"event_id": name, "reason": reason[:_REASON_CHARACTERS], "source": source}
    return [(header, text.encode(errors="backslashreplace")) for header, text in texts.items()]


def _is_too_large(answer: Answer) -> bool:
    return isinstance(answer, Refused) and answer.too_large


def _receipt(letter: _Letter, sent: Sent) -> Receipt:
    return receipt_of(letter.event, sent.topic, sent.partition, sent.offset, sent.at, letter.reason)

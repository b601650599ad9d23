"""One pass of the ingestion at a time: Kafka's transactions fence an older one that stalled and wakes up.

Who begins a pass takes over the transactional id. From then on the broker refuses every commit of the one before. A
commit moves offsets and writes dead letters together, or neither.

The catalogue knows nothing of that. So a pass may write to it only for ``LEASE_SECONDS`` after it has proved, by a commit,
that it still holds the fence. A pass that takes over from one that was at work waits so long before its first write.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from confluent_kafka import KafkaError, KafkaException, TopicPartition
from tenacity import retry, retry_if_result, wait_fixed

from dbt_lineage.core.errors import ExpectedError
from dbt_lineage.core.settings import KafkaSettings
from dbt_lineage.kafka import clients
from dbt_lineage.kafka.clients import BrokerError
from dbt_lineage.kafka.limits import LARGEST, limits_of, size_of
from dbt_lineage.kafka.offsets import Bookmark
from dbt_lineage.relay import oversize

LEASE_SECONDS = 2.0
# A proof that is older than this is renewed before the next write, seconds.
_RENEWED_AFTER = 1.0
# In the note of an offset: a pass is at work, with a number that changes. Who takes over finds it also where that pass was
# killed.
BUSY = "busy@"
# A pass that is at work and has not changed its notes for so long is stalled or dead: another one takes over.
SILENT_SECONDS = 5.0
_LOOK_SECONDS = 0.2
_FENCED = (KafkaError._FENCED, KafkaError.PRODUCER_FENCED, KafkaError.INVALID_PRODUCER_EPOCH)


def await_other_pass(read: Callable[[], Mapping[int, Bookmark]]) -> None:
    """Let a pass that is at work end first; one that has said nothing for ``SILENT_SECONDS`` is not waited for.

    Args:
        read: the group's bookmarks, as they are now.
    """
    seen, since = read(), _now()

    def is_at_work() -> bool:
        nonlocal seen, since
        found = read()
        if found != seen:
            seen, since = found, _now()
        return any(map(_is_busy, found.values())) and _now() - since < SILENT_SECONDS

    if any(map(_is_busy, seen.values())):
        retry(retry=retry_if_result(bool), wait=wait_fixed(_LOOK_SECONDS))(is_at_work)()


class TakenOver(ExpectedError):
    """Another pass of the ingestion has begun: this one moves and writes nothing more."""


class Letter(NamedTuple):
    """A message for the dead letters.

    Args:
        value: the event as it was emitted.
        key: its key.
        headers: reason, source and event id.
    """

    value: bytes | None
    key: bytes | None
    headers: Sequence[tuple[str, bytes]]


class Fence:
    """The right to move the ingestion's offsets, used as a context manager.

    Args:
        kafka: the cluster and the topics.
        group: the consumer group whose offsets are moved; also the transactional id.
        spool_folder: the spool's folder; beside the spool is kept what is too large for the dead letters.

    Raises:
        BrokerError: the cluster did not answer.
    """

    def __init__(self, kafka: KafkaSettings, group: str, spool_folder: Path) -> None:
        self._kafka = kafka
        self._spool_folder = spool_folder
        self._group = group
        self._seconds = kafka.timeout_seconds
        quiet = {"log_level": 2}
        # The letters fit their topic, each in a batch of its own.
        sizes: dict[str, str | int] = {"message.max.bytes": LARGEST, "batch.size": 1}
        self._producer = clients.producer(kafka, {**quiet, **sizes, "transactional.id": group})
        # It joins no group: it only says which one the offsets are of.
        self._consumer = clients.consumer(kafka, {**quiet, "group.id": group, "enable.auto.commit": False})
        self._commits = 0
        self._at: dict[int, Bookmark] = {}
        self._proved_at = float("-inf")

    def __enter__(self) -> Self:
        try:
            # With no connection yet, librdkafka looks for the coordinator only twice a second.
            self._producer.list_topics(timeout=self._seconds)
            self._producer.init_transactions(self._seconds)
        except KafkaException as error:
            raise self._failure("no pass could begin", error) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._consumer.close()

    def begin(self, bookmarks: Mapping[int, Bookmark]) -> bool:
        """Note that this pass is at work.

        Args:
            bookmarks: where the group stands, as it was read after this pass took over.

        Returns:
            Whether another pass may have been at work, and may still write for ``LEASE_SECONDS``.

        Raises:
            TakenOver, BrokerError: as ``commit`` does.
        """
        was_busy = any(map(_is_busy, bookmarks.values()))
        self.commit(bookmarks, ())
        return was_busy

    def check(self) -> None:
        """Make sure that no other pass has taken over; to be called right before each write into the catalogue.

        Raises:
            TakenOver: one has.
            BrokerError: the cluster did not answer.
        """
        if _now() - self._proved_at > _RENEWED_AFTER:
            self.commit(self._at, ())

    def commit(self, bookmarks: Mapping[int, Bookmark], letters: Sequence[Letter], is_last: bool = False) -> None:
        """Move the group's offsets and write dead letters, both or neither.

        Args:
            bookmarks: offset and note of each partition of the events topic.
            letters: the dead letters.
            is_last: whether this pass is not at work any more.

        Raises:
            TakenOver: another pass has begun.
            BrokerError: the cluster did not answer or refused.
            SpoolError: a letter that is too large for its topic could not be kept on the disk.
        """
        fitting = self._fitting(letters)
        proved_at = _now()
        self._commits += 1
        busy = [] if is_last else [f"{BUSY}{self._commits}"]
        notes = {partition: " ".join([*_without_busy(each), *busy]) for partition, each in bookmarks.items()}
        places = [
            TopicPartition(self._kafka.events_topic, partition, each.offset, notes[partition])
            for partition, each in sorted(bookmarks.items())
        ]
        try:
            self._producer.begin_transaction()
            for letter in fitting:
                self._producer.produce(
                    self._kafka.dlq_topic, value=letter.value, key=letter.key, headers=list(letter.headers)
                )
            self._producer.send_offsets_to_transaction(places, self._consumer.consumer_group_metadata(), self._seconds)
            self._producer.commit_transaction(self._seconds)
        except KafkaException as error:
            if error.args[0].code() in _FENCED:
                raise TakenOver(
                    f"another pass of the ingestion (group {self._group}) has begun: this one ends"
                ) from error
            self._abort(error.args[0])
            raise self._failure(f"the offsets of group {self._group} were not committed", error) from error
        self._at |= bookmarks
        self._proved_at = proved_at

    def _fitting(self, letters: Sequence[Letter]) -> list[Letter]:
        """The letters as their topic takes them: one that is too large points to a file with the event.

        That is decided before, without a thought of compression: librdkafka fails also the transaction that follows one
        with a message that was refused for its size.
        """
        room = (
            min(limits_of(self._kafka, topics=(self._kafka.dlq_topic,)).of(self._kafka.dlq_topic), LARGEST)
            if letters
            else 0
        )
        return [
            letter if size_of(letter.value or b"", letter.key, letter.headers) <= room else self._kept(letter)
            for letter in letters
        ]

    def _kept(self, letter: Letter) -> Letter:
        file = oversize.keep(self._spool_folder, letter.value or b"")
        return letter._replace(value=b"", key=None, headers=[*letter.headers, oversize.header(file)])

    def _abort(self, error: KafkaError) -> None:
        if error.fatal():
            return
        try:
            self._producer.abort_transaction(self._seconds)
        except KafkaException:
            # The next pass ends it: whoever takes over the transactional id aborts what is open.
            return

    def _failure(self, what: str, error: KafkaException) -> BrokerError:
        return BrokerError(f"{what}: {clients.said(self._kafka, error.args[0])}")


def _is_busy(bookmark: Bookmark) -> bool:
    return any(word.startswith(BUSY) for word in bookmark.note.split())


def _without_busy(bookmark: Bookmark) -> list[str]:
    return [word for word in bookmark.note.split() if not word.startswith(BUSY)]


def _now() -> float:
    """Seconds of a clock that goes on while the machine sleeps, where there is one."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))

"""Allow one pass of the ingestion at a time: Kafka's transactions fence an older pass that stalled and wakes up.

A new pass takes over the transactional id. From then on the broker refuses every commit of the older pass. A commit moves
offsets and writes dead letters together, or neither.

The catalogue has no such fence. So a pass may write to it only for ``LEASE_SECONDS`` after a commit has proved that it
still holds the fence. A pass that takes over from a working one waits that long before its first write.
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
from dbt_lineage.kafka.offsets import Bookmark, Bookmarks
from dbt_lineage.relay import oversize

LEASE_SECONDS = 2.0
# A proof older than this is renewed before the next write. Seconds.
_RENEWED_AFTER = 1.0
# In the note of an offset: a pass is at work, with a number that changes. If that pass is killed, its successor finds the
# note.
BUSY = "busy@"
# In the note of an offset: a pass has failed and writes nothing more. Its last requests may still be under way.
LEFT = "left@"
# A pass that has not changed its notes for this long is stalled or killed, and another one takes over. Seconds.
SILENT_SECONDS = 5.0
_LOOK_SECONDS = 0.2
_FENCED = (KafkaError._FENCED, KafkaError.PRODUCER_FENCED, KafkaError.INVALID_PRODUCER_EPOCH)


def await_other_pass(read: Callable[[], Mapping[int, Bookmark]]) -> None:
    """Wait for another pass to end, unless it has not changed its notes for ``SILENT_SECONDS``.

    Args:
        read: reads the group's current bookmarks.
    """
    seen, since = read(), _now()

    def is_at_work() -> bool:
        nonlocal seen, since
        found = read()
        if found != seen:
            seen, since = found, _now()
        return _has_mark(found, BUSY) and _now() - since < SILENT_SECONDS

    if _has_mark(seen, BUSY):
        retry(retry=retry_if_result(bool), wait=wait_fixed(_LOOK_SECONDS))(is_at_work)()


class TakenOver(ExpectedError):
    """Another pass of the ingestion has begun. This one commits and writes nothing more."""


class Rejected(NamedTuple):
    """A message for the dead letters.

    Args:
        value: the event as it was emitted.
        key: its Kafka key.
        headers: reason, source and event id.
    """

    value: bytes | None
    key: bytes | None
    headers: Sequence[tuple[str, bytes]]


class Fence:
    """The right to commit the ingestion's offsets, used as a context manager.

    Args:
        kafka: the cluster and the topics.
        topic: the offsets of the events topic.
        group: the consumer group whose offsets are committed; also the transactional id.
        spool_folder: the spool's folder, which keeps events that are too large for the dead letters.

    Raises:
        BrokerError: the cluster did not answer.
    """

    def __init__(self, kafka: KafkaSettings, topic: Bookmarks, group: str, spool_folder: Path) -> None:
        self._kafka = kafka
        self._topic = topic
        self._spool_folder = spool_folder
        self._group = group
        self._seconds = kafka.timeout_seconds
        # Each letter is a batch of its own, so that it fits its topic.
        own: dict[str, str | int] = {"log_level": 2, "message.max.bytes": LARGEST, "batch.size": 1}
        self._producer = clients.producer(kafka, {**own, "transactional.id": group})
        self._commits = 0
        self._at: dict[int, Bookmark] = {}
        self._proved_at = float("-inf")
        self._is_at_work = False

    def __enter__(self) -> Self:
        try:
            # Connects first: without a connection, librdkafka looks for the coordinator only twice a second.
            self._producer.list_topics(timeout=self._seconds)
            self._producer.init_transactions(self._seconds)
        except KafkaException as error:
            raise self._failure("no pass could begin", error) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if isinstance(error, Exception) and not isinstance(error, TakenOver) and self._is_at_work:
                self._commit(self._at, (), f"{LEFT}{self._commits}")
        except (TakenOver, BrokerError):
            # The next pass finds it at work, and waits as it does for a pass that was killed.
            return

    def begin(self, bookmarks: Mapping[int, Bookmark]) -> bool:
        """Record that this pass is at work.

        Args:
            bookmarks: the group's bookmarks, read after this pass took over.

        Returns:
            Whether another pass may have been at work, and may still write for ``LEASE_SECONDS``.

        Raises:
            TakenOver, BrokerError: as ``commit`` does.
        """
        may_write = _has_mark(bookmarks, BUSY, LEFT)
        self.commit(bookmarks, ())
        return may_write

    def check(self) -> None:
        """Make sure that no other pass has taken over. Call it right before each write to the catalogue.

        Raises:
            TakenOver: another pass has taken over.
            BrokerError: the cluster did not answer.
        """
        if _now() - self._proved_at > _RENEWED_AFTER:
            self.commit(self._at, ())

    def commit(self, bookmarks: Mapping[int, Bookmark], letters: Sequence[Rejected], is_last: bool = False) -> None:
        """Commit the group's offsets and write dead letters, both or neither.

        Args:
            bookmarks: offset and note of each partition of the events topic.
            letters: the dead letters.
            is_last: whether this pass ends with it.

        Raises:
            TakenOver: another pass has begun.
            BrokerError: the cluster did not answer, or refused.
            SpoolError: a letter that is too large for its topic could not be written to the disk.
        """
        self._commit(bookmarks, letters, "" if is_last else f"{BUSY}{self._commits}")
        self._is_at_work = not is_last

    def _commit(self, bookmarks: Mapping[int, Bookmark], letters: Sequence[Rejected], mark: str) -> None:
        fitting = self._fitting(letters)
        proved_at = _now()
        self._commits += 1
        notes = {partition: " ".join([*_without_mark(each), mark]).strip() for partition, each in bookmarks.items()}
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
            group = self._topic.consumer(self._group).consumer_group_metadata()
            self._producer.send_offsets_to_transaction(places, group, self._seconds)
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

    def _fitting(self, letters: Sequence[Rejected]) -> list[Rejected]:
        """The letters in a size that their topic accepts: a letter that is too large points to a file with the event.

        This is decided before sending, by the uncompressed size. After a message that was refused for its size, librdkafka
        fails the next transaction too.
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

    def _kept(self, letter: Rejected) -> Rejected:
        file = oversize.keep(self._spool_folder, letter.value or b"")
        return letter._replace(value=b"", key=None, headers=[*letter.headers, oversize.header(file)])

    def _abort(self, error: KafkaError) -> None:
        if error.fatal():
            return
        try:
            self._producer.abort_transaction(self._seconds)
        except KafkaException:
            # The next pass aborts it when it takes over the transactional id.
            return

    def _failure(self, what: str, error: KafkaException) -> BrokerError:
        return BrokerError(f"{what}: {clients.said(self._kafka, error.args[0])}")


def _has_mark(bookmarks: Mapping[int, Bookmark], *marks: str) -> bool:
    return any(word.startswith(marks) for each in bookmarks.values() for word in each.note.split())


def _without_mark(bookmark: Bookmark) -> list[str]:
    return [word for word in bookmark.note.split() if not word.startswith((BUSY, LEFT))]


def _now() -> float:
    """Seconds of a clock that goes on while the machine sleeps, if there is such a clock."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))

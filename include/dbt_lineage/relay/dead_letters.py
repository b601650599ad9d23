"""Dead letters: read, replay and dismiss what is in their topic."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from confluent_kafka import Message

from dbt_lineage.core.errors import ExpectedError
from dbt_lineage.core.settings import KafkaSettings
from dbt_lineage.kafka.lag import arrived_at
from dbt_lineage.kafka.limits import limits_of, size_of
from dbt_lineage.kafka.offsets import Bookmarks
from dbt_lineage.kafka.reader import messages
from dbt_lineage.kafka.topics import BrokerError
from dbt_lineage.kafka.writer import Writer
from dbt_lineage.relay import oversize
from dbt_lineage.relay.letters import dead_letter_headers
from dbt_lineage.relay.producer import Headers
from dbt_lineage.relay.validation import InvalidEvent, validated
from dbt_lineage.spool.identity import event_id
from dbt_lineage.spool.spool import Spool


class NoSuchLetter(ExpectedError, LookupError):
    """There is no dead letter at that offset. The message names where the partition ends."""


@dataclass(frozen=True)
class DeadLetter:
    """One dead letter.

    Args:
        partition: partition of the dead letters' topic.
        offset: its offset there.
        event_id: the event's id.
        reason: why it is a dead letter.
        source: where it came from.
        attempts: number of replays after which it was still invalid.
        body: the event as it was emitted; empty when it was too large for Kafka.
        kept_as: ``host:path`` of the event when it was too large for Kafka; None when it was not.
        arrived_at: when it reached the topic.
    """

    partition: int
    offset: int
    event_id: str
    reason: str
    source: str
    attempts: int
    body: bytes
    kept_as: str | None
    arrived_at: datetime

    def event(self, spool_folder: Path) -> bytes:
        """The event as it was emitted.

        Args:
            spool_folder: the spool's folder, which holds events that were too large.

        Raises:
            KeptUnreadable: the event was too large, and its file is missing or changed.
        """
        return self.body if self.kept_as is None else oversize.read(spool_folder, self.kept_as)


@dataclass(frozen=True)
class Replayed:
    """What a replay did, or would do.

    Args:
        sent: letters that went back to the spool, for the relay to send.
        invalid: letters that are still invalid and were put at the end of the dead letters.
    """

    sent: int
    invalid: int


class DeadLetters:
    """The dead letters' topic.

    Args:
        kafka: the cluster and its topics.
    """

    def __init__(self, kafka: KafkaSettings) -> None:
        self._kafka = kafka
        # What is before its offsets has been replayed.
        self._group = kafka.dead_letters_group
        self._bookmarks = Bookmarks(kafka, kafka.dlq_topic)

    def new(self, since: datetime | None = None) -> list[DeadLetter]:
        """The letters that were neither replayed nor dismissed. Raises BrokerError.

        Args:
            since: only those that arrived then or later; with a time zone.
        """
        start, ends = self._bookmarks.unread(self._group)
        if since is not None:
            start = {partition: max(start[partition], first) for partition, first in self._bookmarks.at(since).items()}
        return list(self._between(start, ends))

    def last(self, limit: int) -> tuple[int, list[DeadLetter]]:
        """How many no replay has taken up yet, and the last of them, the newest first. Raises BrokerError.

        Args:
            limit: how many are returned at most; not many more are read.
        """
        start, ends = self._bookmarks.unread(self._group)
        near = {partition: max(start[partition], end - limit) for partition, end in ends.items()}
        found = sorted(self._between(near, ends), key=lambda letter: letter.arrived_at, reverse=True)[:limit]
        return sum(end - start[partition] for partition, end in ends.items()), found

    def count(self) -> int:
        """Count the new letters from offsets alone, without reading one. Raises BrokerError."""
        start, ends = self._bookmarks.unread(self._group)
        return sum(end - start[partition] for partition, end in ends.items())

    def at(self, partition: int, offset: int) -> DeadLetter:
        """Read one letter.

        Raises:
            NoSuchLetter: there is none at that offset.
            BrokerError: the cluster did not answer.
        """
        end = self._bookmarks.ends().get(partition, 0)
        found = self._between({partition: offset}, {partition: min(offset + 1, end)})
        letter = next((each for each in found if each.offset == offset), None)
        if letter is None:
            raise NoSuchLetter(f"{self._kafka.dlq_topic}[{partition}] has no offset {offset}; it ends at {end}")
        return letter

    def replay(self, spool: Spool, dry_run: bool) -> Replayed:
        """Validate the new letters again. Valid ones go to the spool, the others to the end of the dead letters.

        The bookmark is committed when all are there. So a replay that crashes is repeated, and duplicates share one event
        id. An event that a newer run of the same model supersedes overwrites nothing.

        Args:
            spool: where valid events wait for the relay.
            dry_run: change nothing, only count.

        Raises:
            BrokerError: the cluster did not answer, or did not acknowledge all of them in time.
            SpoolError: the disk refused.
        """
        start, ends = self._bookmarks.unread(self._group)
        letters = sorted(self._between(start, ends), key=lambda letter: letter.arrived_at)
        problems = {letter: problem for letter in letters if (problem := _problem(letter, spool.folder))}
        valid = [letter for letter in letters if letter not in problems]
        if not dry_run:
            limits = limits_of(self._kafka, topics=(self._kafka.dlq_topic,))
            with Writer(self._kafka, limits) as writer:
                for letter, problem in problems.items():
                    writer.write(
                        self._kafka.dlq_topic, *_sent_back(letter, problem, spool, limits.of(self._kafka.dlq_topic))
                    )
            for letter in valid:
                spool.put(letter.event(spool.folder))
            self._bookmarks.move(self._group, ends)
        return Replayed(sent=len(valid), invalid=len(problems))

    def dismiss(self) -> int:
        """Commit the bookmark behind all new letters without sending one. They stay in the topic and can be shown.

        Returns:
            How many letters were dismissed.

        Raises:
            BrokerError: the cluster did not answer or refused.
        """
        start, ends = self._bookmarks.unread(self._group)
        self._bookmarks.move(self._group, ends)
        return sum(end - start[partition] for partition, end in ends.items())

    def _between(self, start: Mapping[int, int], ends: Mapping[int, int]) -> Iterator[DeadLetter]:
        return map(_letter, messages(self._kafka, self._kafka.dlq_topic, start, ends))


def _letter(message: Message) -> DeadLetter:
    partition, offset = message.partition(), message.offset()
    if partition is None or offset is None:
        raise BrokerError("Kafka returned a dead letter without its partition or offset")
    headers = {str(header[0]): _text(header[1]) for header in message.headers() or []}
    body = message.value() or b""
    attempts = headers.get("attempts", "0")
    return DeadLetter(
        partition=partition,
        offset=offset,
        event_id=headers.get("event_id") or event_id(body),
        reason=headers.get("reason", "not told"),
        source=headers.get("source", "not told"),
        attempts=int(attempts) if attempts.isdecimal() else 0,
        body=body,
        kept_as=headers.get(oversize.HEADER),
        arrived_at=arrived_at(message),
    )


def _sent_back(letter: DeadLetter, reason: str, spool: Spool, limit: int) -> tuple[bytes, None, Headers]:
    """Value, key and headers of a letter that goes to the end of the dead letters."""
    headers = dead_letter_headers(letter.event_id, reason, letter.source)
    headers.append(("attempts", str(letter.attempts + 1).encode()))
    if letter.kept_as is not None:
        headers.append((oversize.HEADER, letter.kept_as.encode()))
    elif size_of(letter.body, None, headers) > limit:
        return b"", None, [*headers, oversize.header(oversize.keep(spool.folder, letter.body))]
    return letter.body, None, headers


def _text(value: str | bytes | None) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else value or ""


def _problem(letter: DeadLetter, spool_folder: Path) -> str | None:
    """Why a letter cannot be sent again; None when it is valid now."""
    try:
        validated(letter.event(spool_folder))
    except (InvalidEvent, oversize.KeptUnreadable) as problem:
        return str(problem)
    return None

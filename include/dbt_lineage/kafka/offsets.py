"""Consumer groups as bookmarks: a topic's end, a group's offsets."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, TypeVar
from uuid import uuid4

from confluent_kafka import (
    Consumer,
    ConsumerGroupTopicPartitions,
    IsolationLevel,
    KafkaError,
    KafkaException,
    TopicPartition,
)
from confluent_kafka.admin import OffsetSpec
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_fixed

from dbt_lineage.core.settings import KafkaSettings
from dbt_lineage.kafka import clients
from dbt_lineage.kafka.clients import BrokerError

Offsets = Mapping[int, int]
Answer = TypeVar("Answer")
# Kafka keeps up to 4096 bytes with an offset (offset.metadata.max.bytes of the brokers).
NOTE_BYTES = 4096
_OF_AN_ATTEMPT = re.compile(r"-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# A broker answers so just after its start, until it has read the groups, and about a new topic.
_NOT_YET = (
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
    KafkaError.COORDINATOR_NOT_AVAILABLE,
    KafkaError.NOT_COORDINATOR,
)
_LEFT_ALONE = (KafkaError.NON_EMPTY_GROUP, KafkaError.GROUP_ID_NOT_FOUND)


class Bookmark(NamedTuple):
    """How far a group has come in a partition, and what was noted there (the offset's metadata string in Kafka)."""

    offset: int
    note: str


class Bookmarks:
    """Offsets of one topic. Its clients stay connected as long as it is kept.

    Args:
        kafka: the cluster and how long a call may take.
        topic: the topic.
    """

    def __init__(self, kafka: KafkaSettings, topic: str) -> None:
        self._kafka = kafka
        self._topic = topic
        # What goes wrong is raised. A client that is kept would log each attempt to reach a cluster that is away.
        self._own = {"socket.timeout.ms": int(kafka.timeout_seconds * 1000), "log_level": 2}
        self._admin = clients.admin(kafka, self._own)
        self._consumers: dict[str, Consumer] = {}

    def partitions(self) -> list[int]:
        """Numbers of the topic's partitions.

        Raises:
            BrokerError: the cluster did not answer, or there is no such topic.
        """
        topics = clients.metadata(self._admin, self._kafka.bootstrap_servers, self._kafka.timeout_seconds).topics
        if self._topic not in topics:
            raise BrokerError(
                f"Kafka at {self._kafka.bootstrap_servers} has no topic {self._topic} that this client may see "
                f"({self._kafka.login}): run the kafka_topics DAG, or give it the right to describe the topic"
            )
        return sorted(topics[self._topic].partitions)

    def ends(self) -> dict[int, int]:
        """The offset that the next message of each partition will have. Raises BrokerError."""
        return self._offsets(OffsetSpec.latest())

    def written_ends(self) -> dict[int, int]:
        """As ``ends``, with the messages of transactions that no consumer sees yet. Raises BrokerError.

        The broker answers a commit before consumers see it.
        """
        return self._offsets(OffsetSpec.latest(), IsolationLevel.READ_UNCOMMITTED)

    def bounds(self) -> dict[int, tuple[int, int]]:
        """The first offset that each partition still has, and the one that its next message will have. Raises BrokerError."""
        # In this order: the ends then have every partition, and none is before what Kafka still has.
        firsts = self._offsets(OffsetSpec.earliest())
        ends = self.ends()
        return {partition: (first, ends[partition]) for partition, first in firsts.items()}

    def at(self, moment: datetime) -> dict[int, int]:
        """The offset of the first message of each partition that came then or later. Raises BrokerError.

        Args:
            moment: by the clock of the messages' timestamps; with a time zone.
        """
        found = self._offsets(OffsetSpec.for_timestamp(int(moment.timestamp() * 1000)))
        # Where nothing came since then, the answer is the logical offset END, which is negative.
        ends = self.ends()
        return {partition: offset if offset >= 0 else ends[partition] for partition, offset in found.items()}

    def newest(self, count: int, since: datetime | None = None) -> tuple[dict[int, int], dict[int, int]]:
        """The offsets of the newest messages: from which, up to which. Raises BrokerError.

        Args:
            count: how many at most, about the same number of each partition.
            since: only those that came then or later; with a time zone.
        """
        ends = self.ends()
        start = self.at(since) if since is not None else dict.fromkeys(ends, 0)
        each = max(1, count // len(ends))
        return {partition: max(start[partition], end - each) for partition, end in ends.items()}, ends

    def committed(self, group: str) -> dict[int, int]:
        """How far a group has come in each partition; the beginning where it has no offset. Raises BrokerError."""
        return {partition: bookmark.offset for partition, bookmark in self.read(group).items()}

    def unread(self, group: str) -> tuple[dict[int, int], dict[int, int]]:
        """What a group has not read yet: from which offsets up to which. Raises BrokerError.

        A group that is past the end of a partition has read one that is no more, such as a topic that was deleted and
        made again: there it begins anew.
        """
        ends = self.ends()
        committed = self.committed(group)
        return {each: offset if offset <= ends[each] else 0 for each, offset in committed.items()}, ends

    def read(self, group: str) -> dict[int, Bookmark]:
        """The group's bookmark in each partition; the beginning where it has none. Raises BrokerError."""
        found = self.committed_bookmarks(group)
        return {partition: bookmark or Bookmark(0, "") for partition, bookmark in found.items()}

    def committed_bookmarks(self, group: str) -> dict[int, Bookmark | None]:
        """The group's bookmark in each partition; None where it has none. Raises BrokerError."""
        places = [TopicPartition(self._topic, partition) for partition in self.partitions()]
        consumer = self.consumer(group)
        try:
            found = self._asked(lambda: consumer.committed(places, timeout=self._kafka.timeout_seconds))
        except KafkaException as error:
            raise self._failure(f"the offsets of group {group} were not told", error) from error
        return {
            each.partition: Bookmark(each.offset, each.metadata or "") if each.offset >= 0 else None for each in found
        }

    def consumer(self, group: str) -> Consumer:
        """A consumer that asks for a group's offsets. Without a subscription it joins no group.

        The admin client's ``list_consumer_group_offsets`` does not do: while the coordinator changes, it ends the process
        by SIGSEGV (librdkafka issue 5040).
        """
        if group not in self._consumers:
            own = {**self._own, "group.id": group, "enable.auto.commit": False}
            self._consumers[group] = clients.consumer(self._kafka, own)
        return self._consumers[group]

    def move(self, group: str, offsets: Offsets, notes: Mapping[int, str] | None = None) -> None:
        """Set a group's offsets. The group must have no member.

        Args:
            group: the group.
            offsets: the new offset of each partition.
            notes: what is noted there, by partition, ``NOTE_BYTES`` each at most; an old note goes with its offset.

        Raises:
            BrokerError: the cluster refused; it answers for each partition apart and raises nothing by itself.
        """
        places = [
            TopicPartition(self._topic, partition, offset, (notes or {}).get(partition, ""))
            for partition, offset in sorted(offsets.items())
        ]
        request = ConsumerGroupTopicPartitions(group, places)
        try:
            answer = self._asked(
                lambda: self._admin.alter_consumer_group_offsets([request])[group].result().topic_partitions
            )
        except KafkaException as error:
            raise self._failure(f"group {group} was not moved", error) from error
        refused = [f"partition {each.partition}: {each.error.str()}" for each in answer if each.error]
        if refused:
            raise BrokerError(
                f"Kafka at {self._kafka.bootstrap_servers} did not move group {group} on {self._topic}: "
                + "; ".join(refused)
            )

    def new_group(self, name: str, offsets: Offsets) -> str:
        """A group of its own for one attempt, placed at these offsets; its name starts with ``name``."""
        group = f"{name}-{uuid4()}"
        self.move(group, offsets)
        return group

    def sweep(self, name: str) -> None:
        """Delete the groups of earlier attempts that have no member any more; those of a member killed just now stay.

        Args:
            name: what ``new_group`` was given.

        Raises:
            BrokerError: the cluster did not answer or refused.
        """
        self.delete_groups([each for each in self.groups(name) if each != name])

    def groups(self, name: str) -> list[str]:
        """The groups that there are of this name: itself, and those of its attempts. Raises BrokerError.

        Args:
            name: what ``new_group`` was given.
        """
        try:
            found = self._admin.list_consumer_groups(request_timeout=self._kafka.timeout_seconds).result().valid
        except KafkaException as error:
            raise self._failure(f"the groups of {name} were not listed", error) from error
        names = [each.group_id for each in found if each.group_id.startswith(name)]
        return [each for each in names if each == name or _OF_AN_ATTEMPT.fullmatch(each.removeprefix(name))]

    def delete_groups(self, names: Sequence[str]) -> None:
        """Delete groups; one that has a member, or is gone already, is left alone. Raises BrokerError."""
        deletions = self._admin.delete_consumer_groups(list(names)) if names else {}
        for group, deletion in deletions.items():
            try:
                deletion.result()
            except KafkaException as error:
                if error.args[0].code() not in _LEFT_ALONE:
                    raise self._failure(f"group {group} was not deleted", error) from error

    def _offsets(self, spec: OffsetSpec, isolation: IsolationLevel = IsolationLevel.READ_COMMITTED) -> dict[int, int]:
        """An offset of each partition. Raises BrokerError.

        By the admin client, which knows the leaders from the list of partitions: a new consumer asks for them again, and
        now and then for most of a second.

        Args:
            spec: which offset.
            isolation: whether messages of transactions that are not finished count.
        """

        def ask() -> dict[int, int]:
            # Listed anew each time, since that also says who leads each partition now.
            asked = {TopicPartition(self._topic, partition): spec for partition in self.partitions()}
            answers = self._admin.list_offsets(
                asked, isolation_level=isolation, request_timeout=self._kafka.timeout_seconds
            )
            return {place.partition: answer.result().offset for place, answer in answers.items()}

        try:
            return self._once_ready(ask)
        except KafkaException as error:
            raise self._failure("no answer", error) from error

    def _asked(self, ask: Callable[[], list[TopicPartition]]) -> list[TopicPartition]:
        """What a broker answers, asked again while it is not ready yet. Raises KafkaException."""
        return self._once_ready(lambda: _topic_partitions_of(ask))

    def _once_ready(self, call: Callable[[], Answer]) -> Answer:
        """What a call returns, repeated while the broker is not ready yet. Raises its KafkaException then."""
        repeated = Retrying(
            retry=retry_if_exception(_is_not_ready),
            stop=stop_after_delay(self._kafka.timeout_seconds),
            wait=wait_fixed(0.2),
            reraise=True,
        )
        return repeated(call)

    def _failure(self, what: str, error: KafkaException) -> BrokerError:
        return BrokerError(f"{what}: {clients.said(self._kafka, error.args[0])}")


def _topic_partitions_of(ask: Callable[[], list[TopicPartition]]) -> list[TopicPartition]:
    """The answer about each partition; one that is not ready is raised like that of the whole."""
    found = ask()
    for each in found:
        if each.error is not None and each.error.code() in _NOT_YET:
            raise KafkaException(each.error)
    return found


def _is_not_ready(error: BaseException) -> bool:
    return isinstance(error, KafkaException) and error.args[0].code() in _NOT_YET

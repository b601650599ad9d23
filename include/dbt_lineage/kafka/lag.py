"""How far a consumer group is behind a topic, in messages and in time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from confluent_kafka import Message

from dbt_lineage.core.settings import KafkaSettings
from dbt_lineage.kafka.offsets import Bookmarks
from dbt_lineage.kafka.reader import messages

# Of each partition, how many unread messages are looked at for the oldest that counts.
LOOKED_AT = 5000


@dataclass(frozen=True)
class Lag:
    """How far a group is behind.

    Args:
        topic: the topic.
        group: the consumer group.
        unread: messages that it has not read.
        oldest: when the oldest of them that counts reached the topic; None when none does.
    """

    topic: str
    group: str
    unread: int
    oldest: datetime | None

    def seconds(self, now: datetime) -> float:
        """How long the oldest message that counts has been waiting, seconds; 0 when none is."""
        return max(0.0, (now - self.oldest).total_seconds()) if self.oldest else 0.0


def lag(kafka: KafkaSettings, topic: str, group: str, counts: Callable[[Message], bool] = lambda _: True) -> Lag:
    """How far a group is behind the end of a topic.

    Args:
        kafka: the cluster.
        topic: the topic.
        group: the consumer group.
        counts: which messages are to be waited for; the others are read when one of those comes.

    Raises:
        BrokerError: the cluster did not answer in time, or there is no such topic.
    """
    start, ends = Bookmarks(kafka, topic).unread(group)
    waiting: list[datetime] = []
    for partition, end in ends.items():
        unread = messages(kafka, topic, {partition: start[partition]}, {partition: end})
        oldest = next(filter(counts, islice(unread, LOOKED_AT)), None)
        if oldest is not None:
            waiting.append(arrived_at(oldest))
    return Lag(topic, group, sum(end - start[partition] for partition, end in ends.items()), min(waiting, default=None))


def arrived_at(message: Message) -> datetime:
    """When a message reached its topic, by its timestamp."""
    return datetime.fromtimestamp(message.timestamp()[1] / 1000, UTC)

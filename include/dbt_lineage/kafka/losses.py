"""What a topic's settings would lose: events that Kafka deletes, or offsets that it forgets, before they are verified."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from confluent_kafka import KafkaException
from confluent_kafka.admin import ConfigResource, ResourceType

from dbt_lineage.core.durations import in_words
from dbt_lineage.core.settings import KafkaSettings
from dbt_lineage.kafka import clients
from dbt_lineage.kafka.lag import Lag
from dbt_lineage.kafka.offsets import Bookmark, Bookmarks
from dbt_lineage.kafka.topics import TopicAdmin

_RETENTION, _OFFSETS_RETENTION = "retention.ms", "offsets.retention.minutes"
# An event that has waited for so much of the topic's retention may be deleted before somebody has repaired the ingestion.
_PART = 0.5


def losses(kafka: KafkaSettings, group: str, behind: Lag, now: datetime) -> list[str]:
    """What was or will be lost, in words; empty when nothing.

    Args:
        kafka: the cluster and the topics.
        group: the consumer group of the ingestion.
        behind: how far it is behind.
        now: the present.

    Raises:
        BrokerError: the cluster did not answer in time, or does not let this client look.
    """
    topic = kafka.events_topic
    bookmarks = Bookmarks(kafka, topic)
    milliseconds = int(TopicAdmin.of(kafka).config(topic)[_RETENTION])
    kept = None if milliseconds < 0 else timedelta(milliseconds=milliseconds)
    return [
        *deleted(topic, bookmarks.committed_bookmarks(group), bookmarks.bounds()),
        *deleted_soon(topic, kept, behind.seconds(now)),
        *forgotten(kept, broker_keeps_offsets(kafka)),
    ]


def deleted(topic: str, verified: Mapping[int, Bookmark | None], bounds: Mapping[int, tuple[int, int]]) -> list[str]:
    """Partitions that begin past what was verified.

    Args:
        topic: the topic.
        verified: how far the ingestion is in each partition.
        bounds: the first offset of each partition, and the next one.
    """
    return [
        f"{topic}[{partition}] begins at {first}, verified is it up to {bookmark.offset}: {first - bookmark.offset} "
        f"messages were deleted before they were verified"
        for partition, (first, _) in sorted(bounds.items())
        if (bookmark := verified.get(partition)) is not None and bookmark.offset < first
    ]


def deleted_soon(topic: str, kept: timedelta | None, waiting_seconds: float) -> list[str]:
    """Whether events are deleted before the ingestion comes to them.

    Args:
        topic: the topic.
        kept: how long it keeps events; None for ever.
        waiting_seconds: how long the oldest event that is not verified has been waiting.
    """
    if kept is None or waiting_seconds < _PART * kept.total_seconds():
        return []
    return [
        f"the oldest event that is not verified waits for {in_words(waiting_seconds)}, and {topic} keeps events for "
        f"{in_words(kept.total_seconds())} ({_RETENTION}): repair the ingestion, or raise KAFKA_RETENTION_DAYS"
    ]


def forgotten(kept: timedelta | None, offsets_kept: timedelta | None) -> list[str]:
    """Whether the brokers forget how far the ingestion is sooner than they delete events.

    Args:
        kept: how long the topic keeps events; None for ever.
        offsets_kept: how long the brokers keep offsets that nobody commits; None when they do not say.
    """
    if offsets_kept is None or (kept is not None and offsets_kept >= kept):
        return []
    events = "for ever" if kept is None else f"for {in_words(kept.total_seconds())}"
    return [
        f"the brokers forget the ingestion's offsets after {in_words(offsets_kept.total_seconds())} without a pass "
        f"({_OFFSETS_RETENTION}), and keep events {events}: raise it"
    ]


def broker_keeps_offsets(kafka: KafkaSettings) -> timedelta | None:
    """How long the brokers keep offsets; None when this client may not know."""
    admin = clients.admin(kafka, {"log_level": 0})
    brokers = clients.metadata(admin, kafka.bootstrap_servers, kafka.timeout_seconds).brokers
    asked = ConfigResource(ResourceType.BROKER, str(min(brokers)))
    try:
        found = admin.describe_configs([asked], request_timeout=kafka.timeout_seconds)[asked].result()
    except KafkaException as error:
        if clients.is_refusal(error.args[0]):
            return None
        raise clients.BrokerError(clients.said(kafka, error.args[0])) from error
    return timedelta(minutes=int(str(found[_OFFSETS_RETENTION].value))) if _OFFSETS_RETENTION in found else None

"""Whether a newer run of the same model has made an event untrue: the catalogue believes who comes last."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from include.kafka.offsets import Bookmarks
from include.kafka.reader import messages
from include.lineage.curate import parsed, reduced
from include.settings import KafkaSettings
from include.spool.store import Spool

# A job and what it wrote: the same model built in another target is another fact, not a newer one.
Subject = tuple[str, str, frozenset[str]]

_ALL = (1 << 30, 1 << 40)


def newest_since(kafka: KafkaSettings, spool: Spool, moment: datetime) -> dict[Subject, datetime]:
    """When the newest event with lineage happened, of each subject that has one since a moment.

    Args:
        kafka: whose events topic is looked at.
        spool: events that wait there count too.
        moment: with a time zone.

    Raises:
        BrokerError: the cluster did not answer.
        SpoolError: the spool cannot be read.
    """
    bookmarks = Bookmarks(kafka, kafka.events_topic)
    arrived = messages(kafka, kafka.events_topic, bookmarks.at(moment), bookmarks.ends())
    return newest_of((*(each.value() for each in arrived), *(each.body for each in spool.waiting(*_ALL))))


def newest_of(bodies: Iterable[bytes | None]) -> dict[Subject, datetime]:
    """When the newest of these events happened, of each subject that they say lineage of."""
    newest: dict[Subject, datetime] = {}
    for body in bodies:
        for subject, happened in told(body):
            newest[subject] = max(happened, newest.get(subject, happened))
    return newest


def overtaken(body: bytes | None, newest: Mapping[Subject, datetime]) -> str | None:
    """The job of an event whose lineage a newer one has made untrue; None when none has.

    Args:
        body: the event.
        newest: when the newest event of each subject happened.
    """
    return next((subject[1] for subject, happened in told(body) if newest.get(subject, happened) > happened), None)


def told(body: bytes | None) -> list[tuple[Subject, datetime]]:
    """What an event tells lineage of, and when; nothing when it tells none, or is no event."""
    try:
        event = parsed(body)
        lineage = reduced(event)
        happened = datetime.fromisoformat(event.event_time)
    except ValueError:
        return []
    if lineage is None:
        return []
    outputs = frozenset(output["name"] for output in lineage["outputs"])
    aware = happened if happened.tzinfo else happened.replace(tzinfo=UTC)
    return [((event.job.namespace, event.job.name, outputs), aware)]

"""Recover dropped receipts: read their events from Kafka."""

from dataclasses import dataclass
from itertools import islice

from confluent_kafka import Message

from dbt_lineage.core.settings import KafkaSettings
from dbt_lineage.kafka.lag import arrived_at
from dbt_lineage.kafka.reader import header, messages
from dbt_lineage.spool.facts import Acknowledgement, EventFacts, event_facts
from dbt_lineage.spool.spool import Dropped


@dataclass(frozen=True)
class Recovered:
    """A part of the events whose receipts were dropped.

    Args:
        facts: what the ledger records of each. They count as emitted when they reached Kafka.
        acknowledgements: the topic, partition and offset of each.
        offset: where the next part begins.
    """

    facts: list[EventFacts]
    acknowledgements: list[Acknowledgement]
    offset: int


def recovered(kafka: KafkaSettings, dropped: Dropped, count: int) -> Recovered:
    """Read events whose receipts were dropped. Events that Kafka has deleted since are left out.

    Args:
        kafka: the cluster.
        dropped: the range of their offsets.
        count: how many messages are read at most.

    Raises:
        BrokerError: the cluster did not answer in time, or there is no such topic any more.
    """
    partition, end = dropped.partition, dropped.last + 1
    found = list(islice(messages(kafka, dropped.topic, {partition: dropped.first}, {partition: end}), count))
    facts: list[EventFacts] = []
    acknowledgements: list[Acknowledgement] = []
    for message in found:
        # A message without an id was not sent by a relay.
        if (name := header(message, "event_id")) is not None:
            facts.append(event_facts(name.decode(), message.value() or b"", arrived_at(message)))
            acknowledgements.append(_acknowledgement(message, name.decode(), dropped))
    offset = end if len(found) < count else (found[-1].offset() or 0) + 1
    return Recovered(facts, acknowledgements, offset)


def _acknowledgement(message: Message, name: str, dropped: Dropped) -> Acknowledgement:
    # Only dead letters have a reason.
    reason = header(message, "reason")
    return Acknowledgement(
        event_id=name,
        topic=dropped.topic,
        partition=dropped.partition,
        offset=message.offset() or 0,
        acknowledged_at=arrived_at(message),
        reason=None if reason is None else reason.decode(errors="replace"),
    )

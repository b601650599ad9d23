"""The curated topic: just what OpenMetadata's connector can turn into right edges.

The connector makes ``inputs x outputs`` edges from START events of models that then fail, gives every run of a DAG
one pipeline, and a service of its own to dbt's jobs. From COMPLETE events of models, seeds and snapshots without
facets of run and job it makes exactly the edges of the model, in a pipeline named after the model, in the configured
service.
"""

import json
from dataclasses import dataclass
from typing import Annotated, Any

from confluent_kafka import Message, Producer
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel
from pydantic_core import ErrorDetails

from include.kafka.offsets import Bookmarks
from include.kafka.reader import messages
from include.kafka.topics import BrokerError
from include.settings import KafkaSettings

JOB_TYPES = ("MODEL", "SEED", "SNAPSHOT")


class MalformedEvent(ValueError):
    """A message is not an OpenLineage run event; the message says what is wrong with it."""


Name = Annotated[str, Field(min_length=1)]
Facets = dict[str, dict[str, Any]]


class _Part(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)


class Dataset(_Part):
    """An input or output of a run event, as far as the lineage needs it."""

    namespace: Name
    name: Name
    facets: Facets = {}


class Job(_Part):
    """The job of a run event."""

    namespace: Name
    name: Name
    facets: Facets = {}


class Run(_Part):
    """The run of a run event."""

    run_id: Name


class RunEvent(_Part):
    """A run event, with the fields that the lineage needs; others may be there."""

    event_time: Name
    event_type: str | None = None
    job: Job
    run: Run
    inputs: list[Dataset] | None = None
    outputs: list[Dataset] | None = None


@dataclass(frozen=True)
class Curated:
    """What one pass over the events topic did: how many events were read, passed on and found malformed."""

    read: int
    passed_on: int
    malformed: int


def curate(kafka: KafkaSettings, group: str) -> Curated:
    """Pass what is new in the events topic on to the curated topic, up to where the events topic ends now.

    The group's offsets move only when the curated topic has acknowledged: a pass that dies is done again, and an
    event that is passed on twice makes the same edges.

    Args:
        kafka: the cluster and the topics.
        group: the consumer group whose offsets say what is new.

    Raises:
        BrokerError: the cluster did not answer or did not acknowledge in time.
    """
    bookmarks = Bookmarks(kafka, kafka.events_topic)
    start, ends = bookmarks.committed(group), bookmarks.ends()
    read = passed_on = malformed = 0
    producer = Producer({"bootstrap.servers": kafka.bootstrap_servers, "acks": "all", "enable.idempotence": True})
    for message in messages(kafka, kafka.events_topic, start, ends):
        read += 1
        try:
            event = reduced(parsed(message.value()))
        except MalformedEvent as problem:
            malformed += 1
            producer.produce(kafka.dlq_topic, value=message.value(), key=message.key(), headers=_why(message, problem))
            continue
        if event is not None:
            passed_on += 1
            producer.produce(kafka.lineage_topic, value=json.dumps(event), key=event["job"]["name"])
    if left := producer.flush(kafka.timeout_seconds):
        raise BrokerError(
            f"Kafka at {kafka.bootstrap_servers} did not acknowledge {left} events within {kafka.timeout_seconds:g} s"
        )
    bookmarks.move(group, ends)
    return Curated(read, passed_on, malformed)


def parsed(value: bytes | None) -> RunEvent:
    """The event in a message.

    Raises:
        MalformedEvent: the message is no JSON, or not what every run event is (OpenLineage 2-0-2, RunEvent).
    """
    try:
        return RunEvent.model_validate(json.loads(value or b""))
    except ValidationError as error:
        raise MalformedEvent("; ".join(_problem(each) for each in error.errors())) from None
    except (ValueError, RecursionError) as error:
        raise MalformedEvent(f"not JSON: {error}") from None


def reduced(event: RunEvent) -> dict[str, Any] | None:
    """The event as the connector should see it; None when it carries no lineage that is true."""
    job_type = event.job.facets.get("jobType", {}).get("jobType")
    if event.event_type != "COMPLETE" or job_type not in JOB_TYPES or not event.inputs or not event.outputs:
        return None
    return {
        "eventType": "COMPLETE",
        "eventTime": event.event_time,
        "run": {},
        "job": {"namespace": event.job.namespace, "name": event.job.name},
        "inputs": [_reduced_dataset(dataset) for dataset in event.inputs],
        "outputs": [_reduced_dataset(dataset) for dataset in event.outputs],
    }


def _reduced_dataset(dataset: Dataset) -> dict[str, Any]:
    column_lineage = dataset.facets.get("columnLineage")
    facets = {"facets": {"columnLineage": column_lineage}} if column_lineage else {}
    return {"namespace": dataset.namespace, "name": dataset.name, **facets}


def _problem(error: ErrorDetails) -> str:
    return f"{'.'.join(str(part) for part in error['loc']) or 'event'}: {error['msg']}"


def _why(message: Message, problem: MalformedEvent) -> list[tuple[str, str | bytes | None]]:
    source = f"{message.topic()}[{message.partition()}]@{message.offset()}"
    return [("reason", str(problem).encode()), ("source", source.encode())]

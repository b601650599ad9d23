"""The curated topic: just what OpenMetadata's connector can turn into right edges.

The connector makes ``inputs x outputs`` edges from START events of models that then fail, gives every run of a DAG
one pipeline, and a service of its own to dbt's jobs. From COMPLETE events of models, seeds and snapshots without
facets of run and job it makes exactly the edges of the model, in a pipeline named after the model, in the configured
service.
"""

import json
from dataclasses import dataclass
from typing import Any

from confluent_kafka import Message, Producer

from include.kafka.offsets import Bookmarks
from include.kafka.reader import messages
from include.kafka.topics import BrokerError
from include.settings import KafkaSettings

JOB_TYPES = ("MODEL", "SEED", "SNAPSHOT")


class MalformedEvent(ValueError):
    """A message is not an OpenLineage run event; the message says what is wrong with it."""


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


def parsed(value: bytes | None) -> dict[str, Any]:
    """The event in a message.

    Raises:
        MalformedEvent: the message is empty, no JSON, or lacks what every run event has (OpenLineage 2-0-2, RunEvent).
    """
    try:
        event = json.loads(value or b"")
    except ValueError as error:
        raise MalformedEvent(f"not JSON: {error}") from None
    if not isinstance(event, dict):
        raise MalformedEvent("not a JSON object")
    job, run = event.get("job"), event.get("run")
    if not (isinstance(job, dict) and job.get("namespace") and job.get("name")):
        raise MalformedEvent("job has no namespace and name")
    if not (isinstance(run, dict) and run.get("runId")):
        raise MalformedEvent("run has no runId")
    if not event.get("eventTime"):
        raise MalformedEvent("no eventTime")
    return event


def reduced(event: dict[str, Any]) -> dict[str, Any] | None:
    """The event as the connector should see it; None when it carries no lineage that is true."""
    job_type = event["job"].get("facets", {}).get("jobType", {}).get("jobType")
    inputs, outputs = event.get("inputs"), event.get("outputs")
    if event.get("eventType") != "COMPLETE" or job_type not in JOB_TYPES or not inputs or not outputs:
        return None
    return {
        "eventType": "COMPLETE",
        "eventTime": event["eventTime"],
        "run": {},
        "job": {"namespace": event["job"]["namespace"], "name": event["job"]["name"]},
        "inputs": [_reduced_dataset(dataset) for dataset in inputs],
        "outputs": [_reduced_dataset(dataset) for dataset in outputs],
    }


def _reduced_dataset(dataset: dict[str, Any]) -> dict[str, Any]:
    column_lineage = dataset.get("facets", {}).get("columnLineage")
    facets = {"facets": {"columnLineage": column_lineage}} if column_lineage else {}
    return {"namespace": dataset["namespace"], "name": dataset["name"], **facets}


def _why(message: Message, problem: MalformedEvent) -> list[tuple[str, str | bytes | None]]:
    source = f"{message.topic()}[{message.partition()}]@{message.offset()}"
    return [("reason", str(problem).encode()), ("source", source.encode())]

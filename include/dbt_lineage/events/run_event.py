"""OpenLineage run events: the fields that the lineage needs."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from confluent_kafka import Message
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel
from pydantic_core import ErrorDetails

from dbt_lineage.core.moments import moment
from dbt_lineage.kafka.reader import header

# Types of jobs whose runs build a relation.
JOB_TYPES = ("MODEL", "SEED", "SNAPSHOT")
# Types of jobs whose runs test relations.
TEST_TYPES = ("TEST",)
# The header by which the relay classifies an event, so that readers need not parse events without lineage.
SAYS = "lineage"
FACT, RUN, NOTHING = b"fact", b"run", b"none"
# The run facet of a follow-up: an event of type OTHER that repeats a COMPLETE event, now with its columns.
FOLLOW_UP = "lineageFollowUp"
# The kinds of events, by their names in OpenLineage's schema. Only run events carry lineage.
RUN_EVENT, JOB_EVENT, DATASET_EVENT = "RunEvent", "JobEvent", "DatasetEvent"


class MalformedEvent(ValueError):
    """A message is not an OpenLineage run event. The error's text names what is wrong with it."""


class NotOfARun(MalformedEvent):
    """A message is an OpenLineage event of a job or a dataset, not of a run."""


Name = Annotated[str, Field(min_length=1)]
Facets = dict[str, dict[str, Any]]


class _Part(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)


class Dataset(_Part):
    """An input or output of a run event."""

    namespace: Name
    name: Name
    facets: Facets = {}


class Job(_Part):
    """The job of a run event."""

    namespace: Name
    name: Name
    facets: Facets = {}

    @property
    def makes_relation(self) -> bool:
        """Whether its runs build a relation: a model, a seed or a snapshot."""
        return self.facets.get("jobType", {}).get("jobType") in JOB_TYPES

    @property
    def tests_relation(self) -> bool:
        """Whether its runs test a relation."""
        return self.facets.get("jobType", {}).get("jobType") in TEST_TYPES


class Run(_Part):
    """The run of a run event."""

    run_id: Name
    facets: dict[str, Any] = {}

    def facet(self, name: str) -> dict[str, Any]:
        """A facet; an empty one when the run has none."""
        found = self.facets.get(name)
        return found if isinstance(found, dict) else {}


class RunEvent(_Part):
    """A run event. Other fields are ignored."""

    event_time: Name
    event_type: str | None = None
    job: Job
    run: Run
    inputs: list[Dataset] | None = None
    outputs: list[Dataset] | None = None

    @property
    def at(self) -> datetime:
        """Its event time. Raises MalformedEvent when that is not a time."""
        try:
            at = moment(self.event_time)
        except ValueError:
            raise MalformedEvent(f"eventTime: {self.event_time!r} is not a time") from None
        return at if at.tzinfo else at.replace(tzinfo=UTC)

    @property
    def says_lineage(self) -> bool:
        """Whether it carries lineage: its run completed and built a relation."""
        completed = self.event_type == "COMPLETE" or (self.event_type == "OTHER" and FOLLOW_UP in self.run.facets)
        return completed and self.job.makes_relation and bool(self.outputs)


def parsed(value: bytes | None) -> RunEvent:
    """The event in a message.

    Raises:
        MalformedEvent: the message is not JSON, or lacks what every run event has (OpenLineage 2-0-2, RunEvent).
        NotOfARun: it is an event of a job or a dataset.
    """
    try:
        document = json.loads(value or b"")
        if (kind := kind_of(document)) != RUN_EVENT:
            raise NotOfARun(f"not a run event, but a {kind}")
        event = RunEvent.model_validate(document)
    except ValidationError as error:
        raise MalformedEvent("; ".join(problem(each) for each in error.errors())) from None
    except NotOfARun:
        raise
    except (ValueError, RecursionError) as error:
        raise MalformedEvent(f"not JSON: {error}") from None
    _ = event.at
    return event


def kind_of(event: Any) -> str:
    """Which kind of event a document is. Anything unclear counts as a run event, and is validated as one.

    Args:
        event: anything that was parsed from JSON.
    """
    if not isinstance(event, dict) or "run" in event or "eventType" in event:
        return RUN_EVENT
    if "job" in event:
        return JOB_EVENT
    return DATASET_EVENT if "dataset" in event else RUN_EVENT


def says(event: Mapping[str, Any]) -> bytes:
    """The value of the header ``lineage`` for an event: ``fact``, ``run`` or ``none``.

    Args:
        event: a valid event, parsed from JSON. Its facets may hold anything.
    """
    if kind_of(event) != RUN_EVENT:
        return NOTHING
    facets = event["job"].get("facets")
    job_type = facets.get("jobType") if isinstance(facets, dict) else None
    kind = job_type.get("jobType") if isinstance(job_type, dict) else None
    if kind not in JOB_TYPES:
        return RUN if kind in TEST_TYPES and event.get("eventType") != "START" else NOTHING
    return FACT if tells_outputs(event) else RUN


def tells_outputs(event: Mapping[str, Any]) -> bool:
    """Whether an event reports what a run has written: the run completed, or the event is a follow-up.

    Args:
        event: a valid event, parsed from JSON. Its facets may hold anything.
    """
    return (event.get("eventType") == "COMPLETE" or is_follow_up(event)) and bool(event.get("outputs"))


def is_follow_up(event: Mapping[str, Any]) -> bool:
    """Whether an event is a follow-up, which brings the columns of an earlier one.

    Args:
        event: a valid run event, parsed from JSON. Its facets may hold anything.
    """
    if event.get("eventType") != "OTHER":
        return False
    facets = event["run"].get("facets")
    return isinstance(facets, dict) and FOLLOW_UP in facets


def carries_lineage(message: Message) -> bool:
    """Whether a message carries lineage. Without the relay's header, the message is parsed."""
    said = header(message, SAYS)
    if said is not None:
        return said == FACT
    try:
        return parsed(message.value()).says_lineage
    except MalformedEvent:
        return False


def problem(error: ErrorDetails) -> str:
    """A problem that pydantic found, in words."""
    return f"{'.'.join(str(part) for part in error['loc']) or 'event'}: {error['msg']}"

"""OpenLineage run events, as far as the lineage needs them."""

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

# Jobs whose runs make a relation.
JOB_TYPES = ("MODEL", "SEED", "SNAPSHOT")
# Jobs whose runs test relations.
TEST_TYPES = ("TEST",)
# The header in which the relay says what an event is good for: so nobody has to parse those that say nothing.
SAYS = "lineage"
FACT, RUN, NOTHING = b"fact", b"run", b"none"
# The run facet of an event of type OTHER that repeats a COMPLETE event which went on without its columns, with them.
FOLLOW_UP = "lineageFollowUp"
# The kinds of events, by their names in OpenLineage's schema. Only those of runs say what was made.
RUN_EVENT, JOB_EVENT, DATASET_EVENT = "RunEvent", "JobEvent", "DatasetEvent"


class MalformedEvent(ValueError):
    """A message is not an OpenLineage run event; the message says what is wrong with it."""


class NotOfARun(MalformedEvent):
    """A message is an event of OpenLineage that describes a job or a dataset, and no run."""


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
        """Whether its runs make a relation: a model, a seed or a snapshot."""
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
    """A run event; other fields may be there."""

    event_time: Name
    event_type: str | None = None
    job: Job
    run: Run
    inputs: list[Dataset] | None = None
    outputs: list[Dataset] | None = None

    @property
    def at(self) -> datetime:
        """When it happened. Raises MalformedEvent when that is no time."""
        try:
            at = moment(self.event_time)
        except ValueError:
            raise MalformedEvent(f"eventTime: {self.event_time!r} is not a time") from None
        return at if at.tzinfo else at.replace(tzinfo=UTC)

    @property
    def says_lineage(self) -> bool:
        """Whether it says what a relation was made from: the run completed and made one."""
        completed = self.event_type == "COMPLETE" or (self.event_type == "OTHER" and FOLLOW_UP in self.run.facets)
        return completed and self.job.makes_relation and bool(self.outputs)


def parsed(value: bytes | None) -> RunEvent:
    """The event in a message.

    Raises:
        MalformedEvent: the message is no JSON, or not what every run event is (OpenLineage 2-0-2, RunEvent).
        NotOfARun: it is an event of another kind.
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
    """Which kind of event a document is, as far as it can be told: what is none is measured as a run event.

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
    """Whether an event says what a run has written: it completed, or the event follows up one that says so.

    Args:
        event: a valid event, parsed from JSON. Its facets may hold anything.
    """
    return (event.get("eventType") == "COMPLETE" or is_follow_up(event)) and bool(event.get("outputs"))


def is_follow_up(event: Mapping[str, Any]) -> bool:
    """Whether an event brings the columns of an earlier one.

    Args:
        event: a valid run event, parsed from JSON. Its facets may hold anything.
    """
    if event.get("eventType") != "OTHER":
        return False
    facets = event["run"].get("facets")
    return isinstance(facets, dict) and FOLLOW_UP in facets


def carries_lineage(message: Message) -> bool:
    """Whether a message says what a relation was made from; one without the relay's header is parsed."""
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

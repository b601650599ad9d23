"""The history of runs in the catalogue: one status of a pipeline for each run of a dbt node that ended.

OpenMetadata's OpenLineage connector writes none (its ``yield_pipeline_status`` is empty). A status says when the run
ended and began, how, for which interval (the nominal time of its events), what it wrote, and why it failed. What has
been written is a bookmark of its own in the events topic; whatever is written twice is written once, since the
catalogue tells the runs of a pipeline apart by the time of their end.
"""

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from pydantic import Field

from include.kafka.offsets import Bookmarks, Offsets
from include.kafka.reader import messages
from include.lineage.curate import JOB_TYPES, Run, RunEvent
from include.openmetadata.catalogue import Catalogue, CatalogueError, CatalogueUnavailable, StoredPipeline
from include.openmetadata.curated import table_name
from include.settings import KafkaSettings, OpenMetadataSettings

# How a run ended, by the type of its last event, in OpenMetadata's words (StatusType of entity/data/pipeline.json).
OUTCOMES = {"COMPLETE": "Successful", "FAIL": "Failed", "ABORT": "Failed"}
# The START of a run stands before its end in the same partition, a node's right before it: so far back it is looked for.
_LOOK_BACK = 100
_ERROR_CHARACTERS = 2000
# After so many runs the bookmark moves, so that a long way, such as the first one, is not begun anew when it is cut off.
_MOVED_AFTER = 500

log = logging.getLogger(__name__)


def group_of_runs(consumer_group: str) -> str:
    """The consumer group whose offsets say up to where runs are in the history.

    Args:
        consumer_group: that of the ingestion.
    """
    return f"{consumer_group}-runs"


class _Run(Run):
    facets: dict[str, Any] = Field(default_factory=dict)


class NodeRunEvent(RunEvent):
    """A run event, with the facets of its run."""

    run: _Run

    @property
    def is_of_node(self) -> bool:
        """Whether it is of a node that makes a table."""
        return self.job.facets.get("jobType", {}).get("jobType") in JOB_TYPES

    @property
    def at(self) -> datetime:
        """When it happened."""
        return datetime.fromisoformat(self.event_time)

    @property
    def pipeline(self) -> str:
        """The name that the connector gives the pipeline of its job."""
        return f"{self.job.namespace}-{self.job.name}"

    def facet(self, name: str) -> dict[str, Any]:
        """A facet of the run; an empty one when it has none."""
        found = self.run.facets.get(name)
        return found if isinstance(found, dict) else {}


@dataclass(frozen=True)
class EndedRun:
    """A run that has ended.

    Args:
        end: the event that says so.
        started_at: when it began; None when that is not known.
        position: partition and offset of the event in the events topic.
    """

    end: NodeRunEvent
    started_at: datetime | None
    position: tuple[int, int] = (0, 0)

    def status(self, database: str, database_service: str) -> dict[str, Any]:
        """It as a ``PipelineStatus`` of OpenMetadata (entity/data/pipeline.json).

        Args:
            database: the database of relations that are named without one.
            database_service: the service of the warehouse.
        """
        nominal = self.end.facet("nominalTime")
        parameters = {
            "startTime": self.started_at.isoformat() if self.started_at else None,
            "nominalStartTime": nominal.get("nominalStartTime"),
            "nominalEndTime": nominal.get("nominalEndTime"),
        }
        error = self.end.facet("errorMessage").get("message")
        milliseconds = round(self.end.at.timestamp() * 1000)
        wrote = [table_name(dataset.name, database) for dataset in self.end.outputs or []]
        return {
            "timestamp": milliseconds,
            "executionStatus": OUTCOMES[str(self.end.event_type)],
            "executionId": self.end.run.run_id,
            "endTime": milliseconds,
            # The server goes through it without asking whether it is there.
            "taskStatus": [],
            "parameters": {name: value for name, value in parameters.items() if value},
            "outputs": [{"datasetFQN": f"{database_service}.{table}"} for table in wrote],
            **({"error": {"errorMessage": str(error)[:_ERROR_CHARACTERS]}} if error else {}),
        }


@dataclass
class RunHistory:
    """Writes the runs of the events topic into the catalogue.

    Args:
        kafka: the cluster and the events topic.
        openmetadata: the catalogue, its services and the consumer group of the ingestion.
        database: the warehouse's database.
    """

    kafka: KafkaSettings
    openmetadata: OpenMetadataSettings
    database: str
    _written: Bookmarks = field(init=False)

    def __post_init__(self) -> None:
        self._written = Bookmarks(self.kafka, self.kafka.events_topic)

    def write(self, catalogue: Catalogue, up_to: Offsets, from_start: bool = False) -> int:
        """Write the runs that ended since the last time.

        A run whose status the catalogue refuses is named in the log and passed over: it must not keep the others out.

        Args:
            catalogue: an open client.
            up_to: by partition of the events topic, where to stop: up to there the lineage is verified.
            from_start: write those that were written before once more, as far as the topic has them.

        Returns:
            How many were written.

        Raises:
            CatalogueUnavailable: the catalogue is away; the next time starts where this one did.
            BrokerError: the cluster is away; the same.
        """
        start, _ = self._written.unread(self._group)
        if from_start:
            start = dict.fromkeys(start, 0)
        pipelines = _Pipelines(catalogue, self.openmetadata.pipeline_service)
        read = written = 0
        for run in self._ended(start, up_to):
            written += self._write(pipelines, run)
            read += 1
            if read % _MOVED_AFTER == 0:
                partition, offset = run.position
                self._written.move(self._group, {partition: offset + 1})
        self._written.move(self._group, {partition: max(start[partition], end) for partition, end in up_to.items()})
        log.info("%d of %d runs of %s are new in the history", written, read, self.kafka.events_topic)
        return written

    @property
    def _group(self) -> str:
        return group_of_runs(self.openmetadata.consumer_group)

    def _ended(self, start: Offsets, up_to: Offsets) -> Iterator[EndedRun]:
        new = {partition: end for partition, end in up_to.items() if start[partition] < end}
        begin = {partition: max(0, start[partition] - _LOOK_BACK) for partition in new}
        started: dict[str, datetime] = {}
        for message in messages(self.kafka, self.kafka.events_topic, begin, new):
            event = _event(message.value())
            if event is None or not event.is_of_node:
                continue
            if event.event_type == "START":
                started[event.run.run_id] = event.at
            place = (message.partition() or 0, message.offset() or 0)
            if place[1] >= start[place[0]] and event.event_type in OUTCOMES:
                yield EndedRun(event, started.pop(event.run.run_id, None), place)

    def _write(self, pipelines: "_Pipelines", run: EndedRun) -> bool:
        try:
            pipeline = pipelines.of(run.end)
            if pipeline is not None:
                status = run.status(self.database, self.openmetadata.database_service)
                pipelines.catalogue.put_run(pipeline, status)
        except CatalogueUnavailable:
            raise
        except CatalogueError as error:
            log.error("run %s of %s is not in the history: %s", run.end.run.run_id, run.end.pipeline, error)
            return False
        return pipeline is not None


@dataclass
class _Pipelines:
    """The pipelines of the lineage's service, asked for once, when the first is needed.

    Args:
        catalogue: an open client.
        service: the service.
    """

    catalogue: Catalogue
    service: str

    @cached_property
    def _known(self) -> dict[str, StoredPipeline]:
        return {pipeline.name: pipeline for pipeline in self.catalogue.pipelines(self.service)}

    def of(self, event: NodeRunEvent) -> StoredPipeline | None:
        """The pipeline of an event's job; None for one that is made from nothing, such as a seed.

        The connector makes them, but not that of a job that never succeeded: that is made here. Raises CatalogueError.
        """
        if event.pipeline not in self._known and event.inputs and event.outputs:
            self._known[event.pipeline] = self.catalogue.put_pipeline(event.pipeline, self.service)
        return self._known.get(event.pipeline)


def _event(body: bytes | None) -> NodeRunEvent | None:
    """The event in a message; None for what is none, which went to the dead letters."""
    try:
        event = NodeRunEvent.model_validate(json.loads(body or b""))
        datetime.fromisoformat(event.event_time)
    except (ValueError, RecursionError):
        return None
    return event

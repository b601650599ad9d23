"""The history of runs in the catalogue: a status of a pipeline for each run of a node, a result for each run of a test.

OpenMetadata's OpenLineage connector writes none (its ``yield_pipeline_status`` is empty). The catalogue keeps one status
for each pipeline and time, and one result for each test and time, so writing a run twice is writing it once. Its dbt
workflow writes the results of the last build with the same times.
"""

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dbt_lineage.catalogue.client import CatalogueLacks, CatalogueRefused
from dbt_lineage.catalogue.qualified_names import joined, kept, segment
from dbt_lineage.events.run_event import RunEvent
from dbt_lineage.ingest.catalogue_writer import CatalogueWriter
from dbt_lineage.ingest.fact import table_of_dataset
from dbt_lineage.ingest.warehouses import Job, Warehouses

# How a run ended, by the type of its last event, in OpenMetadata's words (StatusType of entity/data/pipeline.json).
OUTCOMES = {"COMPLETE": "Successful", "FAIL": "Failed", "ABORT": "Failed"}
_ERROR_CHARACTERS = 2000

log = logging.getLogger(__name__)


@dataclass
class RunHistory:
    """Writes how runs ended.

    Args:
        writer: knows the pipelines of jobs, and where datasets may be.
    """

    writer: CatalogueWriter
    _started: dict[str, datetime] = field(default_factory=dict)

    def started(self, event: RunEvent) -> None:
        """Remember when a run began."""
        self._started[event.run.run_id] = event.at

    async def write(self, ended: Iterable[RunEvent]) -> int:
        """Write runs that have ended.

        A run whose status the catalogue refuses is named in the log and passed over.

        Args:
            ended: the last event of each run.

        Returns:
            How many were written.

        Raises:
            CatalogueError: the catalogue is away, or denies everything.
        """
        return sum(await asyncio.gather(*map(self._write, ended)))

    async def _write(self, event: RunEvent) -> bool:
        job = self._job(event)
        try:
            if event.job.tests_relation:
                return await self._write_results(event)
            # A seed is made from nothing and has no pipeline; a model that never succeeded has none yet.
            if await self.writer.pipeline(job, make=bool(event.inputs and event.outputs)) is None:
                return False
            path = f"/pipelines/{segment(self.writer.pipeline_name(job))}/status"
            await self.writer.client.call("PUT", path, json=self.status(event))
        except (CatalogueRefused, CatalogueLacks) as error:
            log.error("run %s of %s is not in the history: %s", event.run.run_id, ".".join(job[1:]), error)
            return False
        return True

    async def _write_results(self, event: RunEvent) -> bool:
        """Write the result of a test, where the catalogue has the test: its dbt workflow makes it."""
        written = False
        for name, result in results_of(event, self.writer.warehouses):
            path = f"/dataQuality/testCases/testCaseResults/{segment(name)}"
            answer = await self.writer.client.call("POST", path, json=result, or_status=(404, 409))
            written |= answer.status_code not in (404, 409)
        return written

    def _job(self, event: RunEvent) -> Job:
        """The job of an event, with its pipeline service: that of what it writes or, if nothing, reads."""
        warehouses = self.writer.warehouses
        tables = (table_of_dataset(each, warehouses) for each in [*(event.outputs or []), *(event.inputs or [])])
        return warehouses.job((event.job.namespace, event.job.name), next(filter(None, tables), None))

    def status(self, event: RunEvent) -> dict[str, Any]:
        """A run as a ``PipelineStatus`` of OpenMetadata (entity/data/pipeline.json)."""
        nominal = event.run.facet("nominalTime")
        began = self._started.pop(event.run.run_id, None)
        parameters = {
            "startTime": began.isoformat() if began else None,
            "nominalStartTime": nominal.get("nominalStartTime"),
            "nominalEndTime": nominal.get("nominalEndTime"),
        }
        error = event.run.facet("errorMessage").get("message")
        milliseconds = round(event.at.timestamp() * 1000)
        wrote = [table for each in event.outputs or [] if (table := table_of_dataset(each, self.writer.warehouses))]
        return {
            "timestamp": milliseconds,
            "executionStatus": OUTCOMES[str(event.event_type)],
            "executionId": event.run.run_id,
            "endTime": milliseconds,
            # The server goes through it without asking whether it is there.
            "taskStatus": [],
            "parameters": {name: value for name, value in parameters.items() if value},
            "outputs": [{"datasetFQN": table.fqn} for table in wrote],
            **({"error": {"errorMessage": str(error)[:_ERROR_CHARACTERS]}} if error else {}),
        }


def results_of(event: RunEvent, warehouses: Warehouses) -> list[tuple[str, dict[str, Any]]]:
    """Each result of a test that an event says: the test case's full name, and a ``CreateTestCaseResult``.

    Args:
        event: of a test that ended.
        warehouses: where its datasets may be.
    """
    found = []
    for dataset in event.inputs or []:
        table = table_of_dataset(dataset, warehouses)
        if table is None:
            continue
        assertions = dataset.facets.get("dataQualityAssertions", {}).get("assertions")
        for each in assertions if isinstance(assertions, list) else []:
            if not isinstance(each, dict) or not isinstance(each.get("name"), str):
                continue
            column = [kept(each["column"])] if isinstance(each.get("column"), str) else []
            passed, warns = bool(each.get("success")), each.get("severity") == "warn"
            # As OpenMetadata's dbt workflow has it.
            outcome = "Success" if passed else "Aborted" if warns else "Failed"
            result = {
                "timestamp": round(event.at.timestamp() * 1000),
                "testCaseStatus": outcome,
                "testResultValue": [{"name": event.job.name, "value": str(int(passed))}],
                **({} if passed else {"result": f"{each.get('actual')}, expected {each.get('expected')}"}),
            }
            found.append((f"{table.fqn}.{joined(*column, each['name'])}", result))
    return found

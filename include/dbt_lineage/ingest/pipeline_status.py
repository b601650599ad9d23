"""Write the history of runs to the catalogue: a pipeline status for each run of a node, a result for each run of a test.

OpenMetadata's OpenLineage connector writes none (its ``yield_pipeline_status`` is empty). The catalogue has one status
for each pipeline and time, and one result for each test and time. So writing a run is idempotent. OpenMetadata's dbt
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

# OpenMetadata's status of a run (StatusType of entity/data/pipeline.json), by the type of its last event.
OUTCOMES = {"COMPLETE": "Successful", "FAIL": "Failed", "ABORT": "Failed"}
_ERROR_CHARACTERS = 2000

log = logging.getLogger(__name__)


@dataclass
class RunHistory:
    """Writes how runs ended.

    Args:
        writer: the writer, which finds the pipelines of jobs and the tables of datasets.
        began: when each run that has not ended began, by the run's id.
    """

    writer: CatalogueWriter
    began: dict[str, datetime] = field(default_factory=dict)

    def started(self, event: RunEvent) -> None:
        """Remember when a run began."""
        self.began[event.run.run_id] = event.at

    async def write(self, ended: Iterable[RunEvent]) -> int:
        """Write runs that have ended.

        A run whose status the catalogue refuses is logged and skipped.

        Args:
            ended: the last event of each run.

        Returns:
            How many runs were written.

        Raises:
            CatalogueError: the catalogue is unreachable, or denies everything.
        """
        runs = list(ended)
        written = sum(await asyncio.gather(*map(self._write, runs)))
        for each in runs:
            self.began.pop(each.run.run_id, None)
        return written

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
            log.error(
                "run %s of %s was not written to the catalogue's history: %s",
                event.run.run_id,
                ".".join(job[1:]),
                error,
            )
            return False
        return True

    async def _write_results(self, event: RunEvent) -> bool:
        """Write the result of a test, if the catalogue has the test. OpenMetadata's dbt workflow creates tests."""
        written = False
        for name, result in results_of(event, self.writer.warehouses):
            path = f"/dataQuality/testCases/testCaseResults/{segment(name)}"
            answer = await self.writer.client.call("POST", path, json=result, or_status=(404, 409))
            written |= answer.status_code not in (404, 409)
        return written

    def _job(self, event: RunEvent) -> Job:
        """The job of an event, with the pipeline service of the table that it writes or, without one, reads."""
        warehouses = self.writer.warehouses
        tables = (table_of_dataset(each, warehouses) for each in [*(event.outputs or []), *(event.inputs or [])])
        return warehouses.job((event.job.namespace, event.job.name), next(filter(None, tables), None))

    def status(self, event: RunEvent) -> dict[str, Any]:
        """A run as a ``PipelineStatus`` of OpenMetadata (entity/data/pipeline.json)."""
        nominal = event.run.facet("nominalTime")
        began = self.began.get(event.run.run_id)
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
            # The server iterates over it without checking that it exists.
            "taskStatus": [],
            "parameters": {name: value for name, value in parameters.items() if value},
            "outputs": [{"datasetFQN": table.fqn} for table in wrote],
            **({"error": {"errorMessage": str(error)[:_ERROR_CHARACTERS]}} if error else {}),
        }


def results_of(event: RunEvent, warehouses: Warehouses) -> list[tuple[str, dict[str, Any]]]:
    """The test results in an event.

    Args:
        event: the event of a test that ended.
        warehouses: the warehouses that its datasets may be in.

    Returns:
        For each result the test case's fully qualified name, and a ``CreateTestCaseResult``.
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
            # As in OpenMetadata's dbt workflow.
            outcome = "Success" if passed else "Aborted" if warns else "Failed"
            result = {
                "timestamp": round(event.at.timestamp() * 1000),
                "testCaseStatus": outcome,
                "testResultValue": [{"name": event.job.name, "value": str(int(passed))}],
                **({} if passed else {"result": f"{each.get('actual')}, expected {each.get('expected')}"}),
            }
            found.append((f"{table.fqn}.{joined(*column, each['name'])}", result))
    return found

"""Build the OpenLineage events of single dbt nodes with the library behind dbt-ol.

``DbtStructuredLogsProcessor`` of openlineage-integration-common makes one event from one NodeStart or NodeFinished
message of dbt, for every kind of node. It names the job by the node's unique id, whatever the dbt command was. It is
made to run dbt itself. Here it gets a run's messages or artifacts instead. Its private names are used in this file only,
and ``tests/unit/test_dbt_events.py`` fails when a new version changes them.
"""

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import attrs
from openlineage.client.event_v2 import RunEvent, RunState
from openlineage.client.facet_v2 import error_message_run, job_type_job, nominal_time_run, sql_job, test_run
from openlineage.client.generated import base
from openlineage.client.uuid import generate_static_uuid
from openlineage.common.provider.dbt.facets import DbtNodeJobFacet, ParentRunMetadata
from openlineage.common.provider.dbt.structured_logs import DbtStructuredLogsProcessor
from openlineage.common.provider.dbt.utils import PRODUCER, generate_run_event

from dbt_lineage.events.columns_of_run import with_columns
from dbt_lineage.events.dbt_run import DbtRun, NodeResult
from dbt_lineage.warehouse.naming import ADAPTERS

WITH_EVENTS = ("model.", "snapshot.", "seed.", "test.", "unit_test.")
# dbt's statuses of a node that ran. Skipped, reused and no-op nodes did not run.
_RAN = ("success", "error", "partial success", "pass", "warn", "fail", "runtime error")
_DID_NOT_RUN = ("skipped", "no-op", "reused")
_RUN_FACETS_OF_START = ("dbt_version", "processing_engine", "dbt_run", "parent", "tags")
_JOB_FACETS_OF_START = ("jobType", "dbt_node")
# Start and end of a data interval, both with a time zone.
Interval = tuple[datetime, datetime]

log = logging.getLogger(__name__)


def node_events(
    run: DbtRun,
    results: Iterable[NodeResult],
    parent: ParentRunMetadata,
    job_namespace: str,
    interval: Interval | None = None,
    columns: Mapping[str, Mapping[str, str]] | None = None,
) -> list[RunEvent]:
    """The events of every node that an invocation ran, in order of time.

    Args:
        run: the invocation.
        results: how its nodes ended.
        parent: the Airflow task that ran dbt, and its DAG run as root.
        job_namespace: namespace of the jobs.
        interval: start and end of the data interval that it was run for; None when it was run for none.
        columns: columns that only dbt's process can read, by relation; None if there are none.
    """
    of_run = NodeEvents(run, parent, job_namespace, interval)
    made = [event for result in results for event in of_run.of(result)]
    if columns:
        with_columns(made, columns)
    return sorted(
        made,
        key=lambda event: datetime.fromisoformat(event.eventTime.replace("Z", "+00:00")),
    )


class NodeEvents:
    """Makes the events of one invocation's nodes.

    Args:
        run: the invocation.
        parent: the Airflow task that ran dbt, and its DAG run as root.
        job_namespace: namespace of the jobs.
        interval: start and end of the data interval that it was run for; None when it was run for none.
    """

    def __init__(
        self, run: DbtRun, parent: ParentRunMetadata, job_namespace: str, interval: Interval | None = None
    ) -> None:
        self._builder = _NodeEventBuilder(run, parent, job_namespace, interval)
        self._builds = run.builds
        self._ephemeral = run.manifest.ephemeral

    def of(self, result: NodeResult) -> list[RunEvent]:
        """START and COMPLETE or FAIL of one model, snapshot, seed, data test or unit test.

        There are no events in these cases:

        - the command builds nothing (``compile``), or reads no rows or a sample (``--empty``, ``--sample``);
        - dbt skipped the node, had nothing to do for it, or reused what was there;
        - the model is ephemeral. dbt has messages for it, but nothing in its artifacts.

        Run ids are derived from the invocation and the node, so that emitting twice yields the same runs.

        Args:
            result: how the node ended.
        """
        if not self._builds or result.unique_id in self._ephemeral or not result.unique_id.startswith(WITH_EVENTS):
            return []
        if result.status not in _RAN:
            if result.status not in _DID_NOT_RUN:
                log.warning("%s has no event: its status %r is unknown", result.unique_id, result.status)
            return []
        with _producer(PRODUCER):
            is_unit_test = result.unique_id.startswith("unit_test.")
            events = self._builder.events_of_unit_test(result) if is_unit_test else self._builder.events_of_node(result)
            return [self._builder.with_nominal_time(event) for event in events]


@contextmanager
def _producer(producer: str) -> Iterator[None]:
    """Set the facets' producer, a global of the client. In an Airflow task it names Airflow's provider otherwise."""
    before = base.PRODUCER
    base.set_producer(producer)
    try:
        yield
    finally:
        base.set_producer(before)


class _NodeEventBuilder(DbtStructuredLogsProcessor):
    def __init__(self, run: DbtRun, parent: ParentRunMetadata, job_namespace: str, interval: Interval | None) -> None:
        super().__init__(
            dbt_command_line=["dbt", run.command, "--profiles-dir", str(run.profiles_dir)],
            producer=PRODUCER,
            project_dir=str(run.project_dir),
            target=run.target,
            job_namespace=job_namespace,
        )
        self.dbt_run_metadata = parent
        self._run = run
        self._relations = run.manifest.in_relations()
        self._compiled_manifest = self._relations
        self._dbt_version = run.dbt_version
        self._dbt_invocation_id = run.invocation_id
        self.full_refresh = run.full_refresh
        self._interval = interval
        self.extract_adapter_type(self.profile)
        self.extract_dataset_namespace(self.profile)

    def extract_namespace(self, profile: dict[str, Any]) -> str:
        """The namespace of the datasets, by the rules of the warehouses. The library has none for a session of Spark."""
        rules = ADAPTERS.get(profile["type"])
        return super().extract_namespace(profile) if rules is None else rules.namespace(profile)

    def events_of_node(self, result: NodeResult) -> list[RunEvent]:
        """START and COMPLETE or FAIL of a node of the manifest."""
        deferred = self._deferred(result)
        nodes = {**self._relations["nodes"], **deferred} if deferred else self._relations["nodes"]
        self._compiled_manifest = {**self._relations, "nodes": nodes}
        self.node_id_to_ol_run_id[result.unique_id] = self._run_id(result)
        node_info = {
            "unique_id": result.unique_id,
            "resource_type": result.unique_id.split(".", 1)[0],
            "node_started_at": _timestamp(result.started_at),
            "node_finished_at": _timestamp(result.ended_at),
            # Some batches of a microbatch model failed. dbt ends with an error, and so does the run.
            "node_status": "error" if result.status == "partial success" else result.status,
        }
        run_result = {"message": result.message, "num_failures": result.failures}
        finish = self.parse_node_finished_event(
            {"info": {"name": "NodeFinished"}, "data": {"node_info": node_info, "run_result": run_result}}
        )
        return [_start_of(finish, result), self._completed(finish, result)]

    def events_of_unit_test(self, result: NodeResult) -> list[RunEvent]:
        """START and COMPLETE or FAIL of a unit test. It reads fixed rows, so it has no datasets."""
        node = self._compiled_manifest["unit_tests"][result.unique_id]
        passed = result.status == "pass"
        execution = test_run.TestExecution(
            name=result.unique_id,
            status="pass" if passed else "fail",
            severity="error",
            type="unit",
            description=node.get("description") or None,
        )
        ended: dict[str, Any] = {"test": test_run.TestRunFacet(tests=[execution])}
        if not passed:
            ended["errorMessage"] = error_message_run.ErrorMessageRunFacet(
                message=result.message or result.status, programmingLanguage="sql"
            )
        finish = self._end_of_unit_test(RunState.COMPLETE if passed else RunState.FAIL, result, ended)
        return [_start_of(finish, result), finish]

    def with_nominal_time(self, event: RunEvent) -> RunEvent:
        """Add the data interval to an event, in the facet that Airflow's own events use."""
        if self._interval is not None:
            start, end = (moment.isoformat() for moment in self._interval)
            facet = nominal_time_run.NominalTimeRunFacet(nominalStartTime=start, nominalEndTime=end)
            event.run.facets = {**(event.run.facets or {}), "nominalTime": facet}
        return event

    def get_column_lineage(self, namespace: str, compiled_sql: str) -> None:
        """None. dbt-ol's parser does not resolve ``select *``, and a partial column lineage looks like a whole one."""

    def _deferred(self, result: NodeResult) -> dict[str, Any]:
        """The parents that a node read in another environment (``--defer``), by unique id, as they are there.

        dbt decides this for each parent when it runs the node. Only the SQL records the decision.
        """
        if self._run.deferred_to is None or result.compiled_sql is None:
            return {}
        here, there = self._relations["nodes"], self._run.deferred_to.content["nodes"]
        return {
            parent: {**here[parent], **{key: there[parent][key] for key in ("database", "schema", "alias")}}
            for parent in self._relations["parent_map"].get(result.unique_id, ())
            if parent in here
            and parent in there
            and here[parent]["relation_name"] not in result.compiled_sql
            and there[parent]["relation_name"] in result.compiled_sql
        }

    def _end_of_unit_test(self, state: RunState, result: NodeResult, run_facets: dict[str, Any]) -> RunEvent:
        node = self._compiled_manifest["unit_tests"][result.unique_id]
        return generate_run_event(
            event_type=state,
            event_time=_timestamp(result.ended_at),
            run_id=self._run_id(result),
            job_name=result.unique_id,
            job_namespace=self.job_namespace,
            job_facets={
                "jobType": job_type_job.JobTypeJobFacet(
                    jobType="TEST", integration="DBT", processingType="BATCH", producer=PRODUCER
                ),
                "dbt_node": DbtNodeJobFacet(
                    original_file_path=node["original_file_path"], unique_id=result.unique_id, test_type="unit"
                ),
            },
            run_facets={
                **self.dbt_version_facet(),
                **self.processing_engine_facet(),
                **self.dbt_run_run_facet(),
                "parent": self.dbt_run_metadata.to_openlineage(),
                **run_facets,
            },
        )

    def _completed(self, event: RunEvent, result: NodeResult) -> RunEvent:
        if result.unique_id.startswith("test."):
            # dbt-ol adds the audit table for a test's failures as output. dbt creates it only with store_failures.
            event.outputs = []
            for execution in self._test_executions(event):
                execution.content = result.compiled_sql or execution.content
        if result.compiled_sql:
            facet = sql_job.SQLJobFacet(query=result.compiled_sql, dialect=self.extract_dialect())
            event.job.facets = {**(event.job.facets or {}), "sql": facet}
        return event

    def _test_executions(self, event: RunEvent) -> list[Any]:
        facet: Any = (event.run.facets or {}).get("test")
        return facet.tests if facet is not None else []

    def _run_id(self, result: NodeResult) -> str:
        return str(generate_static_uuid(result.started_at, f"{self._dbt_invocation_id}.{result.unique_id}".encode()))


def _start_of(finish: RunEvent, result: NodeResult) -> RunEvent:
    """START of a run, with its job and run metadata.

    Inputs, outputs and SQL appear only in COMPLETE and FAIL. There are three reasons:

    - the events of a run add up (OpenLineage's specification, "Run Event");
    - both events are made when the node has ended, and repeating them would double the cost for dbt;
    - a catalogue that draws edges from a START would draw them for a model that failed.
    """
    return attrs.evolve(
        finish,
        eventType=RunState.START,
        eventTime=_timestamp(result.started_at),
        run=attrs.evolve(finish.run, facets=_only(finish.run.facets, _RUN_FACETS_OF_START)),
        job=attrs.evolve(finish.job, facets=_only(finish.job.facets, _JOB_FACETS_OF_START)),
        inputs=[],
        outputs=[],
    )


def _only(facets: dict[str, Any] | None, names: Collection[str]) -> dict[str, Any]:
    return {name: facet for name, facet in (facets or {}).items() if name in names}


def _timestamp(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")

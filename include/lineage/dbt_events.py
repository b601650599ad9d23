"""OpenLineage events of single dbt nodes, built by the library behind dbt-ol.

``DbtStructuredLogsProcessor`` of openlineage-integration-common makes one event from one NodeStart or NodeFinished
message of dbt, for every kind of node, and names the job by the node's unique id whatever the dbt command was. It is
made to run dbt itself; here it is given what a run left behind instead. The names that it does not declare public
are used in this file only, and ``tests/unit/test_dbt_events.py`` fails when a new version changes them.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from openlineage.client.event_v2 import RunEvent
from openlineage.client.facet_v2 import sql_job
from openlineage.client.generated import base
from openlineage.client.uuid import generate_static_uuid
from openlineage.common.provider.dbt.facets import ParentRunMetadata
from openlineage.common.provider.dbt.structured_logs import DbtStructuredLogsProcessor
from openlineage.common.provider.dbt.utils import PRODUCER

from include.dbt.manifest import Manifest

WITH_EVENTS = ("model", "snapshot", "seed", "test")


class ArtifactsError(RuntimeError):
    """What a dbt run left behind is missing or does not fit together."""


@dataclass(frozen=True)
class DbtRun:
    """What one dbt invocation left behind.

    Args:
        project_dir: the dbt project.
        profiles_dir: folder of profiles.yml.
        target: the profile's target that was built.
        manifest: manifest.json of the invocation.
        run_results: run_results.json of the invocation, parsed.
    """

    project_dir: Path
    profiles_dir: Path
    target: str
    manifest: Manifest
    run_results: dict[str, Any]

    @classmethod
    def load(cls, project_dir: Path, profiles_dir: Path, target: str) -> "DbtRun":
        """Read the artifacts in ``project_dir/target``.

        Raises:
            ManifestError: there is no manifest.
            ArtifactsError: there are no run results, or they belong to another invocation than the manifest.
        """
        folder = project_dir / "target"
        manifest = Manifest.load(folder / "manifest.json")
        try:
            run_results = json.loads((folder / "run_results.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise ArtifactsError(f"dbt left no run_results.json in {folder}: it ended before it ran a node") from None
        ids = {manifest.content["metadata"]["invocation_id"], run_results["metadata"]["invocation_id"]}
        if len(ids) > 1:
            raise ArtifactsError(f"manifest.json and run_results.json in {folder} are of different invocations: {ids}")
        return cls(project_dir, profiles_dir, target, manifest, run_results)


def node_events(run: DbtRun, parent: ParentRunMetadata, job_namespace: str) -> list[RunEvent]:
    """START and COMPLETE or FAIL of each model, snapshot, seed and test that the invocation ran, in order of time.

    A node that dbt skipped did not run and has no event. Run ids follow from the invocation and the node, so that
    sending twice names the same runs.

    Args:
        run: what the invocation left behind.
        parent: the Airflow task that ran dbt, and its DAG run as root.
        job_namespace: namespace of the jobs.
    """
    builder = _NodeEventBuilder(run, parent, job_namespace)
    with _producer(PRODUCER):
        events = [
            event
            for result in run.run_results["results"]
            if result["unique_id"].startswith(WITH_EVENTS) and result["status"] != "skipped"
            for event in builder.events(result)
        ]
    return sorted(events, key=lambda event: _instant(event.eventTime))


@contextmanager
def _producer(producer: str) -> Iterator[None]:
    """Facets name their producer from a global of the client, which in an Airflow task names Airflow's provider."""
    before = base.PRODUCER
    base.set_producer(producer)
    try:
        yield
    finally:
        base.set_producer(before)


class _NodeEventBuilder(DbtStructuredLogsProcessor):
    def __init__(self, run: DbtRun, parent: ParentRunMetadata, job_namespace: str) -> None:
        command = run.run_results["args"]["which"]
        super().__init__(
            dbt_command_line=["dbt", command, "--profiles-dir", str(run.profiles_dir)],
            producer=PRODUCER,
            project_dir=str(run.project_dir),
            target=run.target,
            job_namespace=job_namespace,
        )
        self.dbt_run_metadata = parent
        self._compiled_manifest = run.manifest.in_relations()
        self._dbt_version = run.run_results["metadata"]["dbt_version"]
        self._dbt_invocation_id = run.run_results["metadata"]["invocation_id"]
        self._ended_at = run.run_results["metadata"]["generated_at"]
        self.full_refresh = run.run_results["args"].get("full_refresh")
        self.extract_adapter_type(self.profile)
        self.extract_dataset_namespace(self.profile)

    def events(self, result: dict[str, Any]) -> tuple[RunEvent, RunEvent]:
        """START and COMPLETE or FAIL of one entry of run_results.json."""
        unique_id = result["unique_id"]
        started_at, finished_at = self._timing(result)
        self.node_id_to_ol_run_id[unique_id] = str(
            generate_static_uuid(_instant(started_at), f"{self._dbt_invocation_id}.{unique_id}".encode())
        )
        node_info = {
            "unique_id": unique_id,
            "resource_type": unique_id.split(".", 1)[0],
            "node_started_at": started_at,
            "node_finished_at": finished_at,
            # Of a microbatch model some batches failed; dbt ends with an error, and so does the run.
            "node_status": "error" if result["status"] == "partial success" else result["status"],
        }
        run_result = {
            "message": result["message"],
            "num_failures": result.get("failures"),
            "adapter_response": result["adapter_response"],
        }
        start = self._parse_node_start_event({"info": {"name": "NodeStart"}, "data": {"node_info": node_info}})
        finish = self.parse_node_finished_event(
            {"info": {"name": "NodeFinished"}, "data": {"node_info": node_info, "run_result": run_result}}
        )
        return self._completed(start, unique_id), self._completed(finish, unique_id)

    def get_column_lineage(self, namespace: str, compiled_sql: str) -> None:
        """None: dbt-ol's parser does not see through ``select *``, and half a column lineage reads like a whole one."""

    def _completed(self, event: RunEvent, unique_id: str) -> RunEvent:
        node = self.compiled_manifest["nodes"][unique_id]
        if node["resource_type"] == "test":
            # dbt-ol names the audit table that a test would store its failures in; unless told to, dbt makes none.
            event.outputs = []
        if sql := node.get("compiled_code"):
            facet = sql_job.SQLJobFacet(query=sql, dialect=self.extract_dialect())
            event.job.facets = {**(event.job.facets or {}), "sql": facet}
        return event

    def _timing(self, result: dict[str, Any]) -> tuple[str, str]:
        """When the node started and ended, ISO 8601; a node that failed before it could start has the run's end."""
        timings = result["timing"]
        if not timings:
            return self._ended_at, self._ended_at
        return timings[0]["started_at"], timings[-1]["completed_at"]


def _instant(timestamp: str) -> datetime:
    return datetime.fromisoformat(timestamp.replace("Z", "+00:00"))

"""Hand-made results of dbt, in the shape of run_results.json v6, and the events that they become, as they are sent."""

import json
from collections.abc import Mapping
from typing import Any

from openlineage.client.serde import Serde
from openlineage.common.provider.dbt.facets import ParentRunMetadata

from dbt_lineage.events.dbt_events import Interval, node_events
from dbt_lineage.events.dbt_run import DbtRun, results_of
from dbt_lineage.manifest.graph import Manifest
from stack.checkout import PROJECT_ROOT

PROJECT = PROJECT_ROOT / "dbt-jaffle-shop"
INVOCATION = "1f4bd8d5-1836-48a5-a8de-0fdc72435a76"
GENERATED_AT = "2026-11-22T14:12:18.245051Z"
STARTED_AT, COMPLETED_AT = "2026-11-22T14:12:07.083879Z", "2026-11-22T14:12:07.386342Z"
JOB_NAMESPACE = "jobs-of-dbt"
PARENT = ParentRunMetadata(
    run_id="0193f1b4-0000-7000-8000-000000000001",
    job_name="jaffle_shop.models.dbt_build",
    job_namespace="jobs-of-airflow",
    root_parent_run_id="0193f1b4-0000-7000-8000-000000000002",
    root_parent_job_name="jaffle_shop",
    root_parent_job_namespace="jobs-of-airflow",
)


def result(
    unique_id: str,
    status: str,
    *,
    message: str | None = None,
    failures: int | None = None,
    started_at: str = STARTED_AT,
    completed_at: str = COMPLETED_AT,
) -> dict[str, Any]:
    """One entry of run_results.json, of a node that dbt started."""
    return {
        "unique_id": unique_id,
        "status": status,
        "timing": [
            {"name": "compile", "started_at": started_at, "completed_at": started_at},
            {"name": "execute", "started_at": completed_at, "completed_at": completed_at},
        ],
        "thread_id": "Thread-1 (worker)",
        "execution_time": 0.3,
        "adapter_response": {"_message": "SELECT 5", "code": "SELECT", "rows_affected": 5},
        "message": message,
        "failures": failures,
    }


def never_started(unique_id: str, status: str, message: str | None = None) -> dict[str, Any]:
    """One entry of run_results.json, of a node that dbt skipped or that failed before it could start."""
    return {**result(unique_id, status, message=message), "timing": [], "execution_time": 0.0, "adapter_response": {}}


def whole_run(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    """The results of a run in which every node succeeded."""
    return [
        result(key, "pass", failures=0) if key.startswith("test.") else result(key, "success", message="SELECT 5")
        for key in manifest["nodes"]
    ]


def events_of(
    manifest: dict[str, Any],
    *results: dict[str, Any],
    invocation: str = INVOCATION,
    command: str = "build",
    interval: Interval | None = None,
    target: str = "dev",
    columns: Mapping[str, Mapping[str, str]] | None = None,
    **of_run: Any,
) -> list[dict[str, Any]]:
    """The events of a run, parsed from the JSON that a transport would send.

    Args:
        manifest: of the project.
        results: the entries of run_results.json.
        invocation: dbt's id of the run.
        command: dbt's command.
        interval: the data interval.
        target: of the profile.
        columns: columns that only dbt's process can read.
        of_run: other arguments of ``DbtRun``.
    """
    run_results = {
        "metadata": {"generated_at": GENERATED_AT, "invocation_id": invocation},
        "results": list(results),
    }
    metadata = {**manifest["metadata"], "invocation_id": invocation}
    run = DbtRun(PROJECT, PROJECT, target, command, False, Manifest({**manifest, "metadata": metadata}), **of_run)
    events = node_events(run, results_of(run, run_results), PARENT, JOB_NAMESPACE, interval, columns)
    return [json.loads(Serde.to_json(event)) for event in events]


def names(datasets: list[dict[str, Any]]) -> list[str]:
    """The names of an event's inputs or outputs, sorted."""
    return sorted(dataset["name"] for dataset in datasets)

"""Answers of the lineage page's API for a made-up project, as files: ``python -m bench.page_fixtures FOLDER MODELS``."""

import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from bench.page_project import NAME, STARTED, Made
from dbt_lineage.airflow.page.tasks import tasks_of
from dbt_lineage.page.answers import View, Views
from dbt_lineage.page.nodes import Kind

_STATES = (
    "success",
    "success",
    "success",
    "success",
    "failed",
    "upstream_failed",
    "running",
    "queued",
    "skipped",
    "retry",
)


def write(folder: Path, models: int, columns: int = 20) -> Path:
    """Write the answers.

    Args:
        folder: where to; made when missing.
        models: how many models the project has.
        columns: how many columns each has.

    Returns:
        The folder.
    """
    made = Made(folder / "artifacts", models, columns)
    proof = folder / "artifacts" / "proof.json"
    proof.write_text(json.dumps({"proved": made.proved()}), encoding="utf-8")
    view = Views(made, proof, tasks_of).of([made.project])
    (folder / "graph.json").write_bytes(view.nodes.plain)
    (folder / "columns.json").write_bytes(view.columns.plain)
    _write(folder / "state.json", _state(view))
    _write(folder / "projects.json", [_project(view)])
    return folder


def _state(view: View) -> dict[str, Any]:
    nodes = {}
    for place, node in enumerate(each for each in view.graph.nodes if each.dag_id is not None):
        state = _STATES[place % 97 % len(_STATES)] if place % 3 == 0 else "success"
        began = STARTED + timedelta(seconds=place)
        ended = began + timedelta(seconds=2)
        nodes[node.id] = {
            "state": state,
            "started_at": None if state == "queued" else began.isoformat(),
            "ended_at": ended.isoformat() if state in ("success", "failed") else None,
            "tests": {"passed": 2, "failed": int(state == "failed"), "warned": int(place % 50 == 0)},
            "verified_at": node.verified_at,
        }
    return {"now": (STARTED + timedelta(hours=1)).isoformat(), "runs": [_run()], "nodes": nodes}


def _run() -> dict[str, Any]:
    run = {"run_id": "scheduled__2026-11-29T05:00:00+00:00", "state": "running"}
    return {"project": NAME, "dag_id": NAME, **run, "started_at": STARTED.isoformat(), "ended_at": None}


def _project(view: View) -> dict[str, Any]:
    kinds = [each.kind for each in view.graph.nodes]
    return {
        **{"name": NAME, "dag_id": NAME, "models": kinds.count(Kind.MODEL), "columns": len(view.graph.columns.names)},
        **{"dashboards": kinds.count(Kind.DASHBOARD), "lineage_on": True, "lineage_reason": None, "problem": None},
        "last_run": {name: value for name, value in _run().items() if name not in ("project", "dag_id")},
    }


def _write(file: Path, content: Any) -> None:
    file.write_text(json.dumps(content, indent=1), encoding="utf-8")


if __name__ == "__main__":
    print(write(Path(sys.argv[1]), int(sys.argv[2])))

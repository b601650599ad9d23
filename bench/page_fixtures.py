"""Answers of the lineage page's API for a made-up project, as files: ``python -m bench.page_fixtures FOLDER MODELS``."""

import json
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from bench.page_project import DATABASE, NAME, SCHEMA, STARTED, Made
from dbt_lineage.airflow.page.tasks import tasks_of
from dbt_lineage.core.levels import Level
from dbt_lineage.ledger.refreshes import DashboardRefresh
from dbt_lineage.ledger.run_events import EventRecord
from dbt_lineage.page.answers import View, Views
from dbt_lineage.page.detail import detail
from dbt_lineage.page.health import health
from dbt_lineage.page.nodes import Kind
from dbt_lineage.page.receipts import Receipt, receipt
from dbt_lineage.page.what_if import of_column
from dbt_lineage.watch.checks import CHECKS, SHARED
from dbt_lineage.watch.checks.alerts import Alert
from dbt_lineage.watch.checks.course import Made as CheckMade

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
    found = _receipt(view, made)
    _write(folder / "receipt.json", found.as_json())
    rows = found.as_json()["rows"]
    _write(folder / "receipts.json", [{**_run(), "models": len(rows), "read_back": len(rows) // 2}])
    _write(folder / "health.json", _health())
    _write(folder / "dead_letters.json", _letters())
    of_model = view.graph.place_of[f"{DATABASE}.{SCHEMA}.model_0007"]
    lineage = replace(made.all()[7], sql="select c00, sum(c02) as c02 from model_0003 group by c00")
    _write(folder / "node.json", detail(view.graph, of_model, made.project, [_run()], lineage, None, None, True))
    _write(folder / "what_if.json", of_column(view.graph, of_model, "c02"))
    return folder


def _receipt(view: View, made: Made) -> Receipt:
    """Half of the models are read back, the others wait somewhere."""
    events = []
    for place, one in enumerate(made.all()):
        times = [one.event_time + timedelta(seconds=seconds) if place % 8 >= seconds else None for seconds in (1, 2, 3)]
        reason = "eventTime: no time" if place % 50 == 49 else None
        ids = (one.event_id, one.job_namespace, one.job_name, one.run_id, "root", "COMPLETE")
        where = ("openlineage.events", 0, place, reason)
        events.append(EventRecord(*ids, one.event_time.isoformat(), one.event_time, *where, *times))
    tasks = {"models.model_0001": {"state": "running", "started_at": STARTED.isoformat(), "ended_at": None}}
    refreshes = [DashboardRefresh("board_0", STARTED + timedelta(hours=1), 14, 14, 0, 1.0, "", NAME)]
    return receipt(_run(), NAME, view.graph, tasks, events, {}, refreshes)


def _health() -> dict[str, Any]:
    course = []
    for check in CHECKS:
        for number in range(96):
            level = Level.FAIL if check == "latency" and number > 90 else Level.WARN if number % 31 == 7 else Level.OK
            value = float(number % 17) if check in ("lag", "latency") else None
            at = STARTED - timedelta(minutes=15 * (96 - number))
            project = "" if check in SHARED else NAME
            allowed = "at most 30 s" if value is not None else "all"
            course.append(
                CheckMade(project, check, f"run {number}", at, level, value, "seconds", "seen", allowed, True)
            )
    alerts = [Alert(1, "latency", "model end to verified", STARTED, "slow: 95 of 100 within 41 s", "30 s", None, NAME)]
    return health(course, alerts, {NAME: "docs/operations.md"})


def _letters() -> dict[str, Any]:
    letters = [
        {
            **{"id": f"0-{number}", "event_id": f"event-{number}", "at": STARTED.isoformat(), "attempts": number % 3},
            **{"reason": "eventTime: 'yesterday' is not a time", "source": "spool worker-1 17"},
            **{"job": f"model.{NAME}.model_{number:04d}", "run_id": f"run-{number}", "project": NAME},
            "payload": json.dumps({"eventType": "COMPLETE", "eventTime": "yesterday"}),
        }
        for number in range(7)
    ]
    return {"total": len(letters), "letters": letters, "may_replay": True}


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

"""Loads the DAG files as Airflow does and prints what they declare, as JSON; ``test_dags.py`` runs it.

In a process of its own, because Airflow reads its environment once, when it is imported. Whatever opens a connection,
looks up a host or starts a process while the files are loaded is refused and reported.
"""

import json
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psutil

REFUSED = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "subprocess.Popen", "os.fork", "os.exec")


def main(dags_folder: str) -> dict[str, Any]:
    """Everything that the tests ask about the DAGs of a folder."""
    from airflow.dag_processing.dagbag import DagBag

    attempts: list[str] = []
    watching = True

    def refuse(event: str, arguments: tuple[Any, ...]) -> None:
        if watching and event in REFUSED:
            attempts.append(f"{event}{arguments[-1:]}")
            raise OSError(f"{event} while DAG files are loaded: {arguments[-1:]}")

    # Sees what Python opens; what a C library (librdkafka, libpq) opens is seen among the process's connections.
    sys.addaudithook(refuse)
    bag = DagBag(dag_folder=dags_folder)
    watching = False
    return {
        "import_errors": bag.import_errors,
        "attempts": attempts,
        "connections": [str(connection) for connection in psutil.Process().net_connections()],
        "heavy_modules": sorted({"dbt", "pandas", "numpy", "sqlglot", "openlineage.common"} & sys.modules.keys()),
        "dags": {dag_id: _dag(dag) for dag_id, dag in bag.dags.items()},
    }


def _dag(dag: Any) -> dict[str, Any]:
    assets = getattr(dag.timetable, "asset_condition", None)
    each_asset = getattr(assets, "objects", [assets]) if assets is not None else []
    return {
        "file": Path(dag.fileloc).name,
        "doc_md": dag.doc_md,
        "description": dag.description,
        "tags": sorted(dag.tags),
        "catchup": dag.catchup,
        "max_active_runs": dag.max_active_runs,
        "start_date": dag.start_date,
        "timetable": type(dag.timetable).__name__,
        "expression": getattr(dag.timetable, "expression", None),
        "time": getattr(getattr(dag.timetable, "timetable", None), "expression", None),
        "asset_kind": type(assets).__name__,
        "assets": sorted(asset.uri for asset in each_asset),
        "watchers": [_watched(each) for asset in each_asset for each in asset.watchers],
        "paused_at_first": dag.is_paused_upon_creation,
        "deadlines": [_deadline(each) for each in dag.deadline or []],
        "params": {name: _param(dag.params.get_param(name)) for name in dag.params},
        "tasks": {task.task_id: _task(task) for task in dag.tasks},
    }


def _watched(watcher: Any) -> Any:
    trigger = watcher.trigger
    return trigger.serialize() if hasattr(trigger, "serialize") else (trigger["classpath"], trigger["kwargs"])


def _deadline(deadline: Any) -> tuple[str, Any, str]:
    return deadline.reference.reference_name, deadline.interval, deadline.callback.path


def _param(param: Any) -> dict[str, Any]:
    return {"type": param.schema.get("type"), "description": param.description, "default": param.value}


def _task(task: Any) -> dict[str, Any]:
    from airflow.providers.smtp.notifications.smtp import SmtpNotifier

    callbacks = task.on_failure_callback or []
    callbacks = callbacks if isinstance(callbacks, list) else [callbacks]
    return {
        "operator": type(task).__name__,
        "starts": getattr(task, "trigger_dag_id", None),
        "program": f"{task.dbt_executable_path} {task.invocation_mode}"
        if hasattr(task, "dbt_executable_path")
        else None,
        "owner": task.owner,
        "retries": task.retries,
        "execution_timeout": task.execution_timeout,
        "pool": task.pool,
        "priority_weight": task.priority_weight,
        "mails_to": [callback.to for callback in callbacks if isinstance(callback, SmtpNotifier)],
        "upstream": sorted(task.upstream_task_ids),
        "updates": sorted(outlet.uri for outlet in task.outlets if hasattr(outlet, "uri")),
        "trigger_rule": task.trigger_rule,
        "decides_the_run": not task.is_teardown or task.on_failure_fail_dagrun,
        "ancestors": sorted(task.get_flat_relative_ids(upstream=True)),
    }


def _plain(value: object) -> object:
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(json.dumps(main(sys.argv[1]), default=_plain), encoding="utf-8")

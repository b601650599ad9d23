"""What is done ahead for speed never stops a process of Airflow: each import and private name is broken here in turn."""

import importlib
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dbt_lineage.airflow import preload
from stack.checkout import PROJECT_ROOT

SCHEDULER = "airflow.jobs.scheduler_job_runner"
TRIGGERER = "airflow.jobs.triggerer_job_runner"


@pytest.fixture
def untouched() -> Iterator[None]:
    """Airflow's classes as they were, afterwards."""
    from airflow.callbacks.database_callback_sink import DatabaseCallbackSink
    from airflow.jobs import triggerer_job_runner
    from airflow.jobs.triggerer_job_runner import TriggerRunnerSupervisor

    names = (
        *("_create_workload", "_register_pipe_readers", "_handle_request"),
        *("handle_events", "load_triggers", "clean_unused"),
    )
    kept: list[tuple[Any, str, Any]] = [
        (TriggerRunnerSupervisor, name, vars(TriggerRunnerSupervisor)[name]) for name in names
    ]
    trigger = importlib.import_module("airflow.models.trigger").Trigger
    kept += [(trigger, "assign_unassigned", vars(trigger)["assign_unassigned"])]
    scheduler = importlib.import_module(SCHEDULER).SchedulerJobRunner
    kept += [(scheduler, "_schedule_dag_run", scheduler._schedule_dag_run)]
    kept += [
        (DatabaseCallbackSink, "send", DatabaseCallbackSink.send),
        (triggerer_job_runner, "anyio", triggerer_job_runner.anyio),
    ]
    yield
    for owner, name, value in kept:
        setattr(owner, name, value)


OF_AIRFLOW = [
    (TRIGGERER, "TriggerRunnerSupervisor", "_create_workload", "without their DAG"),
    ("airflow.models.trigger", "Trigger", "assign_unassigned", "room for the triggers of others"),
    (TRIGGERER, "TriggerRunnerSupervisor", "handle_events", "one transaction"),
    (TRIGGERER, "TriggerRunnerSupervisor", "load_triggers", "twice a second"),
    (TRIGGERER, "TriggerRunnerSupervisor", "clean_unused", "twice a second"),
    (TRIGGERER, "TriggerRunnerSupervisor", "_register_pipe_readers", "lines"),
    (TRIGGERER, "TriggerRunnerSupervisor", "_handle_request", "lines"),
    ("airflow.callbacks.database_callback_sink", "DatabaseCallbackSink", "send", "callbacks"),
    ("airflow.models.dagbag", "DBDagBag", "get_dag", "callbacks"),
]


@pytest.mark.parametrize(("module", "owner", "name", "said"), OF_AIRFLOW)
@pytest.mark.parametrize("moved", [None, lambda: None], ids=["none at all", "it takes something else"])
def test_a_private_name_that_moved_is_logged_and_the_rest_is_done(
    untouched: None,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    module: str,
    owner: str,
    name: str,
    said: str,
    moved: Any,
) -> None:
    monkeypatch.setattr(getattr(importlib.import_module(module), owner), name, moved)
    assert_one_is_left_away(caplog, said, name if moved else "")


def test_a_loop_that_waits_by_something_else_is_left_as_it_is(
    untouched: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(importlib.import_module(TRIGGERER), "anyio", object())
    assert_one_is_left_away(caplog, "loop", "move_on_after")


@pytest.mark.parametrize("module", [TRIGGERER, "dbt_lineage.airflow.dbt_tasks.trigger"])
def test_an_import_that_fails_in_the_triggerer_is_logged(
    untouched: None, module: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with caplog.at_level(logging.WARNING):
        preload.get_triggerer_ready()
    assert module in caplog.text


def assert_one_is_left_away(caplog: pytest.LogCaptureFixture, said: str, name: str) -> None:
    with caplog.at_level(logging.WARNING):
        preload.get_triggerer_ready()
    [told] = [record.getMessage() for record in caplog.records if record.name == preload.__name__]
    assert said in told
    assert name in told


def test_what_ended_is_deleted_before_triggers_are_looked_for_and_both_only_now_and_then(
    untouched: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    supervisor = importlib.import_module(TRIGGERER).TriggerRunnerSupervisor
    done: list[str] = []
    for name in ("clean_unused", "load_triggers"):
        monkeypatch.setattr(supervisor, name, lambda self, name=name: done.append(name))
    preload.get_triggerer_ready()
    for _ in range(3):
        supervisor.load_triggers(None)
        supervisor.clean_unused(None)
    assert done == ["clean_unused", "load_triggers"]


def test_where_nothing_moved_nothing_is_logged(untouched: None, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        preload.get_triggerer_ready()
    assert [record for record in caplog.records if record.name == preload.__name__] == []


@pytest.mark.parametrize("module", [*preload.NEEDED_BY_TASKS, *preload.NEEDED_BY_DBT])
def test_an_import_that_fails_in_the_scheduler_is_logged_and_nothing_more(
    untouched: None, module: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.setattr(preload, "share_memory", lambda: None)
    monkeypatch.setattr(preload, "NEEDED_BY_TASKS", (module,))
    monkeypatch.setattr(preload, "warm_up", lambda: None)
    with caplog.at_level(logging.WARNING):
        preload.get_scheduler_ready()
    assert [module in record.getMessage() for record in caplog.records] == [True]


def test_a_scheduler_that_looks_at_its_runs_in_another_way_is_left_as_it_is(
    untouched: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(preload, "share_memory", lambda: None)
    monkeypatch.setattr(preload, "NEEDED_BY_TASKS", ())
    monkeypatch.setattr(preload, "warm_up", lambda: None)
    monkeypatch.delattr(importlib.import_module(SCHEDULER).SchedulerJobRunner, "_schedule_dag_run")
    with caplog.at_level(logging.WARNING):
        preload.get_scheduler_ready()
    assert "looking less often" in caplog.text


def test_a_dbt_that_cannot_be_warmed_up_is_logged(
    untouched: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "dbt.adapters.factory", None)
    monkeypatch.setattr(preload, "share_memory", lambda: None)
    monkeypatch.setattr(preload, "NEEDED_BY_TASKS", ())
    with caplog.at_level(logging.WARNING):
        preload.get_scheduler_ready()
    assert "parsing the dbt project" in caplog.text


@pytest.mark.parametrize("module", preload.NEEDED_BY_DAG_FILES)
def test_an_import_that_fails_in_the_dag_processor_is_logged_and_nothing_more(
    module: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with caplog.at_level(logging.WARNING):
        preload.get_dag_processor_ready()
    assert [module in record.getMessage() for record in caplog.records if record.name == preload.__name__] == [True]


def test_what_the_dag_processor_imports_ahead_reads_no_setting(tmp_path: Path) -> None:
    script = (
        "import logging\n"
        "logging.basicConfig(format='%(name)s %(message)s')\n"
        "from dbt_lineage.airflow import preload\n"
        "preload.get_dag_processor_ready()\n"
    )
    environment = {**os.environ, "LINEAGE_CONFIG": str(tmp_path / "missing.yml")}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT_ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert preload.__name__ not in done.stderr


@pytest.mark.parametrize("component", ["scheduler", "triggerer", "dag-processor"])
def test_airflow_calls_it_once_in_the_process_that_starts(component: str) -> None:
    script = (
        "import sys; sys.argv = ['airflow', sys.argv[1]]\n"
        "from dbt_lineage.airflow import preload\n"
        "done = []\n"
        "preload.READY = {name: (lambda name=name: done.append(name)) for name in preload.READY}\n"
        "from airflow.listeners.listener import get_listener_manager\n"
        "manager = get_listener_manager()\n"
        "manager.add_listener(preload)\n"
        "for _ in range(2): manager.hook.on_starting(component=None)\n"
        "print(done)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, component], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == f"['{component}']"

"""What the dbt tasks rely on without a promise, in Airflow, its OpenLineage provider, Cosmos and dbt.

Each test fails with a message that says what changed and which file of the project uses it.
"""

import importlib
import inspect
import selectors
import socket
from collections.abc import Generator
from importlib.metadata import version
from types import SimpleNamespace
from typing import Any

import pytest

from dbt_lineage.airflow.dbt_tasks import compatibility
from stack.checkout import PROJECT_ROOT

INTERNALS = "include/dbt_lineage/airflow/dbt_tasks/internals.py"
TRIGGER = "include/dbt_lineage/airflow/dbt_tasks/trigger.py"
TASK_GROUP = "include/dbt_lineage/airflow/dbt_tasks/task_group.py"
MESSAGES = "include/dbt_lineage/events/dbt_messages.py"

CALLED: list[tuple[str, str, str, str, set[str]]] = [
    # file, distribution, module, name, parameters that are given
    (INTERNALS, "apache-airflow", "airflow.models.dagrun", "DagRun.get_task_instances", {"session"}),
    (INTERNALS, "apache-airflow", "airflow.models.xcom", "XComModel.deserialize_value", {"result"}),
    (INTERNALS, "apache-airflow", "airflow.jobs.triggerer_job_runner", "TriggerRunnerSupervisor._create_workload",
     {"self", "trigger", "dag_bag"}),
    (INTERNALS, "apache-airflow", "airflow.models.dagbag", "DBDagBag.get_serialized_dag_model", {"self"}),
    (INTERNALS, "apache-airflow", "airflow.models.dagbag", "DBDagBag.get_dag", {"version_id", "session"}),
    (INTERNALS, "apache-airflow", "airflow.callbacks.database_callback_sink", "DatabaseCallbackSink.send",
     {"self", "callback", "session"}),
    (INTERNALS, "apache-airflow", "airflow.models.dagbag", "DBDagBag.get_serialized_dag_model_for_run", {"self"}),
    (INTERNALS, "apache-airflow-providers-openlineage", "airflow.providers.openlineage.conf", "is_disabled", set()),
    (INTERNALS, "apache-airflow-providers-openlineage", "airflow.providers.openlineage.utils.utils",
     "is_operator_disabled", {"operator"}),
    (INTERNALS, "apache-airflow-providers-openlineage", "airflow.providers.openlineage.utils.utils",
     "is_selective_lineage_enabled", {"obj"}),
    ("include/dbt_lineage/airflow/dbt_tasks/times.py", "apache-airflow", "airflow.models.taskinstance", "TaskInstance.set_duration", set()),
    (TASK_GROUP, "astronomer-cosmos", "cosmos.operators.base", "AbstractDbtBase.get_env", {"context"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "distribution", "module", "name", "given"), CALLED, ids=lambda value: str(value)[-60:]
)
def test_what_is_called_is_still_there_and_takes_what_it_is_given(
    file: str, distribution: str, module: str, name: str, given: set[str]
) -> None:
    used = f"{file} calls {module}.{name}, which {distribution} {version(distribution)}"
    found: Any = importlib.import_module(module)
    for part in name.split("."):
        found = getattr(found, part, None)
        assert found is not None, f"{used} no longer has"
    missing = given - inspect.signature(found).parameters.keys()
    assert not missing, f"{used} no longer lets take {sorted(missing)}"


@pytest.mark.parametrize("needed", compatibility.NEEDED, ids=lambda needed: f"{needed.module}.{needed.name}")
def test_what_the_fast_form_needs_is_still_there(needed: compatibility.Needed) -> None:
    assert needed.problem() is None


@pytest.mark.parametrize("column", ["start_date", "end_date", "duration", "try_number", "task_id"])
def test_a_task_instance_still_has_the_columns_that_dbt_has_the_values_of(column: str) -> None:
    from airflow.models.taskinstance import TaskInstance

    assert column in TaskInstance.__table__.columns, (
        f"include/dbt_lineage/airflow/dbt_tasks/times.py needs TaskInstance.{column}"
    )


def test_a_workload_is_still_made_without_a_dag_when_there_is_none() -> None:
    from airflow.jobs.triggerer_job_runner import TriggerRunnerSupervisor

    used = set(TriggerRunnerSupervisor._create_workload.__code__.co_names)
    assert {"get_serialized_dag_model_for_run", "get_serialized_dag_model"} <= used, (
        f"{INTERNALS} gives the triggerer no DAG through these two, which it no longer asks: see whether Airflow still "
        "sends each trigger its whole DAG"
    )


def test_the_loop_of_the_triggerer_still_waits_where_it_is_hurried() -> None:
    from airflow.jobs.triggerer_job_runner import TriggerRunner

    assert {"anyio", "move_on_after"} <= set(TriggerRunner.arun.__code__.co_names), (
        f"{INTERNALS} shortens the wait of the triggerer's loop, which no longer is anyio.move_on_after"
    )


def test_the_loop_of_the_scheduler_still_sleeps_where_it_is_paced() -> None:
    from airflow.jobs.scheduler_job_runner import SchedulerJobRunner

    assert {"time", "sleep"} <= set(SchedulerJobRunner._run_scheduler_loop.__code__.co_names), (
        f"{INTERNALS} lengthens the sleep of the scheduler's loop, which no longer is time.sleep"
    )


def test_the_supervisor_of_triggers_still_reads_their_lines_apart_from_their_ends() -> None:
    from airflow.jobs.triggerer_job_runner import TriggerRunnerSupervisor
    from airflow.sdk.execution_time.supervisor import WatchedSubprocess

    used = f"{INTERNALS} reads all lines of triggers before it lets their logs be closed"
    assert "logger_cache" in TriggerRunnerSupervisor._handle_request.__code__.co_names, f"{used}: closed elsewhere now"
    kept = set(WatchedSubprocess._register_pipe_readers.__code__.co_names)
    assert {"_open_sockets", "selector"} <= kept, f"{used}: their socket is no longer kept by name"
    assert "logs" in WatchedSubprocess._register_pipe_readers.__code__.co_varnames, f"{used}: no socket for lines"


def test_lines_are_read_to_the_last_before_a_log_is_closed_and_nobody_waits_for_more() -> None:
    """With Airflow's own reader, which takes 4 kB a turn and waits where there is nothing."""
    from airflow.sdk.execution_time.supervisor import make_buffered_socket_reader

    from dbt_lineage.airflow.dbt_tasks.internals import _after_all_lines, _reading_all_lines

    class Supervisor:
        def __init__(self) -> None:
            self.selector = selectors.DefaultSelector()
            self.lines: list[bytes] = []
            self.when_closed: list[int] = []
            self._open_sockets: dict[socket.socket, str] = {}

        def _register_pipe_readers(self, stdout: Any, stderr: Any, requests: Any, logs: socket.socket) -> None:
            self._open_sockets[logs] = "logs"
            reader = make_buffered_socket_reader(self._keep(), on_close=lambda _: None)
            self.selector.register(logs, selectors.EVENT_READ, reader)

        def _keep(self) -> Generator[None, bytes, None]:
            while True:
                self.lines.append((yield))

        def _handle_request(self, message: Any) -> None:
            self.when_closed.append(len(self.lines))

    written, read = socket.socketpair()
    with written, read:
        supervisor = Supervisor()
        _reading_all_lines(Supervisor._register_pipe_readers)(supervisor, None, None, None, read)
        written.sendall(b"a line\n" * 10_000)
        ready = supervisor.selector.select(timeout=0)
        _after_all_lines(Supervisor._handle_request)(supervisor, SimpleNamespace(finished=[1]))
        assert supervisor.when_closed == [10_000]
        for key, _ in ready:
            assert key.data[0](key.fileobj), "it was ready before its lines were read, and has none now"


def test_nothing_of_ours_looks_like_a_plugin_of_dbt() -> None:
    """Dbt imports every module whose name starts with dbt_, and Airflow has these folders on the path."""
    folders = ("dags", "plugins", "config")
    assert [str(file) for folder in folders for file in (PROJECT_ROOT / folder).glob("dbt_*")] == []


def test_a_trigger_can_still_end_its_task_in_each_way() -> None:
    from airflow.triggers.base import TaskFailedEvent, TaskSkippedEvent, TaskSuccessEvent

    ends = {str(event(xcoms={}).task_instance_state) for event in (TaskSuccessEvent, TaskFailedEvent, TaskSkippedEvent)}
    assert ends == {"success", "failed", "skipped"}, f"{TRIGGER} ends tasks with these events"


@pytest.mark.parametrize(
    ("message", "fields"),
    [
        ("NodeInfo", {"unique_id"}),
        ("RunResultMsg", {"status", "message", "timing_info", "num_failures"}),
        ("TimingInfoMsg", {"started_at", "completed_at"}),
        ("NodeFinished", {"node_info", "run_result"}),
    ],
)
def test_the_messages_of_dbt_still_have_the_fields_that_are_read(message: str, fields: set[str]) -> None:
    from dbt.events import core_types_pb2

    found = getattr(core_types_pb2, message).DESCRIPTOR.fields_by_name.keys()
    assert fields <= set(found), (
        f"{MESSAGES} reads {sorted(fields - set(found))} of {message}, which dbt no longer sends"
    )

"""The dbt tasks' uses of names that Airflow and its OpenLineage provider do not declare public.

Nothing else in the project uses such names, and ``tests/unit/test_internals.py`` fails with a plain message when a new
version changes one of them.
"""

import inspect
import logging
import select
import selectors
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator
from functools import partial, wraps
from typing import TYPE_CHECKING, Any

import anyio
from asgiref.sync import sync_to_async

from dbt_lineage.airflow.dbt_tasks.looks import Looks

if TYPE_CHECKING:
    from airflow.models.dagrun import DagRun

log = logging.getLogger(__name__)

HURRIED_LOOP_SECONDS = 0.25
LOOK_FOR_TRIGGERS_SECONDS = 0.5


async def task_states(dag_id: str, run_id: str, task_ids: list[str]) -> dict[str, str | None]:
    """States of a run's tasks, read in the triggerer. A task without a state may be missing."""
    from airflow.sdk.execution_time.task_runner import RuntimeTaskInstance

    if not task_ids:
        return {}
    by_run = await sync_to_async(RuntimeTaskInstance.get_task_states)(
        dag_id=dag_id, run_ids=[run_id], task_ids=task_ids
    )
    return by_run.get(run_id, {})


async def pushed_value(dag_id: str, run_id: str, task_id: str, key: str) -> Any:
    """The value that a task of a run pushed, read in the triggerer; None if it pushed none."""
    from airflow.sdk.execution_time.xcom import XCom

    return await sync_to_async(XCom.get_one)(dag_id=dag_id, run_id=run_id, task_id=task_id, key=key, map_index=-1)


def tasks_with_value(dag_run: "DagRun", key: str) -> Iterator[tuple[Any, Any]]:
    """The task instances of a run that pushed a value, each with its value, in a process with database access.

    The rows are read in the caller's own transaction, because the scheduler holds locks on them, and another transaction
    would wait. A run outside of any transaction has no rows.
    """
    from airflow.models.xcom import XComModel
    from sqlalchemy import select
    from sqlalchemy.orm import object_session

    session = object_session(dag_run)
    if session is None:
        return
    of_run = (XComModel.dag_id == dag_run.dag_id, XComModel.run_id == dag_run.run_id, XComModel.key == key)
    pushed = session.execute(select(XComModel.task_id, XComModel.value).where(*of_run)).all()
    tasks = {ti.task_id: ti for ti in dag_run.get_task_instances(session=session)} if pushed else {}
    for row in pushed:
        if row.task_id in tasks:
            yield tasks[row.task_id], XComModel.deserialize_value(row)


def ways_to_spare_the_triggerer(
    triggers: tuple[str, ...], is_in_a_hurry: Callable[[], bool]
) -> dict[str, Callable[[], None]]:
    """Changes to the triggerer that skip work which the tasks of dbt's nodes do not need, by name.

    Call them in the triggerer's process. Each raises, and changes nothing, if a private name of Airflow is missing or has
    other parameters.

    Args:
        triggers: paths of the package's trigger classes.
        is_in_a_hurry: whether a short build, or a build's end, is awaited. It is called in the process of the triggers.
    """
    return {
        "sending triggers without their DAG": partial(_send_triggers_without_dag, triggers),
        "leaving room for the triggers of others": partial(_leave_room_for_others, triggers),
        "ending many tasks in one transaction": _end_tasks_together,
        "looking for triggers twice a second": _look_for_triggers_twice_a_second,
        "leaving away callbacks that nobody has": _leave_away_callbacks,
        "reading a trigger's lines to the last": _read_lines_to_the_last,
        "turning the triggerer's loop faster for a build that is short or ends": partial(_hurry, is_in_a_hurry),
    }


def _send_triggers_without_dag(triggers: tuple[str, ...]) -> None:
    """Send triggers without their serialized DAG.

    Airflow 3.3 sends the whole DAG with each trigger of a task, in case that the trigger has templates. Ours have none. A
    DAG of n such tasks would be sent and kept n times: with 600 tasks two minutes and 1.5 GB.
    """
    from airflow.jobs.triggerer_job_runner import TriggerRunnerSupervisor

    supervisor: Any = TriggerRunnerSupervisor
    create_workload = _function(supervisor, "_create_workload", "self", "trigger", "dag_bag")

    @wraps(create_workload)
    def create_workload_without_dag(self: Any, trigger: Any, dag_bag: Any, **kwargs: Any) -> Any:
        return create_workload(self, trigger, NoDags() if trigger.classpath in triggers else dag_bag, **kwargs)

    supervisor._create_workload = create_workload_without_dag


def _leave_room_for_others(triggers: tuple[str, ...]) -> None:
    """Do not count the package's triggers against the triggerer's capacity.

    A triggerer accepts a thousand triggers by default, and those of assets last, so a large build would starve others.
    The package's triggers cost almost nothing: all of a DAG run share one reader.
    """
    from airflow.models.trigger import Trigger
    from airflow.utils.session import create_session
    from sqlalchemy import func
    from sqlalchemy import select as sql_select

    model: Any = Trigger
    assign = _function(model, "assign_unassigned", "triggerer_id", "capacity")

    @wraps(assign)
    def assign_besides_ours(triggerer_id: Any, capacity: int, *args: Any, **kwargs: Any) -> None:
        with create_session() as session:
            ours = session.scalar(sql_select(func.count(model.id)).where(model.classpath.in_(triggers)))
        assign(triggerer_id, capacity + (ours or 0), *args, **kwargs)

    model.assign_unassigned = assign_besides_ours


def _end_tasks_together() -> None:
    """End tasks together in one transaction. Airflow ends each in transactions of its own, after four queries."""
    from airflow.jobs.triggerer_job_runner import TriggerRunnerSupervisor
    from airflow.models import trigger as triggers
    from airflow.models.taskinstance import TaskInstance
    from airflow.triggers.base import BaseTaskEndEvent
    from airflow.utils.session import create_session
    from airflow.utils.state import TaskInstanceState
    from sqlalchemy import select as sql_select
    from sqlalchemy.exc import SQLAlchemyError

    supervisor: Any = TriggerRunnerSupervisor
    task: Any = TaskInstance
    handle_events = _function(supervisor, "handle_events", "self")
    submit = _function(triggers, "handle_event_submit", "event", "task_instance", "session")

    @wraps(handle_events)
    def handle_events_together(self: Any) -> None:
        ends = {each.trigger_id: each for each in self.events if isinstance(each.event, BaseTaskEndEvent)}
        # Events that a message broker persists are left to Airflow.
        ends = {trigger_id: each for trigger_id, each in ends.items() if each.persist_seq is None}
        if len(ends) > 1:
            wanted = (task.trigger_id.in_(ends), task.state == TaskInstanceState.DEFERRED)
            try:
                # A session of its own: an XCom that a task pushes at its end commits and closes the thread's session.
                with create_session(scoped=False) as session:
                    waiting: Any = session.scalars(sql_select(task).where(*wanted)).all()
                    for ti in waiting:
                        submit(ends[ti.trigger_id].event, task_instance=ti, session=session)
                self.events = deque(each for each in self.events if ends.get(each.trigger_id) is not each)
            except SQLAlchemyError as error:
                log.warning("tasks could not be ended together, each is now ended alone: %r", error)
        handle_events(self)

    supervisor.handle_events = handle_events_together


def _look_for_triggers_twice_a_second() -> None:
    """Look for new triggers twice a second at most.

    Airflow deletes ended triggers and looks for new ones after each message from the process of the triggers, which sends
    several a second. Ended triggers are deleted right before, or they would count as new.
    """
    from airflow.jobs.triggerer_job_runner import TriggerRunnerSupervisor

    supervisor: Any = TriggerRunnerSupervisor
    load, clean = (_function(supervisor, name, "self") for name in ("load_triggers", "clean_unused"))
    looked_at = 0.0

    @wraps(load)
    def load_now_and_then(self: Any) -> None:
        nonlocal looked_at
        if time.monotonic() - looked_at >= LOOK_FOR_TRIGGERS_SECONDS:
            clean(self)
            load(self)
            looked_at = time.monotonic()

    supervisor.load_triggers = load_now_and_then
    supervisor.clean_unused = lambda _: None


def _leave_away_callbacks() -> None:
    """Skip success callbacks that do not exist. Airflow has the DAG file parsed for each successful task."""
    from airflow.callbacks.database_callback_sink import DatabaseCallbackSink
    from airflow.models.dagbag import DBDagBag

    sink: Any = DatabaseCallbackSink
    send, bag = _function(sink, "send", "self", "callback", "session"), DBDagBag()
    _function(DBDagBag, "get_dag", "version_id", "session")

    @wraps(send)
    def send_if_wanted(self: Any, callback: Any, *, session: Any) -> None:
        if callback.is_failure_callback or _has_success_callback(bag, callback.ti, session):
            send(self, callback, session=session)

    sink.send = send_if_wanted


def _read_lines_to_the_last() -> None:
    """Read all lines of an ended trigger before its log is closed.

    Airflow reads only 4 kB of all triggers' lines in a turn, and may close the log before it has read the last lines.
    """
    from airflow.jobs.triggerer_job_runner import TriggerRunnerSupervisor

    supervisor: Any = TriggerRunnerSupervisor
    register = _function(supervisor, "_register_pipe_readers", "self", "stdout", "stderr", "requests", "logs")
    handle_request = _function(supervisor, "_handle_request", "self")
    supervisor._register_pipe_readers = _reading_all_lines(register)
    supervisor._handle_request = _after_all_lines(handle_request)


def _hurry(is_in_a_hurry: Callable[[], bool]) -> None:
    """Let the triggerer pass on trigger events four times a second, early in a build and at its end.

    Airflow passes them on once a second. A DAG run would wait most of that for its last task.
    """
    from airflow.jobs import triggerer_job_runner

    runner: Any = triggerer_job_runner
    runner.anyio.move_on_after  # noqa: B018 - raises where the loop waits by something else
    runner.anyio = HurriedAnyio(is_in_a_hurry)


def ways_to_spare_the_scheduler(mirrors: Collection[str]) -> dict[str, Callable[[], None]]:
    """Changes to the scheduler that skip useless work, by name. Each raises if it does not fit Airflow's version.

    Args:
        mirrors: names of the operators whose tasks mirror dbt's nodes.
    """
    return {"looking less often at a DAG run that builds": partial(_look_less_often, mirrors)}


def _look_less_often(mirrors: Collection[str]) -> None:
    """Let the scheduler look less often at a DAG run in which only dbt's nodes end.

    In each loop it loads all tasks of each DAG run. With 3,000 models that takes a second, all through a build.
    """
    from airflow.jobs.scheduler_job_runner import SchedulerJobRunner

    runner: Any = SchedulerJobRunner
    schedule = _function(runner, "_schedule_dag_run", "self", "dag_run", "session")
    looks = Looks(mirrors)

    @wraps(schedule)
    def schedule_now_and_then(self: Any, dag_run: Any, session: Any) -> Any:
        if looks.may_wait(dag_run, session):
            return None
        started_at = time.monotonic()
        callback = schedule(self, dag_run, session=session)
        looks.took(dag_run, session, time.monotonic() - started_at)
        return callback

    runner._schedule_dag_run = schedule_now_and_then


def _function(owner: Any, name: str, *parameters: str) -> Callable[..., Any]:
    """A function of a class. Raises AttributeError if it is missing, TypeError if it lacks these parameters."""
    function = getattr(owner, name)
    missing = set(parameters) - inspect.signature(function).parameters.keys()
    if missing:
        raise TypeError(f"{owner.__name__}.{name} no longer takes {', '.join(sorted(missing))}")
    return function


def _reading_all_lines(register: Callable[..., None]) -> Callable[..., None]:
    """Wrap the supervisor's ``_register_pipe_readers``, so that its reader of log lines reads all available lines."""

    @wraps(register)
    def register_for_all(self: Any, stdout: Any, stderr: Any, requests: Any, logs: Any, **data: Any) -> None:
        register(self, stdout, stderr, requests, logs, **data)
        read, on_close = self.selector.get_key(logs).data

        def read_all(logs: Any) -> bool:
            while select.select([logs], [], [], 0)[0]:
                if not read(logs):
                    return False
            return True

        self.selector.modify(logs, selectors.EVENT_READ, (read_all, on_close))

    return register_for_all


def _after_all_lines(handle_request: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap the supervisor's ``_handle_request``, which closes the logs of ended triggers, to read all lines first."""

    @wraps(handle_request)
    def handle_request_after_lines(self: Any, message: Any, *args: Any) -> Any:
        if getattr(message, "finished", None):
            for logs in [socket for socket, kind in self._open_sockets.items() if kind == "logs"]:
                read_all, _ = self.selector.get_key(logs).data
                read_all(logs)
        return handle_request(self, message, *args)

    return handle_request_after_lines


class HurriedAnyio:
    """Replaces the module ``anyio`` in the triggerer's loop, which waits with ``anyio.move_on_after(1)``.

    Args:
        is_in_a_hurry: whether to wait for a shorter time.
    """

    def __init__(self, is_in_a_hurry: Callable[[], bool]) -> None:
        self._is_in_a_hurry = is_in_a_hurry

    def __getattr__(self, name: str) -> Any:
        return getattr(anyio, name)

    def move_on_after(self, delay: float) -> Any:
        """As in ``anyio``."""
        return anyio.move_on_after(min(delay, HURRIED_LOOP_SECONDS) if self._is_in_a_hurry() else delay)


def _has_success_callback(bag: Any, ti: Any, session: Any) -> bool:
    """Whether the task has a success callback; True if the DAG is unknown."""
    dag = bag.get_dag(ti.dag_version_id, session=session) if ti.dag_version_id is not None else None
    return dag is None or not dag.has_task(ti.task_id) or dag.get_task(ti.task_id).has_on_success_callback


class NoDags:
    """An empty bag of serialized DAGs, so that a trigger gets only its task instance."""

    def get_serialized_dag_model_for_run(self, *_: Any, **__: Any) -> None:
        """None."""

    def get_serialized_dag_model(self, *_: Any, **__: Any) -> None:
        """None."""


def lineage_is_on(task: Any) -> bool:
    """Whether the OpenLineage provider's switches allow the events of a task.

    The switches are ``disabled``, ``selective_enable`` and ``disabled_for_operators`` in the section ``[openlineage]``. If
    a version of the provider has them elsewhere, only the first one counts.

    Args:
        task: the task.
    """
    try:
        from airflow.providers.openlineage import conf
        from airflow.providers.openlineage.utils.utils import is_operator_disabled, is_selective_lineage_enabled

        return not conf.is_disabled() and is_selective_lineage_enabled(task) and not is_operator_disabled(task)
    except (ImportError, AttributeError, TypeError) as error:
        from airflow.sdk import conf as airflow_conf

        log.warning(
            "Of [openlineage] only disabled is read: this version of the provider has its switches elsewhere: %r",
            error,
        )
        return not airflow_conf.getboolean("openlineage", "disabled", fallback=False)

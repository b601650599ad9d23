"""The task that runs dbt, one command for all nodes, and reports the progress of each."""

import logging
import threading
import time
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from airflow.sdk.definitions.context import Context
from airflow.sdk.exceptions import AirflowFailException, AirflowRuntimeError
from airflow.sdk.types import RuntimeTaskInstanceProtocol
from cosmos.operators.local import DbtBuildLocalOperator
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from dbt_lineage.airflow.dbt_tasks.lineage_events import emitting_process, hand_over_events, live_lineage
from dbt_lineage.airflow.dbt_tasks.model_assets import Assets
from dbt_lineage.airflow.dbt_tasks.names import WITHOUT_SEEDS
from dbt_lineage.airflow.dbt_tasks.reports import (
    FIRST_PIECE,
    INTERVAL_SECONDS,
    NodeProgress,
    Progress,
    outcome_of_status,
    pause_seconds,
    piece_key,
)
from dbt_lineage.airflow.dbt_tasks.running import (
    DbtBuildFailed,
    DbtBuildFailedForGood,
    Way,
    WithProgram,
    in_this_process,
    require_success,
)
from dbt_lineage.events.dbt_messages import SHOWN_LEVELS, CommandEnd, Message, NodeStatus

LINES_KEPT = 40

log = logging.getLogger(__name__)


class DbtBuildOperator(WithProgram, DbtBuildLocalOperator):
    """Runs ``dbt seed``, then ``dbt build`` without the seeds, and reports each node to the tasks that mirror it.

    There are two commands, because sources read what seeds write. dbt does not know this dependency, so a single build
    would read the sources too early. dbt runs in the task's process, or as a program beside it (``DBT_EXECUTABLE``).

    Args:
        seeds: dbt selector of the seeds to load when a run has no selection of its own; empty for none.
        assets: the project's assets. Those of the built models are updated.
        build_retries: how often a failed build is retried. The task's own ``retries`` may be higher, since they also
            cover a worker's crash.

    Raises:
        DbtBuildFailed: a node failed, and the build will be retried. The message names each node with dbt's error.
        DbtBuildFailedForGood: a node failed, and the build will not be retried.
        DbtKilled: dbt's process was killed.
        HandoverError: the worker's disk is temporary, and the events could not be handed over (``SPOOL_HANDOVER``).
        DbtProgramError: there is no dbt to run, or its log cannot be read.
        NothingSelected: the run's ``select`` and ``exclude`` leave nothing to build.
        SpoolError: the disk refused an event of a node.
    """

    def __init__(self, *, seeds: str, assets: Assets, build_retries: int, **kwargs: Any) -> None:
        super().__init__(outlets=[assets.alias], **kwargs)
        self.select: str | None
        self.exclude: str | None
        self.seeds = seeds
        self.assets = assets
        self.build_retries = build_retries

    def execute(self, context: Context, **kwargs: Any) -> None:
        """Run dbt. The report is complete before the task ends, even if it fails."""
        with emitting_process(context) as self._emitting, Reporter(context["ti"]) as self._reporter:
            super().execute(context, **kwargs)
        hand_over_events()
        self.assets.of_build(self._reporter.progress, context)

    def add_global_flags(self) -> list[str]:
        """Dbt's flags, without an empty selection, which would match nothing."""
        self.select = self.select or None
        self.exclude = self.exclude or None
        return super().add_global_flags()

    def run_dbt_runner(self, command: list[str], env: dict[str, str], cwd: str, **kwargs: Any) -> Any:
        """Load the seeds, then build, in this process. Cosmos calls this with the command that it has built."""
        return self._seed_and_build(in_this_process, command, env, cwd, kwargs["context"])

    def run_subprocess(self, command: list[str], env: dict[str, str], cwd: str, **kwargs: Any) -> CommandEnd:
        """Load the seeds, then build, with the project's dbt program."""
        return self._seed_and_build(self.as_program, command, env, cwd, kwargs["context"])

    def handle_exception_dbt_runner(self, result: Any) -> None:
        """Fail with the nodes that failed, each with dbt's message."""
        self.handle_exception_subprocess(result)

    def handle_exception_subprocess(self, result: CommandEnd) -> None:
        """Fail with the nodes that failed, or because no node was selected."""
        is_tried_again = self._reporter.progress.attempt <= self.build_retries
        require_success(result, DbtBuildFailed if is_tried_again else DbtBuildFailedForGood)
        if not self._reporter.has_heard_of_nodes:
            selection = f"select={self.select or ''!r}, exclude={self.exclude or ''!r}"
            raise NothingSelected(f"{selection}: no node of the dbt project matches")

    def calculate_openlineage_events_completes(self, *_: Any, **__: Any) -> bool:
        """False, because the nodes' events are emitted already. Cosmos would parse every model's SQL again."""
        return False

    def _seed_and_build(
        self, way: Way, command: list[str], env: Mapping[str, str], cwd: str, context: Context
    ) -> CommandEnd:
        if self.seeds:
            end = self._run(way, self._seed_command(command), env, cwd, context)
            if not end.success:
                return end
        return self._run(way, [*command, *WITHOUT_SEEDS], env, cwd, context)

    def _seed_command(self, build: list[str]) -> list[str]:
        executable, _, *options = build
        return [executable, "seed", *options, *([] if self.select else ["--select", self.seeds])]

    def _run(self, way: Way, command: list[str], env: Mapping[str, str], cwd: str, context: Context) -> CommandEnd:
        # The artifacts are read from there afterwards, so the project or a variable must not move them.
        command = [*command, "--target-path", "target"]
        if self._emitting is None:
            return self._reported(way(command, env, cwd, self._reporter.hear))
        with live_lineage(
            self._emitting, context, self.profile_config, Path(cwd), command, env, way is in_this_process
        ) as lineage:

            def hear(message: Message) -> None:
                self._reporter.hear(message)
                lineage.hear(message)

            end = self._reported(way(command, env, cwd, hear))
            lineage.finish(end.nodes)
            return end

    def _reported(self, end: CommandEnd) -> CommandEnd:
        self._reporter.hear_results(end.nodes)
        return end


class NothingSelected(AirflowFailException):
    """The run's selection matches no node. The message has the selection."""


class Reporter:
    """Collects dbt's messages and pushes them in pieces, on a thread of its own, so that dbt never waits for it.

    A piece that cannot be pushed is retried before any other. If that fails to the end, dbt's result counts nevertheless,
    and the error is logged.

    Args:
        ti: the running task instance.
        patience_seconds: how long the last piece is retried, seconds.

    Attributes:
        has_heard_of_nodes: whether dbt ran any node so far, even if that is not pushed yet.
    """

    def __init__(self, ti: RuntimeTaskInstanceProtocol, patience_seconds: float = 120) -> None:
        self._ti = ti
        self._patience_seconds = patience_seconds
        self.progress = Progress(attempt=ti.try_number, is_last_attempt=ti.try_number > ti.max_tries)
        self.has_heard_of_nodes = False
        self._heard: deque[Message | NodeStatus] = deque()
        self._has_ended = threading.Event()
        self._thread = threading.Thread(target=self._work, name="dbt-progress")
        # Nodes with news, and the number of lines already pushed for each node.
        self._news: set[str] = set()
        self._lines_told: dict[str, int] = {}
        self._number = FIRST_PIECE
        self._began = time.monotonic()
        self._untold: dict[str, Any] | None = None
        # By node, how many ends are still to come: a microbatch model's own, and those of its batches.
        self._open: Counter[str] = Counter()

    def __enter__(self) -> "Reporter":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._has_ended.set()
        self._thread.join()

    def hear(self, message: Message) -> None:
        """Queue one of dbt's messages. dbt, where it runs in this process, calls this on the node's thread.

        The pushing thread is not woken, because it would take the interpreter from dbt's threads each time.
        """
        self._heard.append(message)
        self.has_heard_of_nodes |= message.name in ("NodeStart", "NodeFinished")

    def hear_results(self, results: Sequence[NodeStatus]) -> None:
        """Queue dbt's results at its end. If a node's thread crashed, there was no message about its end before."""
        self._heard.extend(results)

    def _work(self) -> None:
        pause = INTERVAL_SECONDS
        while not self._has_ended.wait(pause):
            pause = self._try_to_tell() if self._heard or self._untold else INTERVAL_SECONDS
        self.progress.is_finished = True
        try:
            Retrying(
                retry=retry_if_exception_type(AirflowRuntimeError),
                stop=stop_after_delay(self._patience_seconds),
                wait=wait_fixed(1),
                reraise=True,
            )(self._tell_the_rest)
        except AirflowRuntimeError as error:
            log.error("dbt has ended, but this could not be reported to the tasks of its nodes: %s", error)

    def _try_to_tell(self) -> float:
        """Push what is new. Returns the pause before the next push, seconds."""
        started = time.monotonic()
        try:
            self._tell()
        except AirflowRuntimeError as error:
            log.warning("dbt's progress could not be reported, and is retried: %s", error)
        return pause_seconds(INTERVAL_SECONDS, time.monotonic() - started, self._began)

    def _tell_the_rest(self) -> None:
        if self._untold is not None:
            self._tell()
        self._tell()

    def _tell(self) -> None:
        """Push the piece that failed before, else what is new. Raises AirflowRuntimeError."""
        if self._untold is None:
            while self._heard:
                self._note(self._heard.popleft())
            self._untold = self.progress.piece({each: self._lines_told.get(each, 0) for each in self._news})
            self._lines_told |= {each: len(self.progress.nodes[each].lines) for each in self._news}
            self._news.clear()
        self._ti.xcom_push(key=piece_key(self._number), value=self._untold)
        self._number += 1
        self._untold = None

    def _note(self, heard: Message | NodeStatus) -> None:
        if isinstance(heard, Message):
            self._note_message(heard)
        elif self._is_open(heard.unique_id):
            self._end(heard.unique_id, heard.status, datetime.now(UTC).isoformat())

    def _note_message(self, message: Message) -> None:
        unique_id = message.unique_id
        if not unique_id:
            return
        node = self.progress.nodes.setdefault(unique_id, NodeProgress())
        self._news.add(unique_id)
        instant = message.at.isoformat()
        node.started_at = node.started_at or instant
        if message.name == "NodeStart":
            self._open[unique_id] += 1
        if message.end is not None:
            # Each batch of a microbatch model starts and ends within the model, under the model's unique id.
            self._open[unique_id] -= 1
            if self._open[unique_id] <= 0:
                self._end(unique_id, message.end.status, instant)
        if message.level in SHOWN_LEVELS and len(node.lines) < LINES_KEPT:
            node.lines.append(f"{message.level.upper()} {message.text}")

    def _is_open(self, unique_id: str) -> bool:
        node = self.progress.nodes.get(unique_id)
        return node is not None and node.outcome is None

    def _end(self, unique_id: str, status: str, instant: str) -> None:
        self._news.add(unique_id)
        node = self.progress.nodes[unique_id]
        node.outcome, node.ended_at = outcome_of_status(status), instant

"""The task that runs dbt, in one process for all nodes, and tells how each fares as it goes."""

import logging
import threading
import time
from collections import Counter, deque
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from airflow.sdk.definitions.context import Context
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowRuntimeError
from airflow.sdk.types import RuntimeTaskInstanceProtocol
from cosmos.dbt import runner
from cosmos.operators.local import DbtBuildLocalOperator
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from dbt_lineage.airflow.dbt_tasks.lineage_events import emitting_process, live_lineage
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

LINES_KEPT = 40
SHOWN_LEVELS = ("info", "warn", "error")

log = logging.getLogger(__name__)


class DbtBuildOperator(DbtBuildLocalOperator):
    """Runs ``dbt seed``, then ``dbt build`` without the seeds, and reports each node to the tasks that mirror it.

    Two commands, because sources read what seeds write, which dbt does not know: one build would read them too early.

    Args:
        seeds: dbt selector of the seeds to load when a run selects nothing itself; empty for none.
        assets: those of the project, of which those of the built models are updated.
        build_retries: how often a build in which a node failed is tried again. The task's own ``retries`` may be more:
            those are for a worker that dies.

    Raises:
        DbtBuildFailed: a node failed and the build will be tried again; the message names each with dbt's error.
        DbtBuildFailedForGood: a node failed.
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
        """Run dbt; the report is complete before the task ends, well or not."""
        with emitting_process(context) as self._emitting, Reporter(context["ti"]) as self._reporter:
            super().execute(context, **kwargs)
        self.assets.of_build(self._reporter.progress, context)

    def add_global_flags(self) -> list[str]:
        """Dbt's flags. A selection that a run leaves empty is none: dbt would find nothing that matches it."""
        self.select = self.select or None
        self.exclude = self.exclude or None
        return super().add_global_flags()

    def run_dbt_runner(self, command: list[str], env: dict[str, str], cwd: str, **kwargs: Any) -> Any:
        """Load the seeds, then build. Cosmos calls it with the command of the build that it has put together."""
        if self.seeds:
            result = self._invoke(self._seed_command(command), env, cwd, kwargs["context"])
            if not result.success:
                return result
        return self._invoke([*command, *WITHOUT_SEEDS], env, cwd, kwargs["context"])

    def handle_exception_dbt_runner(self, result: Any) -> None:
        """Fail with the nodes that failed, each with dbt's own words."""
        if result.success:
            if not self._reporter.has_heard_of_nodes:
                selection = f"select={self.select or ''!r}, exclude={self.exclude or ''!r}"
                raise NothingSelected(f"{selection}: no node of the dbt project matches")
            return
        failures = [
            f"{node.node.unique_id}: {(node.message or '').strip()}"
            for node in _results(result)
            if outcome_of_status(str(node.status)) == "failed"
        ]
        kind = DbtBuildFailed if self._reporter.progress.attempt <= self.build_retries else DbtBuildFailedForGood
        raise kind("\n".join(failures) or str(result.exception or "dbt failed"))

    def calculate_openlineage_events_completes(self, *_: Any, **__: Any) -> bool:
        """False: the nodes' events are emitted already, and Cosmos would parse every model's SQL once more."""
        return False

    def _seed_command(self, build: list[str]) -> list[str]:
        executable, _, *options = build
        return [executable, "seed", *options, *([] if self.select else ["--select", self.seeds])]

    def _invoke(self, command: list[str], env: dict[str, str], cwd: str, context: Context) -> Any:
        if self._emitting is None:
            return self._reported(runner.run_command(command, env, cwd, callbacks=[self._reporter.hear]))
        with live_lineage(self._emitting, context, self.profile_config, Path(cwd), command) as lineage:
            result = self._reported(
                runner.run_command(command, env, cwd, callbacks=[self._reporter.hear, lineage.hear])
            )
            lineage.finish(_results(result))
            return result

    def _reported(self, result: Any) -> Any:
        self._reporter.hear_results(_results(result))
        return result


def _results(result: Any) -> list[Any]:
    """How dbt's nodes ended; it tells of none when it could not even begin."""
    return getattr(result.result, "results", None) or []


class DbtBuildFailed(AirflowException):
    """A node failed, for its SQL or its data. The message has each such node with dbt's words."""


class DbtBuildFailedForGood(DbtBuildFailed, AirflowFailException):
    """The same, and Airflow is not to try again."""


class NothingSelected(AirflowFailException):
    """The run's selection matches no node; the message has it."""


class Reporter:
    """Collects what dbt says and pushes it in pieces, on a thread of its own: dbt's threads never wait for it.

    A piece that cannot be told is told again, before any other. When that lasts, dbt's work counts nevertheless: the log
    has it.

    Args:
        ti: the running task instance.
        patience_seconds: how long the last piece is tried.

    Attributes:
        has_heard_of_nodes: whether dbt ran any node so far; known before it is told.
    """

    def __init__(self, ti: RuntimeTaskInstanceProtocol, patience_seconds: float = 120) -> None:
        self._ti = ti
        self._patience_seconds = patience_seconds
        self.progress = Progress(attempt=ti.try_number, is_last_attempt=ti.try_number > ti.max_tries)
        self.has_heard_of_nodes = False
        self._heard: deque[Any] = deque()
        self._has_ended = threading.Event()
        self._thread = threading.Thread(target=self._work, name="dbt-progress")
        # Nodes with news, and of each node how many lines were told.
        self._news: set[str] = set()
        self._lines_told: dict[str, int] = {}
        self._number = FIRST_PIECE
        self._began = time.monotonic()
        self._untold: dict[str, Any] | None = None
        # Of each node, how many ends dbt has still to tell: a microbatch model's, and those of its batches.
        self._open: Counter[str] = Counter()

    def __enter__(self) -> "Reporter":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._has_ended.set()
        self._thread.join()

    def hear(self, message: Any) -> None:
        """Take one of dbt's messages (an ``EventMsg``); dbt calls this on the thread of the node.

        The thread that tells is not woken for it: it would take the interpreter from dbt's threads each time.
        """
        info = message.info
        is_of_node = info.name in ("NodeStart", "NodeFinished")
        if is_of_node or info.level in SHOWN_LEVELS:
            self._heard.append(message)
        self.has_heard_of_nodes |= is_of_node

    def hear_results(self, results: Sequence[Any]) -> None:
        """Take what dbt returned when it had ended: of a node whose thread broke, it told no end before.

        Args:
            results: of its nodes, each with the ``node`` and its ``status``.
        """
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
            log.error("dbt has ended, and the tasks of its nodes were not told of it: %s", error)

    def _try_to_tell(self) -> float:
        """Tell what is new; returns how long to wait with the next time, seconds."""
        started = time.monotonic()
        try:
            self._tell()
        except AirflowRuntimeError as error:
            log.warning("what dbt does was not told, and will be told again: %s", error)
        return pause_seconds(INTERVAL_SECONDS, time.monotonic() - started, self._began)

    def _tell_the_rest(self) -> None:
        if self._untold is not None:
            self._tell()
        self._tell()

    def _tell(self) -> None:
        """Tell the piece that could not be told, else what is new. Raises AirflowRuntimeError."""
        if self._untold is None:
            while self._heard:
                self._note(self._heard.popleft())
            self._untold = self.progress.piece({each: self._lines_told.get(each, 0) for each in self._news})
            self._lines_told |= {each: len(self.progress.nodes[each].lines) for each in self._news}
            self._news.clear()
        self._ti.xcom_push(key=piece_key(self._number), value=self._untold)
        self._number += 1
        self._untold = None

    def _note(self, heard: Any) -> None:
        if hasattr(heard, "info"):
            self._note_message(heard)
        elif self._is_of_open_node(heard):
            self._end(heard.node.unique_id, str(heard.status), datetime.now(UTC).isoformat())

    def _note_message(self, message: Any) -> None:
        node_info = getattr(message.data, "node_info", None)
        if node_info is None or not node_info.unique_id:
            return
        unique_id = node_info.unique_id
        node = self.progress.nodes.setdefault(unique_id, NodeProgress())
        self._news.add(unique_id)
        instant = message.info.ts.ToDatetime(UTC).isoformat()
        node.started_at = node.started_at or instant
        if message.info.name == "NodeStart":
            self._open[unique_id] += 1
        if message.info.name == "NodeFinished":
            # Each batch of a microbatch model starts and ends within its model, under the model's name.
            self._open[unique_id] -= 1
            if self._open[unique_id] <= 0:
                self._end(unique_id, str(node_info.node_status), instant)
        if message.info.level in SHOWN_LEVELS and len(node.lines) < LINES_KEPT:
            node.lines.append(f"{message.info.level.upper()} {message.info.msg}")

    def _is_of_open_node(self, result: Any) -> bool:
        node = self.progress.nodes.get(result.node.unique_id)
        return node is not None and node.outcome is None

    def _end(self, unique_id: str, status: str, instant: str) -> None:
        self._news.add(unique_id)
        node = self.progress.nodes[unique_id]
        node.outcome, node.ended_at = outcome_of_status(status), instant

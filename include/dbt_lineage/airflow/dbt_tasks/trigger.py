"""Wait in the triggerer for the end of a dbt node, which the producer reports."""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any, ClassVar

from airflow.triggers.base import BaseTrigger, TaskFailedEvent, TaskSkippedEvent, TaskSuccessEvent, TriggerEvent

from dbt_lineage.airflow.dbt_tasks.internals import pushed_value, task_states
from dbt_lineage.airflow.dbt_tasks.reports import (
    FIRST_PIECE,
    INTERVAL_SECONDS,
    NODE_XCOM_KEY,
    READING_INTERVAL_SECONDS,
    Outcome,
    Progress,
    kept_of_node,
    pause_seconds,
    piece_key,
)

ENDED = ("success", "failed", "upstream_failed", "skipped", "removed")
# The producer's states in which its report is valid. Before it runs, the report is of an attempt that was cleared.
TELLING = (*ENDED, "running", "up_for_retry")
# How long one read may take, and how long reads may fail before the waiting tasks fail. Seconds.
READ_SECONDS = 60.0
PATIENCE_SECONDS = 600.0
_EVENTS = {"success": TaskSuccessEvent, "failed": TaskFailedEvent, "skipped": TaskSkippedEvent}

log = logging.getLogger(__name__)


class DbtNodeTrigger(BaseTrigger):
    """Ends the task of a dbt node as the node ended, without a worker.

    If a task is cleared or retried after its producer has ended, it goes to a worker instead. There it builds its node
    alone, after its upstream tasks.

    Args:
        unique_ids: the task's dbt nodes: one model, or its tests.
        producer_task_id: the task that runs dbt.
        upstream_task_ids: the tasks of the upstream nodes.
    """

    def __init__(self, unique_ids: list[str], producer_task_id: str, upstream_task_ids: list[str]) -> None:
        super().__init__()
        self.unique_ids = unique_ids
        self.producer_task_id = producer_task_id
        self.upstream_task_ids = upstream_task_ids

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Path of this class and its arguments."""
        return (
            f"{type(self).__module__}.{type(self).__qualname__}",
            {
                "unique_ids": self.unique_ids,
                "producer_task_id": self.producer_task_id,
                "upstream_task_ids": self.upstream_task_ids,
            },
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Wait for the nodes' end, and fire with the outcome."""
        ti: Any = self.task_instance
        consumed = await self._consumed_attempt() if ti.try_number > 1 else None
        async with Poller.shared(ti.dag_id, ti.run_id, self.producer_task_id) as poller:
            async for state, progress in poller.news(self.unique_ids):
                if consumed is not None and state in ENDED and _attempt(progress) == consumed:
                    break
                outcome = self._outcome(state, progress)
                if outcome is not None:
                    self._tell(outcome, state, progress)
                    times = progress.times_of(self.unique_ids) if progress is not None else None
                    kept = _kept(ti.try_number, _attempt(progress), times)
                    yield _EVENTS[outcome](xcoms={NODE_XCOM_KEY: kept})
                    return
        yield await self._build_alone()

    def _outcome(self, state: str | None, progress: Progress | None) -> Outcome | None:
        """How the task ends; None while that is open."""
        outcome = progress.outcome_of(self.unique_ids) if progress is not None else None
        if outcome == "success":
            return outcome
        if state in ENDED or (progress is not None and progress.is_last_attempt):
            # A producer that ended without reporting the node did not run it.
            return outcome or ("skipped" if state in ENDED else None)
        return None

    def _tell(self, outcome: Outcome, state: str | None, progress: Progress | None) -> None:
        lines = progress.lines_of(self.unique_ids) if progress is not None else []
        for line in lines:
            level, _, message = line.partition(" ")
            self.log.log(logging.getLevelNamesMapping().get(level, logging.INFO), message)
        if not lines:
            self.log.info("dbt did not run %s; %s is %s", ", ".join(self.unique_ids), self.producer_task_id, state)
        self.log.info("%s: %s", ", ".join(self.unique_ids), outcome)

    async def _consumed_attempt(self) -> int | None:
        """The producer's attempt that ended this task's last attempt, if one did."""
        ti: Any = self.task_instance
        kept = await pushed_value(ti.dag_id, ti.run_id, ti.task_id, NODE_XCOM_KEY)
        return kept_of_node(kept)["attempt"] if kept is not None else None

    async def _build_alone(self) -> TriggerEvent:
        """Wait for the upstream tasks, then ask for a worker. Skip when one of them did not succeed."""
        ti: Any = self.task_instance
        while True:
            states = await task_states(ti.dag_id, ti.run_id, self.upstream_task_ids)
            if all(states.get(task_id) == "success" for task_id in self.upstream_task_ids):
                return TriggerEvent({"build": "alone"})
            if all(states.get(task_id) in ENDED for task_id in self.upstream_task_ids):
                self.log.info("not built, because of %s", states)
                return TaskSkippedEvent()
            await asyncio.sleep(INTERVAL_SECONDS)


class FailedBuildTrigger(BaseTrigger):
    """Asks for a worker when the build has failed, and ends its task otherwise.

    Args:
        producer_task_id: the task that runs dbt.
    """

    def __init__(self, producer_task_id: str) -> None:
        super().__init__()
        self.producer_task_id = producer_task_id

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Path of this class and its arguments."""
        return f"{type(self).__module__}.{type(self).__qualname__}", {"producer_task_id": self.producer_task_id}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Wait for the build's end, and fire with its outcome."""
        ti: Any = self.task_instance
        async with Poller.shared(ti.dag_id, ti.run_id, self.producer_task_id) as poller:
            async for state, _ in poller.news():
                if state == "failed":
                    yield TriggerEvent({"build": state})
                    return
                if state in ENDED:
                    yield TaskSuccessEvent(xcoms={NODE_XCOM_KEY: _kept(ti.try_number)})
                    return


class Poller:
    """Reads a DAG run's progress for all of its triggers in this process.

    Args:
        key: DAG id, run id and the producer's task id.
    """

    _pollers: ClassVar[dict[tuple[str, str, str], "Poller"]] = {}

    def __init__(self, key: tuple[str, str, str]) -> None:
        self._key = key
        self._readers = 0
        self._news: tuple[str | None, Progress | None] = (None, None)
        self._progress: Progress | None = None
        self._next = FIRST_PIECE
        self._has_read = False
        # The waiting readers, by each of their nodes. None has all of them.
        self._waiting: defaultdict[str | None, set[asyncio.Event]] = defaultdict(set)
        self._failure: BaseException | None = None
        self._began = time.monotonic()
        self._task = asyncio.create_task(self._work())

    @classmethod
    @asynccontextmanager
    async def shared(cls, dag_id: str, run_id: str, producer_task_id: str) -> AsyncIterator["Poller"]:
        """The shared poller of a DAG run. It exists while anybody reads it."""
        key = (dag_id, run_id, producer_task_id)
        poller = cls._pollers.get(key) or cls._pollers.setdefault(key, cls(key))
        poller._readers += 1
        try:
            yield poller
        finally:
            poller._readers -= 1
            if not poller._readers:
                if cls._pollers.get(key) is poller:
                    del cls._pollers[key]
                poller._task.cancel()

    @classmethod
    def is_in_a_hurry(cls) -> bool:
        """Whether a trigger of this process waits in a short build, or for a build's end, so that delays matter."""
        return any(poller._pause_seconds() <= READING_INTERVAL_SECONDS for poller in cls._pollers.values())

    async def news(self, unique_ids: Sequence[str] = ()) -> AsyncIterator[tuple[str | None, Progress | None]]:
        """Yield the producer's state and its progress, now and after each change.

        A build has thousands of nodes, so only readers of changed nodes are woken.

        Args:
            unique_ids: the nodes of interest. Changes of the producer itself always wake the reader.

        Yields:
            The producer's state, and its progress; None for the progress if there is no report yet.
        """
        woken = asyncio.Event()
        for name in (*unique_ids, None):
            self._waiting[name].add(woken)
        try:
            if self._has_read or self._failure is not None:
                woken.set()
            while True:
                await woken.wait()
                woken.clear()
                if self._failure is not None:
                    raise self._failure
                yield self._news
        finally:
            for name in (*unique_ids, None):
                self._waiting[name].discard(woken)

    def _wake(self, unique_ids: Iterable[str | None]) -> None:
        for name in unique_ids:
            for woken in self._waiting.get(name, ()):
                woken.set()

    async def _work(self) -> None:
        since = time.monotonic()
        while self._failure is None:
            started = time.monotonic()
            try:
                async with asyncio.timeout(READ_SECONDS):
                    await self._look()
                since = started
            except Exception as error:  # the next read may succeed; an error that lasts is raised by each reader
                log.warning("dbt's progress in %s could not be read: %r", " ".join(self._key), error)
                if started - since > PATIENCE_SECONDS:
                    self._failure = error
                    # Later readers start a new poller.
                    self._pollers.pop(self._key, None)
                    self._wake([None])
            await asyncio.sleep(self._pause_seconds(time.monotonic() - started))

    def _pause_seconds(self, took_seconds: float = 0) -> float:
        """Pause between two reads, seconds."""
        if self._progress is not None and self._progress.is_finished:
            return max(READING_INTERVAL_SECONDS, took_seconds)
        return pause_seconds(READING_INTERVAL_SECONDS, took_seconds, self._began)

    async def _look(self) -> None:
        dag_id, run_id, task_id = self._key
        # The state first. If the producer has ended, the progress that is read afterwards is complete.
        state = (await task_states(dag_id, run_id, [task_id])).get(task_id)
        nodes: set[str] = set()
        before = (self._news[0], self._attempt_and_end())
        if state in TELLING:
            nodes = await self._read_pieces()
        else:
            self._progress = None
        self._news = (state, self._progress)
        is_first, self._has_read = not self._has_read, True
        self._wake([None] if is_first or before != (state, self._attempt_and_end()) else nodes)

    def _attempt_and_end(self) -> tuple[int, bool] | None:
        return (self._progress.attempt, self._progress.is_finished) if self._progress is not None else None

    async def _read_pieces(self) -> set[str]:
        """Read the new pieces. Returns the nodes that changed."""

        async def read(number: int) -> Any:
            return await pushed_value(*self._key, piece_key(number))

        nodes: set[str] = set()
        first = await read(FIRST_PIECE)
        if first is None:
            self._progress = None
            return nodes
        if self._progress is None or self._progress.attempt != first["attempt"]:
            self._progress, self._next = Progress.begun(first), FIRST_PIECE + 1
        while (piece := await read(self._next)) is not None:
            self._progress.add(piece)
            self._next += 1
            nodes |= piece["nodes"].keys()
        return nodes


def _kept(
    try_number: int, attempt: int | None = None, times: tuple[str, str] | None = None
) -> dict[str, str | int | None]:
    """What a task stores of an attempt: the producer's attempt that ended it, and dbt's times."""
    started_at, ended_at = times or (None, None)
    return {"try_number": try_number, "attempt": attempt, "started_at": started_at, "ended_at": ended_at}


def _attempt(progress: Progress | None) -> int | None:
    return progress.attempt if progress is not None else None

"""Emit the events of dbt's nodes as each node finishes."""

import logging
import os
import threading
from collections import deque
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from functools import cached_property
from multiprocessing import current_process, get_context
from pathlib import Path
from types import TracebackType

from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import RunEvent
from openlineage.common.provider.dbt.facets import ParentRunMetadata

from dbt_lineage.core.processes import die_with_parent
from dbt_lineage.events.columns_of_run import ColumnsOfRun, with_columns
from dbt_lineage.events.dbt_events import WITH_EVENTS, Interval, NodeEvents, node_events
from dbt_lineage.events.dbt_messages import Message, NodeStatus
from dbt_lineage.events.dbt_run import DbtRun, live_result, load_artifacts, require_invocation
from dbt_lineage.events.emit import emit_all, together
from dbt_lineage.manifest.graph import Manifest
from dbt_lineage.warehouse.port import Columns

# dbt has priority where the two share a processor.
_NICENESS = 10
_GATHER_SECONDS = 0.25

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Invocation:
    """A dbt command that is about to run, and who runs it.

    Args:
        project_dir: the folder that dbt runs in.
        profiles_dir: folder of profiles.yml.
        target: the profile's target that is built.
        command: dbt's command line, with the executable first.
        parent: the Airflow task that runs dbt, and its DAG run as root.
        job_namespace: namespace of the jobs.
        interval: start and end of the data interval that it runs for; None when it runs for none.
        may_read_part: whether it may be an empty run or a sample. Its events are then emitted from its artifacts, which
            record whether it was.
    """

    project_dir: Path
    profiles_dir: Path
    target: str
    command: Sequence[str]
    parent: ParentRunMetadata
    job_namespace: str
    interval: Interval | None = None
    may_read_part: bool = False


class EmittingProcess:
    """A process beside dbt's that builds events and emits them; a context manager. It is forked at once.

    A thread would slow dbt down: building events needs the interpreter, which dbt's threads need for the next models.
    Start it early. Then there are no other threads, whose locks the fork would inherit, and little memory, which both
    processes would copy as they write to it.
    """

    def __init__(self) -> None:
        self._pool = ProcessPoolExecutor(1, get_context("fork"), _begin, (os.getpid(),))
        # Python lets no daemonic process, such as a task of Celery, have a child: it could be left behind. This one ends
        # with its parent.
        current = current_process()
        is_daemonic, current.daemon = current.daemon, False
        try:
            self._pool.submit(_has_begun)
        finally:
            current.daemon = is_daemonic

    def __enter__(self) -> "EmittingProcess":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=True)

    def emit(self, invocation: Invocation, messages: Sequence[Message], columns: Columns) -> Future[dict[str, str]]:
        """Emit the events of nodes, made from dbt's NodeFinished messages.

        Args:
            invocation: the dbt command.
            messages: its NodeFinished messages.
            columns: the columns of relations that changed since the last call, for the events to carry.

        Returns:
            The nodes whose events were not emitted, by unique id, each with the reason. The reason is "" where dbt
            completes the information only at its end. The future fails if the process is killed meanwhile.

        Raises:
            BrokenProcessPool: the process was killed before.
        """
        return self._pool.submit(_emit, invocation, messages, columns)


class LiveLineage:
    """Emits the events of an invocation's nodes as they finish; a context manager, in which dbt runs.

    The events of nodes that finish within a quarter of a second share one write to disk. A warehouse on the same disk
    waits for each write.

    Args:
        invocation: the dbt command.
        process: the process that builds the events.
        columns: reads the columns that the events have to carry; None where the relay reads them.
    """

    def __init__(self, invocation: Invocation, process: EmittingProcess, columns: ColumnsOfRun | None = None) -> None:
        self._invocation = invocation
        self._process = process
        self._columns = columns
        # The columns that are known, for events that are emitted after dbt has ended.
        self._known: Columns = {}
        self._heard: deque[tuple[Message, Columns]] = deque()
        self._late: dict[str, Future[dict[str, str]]] = {}
        self._has_ended = threading.Event()
        self._thread = threading.Thread(target=self._hand_on, name="lineage")

    def __enter__(self) -> "LiveLineage":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def hear(self, message: Message) -> None:
        """Queue one of dbt's messages. dbt, where it runs in this process, calls this on the node's thread."""
        if message.end is None:
            return
        changed = self._columns.changed_by(message) if self._columns and self._columns.in_process else {}
        if not self._waits:
            self._heard.append((message, changed))
        else:
            self._known.update(changed)

    @property
    def _waits(self) -> bool:
        """Whether all events are emitted after dbt has ended."""
        is_closed = self._columns is not None and not self._columns.in_process
        return self._invocation.may_read_part or is_closed

    def finish(self, results: Sequence[NodeStatus]) -> None:
        """Emit from dbt's artifacts what was not emitted live.

        Args:
            results: how dbt's nodes ended.

        Raises:
            ManifestError, ArtifactsError: dbt's artifacts are needed, and are missing or of another run.
            SpoolError: the disk refused an event.
        """
        self._end()
        ended = (result.unique_id for result in results)
        late = {
            unique_id for unique_id in ended if unique_id.startswith(WITH_EVENTS) and not self._is_emitted(unique_id)
        }
        if late:
            emit_all(self._from_artifacts(late))
        log.info("emitted the lineage of %d nodes, %d as they finished", len(results), len(results) - len(late))

    def _end(self) -> None:
        self._has_ended.set()
        self._thread.join()

    def _hand_on(self) -> None:
        while not self._has_ended.wait(_GATHER_SECONDS):
            self._hand_on_heard()
        self._hand_on_heard()

    def _hand_on_heard(self) -> None:
        heard = [self._heard.popleft() for _ in range(len(self._heard))]
        if not heard:
            return
        messages, columns = [message for message, _ in heard], dict[str, dict[str, str]]()
        for _, changed in heard:
            columns.update(changed)
        self._known.update(columns)
        try:
            late = self._process.emit(self._invocation, messages, columns)
        except BrokenProcessPool as error:
            log.warning("the process that emits lineage is gone: %s", error)
            return
        self._late.update({message.unique_id: late for message in messages})

    def _is_emitted(self, unique_id: str) -> bool:
        """Whether the events of a node were emitted. Logs the reason for a delay unless it is expected."""
        late = self._late.get(unique_id)
        if late is None:
            return False
        error = late.exception()
        reason = late.result().get(unique_id) if error is None else f"{type(error).__name__}: {error}"
        if reason:
            log.warning("the lineage of %s is emitted late: %s", unique_id, reason)
        return reason is None

    def _from_artifacts(self, unique_ids: set[str]) -> list[RunEvent]:
        of = self._invocation
        run, results = load_artifacts(of.project_dir, of.profiles_dir, of.target)
        missing = [result for result in results if result.unique_id in unique_ids]
        if self._columns is not None and not self._columns.in_process:
            self._known = self._columns.after_dbt()
        return node_events(run, missing, of.parent, of.job_namespace, of.interval, self._known)


@dataclass(frozen=True)
class _Emitter:
    """What an ``EmittingProcess`` does for an invocation."""

    invocation: Invocation
    columns: Columns = field(default_factory=dict)

    def emit(self, messages: Iterable[Message]) -> dict[str, str]:
        """See ``EmittingProcess.emit``."""
        late: dict[str, str] = {}
        with together(self._client):
            for message in messages:
                try:
                    if not self._emit(message):
                        late[message.unique_id] = ""
                except Exception as error:  # kept as the reason, and retried when dbt has ended
                    late[message.unique_id] = f"{type(error).__name__}: {error}"
        return late

    def _emit(self, message: Message) -> bool:
        require_invocation(self._run, message.invocation_id)
        result = live_result(self._run, message)
        if result is None:
            return False
        events = self._events.of(result)
        if self.columns:
            with_columns(events, self.columns)
        for event in events:
            self._client.emit(event)
        return True

    @cached_property
    def _run(self) -> DbtRun:
        """The invocation with its manifest. dbt writes the manifest before it runs the first node."""
        of = self.invocation
        return DbtRun(
            project_dir=of.project_dir,
            profiles_dir=of.profiles_dir,
            target=of.target,
            command=of.command[1],
            full_refresh="--full-refresh" in of.command,
            manifest=Manifest.load(of.project_dir / "target" / "manifest.json"),
        )

    @cached_property
    def _events(self) -> NodeEvents:
        of = self.invocation
        return NodeEvents(self._run, of.parent, of.job_namespace, of.interval)

    @cached_property
    def _client(self) -> OpenLineageClient:
        return OpenLineageClient()


# In the emitting process: the emitter of the newest invocation, or nothing.
_emitters: list[_Emitter] = []


def _begin(parent: int) -> None:
    die_with_parent(parent)
    os.nice(_NICENESS)


def _has_begun() -> None:
    """Do nothing. The executor forks the process for its first task, and this is that task."""


def _emit(invocation: Invocation, messages: Sequence[Message], columns: Columns) -> dict[str, str]:
    if not _emitters or _emitters[0].invocation != invocation:
        _emitters[:] = [_Emitter(invocation)]
    _emitters[0].columns.update(columns)
    return _emitters[0].emit(messages)

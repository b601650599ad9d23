"""The task that runs dbt, once for all nodes, and tells how each fares."""

import queue
import threading
import time
from types import TracebackType
from typing import Any

from airflow.sdk.definitions.context import Context
from airflow.sdk.exceptions import AirflowFailException
from airflow.sdk.types import RuntimeTaskInstanceProtocol
from cosmos.dbt import runner
from cosmos.operators.local import DbtBuildLocalOperator

from plugins.dbt.progress import INTERVAL_SECONDS, XCOM_KEY, NodeProgress, Progress, outcome_of_status

LINES_KEPT = 40
SHOWN_LEVELS = ("info", "warn", "error")


class DbtBuildOperator(DbtBuildLocalOperator):
    """Runs ``dbt build`` in this process and reports each node as it goes.

    Raises:
        DbtBuildFailed: a node failed; the message names each with dbt's error.
    """

    def execute(self, context: Context, **kwargs: Any) -> None:
        """Run dbt; the report is complete before the task ends, well or not."""
        with Reporter(context["ti"]) as self._reporter:
            super().execute(context, **kwargs)

    def run_dbt_runner(self, command: list[str], env: dict[str, str], cwd: str, **kwargs: Any) -> Any:
        """Invoke dbt with the reporter listening. Cosmos calls it with the command that it has put together."""
        return runner.run_command(command, env, cwd, callbacks=[self._reporter.hear], **kwargs)

    def handle_exception_dbt_runner(self, result: Any) -> None:
        """Fail with the nodes that failed, each with dbt's own words."""
        if result.success:
            return
        failures = [
            f"{node.node.unique_id}: {(node.message or '').strip()}"
            for node in getattr(result.result, "results", None) or []
            if outcome_of_status(str(node.status)) == "failed"
        ]
        raise DbtBuildFailed("\n".join(failures) or str(result.exception or "dbt failed"))


class DbtBuildFailed(AirflowFailException):
    """A node failed, for its SQL or its data: trying again changes nothing. The message has each with dbt's words."""


class Reporter:
    """Collects what dbt says and pushes it as one XCom, on a thread of its own: dbt's threads never wait for it.

    Args:
        ti: the running task instance.
    """

    def __init__(self, ti: RuntimeTaskInstanceProtocol) -> None:
        self._ti = ti
        self._progress = Progress(attempt=ti.try_number, is_last_attempt=ti.try_number > ti.max_tries)
        self._heard: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="dbt-progress")
        self._failure: BaseException | None = None

    def __enter__(self) -> "Reporter":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._heard.put(None)
        self._thread.join()
        if self._failure is not None and error is None:
            raise self._failure

    def hear(self, event: Any) -> None:
        """Take one of dbt's messages (an ``EventMsg``); dbt calls this on the thread of the node."""
        node_info = getattr(event.data, "node_info", None)
        if node_info is None or not node_info.unique_id:
            return
        finished = event.info.name == "NodeFinished"
        status = str(node_info.node_status)
        line = f"{event.info.level.upper()} {event.info.msg}" if event.info.level in SHOWN_LEVELS else None
        self._heard.put((node_info.unique_id, outcome_of_status(status) if finished else None, line))

    def _work(self) -> None:
        try:
            while self._collect():
                self._push()
            self._progress.is_finished = True
            self._push()
        except Exception as error:  # raised again by the thread that waits for this one
            self._failure = error

    def _collect(self) -> bool:
        """Gather what is heard for a while, from the first word on; False when there will be no more."""
        item = self._heard.get()
        until = time.monotonic() + INTERVAL_SECONDS
        while item is not None:
            self._note(*item)
            try:
                item = self._heard.get(timeout=max(0.001, until - time.monotonic()))
            except queue.Empty:
                return True
        return False

    def _note(self, unique_id: str, outcome: Any, line: str | None) -> None:
        node = self._progress.nodes.setdefault(unique_id, NodeProgress())
        node.outcome = outcome or node.outcome
        if line is not None and len(node.lines) < LINES_KEPT:
            node.lines.append(line)

    def _push(self) -> None:
        self._ti.xcom_push(key=XCOM_KEY, value=self._progress.as_xcom())

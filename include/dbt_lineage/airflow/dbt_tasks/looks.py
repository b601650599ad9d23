"""Decide when the scheduler may skip a DAG run of dbt for a moment."""

import time
from collections import Counter
from collections.abc import Collection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airflow.models.dagrun import DagRun
    from sqlalchemy.orm import Session

PAUSE_FOR_WORK = 9
LONGEST_PAUSE_SECONDS = 5.0
# With more DAG runs than this, the records are cleared.
RUNS_NOTED = 1000
# The usual states of a task that mirrors a node: none yet, waiting, or success.
AS_A_RULE = (None, "deferred", "success")


class Looks:
    """Records the scheduler's last look at all tasks of each DAG run: when, how long it took, and the run's state.

    While dbt builds, only nodes end. Their downstream tasks just wait, and may do so a little longer. So the pause after a
    look is nine times as long as the look took, which is a tenth of a core, up to ``LONGEST_PAUSE_SECONDS``. Any other
    change in the run ends the pause. Other runs have no pause.

    Args:
        mirrors: names of the operators whose tasks mirror dbt's nodes.
    """

    def __init__(self, mirrors: Collection[str]) -> None:
        self._mirrors = frozenset(mirrors)
        self._before: dict[int, Counter[tuple[str, str]]] = {}
        self._pause_until: dict[int, float] = {}

    def may_wait(self, dag_run: "DagRun", session: "Session") -> bool:
        """Whether everything to do in a run can wait."""
        if dag_run.id not in self._pause_until:
            return False
        others = self._others(dag_run, session)
        builds = any(state == "running" for _, state in others)
        is_early = time.monotonic() < self._pause_until[dag_run.id]
        return builds and is_early and others == self._before[dag_run.id]

    def took(self, dag_run: "DagRun", session: "Session", seconds: float) -> None:
        """Record a look and how long it took, seconds."""
        if len(self._before) >= RUNS_NOTED:
            self._before.clear()
            self._pause_until.clear()
        self._before[dag_run.id] = self._others(dag_run, session)
        self._pause_until[dag_run.id] = time.monotonic() + min(seconds * PAUSE_FOR_WORK, LONGEST_PAUSE_SECONDS)

    def _others(self, dag_run: "DagRun", session: "Session") -> Counter[tuple[str, str]]:
        """The number of tasks by operator and state, without mirrors in one of their usual states."""
        from airflow.models.taskinstance import TaskInstance
        from sqlalchemy import func, select

        of_run = (TaskInstance.dag_id == dag_run.dag_id, TaskInstance.run_id == dag_run.run_id)
        counted = select(TaskInstance.operator, TaskInstance.state, func.count()).where(*of_run)
        rows = session.execute(counted.group_by(TaskInstance.operator, TaskInstance.state))
        return Counter(
            {
                (operator or "", state or ""): number
                for operator, state, number in rows
                if operator not in self._mirrors or state not in AS_A_RULE
            }
        )

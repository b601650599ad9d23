"""Give the tasks that mirror dbt's nodes dbt's own start, end and duration.

For Airflow such a task starts when it begins to wait in the triggerer, which is the start of the DAG run. When the run
ends, this listener (https://airflow.apache.org/docs/apache-airflow/stable/administration-and-deployment/listeners.html)
replaces these times by dbt's, which the task's trigger has stored.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from airflow.listeners import hookimpl

from dbt_lineage.airflow.dbt_tasks.reports import NODE_XCOM_KEY, kept_of_node

if TYPE_CHECKING:
    from airflow.models.dagrun import DagRun


@hookimpl
def on_dag_run_success(dag_run: "DagRun", msg: str) -> None:
    """Set the times. Airflow calls this when a run succeeds."""
    _put_in_times_of_dbt(dag_run)


@hookimpl
def on_dag_run_failed(dag_run: "DagRun", msg: str) -> None:
    """Set the times. Airflow calls this when a run fails."""
    _put_in_times_of_dbt(dag_run)


def _put_in_times_of_dbt(dag_run: "DagRun") -> None:
    from dbt_lineage.airflow.dbt_tasks.internals import tasks_with_value

    for ti, kept in tasks_with_value(dag_run, NODE_XCOM_KEY):
        _put_in_times(ti, kept_of_node(kept))


def _put_in_times(ti: Any, node: dict[str, Any]) -> None:
    """Set a task's times. An attempt on a worker keeps its own. A node that dbt did not run took no time."""
    if ti.try_number != node["try_number"] or ti.end_date is None:
        return
    if node["started_at"] is None:
        ti.start_date = ti.end_date
    else:
        ti.start_date, ti.end_date = (datetime.fromisoformat(node[key]) for key in ("started_at", "ended_at"))
    ti.set_duration()

"""Start, end and duration of the tasks that mirror dbt's nodes, as dbt had them.

Airflow counts such a task from the moment it begins to wait in the triggerer, which is when the DAG run starts. As the
run ends, this listener (https://airflow.apache.org/docs/apache-airflow/stable/administration-and-deployment/listeners.html)
puts in the times that the task's trigger was told by dbt.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from airflow.listeners import hookimpl

from dbt_lineage.airflow.dbt_tasks.reports import NODE_XCOM_KEY, kept_of_node

if TYPE_CHECKING:
    from airflow.models.dagrun import DagRun


@hookimpl
def on_dag_run_success(dag_run: "DagRun", msg: str) -> None:
    """Airflow calls it as a run ends well."""
    _put_in_times_of_dbt(dag_run)


@hookimpl
def on_dag_run_failed(dag_run: "DagRun", msg: str) -> None:
    """Airflow calls it as a run fails."""
    _put_in_times_of_dbt(dag_run)


def _put_in_times_of_dbt(dag_run: "DagRun") -> None:
    from dbt_lineage.airflow.dbt_tasks.internals import tasks_with_value

    for ti, kept in tasks_with_value(dag_run, NODE_XCOM_KEY):
        _put_in_times(ti, kept_of_node(kept))


def _put_in_times(ti: Any, node: dict[str, Any]) -> None:
    """Of a try that went to a worker the worker has the times; a node that dbt did not run took none."""
    if ti.try_number != node["try_number"] or ti.end_date is None:
        return
    if node["started_at"] is None:
        ti.start_date = ti.end_date
    else:
        ti.start_date, ti.end_date = (datetime.fromisoformat(node[key]) for key in ("started_at", "ended_at"))
    ti.set_duration()

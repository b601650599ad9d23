"""The DAG of a dbt project as the benchmark runs it: by hand only, with or without lineage."""

from typing import Any

from airflow.providers.openlineage.utils.selective_enable import enable_lineage
from airflow.sdk import DAG

from dbt_lineage.airflow.dbt_tasks.task_group import dbt_tasks, run_params
from dbt_lineage.core.settings import DbtSettings


def dbt_dag(dag_id: str, dbt: DbtSettings, lineage: bool = True, executor: str | None = None, **changes: Any) -> DAG:
    """Make the DAG.

    Args:
        dag_id: its name.
        dbt: the project.
        lineage: whether it tells of its lineage; the benchmark's Airflow asks each DAG (``selective_enable``).
        executor: what runs its tasks; Airflow's first one by default.
        changes: settings of the project that differ, such as ``execution_mode="local"``.
    """
    dbt = dbt.model_copy(update={"dag_id": dag_id, **changes})
    chosen = {"executor": executor} if executor else {}
    with DAG(dag_id=dag_id, schedule=None, max_active_runs=1, params=run_params(), default_args=chosen) as dag:
        dbt_tasks(dbt)
    return enable_lineage(dag) if lineage else dag

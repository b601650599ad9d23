"""Airflow DAG of the benchmark: the dbt project, its tasks on LocalExecutor."""

from bench.airflow_dag import dbt_dag
from dbt_lineage.core import settings

dag = dbt_dag("on_local", settings.dbt(), executor="LocalExecutor", execution_mode="fast")

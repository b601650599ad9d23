"""Airflow DAG of the benchmark: the dbt project, its tasks on CeleryExecutor."""

from bench.airflow_dag import dbt_dag
from dbt_lineage.core import settings

dag = dbt_dag("on_celery", settings.dbt(), executor="CeleryExecutor", execution_mode="fast")

"""Airflow DAG of the benchmark: the dbt project."""

from bench.airflow_dag import dbt_dag
from include import settings

dag = dbt_dag("fast", settings.dbt(), execution_mode="fast")

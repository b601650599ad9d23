"""Airflow DAG of the benchmark: the dbt project with lineage."""

from bench.airflow_dag import dbt_dag
from include import settings

dag = dbt_dag("lineage_on", settings.dbt(), execution_mode="fast")

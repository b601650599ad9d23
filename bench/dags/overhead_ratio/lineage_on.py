"""Airflow DAG of the benchmark: the dbt project with lineage."""

from bench.airflow_dag import dbt_dag
from dbt_lineage.core import settings

dag = dbt_dag("lineage_on", settings.dbt(), execution_mode="fast")

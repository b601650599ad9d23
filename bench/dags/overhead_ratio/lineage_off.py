"""Airflow DAG of the benchmark: the dbt project without lineage."""

from bench.airflow_dag import dbt_dag
from include import settings

dag = dbt_dag("lineage_off", settings.dbt(), lineage=False, execution_mode="fast")

"""Airflow DAG of the benchmark: the dbt project without lineage."""

from bench.airflow_dag import dbt_dag
from dbt_lineage.core import settings

dag = dbt_dag("lineage_off", settings.dbt(), lineage=False, execution_mode="fast")

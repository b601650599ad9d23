"""Airflow DAG of the benchmark: the models and tests of the dbt project in the mode `fast`."""

from bench.airflow_dag import dbt_dag
from dbt_lineage.core import settings

dag = dbt_dag("fast", settings.dbt(), execution_mode="fast", seeds="")

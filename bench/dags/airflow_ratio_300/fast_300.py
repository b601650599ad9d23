"""Airflow DAG of the benchmark: a made-up dbt project of 300 models."""

from bench.airflow_dag import dbt_dag
from bench.generated import generated

dag = dbt_dag("fast_300", generated(300), execution_mode="fast")

"""Airflow DAG of the benchmark: a made-up dbt project of 100 models."""

from bench.airflow_dag import dbt_dag
from bench.generated import generated

dag = dbt_dag("fast_100", generated(100), execution_mode="fast")

"""Airflow DAG of the benchmark: a made-up dbt project of as many models as ``BENCH_MODELS`` says."""

import os

from bench.airflow_dag import dbt_dag
from bench.generated import generated

dag = dbt_dag("generated", generated(int(os.environ["BENCH_MODELS"])), execution_mode="fast")

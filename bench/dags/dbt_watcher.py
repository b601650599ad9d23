"""The dbt project in the mode `watcher`, for the benchmark."""

from airflow.sdk import DAG, Param

from plugins.dbt.project import models_group, seeds_task

with DAG(dag_id="dbt_watcher", schedule=None, max_active_runs=1, params={"full_refresh": Param(False, type="boolean")}):
    seeds_task() >> models_group("watcher")

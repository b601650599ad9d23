"""What Airflow itself must know of the dbt tasks."""

from airflow.plugins_manager import AirflowPlugin

from dbt_lineage.airflow import handover, preload
from dbt_lineage.airflow.dbt_tasks import times as durations


class DbtPlugin(AirflowPlugin):
    """Gives the tasks that mirror dbt's nodes dbt's own times, and gets Airflow's processes ready for them."""

    name = "dbt_lineage"
    listeners = [durations, handover, preload]  # noqa: RUF012 - the interface's own form

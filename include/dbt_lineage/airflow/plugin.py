"""The plugin that registers the package's listeners with Airflow."""

from airflow.plugins_manager import AirflowPlugin

from dbt_lineage.airflow import preload
from dbt_lineage.airflow.dbt_tasks import times as durations


class DbtPlugin(AirflowPlugin):
    """Gives the tasks that mirror dbt's nodes dbt's own times, and prepares Airflow's processes for them."""

    name = "dbt_lineage"
    listeners = [durations, preload]  # noqa: RUF012 - the interface's own form

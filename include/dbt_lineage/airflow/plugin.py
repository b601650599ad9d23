"""What Airflow itself must know of the dbt tasks, and the lineage page."""

from airflow.plugins_manager import AirflowPlugin

from dbt_lineage.airflow import preload
from dbt_lineage.airflow.dbt_tasks import times as durations
from dbt_lineage.airflow.page.mounted import FASTAPI_APPS, REACT_APPS


class DbtPlugin(AirflowPlugin):
    """Gives the tasks that mirror dbt's nodes dbt's own times, gets Airflow's processes ready for them, shows the lineage."""

    name = "dbt_lineage"
    listeners = [durations, preload]  # noqa: RUF012 - the interface's own form
    fastapi_apps = FASTAPI_APPS
    react_apps = REACT_APPS

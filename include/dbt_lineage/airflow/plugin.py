"""The plugin that registers the package's listeners and the lineage page with Airflow."""

from airflow.plugins_manager import AirflowPlugin

from dbt_lineage.airflow import handover, preload
from dbt_lineage.airflow.dbt_tasks import times as durations
from dbt_lineage.airflow.page.mounted import FASTAPI_APPS, REACT_APPS


class DbtPlugin(AirflowPlugin):
    """Gives the tasks that mirror dbt's nodes dbt's own times, prepares Airflow's processes for them, shows the lineage."""

    name = "dbt_lineage"
    listeners = [durations, handover, preload]  # noqa: RUF012 - the interface's own form
    fastapi_apps = FASTAPI_APPS
    react_apps = REACT_APPS

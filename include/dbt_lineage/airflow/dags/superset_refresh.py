"""
## Superset refresh

Brings the dashboards up to date when dbt has built a table that they show, and proves it. The columns of the datasets
are re-read; where rows have changed, the cached answers are dropped; each chart is fetched as a browser fetches it and
compared with the same figures computed from the warehouse. `refresh_and_prove` fails with the list of charts that show
something else, or name a column that is gone. With unchanged data nothing is computed anew.
"""

from collections.abc import Iterator
from datetime import timedelta

from airflow.sdk import DAG, Param, TriggerRule

from dbt_lineage.airflow.dbt_tasks.task_group import dashboard_assets
from dbt_lineage.airflow.operators.superset import ImportDashboardsOperator, RefreshDashboardsOperator
from dbt_lineage.airflow.task_defaults import task_defaults
from dbt_lineage.core import settings


def superset_refresh() -> Iterator[DAG]:
    """The DAG. Raises SettingsError, ManifestError."""
    with DAG(
        dag_id="superset_refresh",
        description="Dashboards refreshed, and every chart compared with the warehouse",
        doc_md=__doc__,
        schedule=dashboard_assets(settings.dbt()),
        catchup=False,
        max_active_runs=1,
        tags=["lineage", "superset"],
        default_args=task_defaults("analytics", timedelta(minutes=10)),
        params={
            "dashboards": Param(
                [],
                type="array",
                items={"type": "string"},
                description="Which dashboards, by the last part of their address; none for all",
            ),
            "import_first": Param(
                False,
                type="boolean",
                description="Import the dashboards of the code first, over changes made in Superset",
            ),
        },
    ) as dag:
        imported = ImportDashboardsOperator(task_id="import_dashboards", wanted="{{ params.import_first }}")
        refreshed = RefreshDashboardsOperator(
            task_id="refresh_and_prove",
            dashboards="{{ params.dashboards | tojson }}",
            trigger_rule=TriggerRule.NONE_FAILED,
        )

        imported >> refreshed
    yield dag

"""
## Superset refresh

Refreshes the dashboards when dbt has built a table that they show, and proves the result:

1. The columns of the datasets are read again.
2. If rows have changed, the cached answers are dropped.
3. Each chart is fetched as a browser fetches it, and compared with the same figures computed from the warehouse.

`refresh_and_prove` fails with a list of the charts that show other figures, or name a missing column. With unchanged data
nothing is recomputed.
"""

from collections.abc import Iterator
from datetime import timedelta

from airflow.sdk import DAG, Param, TriggerRule

from dbt_lineage.airflow.dbt_tasks.task_group import dashboard_assets
from dbt_lineage.airflow.operators.superset import ImportDashboardsOperator, RefreshDashboardsOperator
from dbt_lineage.airflow.readable import projects_with_dashboards
from dbt_lineage.airflow.task_defaults import tags, task_defaults


def superset_refresh() -> Iterator[DAG]:
    """The DAG of each project that has dashboards. Raises SettingsError, ManifestError."""
    for project in projects_with_dashboards():
        with DAG(
            dag_id=project.dag_id("superset_refresh"),
            description="Dashboards refreshed, and every chart compared with the warehouse",
            doc_md=__doc__,
            schedule=dashboard_assets(project),
            catchup=False,
            max_active_runs=1,
            tags=tags("superset", project),
            default_args=task_defaults("analytics", timedelta(minutes=10), project),
            params={
                "dashboards": Param(
                    [],
                    type="array",
                    items={"type": "string"},
                    description="The dashboards, by the last part of their address; none for all",
                ),
                "import_first": Param(
                    False,
                    type="boolean",
                    description="Import the dashboards of the code first, over changes made in Superset",
                ),
            },
        ) as dag:
            imported = ImportDashboardsOperator(
                task_id="import_dashboards", project=project.name, wanted="{{ params.import_first }}"
            )
            refreshed = RefreshDashboardsOperator(
                task_id="refresh_and_prove",
                project=project.name,
                dashboards="{{ params.dashboards | tojson }}",
                trigger_rule=TriggerRule.NONE_FAILED,
            )

            imported >> refreshed
        yield dag

"""Operators on Superset's dashboards."""

import json
from typing import Any

from airflow.sdk.definitions.context import Context
from airflow.sdk.exceptions import AirflowSkipException

from dbt_lineage.airflow.operators.of_project import ProjectOperator
from dbt_lineage.core import settings
from dbt_lineage.warehouse.of_project import warehouse_of


class ImportDashboardsOperator(ProjectOperator):
    """Imports the dashboards of the code into Superset, and creates or corrects the account that refreshes them.

    Args:
        wanted: whether to import; templated, so that a Param may set it.

    Raises:
        AirflowSkipException: ``wanted`` is false.
        AssetsError: a file is broken. The message names file and field.
        SupersetError: Superset is unreachable or refuses.
    """

    template_fields = ("wanted",)

    def __init__(self, *, wanted: bool | str = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.wanted = wanted

    def execute(self, context: Context) -> list[str]:
        """Import the dashboards. Returns their slugs."""
        from dbt_lineage.dashboards.import_export import publish
        from dbt_lineage.manifest.graph import Manifest

        if str(self.wanted) != "True":
            raise AirflowSkipException("the Param import_first is off")
        project = self.of_project()
        superset = project.superset or project.read(settings.SupersetSettings)
        assets = publish(superset, warehouse_of(project), Manifest.load(project.dbt.manifest))
        return assets.slugs


class RefreshDashboardsOperator(ProjectOperator):
    """Refreshes dashboards and proves that each chart shows the warehouse's figures.

    Args:
        dashboards: JSON list of the dashboards' slugs; all dashboards of the code if it is empty; templated.

    Raises:
        ChartsDiffer: a chart shows other figures, or cannot be shown. The message names each, and what is wrong.
        SupersetError: Superset is unreachable or refuses.
        CheckError: the warehouse is unreachable.
        LedgerError: the ledger is unreachable. The log has the results.
    """

    template_fields = ("dashboards",)

    def __init__(self, *, dashboards: str = "[]", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.dashboards = dashboards

    def execute(self, context: Context) -> dict[str, Any]:
        """Refresh and prove. Returns the numbers of charts, of equal and of recomputed ones, and what had changed."""
        from dbt_lineage.dashboards.refresh import conclude, refresh

        project = self.of_project()
        superset = project.superset or project.read(settings.SupersetSettings)
        refreshed = refresh(superset, warehouse_of(project), json.loads(self.dashboards))
        for chart in refreshed.charts:
            state = "as cached" if not chart.recomputed else "computed anew"
            self.log.info("%s: %s: %s, %d rows, %s", chart.dashboard, chart.chart, chart.verdict, chart.rows, state)
        self.log.info("%s", refreshed.counts())
        conclude(refreshed, settings.ledger(), settings.spool(), project.name)
        return refreshed.counts()

"""The dashboards of the code on a running Superset, for tests that change them."""

from typing import Any

from dbt_lineage.core import settings
from dbt_lineage.dashboards.client import Superset
from dbt_lineage.dashboards.folder import Assets
from dbt_lineage.dashboards.import_export import publish
from dbt_lineage.dashboards.refresh import Refreshed, refresh
from dbt_lineage.manifest.graph import Manifest
from dbt_lineage.warehouse.postgres import PostgresWarehouse


def import_all() -> Assets:
    """The code brought into Superset, whatever a test changed there."""
    return publish(settings.superset(), PostgresWarehouse(settings.warehouse()), Manifest.load(settings.dbt().manifest))


def refresh_all() -> Refreshed:
    return refresh(settings.superset(), PostgresWarehouse(settings.warehouse()))


def chart(client: Superset, name: str) -> dict[str, Any]:
    [found] = [each for each in client.pages("/api/v1/chart/") if each["slice_name"] == name]
    return {**client.get(f"/api/v1/chart/{found['id']}")["result"], "id": found["id"]}


def dataset_id(client: Superset, table: str) -> int:
    return next(each["id"] for each in client.pages("/api/v1/dataset/") if each["table_name"] == table)


def problems(refreshed: Refreshed) -> dict[str, str]:
    return {each.chart: each.problem for each in refreshed.charts if each.problem}


def redefine(administrator: Superset, table: str, name: str, expression: str) -> None:
    path = f"/api/v1/dataset/{dataset_id(administrator, table)}"
    kept = ("id", "metric_name", "expression", "verbose_name", "description", "d3format")
    bodies = [{key: metric[key] for key in kept} for metric in administrator.get(path)["result"]["metrics"]]
    next(each for each in bodies if each["metric_name"] == name)["expression"] = expression
    administrator.call("PUT", path, json={"metrics": bodies})

"""What somebody changes in Superset by hand: told of what it breaks, and exported whole.

Each test leaves the dashboards as the code says.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from dbt_lineage.core import settings
from dbt_lineage.dashboards.client import Superset
from dbt_lineage.dashboards.folder import Assets, differences, write
from dbt_lineage.dashboards.import_export import export_assets, publish
from dbt_lineage.dashboards.refresh import Refreshed, refresh
from dbt_lineage.manifest.graph import Manifest
from dbt_lineage.warehouse.postgres import PostgresWarehouse
from tests.dashboards import chart, dataset_id, import_all, problems, redefine, refresh_all
from tests.support import BuiltProject

SCHEMA = "jaffle_shop_dev"


@pytest.fixture(scope="module", autouse=True)
def dashboards(built: BuiltProject) -> Assets:
    """The code of the dashboards, imported into a stack whose warehouse is built."""
    return import_all()


@pytest.fixture
def administrator(dashboards: Assets) -> Iterator[Superset]:
    with Superset.as_administrator(settings.superset()) as client:
        yield client


@pytest.fixture(scope="module")
def fresh(dashboards: Assets) -> Refreshed:
    """The dashboards just refreshed."""
    refreshed = refresh_all()
    refreshed.require_equal()
    return refreshed


# --- told of what it breaks


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("SUM(TOTAL_ORDERS)", None),
        ("(select 1) + no_such_column", "; it uses the SQL of metric orders"),
        *(
            pytest.param(*each, marks=pytest.mark.long)
            for each in (
                ("{% if from_dttm %}SUM(x){% endif %}", "; it uses the SQL of metric orders"),
                ("sum(total_orders) filter (where total_orders > 1", "no closing bracket or quote of metric orders"),
                ("", "no SQL of metric orders"),
            )
        ),
    ],
)
def test_a_metric_that_was_broken_by_hand_is_told_of_its_charts_only(
    administrator: Superset, fresh: Refreshed, expression: str, told: str | None
) -> None:
    redefine(administrator, "geographic_performance", "orders", expression)
    try:
        refreshed = refresh_all()
    finally:
        import_all()
    found = problems(refreshed)
    assert len(refreshed.charts) == len(fresh.charts)
    assert found.keys() == (set() if told is None else {"Orders by shop"})
    assert [problem for problem in found.values() if told not in problem] == []
    refresh_all().require_equal()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"params": None, "query_context": None}, "Chart has no query context saved"),
        *(
            pytest.param(*each, marks=pytest.mark.long)
            for each in (
                ({"params": "{}", "query_context": None}, "Chart has no query context saved"),
                ({"params": "[]"}, "its params are no object of JSON"),
                ({"query_context": '{"queries": [7]}'}, "its query_context holds 7, which is no query"),
            )
        ),
    ],
)
def test_a_chart_that_asks_for_nothing_is_told_of_itself(
    administrator: Superset, fresh: Refreshed, change: dict[str, Any], told: str
) -> None:
    administrator.call("PUT", f"/api/v1/chart/{chart(administrator, 'Orders')['id']}", json=change)
    try:
        found = problems(refresh_all())
    finally:
        import_all()
    assert found.keys() == {"Orders"}
    assert told in found["Orders"]
    refresh_all().require_equal()


@contextmanager
def made(administrator: Superset, kind: str, body: dict[str, Any]) -> Iterator[int]:
    """Something that somebody made in Superset."""
    number = administrator.json(administrator.call("POST", f"/api/v1/{kind}/", json=body))["id"]
    try:
        yield number
    finally:
        administrator.call("DELETE", f"/api/v1/{kind}/{number}")


def dashboard_id(administrator: Superset) -> int:
    [found] = administrator.pages("/api/v1/dashboard/")
    return found["id"]


@contextmanager
def new_chart(administrator: Superset, title: str, dataset: int) -> Iterator[int]:
    """A chart that somebody made and put on the dashboard; afterwards all is as the code says."""
    body = {
        "slice_name": title,
        "viz_type": "table",
        "params": json.dumps({"viz_type": "table"}),
        "datasource_id": dataset,
        "datasource_type": "table",
        "dashboards": [dashboard_id(administrator)],
    }
    with made(administrator, "chart", body) as number:
        yield number
    import_all()


def test_a_chart_on_a_query_of_its_own_is_told_of_itself(administrator: Superset, fresh: Refreshed) -> None:
    database = administrator.pages("/api/v1/database/")[0]["id"]
    query_of_its_own = {"database": database, "schema": SCHEMA, "table_name": "mine", "sql": "select 1 as one"}
    with (
        made(administrator, "dataset", query_of_its_own) as dataset,
        new_chart(administrator, "Mine", dataset),
    ):
        refreshed = refresh_all()
    found = problems(refreshed)
    assert found.keys() == {"Mine"}
    assert "dataset mine" in found["Mine"] or "dataset number" in found["Mine"]
    assert len(refreshed.charts) == len(fresh.charts) + 1


def test_a_dashboard_of_the_code_that_was_deleted_is_told_of_itself(administrator: Superset) -> None:
    administrator.call("DELETE", f"/api/v1/dashboard/{dashboard_id(administrator)}")
    try:
        found = problems(refresh_all())
    finally:
        import_all()
    assert found.keys() == {"the dashboard"}
    assert "dashboard jaffle-shop" in found["the dashboard"]
    assert "answered 404" in found["the dashboard"]
    refresh_all().require_equal()


def test_a_dashboard_whose_slug_was_cleared_is_refreshed_and_exported(
    administrator: Superset, dashboards: Assets, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(dashboards.folder, tmp_path / "assets"))
    path = f"/api/v1/dashboard/{dashboard_id(administrator)}"
    administrator.call("PUT", path, json={"slug": ""})
    try:
        refresh_all().require_equal()
        running = export_assets(administrator, dashboards, dashboards.slugs)
        assert write(folder, running) == ["dashboards/jaffle_shop.yaml"]
        changed = settings.superset().model_copy(update={"assets_dir": folder})
        refresh(changed, PostgresWarehouse(settings.warehouse())).require_equal()
    finally:
        import_all()


# --- exported whole


def test_what_was_made_in_superset_is_exported_whole_and_comes_back(
    administrator: Superset, dashboards: Assets, tmp_path: Path
) -> None:
    """Two charts of one title, in letters that a file of Superset's export does not have."""
    folder = Path(shutil.copytree(dashboards.folder, tmp_path / "assets"))
    changed = settings.superset().model_copy(update={"assets_dir": folder})
    dataset = dataset_id(administrator, "geographic_performance")
    with new_chart(administrator, "Выручка", dataset), new_chart(administrator, "Выручка", dataset):
        running = export_assets(administrator, dashboards, dashboards.slugs)
        written = write(folder, running)
        assert written[0] == "charts/выручка.yaml"
        assert len(written) == 3
        assert written[2] == "dashboards/jaffle_shop.yaml"
        assert set(Assets.load(folder).files) == {*dashboards.files, *written}
        code = publish(changed, PostgresWarehouse(settings.warehouse()), Manifest.load(settings.dbt().manifest))
        assert differences(code.files, export_assets(administrator, code, code.slugs)) == []


def test_what_is_off_in_superset_is_off_after_an_export_and_an_import(
    administrator: Superset, dashboards: Assets, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(dashboards.folder, tmp_path / "assets"))
    changed = settings.superset().model_copy(update={"assets_dir": folder})
    number = dataset_id(administrator, "geographic_performance")
    administrator.call("PUT", f"/api/v1/dataset/{number}", json={"filter_select_enabled": False})
    try:
        written = write(folder, export_assets(administrator, dashboards, dashboards.slugs))
        import_all()
        publish(changed, PostgresWarehouse(settings.warehouse()), Manifest.load(settings.dbt().manifest))
        found = administrator.get(f"/api/v1/dataset/{number}")["result"]["filter_select_enabled"]
    finally:
        import_all()
    assert (written, found) == (["datasets/geographic_performance.yaml"], False)


def test_a_chart_of_the_code_that_is_on_no_dashboard_is_compared_too(
    administrator: Superset, dashboards: Assets, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(dashboards.folder, tmp_path / "assets"))
    content = yaml.safe_load((folder / "charts/kpi_orders.yaml").read_text())
    content |= {"uuid": "00000000-0000-4000-8000-00000000000a", "slice_name": "Draft"}
    (folder / "charts/draft.yaml").write_text(yaml.safe_dump(content))
    changed = settings.superset().model_copy(update={"assets_dir": folder})
    code = publish(changed, PostgresWarehouse(settings.warehouse()), Manifest.load(settings.dbt().manifest))
    try:
        assert differences(code.files, export_assets(administrator, code, code.slugs)) == []
    finally:
        administrator.call("DELETE", f"/api/v1/chart/{chart(administrator, 'Draft')['id']}")
    assert differences(code.files, export_assets(administrator, code, code.slugs)) == [
        "charts/draft.yaml: is not in Superset"
    ]

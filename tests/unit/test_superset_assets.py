"""The dashboards as code are whole; a broken file is named with its field; the proof sees what differs."""

import io
import json
import math
import shutil
import zipfile
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy.engine import make_url

from dbt_lineage.core import settings
from dbt_lineage.dashboards.charts import missing_columns
from dbt_lineage.dashboards.folder import Assets, AssetsError, differences, write
from dbt_lineage.dashboards.proof import difference
from dbt_lineage.manifest.graph import Manifest
from dbt_lineage.warehouse.naming import ADAPTERS
from dbt_lineage.warehouse.postgres import PostgresWarehouse
from stack.checkout import PROJECT_ROOT

FOLDER = PROJECT_ROOT / "superset" / "assets"
Edit = Callable[[str, Callable[[dict[str, Any]], None]], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the dashboards that a test may break."""
    return Path(shutil.copytree(FOLDER, tmp_path / "assets"))


@pytest.fixture
def edit(folder: Path) -> Edit:
    def change(path: str, how: Callable[[dict[str, Any]], None]) -> None:
        content = yaml.safe_load((folder / path).read_text())
        how(content)
        (folder / path).write_text(yaml.safe_dump(content))

    return change


# --- the code


def test_the_address_of_the_warehouse_has_its_reader_as_it_is_spelled(
    environment: pytest.MonkeyPatch, manifest_content: dict[str, Any]
) -> None:
    environment.setenv("WAREHOUSE_HOST", "::1")
    environment.setenv("WAREHOUSE_READER_USER", "team/reader @:%")
    bundle = Assets.load(FOLDER).bundle(PostgresWarehouse(settings.warehouse()), Manifest(manifest_content))
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        [name] = [each for each in archive.namelist() if "/databases/" in each]
        url = make_url(yaml.safe_load(archive.read(name))["sqlalchemy_uri"])
    assert (url.username, url.host, url.database) == ("team/reader @:%", "::1", "jaffle_db")


def test_every_chart_has_a_check_and_every_check_a_chart() -> None:
    charts = {Path(path).stem for path in Assets.load(FOLDER).of_kind("charts")}
    assert {file.stem for file in (FOLDER / "checks").glob("*.sql")} == charts


def test_every_chart_is_on_a_dashboard_and_explains_itself() -> None:
    assets = Assets.load(FOLDER)
    blocks = [block for each in assets.of_kind("dashboards").values() for block in each["position"].values()]
    placed = {block["meta"]["uuid"] for block in blocks if isinstance(block, dict) and block["type"] == "CHART"}
    assert {chart["uuid"] for chart in assets.of_kind("charts").values()} == placed
    assert [path for path, chart in assets.of_kind("charts").items() if not chart["description"]] == []


def test_every_column_and_metric_has_a_name_and_a_description_for_readers() -> None:
    datasets = list(Assets.load(FOLDER).of_kind("datasets").values())
    columns = [column for dataset in datasets for column in dataset["columns"]]
    assert [column for column in columns if not column["verbose_name"]] == []
    # What a column of the table means is told by dbt, through the warehouse.
    ours = [each for each in columns if each.get("expression")] + [m for d in datasets for m in d["metrics"]]
    assert [each for each in ours if not (each["verbose_name"] and each["description"])] == []


def test_no_chart_names_a_column_that_its_dataset_lacks() -> None:
    assets = Assets.load(FOLDER)
    datasets = {dataset["uuid"]: dataset for dataset in assets.of_kind("datasets").values()}
    for path, chart in assets.of_kind("charts").items():
        assert missing_columns(as_superset_tells(chart), datasets[chart["dataset_uuid"]], ADAPTERS["postgres"]) == [], (
            path
        )


# --- broken files


@pytest.mark.parametrize(
    ("path", "how", "said"),
    [
        ("charts/top_customers.yaml", lambda c: c.pop("slice_name"), "slice_name: Field required"),
        ("charts/top_customers.yaml", lambda c: c.update(params="none"), "params: Input should be a valid dict"),
        ("charts/top_customers.yaml", lambda c: c.update(uuid="1234"), "uuid: '1234' is not one"),
        ("datasets/geographic_performance.yaml", lambda c: c["columns"][2].pop("column_name"), "columns.2.column_name"),
        (
            "datasets/geographic_performance.yaml",
            lambda c: c.update(database_uuid=c["uuid"]),
            "database_uuid: there is",
        ),
        ("dashboards/jaffle_shop.yaml", lambda c: c.update(slug=7), "slug: Input should be a valid string"),
        ("charts/top_customers.yaml", lambda c: c.update(params=None), "params: Input should be a valid dict"),
        (
            "charts/top_customers.yaml",
            lambda c: c["params"].update(since=date(2019, 1, 1)),
            "params.since: 2019-01-01 is",
        ),
        ("charts/top_customers.yaml", lambda c: c["params"].update(limit=math.nan), "params.limit: nan is"),
        ("charts/top_customers.yaml", lambda c: c["params"].update(self=c["params"]), "params.self: it holds itself"),
        (
            "charts/top_customers.yaml",
            lambda c: c.update(dataset_uuid="far away"),
            "dataset_uuid: 'far away' is not one",
        ),
        (
            "charts/top_customers.yaml",
            lambda c: c["params"].update(annotation_layers=[{"annotationType": "EVENT", "value": 7}]),
            "params.annotation_layers.0: Superset's import leaves out",
        ),
        ("datasets/geographic_performance.yaml", lambda c: c.pop("columns"), "columns: Field required"),
        ("datasets/geographic_performance.yaml", lambda c: c.update(sql="select 1"), "sql: a virtual dataset"),
        ("dashboards/jaffle_shop.yaml", lambda c: c.pop("metadata"), "metadata: Field required"),
        ("dashboards/jaffle_shop.yaml", lambda c: c.update(metadata="{"), "metadata: Input should be"),
        ("dashboards/jaffle_shop.yaml", lambda c: c.update(position="{"), "position: Input should be"),
        (
            "dashboards/jaffle_shop.yaml",
            lambda c: c["position"].update({"ROW-1": None}),
            "position.ROW-1: Input should",
        ),
        ("dashboards/jaffle_shop.yaml", lambda c: c["position"].update({"ROW-1": {}}), "position.ROW-1.type: Field"),
        (
            "dashboards/jaffle_shop.yaml",
            lambda c: c["position"]["CHART-kpi_orders"].pop("meta"),
            "position.CHART-kpi_orders.meta: Field required",
        ),
        (
            "dashboards/jaffle_shop.yaml",
            lambda c: c["position"]["CHART-kpi_orders"]["meta"].update(uuid=c["uuid"]),
            "position.CHART-kpi_orders.meta.uuid: there is none of the charts",
        ),
        (
            "dashboards/jaffle_shop.yaml",
            lambda c: c["metadata"]["native_filter_configuration"][1]["targets"][0].update(datasetUuid=c["uuid"]),
            "metadata.native_filter_configuration.1.targets.0.datasetUuid: there is none of the datasets",
        ),
    ],
)
def test_a_broken_file_is_named_with_its_field(
    folder: Path, edit: Edit, path: str, how: Callable[[dict[str, Any]], None], said: str
) -> None:
    edit(path, how)
    with pytest.raises(AssetsError) as refused:
        Assets.load(folder)
    assert str(refused.value).startswith(f"{path}: ")
    assert said in str(refused.value)


def test_what_is_not_yaml_is_named_with_its_line(folder: Path) -> None:
    (folder / "charts/top_customers.yaml").write_text("slice_name: [Top\nuuid: 1")
    with pytest.raises(AssetsError, match=r"charts/top_customers\.yaml: is not YAML: .*line 2"):
        Assets.load(folder)


def test_what_is_not_utf_8_is_named(folder: Path) -> None:
    (folder / "charts/top_customers.yaml").write_bytes("slice_name: Größte".encode("latin-1"))
    with pytest.raises(AssetsError, match=r"charts/top_customers\.yaml: is not UTF-8: "):
        Assets.load(folder)


@pytest.mark.parametrize("text", ["", "- a\n", "just words"])
def test_what_is_no_mapping_is_named(folder: Path, text: str) -> None:
    (folder / "charts/top_customers.yaml").write_text(text)
    with pytest.raises(AssetsError, match=r"charts/top_customers\.yaml: is not a mapping"):
        Assets.load(folder)


def test_a_thing_that_is_there_twice_is_named_with_both_files(folder: Path) -> None:
    shutil.copy(folder / "charts/kpi_orders.yaml", folder / "charts/orders.yml")
    with pytest.raises(AssetsError, match=r"charts/orders\.yml: uuid: \S+ is that of charts/kpi_orders\.yaml too"):
        Assets.load(folder)


def test_two_dashboards_of_one_slug_are_named(folder: Path, edit: Edit) -> None:
    shutil.copy(folder / "dashboards/jaffle_shop.yaml", folder / "dashboards/other.yaml")
    edit("dashboards/other.yaml", lambda c: c.update(uuid="00000000-0000-4000-8000-00000000000d"))
    with pytest.raises(AssetsError, match=r"dashboards/other\.yaml: slug: jaffle-shop is that of"):
        Assets.load(folder)


@pytest.mark.parametrize("name", ["_draft.yaml", ".hidden.yaml"])
def test_a_file_that_superset_would_pass_over_is_named(folder: Path, name: str) -> None:
    shutil.move(folder / "charts/kpi_orders.yaml", folder / "charts" / name)
    with pytest.raises(AssetsError, match=f"charts/{name}: Superset passes over"):
        Assets.load(folder)


def test_a_second_database_is_named(folder: Path, edit: Edit) -> None:
    """An import would give it the address of the warehouse."""
    shutil.copy(folder / "databases/warehouse.yaml", folder / "databases/examples.yaml")
    edit("databases/examples.yaml", lambda c: c.update(uuid="00000000-0000-4000-8000-00000000000d"))
    with pytest.raises(AssetsError, match=r"databases/warehouse\.yaml: there is databases/examples\.yaml already"):
        Assets.load(folder)


def test_files_may_stand_in_folders_as_superset_exports_them(folder: Path) -> None:
    (folder / "datasets/Warehouse").mkdir()
    shutil.move(folder / "datasets/geographic_performance.yaml", folder / "datasets/Warehouse/geography.yml")
    assets = Assets.load(folder)
    assert "datasets/Warehouse/geography.yml" in assets.of_kind("datasets")


def test_a_uuid_is_the_same_however_it_is_spelled(folder: Path, edit: Edit) -> None:
    edit("datasets/geographic_performance.yaml", lambda c: c.update(uuid=c["uuid"].upper()))
    edit("charts/kpi_orders.yaml", lambda c: c.update(uuid="{" + c["uuid"].replace("-", "") + "}"))
    assert differences(Assets.load(FOLDER).files, Assets.load(folder).files) == []


def test_a_dashboard_without_a_slug_goes_by_its_uuid(folder: Path, edit: Edit) -> None:
    edit("dashboards/jaffle_shop.yaml", lambda c: c.pop("slug"))
    assert Assets.load(folder).slugs == ["332c8151-6f76-5456-b2d8-01818c0aecb3"]


def test_an_anchor_is_what_it_stands_for(folder: Path) -> None:
    file = folder / "charts/kpi_orders.yaml"
    before = Assets.load(folder)
    text = file.read_text().replace("  columns: []", "  columns: &none []").replace("layers: []", "layers: *none")
    assert "*none" in text
    file.write_text(text)
    assert differences(before.files, Assets.load(folder).files) == []


def test_a_folder_without_dashboards_is_named(tmp_path: Path) -> None:
    with pytest.raises(AssetsError, match=str(tmp_path)):
        Assets.load(tmp_path)


# --- comparing the code with what runs


def test_a_change_is_told_with_file_and_field(folder: Path, edit: Edit) -> None:
    before = Assets.load(FOLDER).files
    edit("charts/kpi_orders.yaml", lambda c: c["params"].update(y_axis_format=".2f"))
    assert differences(before, Assets.load(folder).files) == [
        "charts/kpi_orders.yaml:params.y_axis_format is ',d' in the code, '.2f' in Superset"
    ]


def test_only_what_differs_is_written(folder: Path) -> None:
    files = Assets.load(folder).files
    files["charts/kpi_orders.yaml"] = {**files["charts/kpi_orders.yaml"], "description": "How many."}
    new = {"slice_name": "New", "uuid": "00000000-0000-4000-8000-00000000000a"}
    files["charts/new.yaml"] = {**files["charts/kpi_revenue.yaml"], **new}
    assert sorted(write(folder, files)) == ["charts/kpi_orders.yaml", "charts/new.yaml"]
    assert differences(Assets.load(folder).files, files) == []


# --- what a chart names


def as_superset_tells(chart: dict[str, Any]) -> dict[str, Any]:
    queries = chart.get("queries")
    context = json.dumps({"queries": queries}) if queries else None
    return {"params": json.dumps(chart["params"]), "query_context": context}


@pytest.mark.parametrize(
    ("chart", "gone", "told"),
    [
        ("top_customers", "avg_order_value", ["column avg_order_value"]),
        ("kpi_average_order", "total_orders", ["column total_orders of metric average_order"]),
        ("revenue_by_state", "state", ["column state of calculated column state_iso", "column state"]),
        ("revenue_by_month", "year_month", ["column year_month of calculated column order_month"]),
        ("kpi_customers", "total_orders", []),
    ],
)
def test_a_column_that_is_gone_is_told_wherever_a_chart_uses_it(chart: str, gone: str, told: list[str]) -> None:
    assets = Assets.load(FOLDER)
    content = assets.files[f"charts/{chart}.yaml"]
    dataset = next(each for each in assets.of_kind("datasets").values() if each["uuid"] == content["dataset_uuid"])
    kept = [column for column in dataset["columns"] if column["column_name"] != gone]
    assert missing_columns(as_superset_tells(content), {**dataset, "columns": kept}, ADAPTERS["postgres"]) == told


# --- comparing data


@pytest.mark.parametrize(
    ("expected", "shown"),
    [
        ([{"n": 3}], [{"n": 3.0}]),
        ([{"money": Decimal("10.01")}], [{"money": 10.01}]),
        ([{"average": Decimal("29.25")}], [{"average": 29.24660104226983}]),
        ([{"day": date(2019, 1, 1), "n": None}], [{"day": 1546300800000.0, "n": float("nan")}]),
        (
            [{"a": "x", "n": 1}, {"a": "y", "n": 2}],
            [{"a": "y", "n": 2, "share": 0.6}, {"a": "x", "n": 1, "share": 0.3}],
        ),
        ([], []),
    ],
)
def test_equal_data_is_equal(expected: list[dict[str, Any]], shown: list[dict[str, Any]]) -> None:
    assert difference(expected, shown) is None


@pytest.mark.parametrize(
    ("expected", "shown", "told"),
    [
        ([{"n": 3}], [{"n": 4}], "n is 4 instead of 3"),
        ([{"money": Decimal("10.01")}], [{"money": 10.02}], "money is 10.02 instead of 10.01"),
        ([{"shop": "Chicago", "n": 3}], [{"shop": "Chicago", "n": None}], "n of Chicago is None instead of 3"),
        ([{"n": 0}], [{"n": None}], "n is None instead of 0"),
        ([{"n": 1}, {"n": 2}], [{"n": 1}], "1 rows instead of 2"),
        ([{"n": 1}], [{"m": 1}], "no column n among m"),
    ],
)
def test_what_differs_is_told(expected: list[dict[str, Any]], shown: list[dict[str, Any]], told: str) -> None:
    assert difference(expected, shown) == told

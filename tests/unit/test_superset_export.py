"""What Superset exports goes whole into the files, or no file is changed."""

import copy
import io
import json
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from dbt_lineage.core.settings import WarehouseSettings
from dbt_lineage.dashboards.bundle import for_superset
from dbt_lineage.dashboards.folder import Assets, AssetsError, differences, from_export, write
from dbt_lineage.warehouse.postgres import PostgresWarehouse
from stack.checkout import PROJECT_ROOT

FOLDER = PROJECT_ROOT / "superset" / "assets"
DATASET = "datasets/geographic_performance.yaml"
CHART = "charts/kpi_orders.yaml"
DASHBOARD = "dashboards/jaffle_shop.yaml"
Things = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def ours() -> Assets:
    """The dashboards of the project."""
    return Assets.load(FOLDER)


@pytest.fixture
def code(tmp_path: Path, ours: Assets) -> Assets:
    """A copy of the dashboards that a test may write over."""
    return Assets(Path(shutil.copytree(FOLDER, tmp_path / "assets")), copy.deepcopy(ours.files))


@pytest.fixture
def things(code: Assets) -> Things:
    """Everything as Superset exports it, by our paths; what a test changes in it was changed in Superset."""
    found = {path: exported(path, content) for path, content in copy.deepcopy(code.files).items()}
    numbers = {content["uuid"]: number for number, content in enumerate(found.values(), start=40)}
    for path, content in found.items():
        if path.startswith("dashboards/"):
            for block in blocks(content):
                block["meta"]["chartId"] = numbers[block["meta"]["uuid"]]
    return found


def exported(path: str, content: dict[str, Any]) -> dict[str, Any]:
    """A thing as Superset exports it: with the empty fields that nobody ever set."""
    kind = path.split("/")[0]
    if kind == "databases":
        unset = {"cache_timeout": None, "allow_file_upload": False, "impersonate_user": False}
        return {**content, **unset, "sqlalchemy_uri": "postgresql+psycopg2://reader:X@db:5432/jaffle"}
    if kind == "datasets":
        columns = [{"extra": {}, "python_date_format": None, **each} for each in content["columns"]]
        unset = {"offset": 0, "sql": None, "template_params": None, "catalog": None}
        extra = {"warehouse_fingerprint": "7-1"}
        return {**content, **unset, "schema": "jaffle_shop_dev", "extra": extra, "columns": columns}
    if kind == "charts":
        context = {"datasource": {"id": 7}, "queries": content.get("queries", [])}
        kept = {key: value for key, value in content.items() if key != "queries"}
        return {**kept, "cache_timeout": None, "query_context": json.dumps(context)}
    return {**content, "certified_by": "", "theme_uuid": None}


def blocks(dashboard: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for each in dashboard["position"].values() if isinstance(each, dict) and each["type"] == "CHART"]


def archive(things: Things) -> bytes:
    """As Superset makes one: it names a file by the Latin letters of a title and a number."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as opened:
        opened.writestr("dashboard_export/metadata.yaml", "version: 1.0.0\ntype: Dashboard\n")
        for number, (path, content) in enumerate(things.items()):
            kind = path.split("/")[0]
            inner = f"{kind}/Warehouse" if kind == "datasets" else kind
            opened.writestr(f"dashboard_export/{inner}/{number}.yaml", yaml.safe_dump(content, sort_keys=False))
    return out.getvalue()


def new_chart(things: Things, path: str, title: str, uuid: str) -> None:
    """A chart that somebody made in Superset and put on the dashboard."""
    things[path] = {**things[CHART], "slice_name": title, "uuid": uuid}
    position = things[DASHBOARD]["position"]
    meta = {"uuid": uuid, "chartId": 900 + len(things), "sliceName": title}
    position[f"CHART-{uuid}"] = {"type": "CHART", "id": f"CHART-{uuid}", "children": [], "meta": meta}


def content_of(folder: Path) -> dict[str, bytes]:
    return {str(each.relative_to(folder)): each.read_bytes() for each in folder.rglob("*") if each.is_file()}


def kept(code: Assets, things: Things) -> tuple[list[str], Assets]:
    """What an export writes, and the folder after it; whatever it is, it holds all that was exported."""
    running = from_export(archive(things), code)
    assert len(running) == len(things)
    written = write(code.folder, running)
    after = Assets.load(code.folder)
    assert differences(after.files, running) == []
    return written, after


# --- nothing is lost


def test_what_was_not_changed_is_not_written(code: Assets, things: Things) -> None:
    before = content_of(code.folder)
    assert kept(code, things)[0] == []
    assert content_of(code.folder) == before


def test_two_new_charts_of_one_title_are_two_files(code: Assets, things: Things) -> None:
    new_chart(things, "charts/a", "Доход", "00000000-0000-4000-8000-00000000000a")
    new_chart(things, "charts/b", "Доход", "00000000-0000-4000-8000-00000000000b")
    written, after = kept(code, things)
    assert written == ["charts/доход.yaml", "charts/доход_00000000.yaml", DASHBOARD]
    assert len(after.of_kind("charts")) == len(code.of_kind("charts")) + 2


@pytest.mark.parametrize(
    "title", ["Orders", "ORDERS", "★", "", "_", "Заказы", "x" * 250, "Выручка" * 35, "a/../b", "."]
)
def test_a_new_chart_of_any_title_has_a_file_of_its_own(code: Assets, things: Things, title: str) -> None:
    # A file of another chart has the name that the first title gives.
    shutil.copy(code.folder / CHART, code.folder / "charts" / "orders.yaml")
    (code.folder / CHART).unlink()
    code = Assets.load(code.folder)
    new_chart(things, "charts/new", title, "00000000-0000-4000-8000-00000000000a")
    _, after = kept(code, things)
    path = after.path_of("00000000-0000-4000-8000-00000000000a")
    assert path not in code.files
    assert path is not None
    assert re.fullmatch(r"charts/[^\W_][^/]*\.yaml", path)
    assert len(path.encode()) < 250


def test_three_of_one_name_are_three_files_though_their_uuids_begin_alike(code: Assets, things: Things) -> None:
    for number in "abc":
        new_chart(things, f"charts/{number}", "New", f"00000000-0000-4000-8000-00000000000{number}")
    kept(code, things)


def test_a_dashboard_whose_slug_was_cleared_goes_by_its_uuid(code: Assets, things: Things) -> None:
    things[DASHBOARD]["slug"] = None
    written, after = kept(code, things)
    assert written == [DASHBOARD]
    assert after.slugs == ["332c8151-6f76-5456-b2d8-01818c0aecb3"]


def test_a_second_dashboard_of_the_same_title_is_a_second_file(code: Assets, things: Things) -> None:
    other = {**things[DASHBOARD], "uuid": "00000000-0000-4000-8000-00000000000d", "slug": None}
    things["dashboards/other"] = json.loads(json.dumps(other))
    written, after = kept(code, things)
    assert written == ["dashboards/jaffle_shop_00000000.yaml"]
    assert len(after.slugs) == 2


def off(path: str, *where: Any, value: Any = False) -> Callable[[Things], Any]:
    def change(things: Things) -> None:
        holder: Any = things[path]
        for each in where[:-1]:
            holder = holder[each]
        holder[where[-1]] = value

    change.__name__ = ".".join(str(each) for each in where)
    return change


@pytest.mark.parametrize(
    "change",
    [
        off(CHART, "params", "show_legend"),
        off(CHART, "params", "y_axis_bounds", value=[None, 0]),
        off(CHART, "params", "row_limit", value=0),
        off(DATASET, "filter_select_enabled"),
        off(DATASET, "columns", 0, "groupby"),
        off(DATASET, "columns", 0, "filterable"),
        off(DATASET, "extra", value={"certification": {"certified_by": "Finance"}, "warehouse_fingerprint": "7-1"}),
        off(DASHBOARD, "metadata", "show_chart_timestamps"),
        off(DASHBOARD, "published"),
        off(CHART, "description", value=None),
    ],
    ids=lambda change: change.__name__,
)
def test_what_is_off_or_zero_or_cleared_in_superset_is_so_in_the_file(
    code: Assets, things: Things, change: Callable[[Things], Any]
) -> None:
    change(things)
    assert len(kept(code, things)[0]) == 1
    # And it comes back as it was exported.
    assert kept(Assets.load(code.folder), things)[0] == []


def test_only_what_was_changed_changes_in_a_file(code: Assets, things: Things) -> None:
    before = (code.folder / DATASET).read_text().splitlines()
    things[DATASET]["columns"].reverse()
    things[DATASET]["columns"][0]["verbose_name"] = "ISO code"
    kept(code, things)
    after = (code.folder / DATASET).read_text().splitlines()
    assert [line for line in after if line not in before] == ["  verbose_name: ISO code"]
    assert len(after) == len(before)


@pytest.mark.parametrize(
    ("path", "field", "value"),
    [
        (CHART, "params", None),
        (DATASET, "metrics", []),
        (DASHBOARD, "metadata", None),
        (DASHBOARD, "metadata", ...),
    ],
)
def test_what_superset_has_nothing_of_is_empty_in_the_file(
    code: Assets, things: Things, path: str, field: str, value: Any
) -> None:
    if value is ...:
        del things[path][field]
    else:
        things[path][field] = value
    _, after = kept(code, things)
    assert after.files[path][field] in ({}, [])


def test_charts_that_a_filter_passes_over_are_named_by_uuid(code: Assets, things: Things) -> None:
    first, second, *_ = blocks(things[DASHBOARD])
    metadata = things[DASHBOARD]["metadata"]
    metadata["native_filter_configuration"][0]["scope"]["excluded"] = [first["meta"]["chartId"], 12345]
    metadata["expanded_slices"] = {str(second["meta"]["chartId"]): True}
    metadata["timed_refresh_immune_slices"] = [second["meta"]["chartId"]]
    _, after = kept(code, things)
    told = after.files[DASHBOARD]["metadata"]
    assert told["native_filter_configuration"][0]["scope"]["excluded"] == [first["meta"]["uuid"]]
    assert told["expanded_slices"] == {second["meta"]["uuid"]: True}

    warehouse = PostgresWarehouse(WarehouseSettings.model_validate({"password": "p", "reader_password": "r"}))
    imported = for_superset(DASHBOARD, after.files[DASHBOARD], warehouse, None)  # type: ignore[arg-type]
    numbers = {block["meta"]["uuid"]: block["meta"]["chartId"] for block in blocks(imported)}
    again = imported["metadata"]
    assert again["native_filter_configuration"][0]["scope"]["excluded"] == [numbers[first["meta"]["uuid"]]]
    assert again["timed_refresh_immune_slices"] == [numbers[second["meta"]["uuid"]]]
    assert again["expanded_slices"] == {str(numbers[second["meta"]["uuid"]]): True}


def test_two_datasets_of_one_table_name_say_their_schemas(code: Assets, things: Things) -> None:
    assert "schema" not in kept(code, things)[1].files[DATASET]
    uuid = "00000000-0000-4000-8000-00000000000a"
    things["datasets/other"] = {**things[DATASET], "uuid": uuid, "schema": "finance"}
    _, after = kept(code, things)
    path = after.path_of(uuid)
    assert path == "datasets/geographic_performance_00000000.yaml"
    assert (after.files[DATASET]["schema"], after.files[path]["schema"]) == ("jaffle_shop_dev", "finance")


def test_a_schema_that_the_code_says_stays_said(code: Assets, things: Things) -> None:
    text = (code.folder / DATASET).read_text()
    (code.folder / DATASET).write_text(f"{text}schema: jaffle_shop_dev\n")
    written, after = kept(Assets.load(code.folder), things)
    assert (written, after.files[DATASET]["schema"]) == ([], "jaffle_shop_dev")


# --- or nothing is changed


def without_dataset(things: Things) -> None:
    del things[CHART]["dataset_uuid"]


def deleted_chart(things: Things) -> None:
    meta = {"uuid": "00000000-0000-4000-8000-00000000000a", "chartId": 7}
    things[DASHBOARD]["position"]["CHART-gone"] = {"type": "CHART", "id": "CHART-gone", "meta": meta}


def virtual(things: Things) -> None:
    things[DATASET]["sql"] = "select * from orders"


def second_database(things: Things) -> None:
    uuid = "00000000-0000-4000-8000-00000000000a"
    things["databases/new"] = {**things["databases/warehouse.yaml"], "uuid": uuid, "database_name": "Examples"}


def same_uuid(things: Things) -> None:
    things["charts/new"] = {**things[CHART], "uuid": things[DATASET]["uuid"]}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (without_dataset, r"dataset_uuid: its dataset was deleted in Superset"),
        (deleted_chart, r"dashboards/jaffle_shop\.yaml: position\.CHART-gone\.meta\.uuid: there is none of the charts"),
        (virtual, r"datasets/geographic_performance\.yaml: sql: a virtual dataset"),
        (second_database, r"databases/warehouse\.yaml: there is databases/examples\.yaml already"),
        (same_uuid, r"uuid: \S+ is that of \S+ too"),
        (off(CHART, "params", value="{broken"), r"params: Input should be a valid dictionary"),
        (off(CHART, "query_context", value="{broken"), r"query_context: is not one: "),
        (off(CHART, "query_context", value='{"queries": [5]}'), r"query_context: is not one: "),
        (off(CHART, "slice_name", value=None), r"slice_name: Input should be a valid string"),
        (off(DATASET, "extra", value="[]"), r"extra: is not an object"),
        (off(DASHBOARD, "position", "ROW-customers-1", value=[]), r"position\.ROW-customers-1: Input should be"),
        (off(DASHBOARD, "position", "CHART-kpi_orders", "meta", value={}), r"position\.CHART-kpi_orders\.meta\.uuid"),
        (
            off(DASHBOARD, "metadata", "native_filter_configuration", value=[7]),
            r"native_filter_configuration\.0: Input",
        ),
    ],
)
def test_an_export_that_would_not_load_changes_no_file(
    code: Assets, things: Things, change: Callable[[Things], Any], said: str
) -> None:
    things["charts/kpi_revenue.yaml"]["description"] = "Changed in Superset, and good."
    change(things)
    before = content_of(code.folder)
    with pytest.raises(AssetsError, match=said):
        write(code.folder, from_export(archive(things), code))
    assert content_of(code.folder) == before


def test_what_is_no_archive_is_named(code: Assets) -> None:
    with pytest.raises(AssetsError, match=r"is no ZIP file: b'<html>"):
        from_export(b"<html>", code)


def test_a_chart_that_is_exported_twice_is_one_file(code: Assets, things: Things) -> None:
    """A chart on no dashboard comes in an archive of its own, with the dataset that another chart has too."""
    alone = {path: things[path] for path in (CHART, "databases/warehouse.yaml")}
    assert from_export([archive(things), archive(alone)], code) == from_export(archive(things), code)

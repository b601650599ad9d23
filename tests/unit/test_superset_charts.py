"""What a chart names is looked through however it is written, and what cannot be read is its own problem."""

import json
from typing import Any

import pytest

from dbt_lineage.dashboards.charts import ChartUnreadable, browser_form_data, missing_columns, unread_sql
from dbt_lineage.dashboards.filters import Filter, filters_of
from dbt_lineage.warehouse.naming import ADAPTERS

DATASET: dict[str, Any] = {
    "table_name": "sales",
    "columns": [
        {"column_name": "revenue"},
        {"column_name": "Margin", "expression": ""},
        {"column_name": "day", "expression": None},
        {"column_name": "month", "expression": "date_trunc('month', day)"},
        {"column_name": "lost", "expression": "gone + 1"},
    ],
    "metrics": [{"metric_name": "total", "expression": "SUM(revenue)"}],
}

POSTGRES = ADAPTERS["postgres"]


def asking(**query: Any) -> dict[str, Any]:
    """A chart as Superset tells it, with a query."""
    return {"viz_type": "table", "params": None, "query_context": json.dumps({"queries": [query]})}


def set_to(viz_type: str = "table", **params: Any) -> dict[str, Any]:
    """A chart without a query of its own."""
    return {"viz_type": viz_type, "params": json.dumps(params), "query_context": None}


def own_sql(sql: str | None, label: str = "Own") -> dict[str, Any]:
    return {"expressionType": "SQL", "sqlExpression": sql, "label": label}


def simple(column: str) -> dict[str, Any]:
    return {"expressionType": "SIMPLE", "column": {"column_name": column}, "aggregate": "SUM", "label": column}


def of_metric(expression: str | None) -> tuple[list[str], list[str]]:
    """What is missing in a metric of the dataset, and what of it cannot be read."""
    dataset = {**DATASET, "metrics": [{"metric_name": "m", "expression": expression}]}
    chart = asking(metrics=["m"])
    return missing_columns(chart, dataset, POSTGRES), unread_sql(chart, dataset, POSTGRES)


@pytest.mark.parametrize(
    "expression",
    [
        "SUM(REVENUE)",
        'SUM("Margin")',
        "sum(sales.revenue) filter (where day > current_date - 7)",
        "COUNT(*)",
        "count(sales.*)",
        "count(sales)",
        "count(ctid)",
        "sum(revenue) -- of all shops",
    ],
)
def test_sql_is_read_as_postgresql_reads_it(expression: str) -> None:
    assert of_metric(expression) == ([], [])


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("SUM(Margin)", "column Margin of metric m"),
        ('SUM("REVENUE")', "column REVENUE of metric m"),
        ("SUM(month)", "column month of metric m"),
        ("sum(x) filter (where y > 1", "closing bracket or quote of metric m"),
        ("concat(revenue, 'x)", "closing bracket or quote of metric m"),
        ("", "SQL of metric m"),
        ("  ", "SQL of metric m"),
        (None, "SQL of metric m"),
    ],
)
def test_a_metric_that_cannot_work_is_named(expression: str | None, told: str) -> None:
    assert of_metric(expression) == ([told], [])


@pytest.mark.parametrize(
    "expression",
    [
        "{% if from_dttm %}SUM(x){% endif %}",
        "SUM({{ column }})",
        "{# all of it #} SUM(revenue)",
        "(select max(day) from holidays)",
        "SUM(revenue), SUM(day)",
        "lateral revenue",
    ],
)
def test_what_only_the_warehouse_can_judge_is_told_apart(expression: str) -> None:
    assert of_metric(expression) == ([], ["the SQL of metric m"])


@pytest.mark.parametrize(
    ("chart", "told"),
    [
        (asking(columns=["revenue", "gone"]), ["column gone"]),
        (asking(columns="gone"), ["column gone"]),
        (asking(columns=["__timestamp"]), []),
        (asking(columns=[own_sql("gone * 2")]), ["column gone of Own"]),
        (asking(columns=[{**own_sql("gone"), "isColumnReference": True}]), ["column gone"]),
        (asking(columns=["month", "lost"]), ["column gone of calculated column lost"]),
        (asking(metrics=["total", "gone"]), ["metric gone"]),
        (asking(metrics=["revenue"]), ["metric revenue"]),
        (asking(metrics=[simple("gone")]), ["column gone"]),
        (asking(metrics=[{"expressionType": "SIMPLE", "column": None, "aggregate": "COUNT"}]), []),
        (asking(metrics=[own_sql("SUM(gone)")]), ["column gone of Own"]),
        (asking(metrics=[own_sql(None)]), ["SQL of Own"]),
        (asking(filters=[{"col": "gone", "op": "IN", "val": [1]}]), ["column gone"]),
        (asking(filters=[{"col": own_sql("gone"), "op": "IN"}]), ["column gone of Own"]),
        (asking(filters=[{"col": None}, {"op": "IN"}]), []),
        (asking(filters=[{"col": "total", "op": ">", "val": 1}]), []),
        (asking(orderby=[["gone", False], ["total", True]]), ["column gone"]),
        (asking(metrics=[own_sql("SUM(revenue)")], orderby=[["Own", False]]), []),
        (asking(orderby=[[]]), []),
        (asking(granularity="gone"), ["column gone"]),
        (asking(series_columns=["gone"]), ["column gone"]),
        (asking(series_limit_metric="gone"), ["column gone"]),
        (asking(extras={"where": "(gone > 1)", "having": "SUM(revenue) > 1"}), ["column gone of a filter"]),
        (asking(columns=None, metrics=None, filters=None, orderby=None, extras=None), []),
    ],
)
def test_every_part_of_a_query_is_looked_through(chart: dict[str, Any], told: list[str]) -> None:
    assert missing_columns(chart, DATASET, POSTGRES) == told


@pytest.mark.parametrize(
    ("chart", "told"),
    [
        (set_to(all_columns=["revenue", "gone"]), ["column gone"]),
        (set_to(groupby="gone"), ["column gone"]),
        (set_to(metrics="gone"), ["metric gone"]),
        (set_to(percent_metrics=["gone"]), ["metric gone"]),
        (set_to(order_by_cols=['["gone", false]']), ["column gone"]),
        (set_to(adhoc_filters=[{"expressionType": "SIMPLE", "subject": "gone"}]), ["column gone"]),
        (set_to(adhoc_filters=[own_sql("gone > 1")]), ["column gone of a filter"]),
        (set_to(adhoc_filters=None, groupby=None), []),
        (set_to("deck_geojson", geojson="gone"), ["column gone"]),
        (set_to("deck_scatter", spatial={"type": "latlong", "lonCol": "gone", "latCol": "day"}), ["column gone"]),
        (set_to("deck_scatter", point_radius_fixed={"type": "metric", "value": simple("gone")}), ["column gone"]),
        (set_to("deck_scatter", point_radius_fixed={"type": "fix", "value": 100}), []),
        (set_to("world_map", entity="day", metric="total", secondary_metric="gone"), ["metric gone"]),
        ({"viz_type": "table", "params": None}, []),
    ],
)
def test_the_settings_of_a_chart_without_a_query_are_looked_through(chart: dict[str, Any], told: list[str]) -> None:
    assert missing_columns(chart, DATASET, POSTGRES) == told


def test_a_map_is_looked_through_as_it_asks_whatever_query_it_has() -> None:
    """Its data comes from its settings."""
    chart = {**asking(columns=["revenue"]), **{"viz_type": "country_map", "params": '{"entity": "gone"}'}}
    assert missing_columns(chart, DATASET, POSTGRES) == ["column gone"]


def test_a_dataset_without_columns_lacks_all() -> None:
    assert missing_columns(asking(columns=["day"], metrics=["total"]), {"columns": None, "metrics": []}, POSTGRES) == [
        "column day",
        "metric total",
    ]


@pytest.mark.parametrize(
    ("chart", "told"),
    [
        ({"params": "{", "query_context": None}, "its params is no JSON: "),
        ({"params": "[1]", "query_context": None}, r"its params is \[1\], not an object"),
        ({"params": "{}", "query_context": "{"}, "its query_context is no JSON: "),
        ({"params": "{}", "query_context": '{"queries": [7]}'}, "its query_context holds 7, which is no query"),
        (asking(columns=[7]), "it asks for 7, which is no column and no metric"),
        (asking(metrics=[{"label": "x"}]), "it asks for {'label': 'x'}, which is no column"),
        (set_to(order_by_cols=["gone"]), "its params sort by 'gone', which is no JSON"),
    ],
)
def test_what_is_no_query_is_named(chart: dict[str, Any], told: str) -> None:
    with pytest.raises(ChartUnreadable, match=f"^{told}"):
        missing_columns(chart, DATASET, POSTGRES)


def test_a_map_without_settings_asks_for_nothing() -> None:
    assert json.loads(browser_form_data({"id": 7, "params": None})) == {"slice_id": 7}


# --- the filters of a dashboard


def with_filters(*filters: Any) -> dict[str, Any]:
    return {"json_metadata": json.dumps({"native_filter_configuration": list(filters)})}


def test_a_filter_is_told_with_its_column() -> None:
    target = {"datasetId": 7, "column": {"name": "state"}}
    # A divider, a range of time and one whose dataset was deleted choose by no column.
    others = [{"type": "DIVIDER", "title": "Where"}, {"targets": [{}]}, {"targets": [{"column": {"name": "gone"}}]}]
    told = list(filters_of(with_filters({"name": "State", "targets": [target]}, *others)))
    assert told == [Filter("State", 7, "state")]


@pytest.mark.parametrize(
    "dashboard",
    [
        {"json_metadata": None},
        {"json_metadata": ""},
        {"json_metadata": "[]"},
        {"json_metadata": '{"native_filter_configuration": null}'},
        with_filters(7, {"targets": None}, {"targets": [None]}),
    ],
)
def test_a_dashboard_without_filters_has_none(dashboard: dict[str, Any]) -> None:
    assert list(filters_of(dashboard)) == []


def test_metadata_that_is_no_json_is_named() -> None:
    with pytest.raises(ChartUnreadable, match="its json_metadata is no JSON: "):
        list(filters_of({"json_metadata": "{"}))

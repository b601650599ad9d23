"""What a chart asks for: the columns and metrics that it names, and its request as a browser sends it."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

# The chart types whose data comes from /superset/explore_json, which wants a session instead of a token.
# Superset 6.1 has more; the others are older forms of charts that it draws better.
SESSION_CHARTS = frozenset({"country_map", "world_map", "deck_geojson", "deck_multi"})


def browser_form_data(chart: dict[str, Any]) -> str:
    """What a browser sends for a chart of ``SESSION_CHARTS``.

    Args:
        chart: as ``GET /api/v1/chart/{id}`` gives it, with its id.
    """
    return json.dumps({**json.loads(chart["params"]), "slice_id": chart["id"]})


def missing_columns(chart: dict[str, Any], dataset: dict[str, Any]) -> list[str]:
    """Which columns and metrics a chart names that its dataset lacks, in words; empty when it lacks none.

    Args:
        chart: as ``GET /api/v1/chart/{id}`` gives it.
        dataset: as ``GET /api/v1/dataset/{id}`` gives it, re-read from the warehouse.
    """
    columns = {column["column_name"]: column.get("expression") for column in dataset["columns"]}
    metrics = {metric["metric_name"]: metric["expression"] for metric in dataset["metrics"]}
    problems = {}
    for name, sql in _named(chart):
        if sql is not None:
            problems.update(dict.fromkeys(_unknown_in(sql, columns, name)))
        elif name in metrics:
            problems.update(dict.fromkeys(_unknown_in(metrics[name], columns, f"metric {name}")))
        elif name not in columns:
            problems[f"column {name}"] = None
        elif columns[name]:
            problems.update(dict.fromkeys(_unknown_in(columns[name], columns, f"calculated column {name}")))
    return list(problems)


def _named(chart: dict[str, Any]) -> Iterator[tuple[str, str | None]]:
    """Everything that a chart names: a name, and its SQL where the chart itself gives one."""
    context = json.loads(chart.get("query_context") or "{}")
    for query in context.get("queries") or [_as_query(json.loads(chart["params"]))]:
        for each in [*(query.get("columns") or []), *(query.get("metrics") or [])]:
            yield from _names_of(each)
        for condition in query.get("filters") or []:
            yield from _names_of(condition["col"])
        for key, _ in query.get("orderby") or []:
            yield from _names_of(key)


def _as_query(params: dict[str, Any]) -> dict[str, Any]:
    """The settings of a chart that has no query of its own, as if they were one."""
    columns = [params.get("entity"), params.get("series"), *(params.get("groupby") or [])]
    metrics = [params.get("metric"), params.get("secondary_metric"), *(params.get("metrics") or [])]
    simple = [each for each in params.get("adhoc_filters") or [] if each.get("expressionType") == "SIMPLE"]
    return {
        "columns": [each for each in columns if each],
        "metrics": [each for each in metrics if each],
        "filters": [{"col": each["subject"]} for each in simple],
    }


def _names_of(each: Any) -> Iterator[tuple[str, str | None]]:
    if isinstance(each, str):
        yield each, None
    elif each.get("isColumnReference"):
        yield each["sqlExpression"], None
    elif each.get("expressionType") == "SIMPLE":
        yield each["column"]["column_name"], None
    else:
        yield str(each.get("label", "expression")), each["sqlExpression"]


def _unknown_in(sql: str, columns: Mapping[str, str | None], where: str) -> Iterable[str]:
    import sqlglot
    from sqlglot import exp

    parsed = sqlglot.parse_one(sql, dialect="postgres")
    physical = {name for name, expression in columns.items() if not expression}
    return [f"column {found.name} of {where}" for found in parsed.find_all(exp.Column) if found.name not in physical]

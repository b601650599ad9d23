"""The columns and metrics of a chart, and its request as a browser sends it."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from dbt_lineage.core.errors import ExpectedError
from dbt_lineage.warehouse.naming import Adapter

# The chart types whose data comes from /superset/explore_json, which needs a session instead of a token.
# Superset 6.1 has more; the others are older forms of charts that it draws better.
SESSION_CHARTS = frozenset({"country_map", "world_map", "deck_geojson", "deck_multi"})
# Where the settings of a chart name columns and metrics, whatever its type.
_COLUMN_SETTINGS = ("entity", "series", "groupby", "columns", "all_columns", "x_axis", "groupbyColumns", "groupbyRows",
                    "all_columns_x", "all_columns_y", "dimension", "js_columns", "line_column", "geojson")  # fmt: skip
_METRIC_SETTINGS = ("metric", "metrics", "percent_metrics", "metric_2", "secondary_metric")
_SPATIAL_SETTINGS = ("spatial", "start_spatial", "end_spatial")
# The time column of a query, by whatever name it has.
_TIME = "__timestamp"
_JINJA = ("{{", "{%", "{#")


class ChartUnreadable(ExpectedError):
    """Superset's content of a chart is no query, or no JSON; the message names it."""


class _Name(NamedTuple):
    """Something that a chart names.

    Args:
        name: a column or metric, or the title of the chart's own SQL.
        sql: the SQL, where the chart itself gives it.
        what: what it must be: a column, a metric, or either.
    """

    name: str
    sql: str | None = None
    what: tuple[str, ...] = ("column", "metric")


def browser_form_data(chart: dict[str, Any]) -> str:
    """What a browser sends for a chart of ``SESSION_CHARTS``.

    Args:
        chart: as ``GET /api/v1/chart/{id}`` gives it, with its id.

    Raises:
        ChartUnreadable: its settings are no JSON.
    """
    return json.dumps({**_object(chart, "params"), "slice_id": chart["id"]})


def missing_columns(chart: dict[str, Any], dataset: dict[str, Any], adapter: Adapter) -> list[str]:
    """The columns and metrics of a chart that its dataset lacks, in words; empty if it lacks none.

    Args:
        chart: as ``GET /api/v1/chart/{id}`` gives it.
        dataset: as ``GET /api/v1/dataset/{id}`` gives it, re-read from the warehouse.
        adapter: the rules of its SQL.

    Raises:
        ChartUnreadable: its query is none, or its settings are none.
    """
    return _Dataset(dataset, adapter).looked_through(chart)[0]


def column_names(dataset: dict[str, Any]) -> set[str]:
    """The columns of a dataset, calculated ones too.

    Args:
        dataset: as ``GET /api/v1/dataset/{id}`` gives it.
    """
    return {each["column_name"] for each in dataset.get("columns") or []}


def unread_sql(chart: dict[str, Any], dataset: dict[str, Any], adapter: Adapter) -> list[str]:
    """A chart's SQL that cannot be parsed for columns, such as a template: only the warehouse can judge it.

    Args:
        chart: as ``GET /api/v1/chart/{id}`` gives it.
        dataset: as ``GET /api/v1/dataset/{id}`` gives it.
        adapter: the rules of its SQL.

    Raises:
        ChartUnreadable: its query is none, or its settings are none.
    """
    return _Dataset(dataset, adapter).looked_through(chart)[1]


def columns_shown(chart: dict[str, Any], dataset: dict[str, Any], adapter: Adapter) -> frozenset[str]:
    """The columns of the table that a chart reads, also for its metrics, calculated columns and filters.

    Args:
        chart: its file.
        dataset: the file of its dataset.
        adapter: the rules of its SQL.

    Raises:
        ChartUnreadable: its query is none, or its settings are none.
    """
    queries = {"queries": chart.get("queries") or []}
    sent = {**chart, "params": json.dumps(chart.get("params") or {}), "query_context": json.dumps(queries)}
    return _Dataset(dataset, adapter).read_by(sent)


class _Dataset:
    """The names that a dataset has."""

    def __init__(self, content: dict[str, Any], adapter: Adapter) -> None:
        self._adapter = adapter
        self.columns = {each["column_name"]: each.get("expression") for each in content.get("columns") or []}
        self.metrics = {each["metric_name"]: each.get("expression") for each in content.get("metrics") or []}
        self.physical = {name for name, expression in self.columns.items() if not expression}
        # Alone, the name of the table is a whole row.
        self.no_columns = adapter.not_columns | {str(content.get("table_name")).lower()}

    def looked_through(self, chart: dict[str, Any]) -> tuple[list[str], list[str]]:
        """The missing columns and metrics, and the SQL that cannot be parsed, both in words."""
        missing: dict[str, None] = {}
        unread: dict[str, None] = {}
        for each in _named(chart):
            found = self._found(each)
            if found is None:
                missing[f"{each.what[0]} {each.name}"] = None
                continue
            where, sql = found
            if sql is None:
                continue
            unknown = self._unknown_in(sql)
            if unknown is None:
                unread[f"the SQL {where}"] = None
            missing.update(dict.fromkeys(f"{name} {where}" for name in unknown or []))
        return list(missing), list(unread)

    def read_by(self, chart: dict[str, Any]) -> frozenset[str]:
        """The columns of the table that a chart reads; of SQL that cannot be parsed none."""
        read: set[str] = set()
        for each in _named(chart):
            _, sql = self._found(each) or ("", "")
            named = [(each.name, True)] if sql is None else _columns_in(sql, self._adapter.dialect) or []
            read |= {self._real(name, quoted) for name, quoted in named}
        return frozenset(read & self.physical)

    def _found(self, each: _Name) -> tuple[str, str | None] | None:
        """The place of its SQL, and the SQL: none for a column of the table. None if there is no such thing."""
        if each.sql is not None:
            return f"of {each.name}", each.sql
        if "metric" in each.what and each.name in self.metrics:
            return f"of metric {each.name}", self.metrics[each.name] or ""
        if "column" in each.what and each.name in self.columns:
            return f"of calculated column {each.name}", self.columns[each.name] or None
        return None

    def _unknown_in(self, sql: str) -> list[str] | None:
        """The columns in SQL that the table lacks; None if the SQL cannot be parsed."""
        if not sql.strip():
            return ["SQL"]
        if any(mark in sql for mark in _JINJA):
            return None
        columns = _columns_in(sql, self._adapter.dialect)
        if columns is None:
            return ["closing bracket or quote"] if _is_cut_short(sql, self._adapter.dialect) else None
        return [f"column {name}" for name, quoted in columns if not self._has(name, quoted)]

    def _has(self, name: str, quoted: bool) -> bool:
        return self._real(name, quoted) in self.physical or (not quoted and name.lower() in self.no_columns)

    def _real(self, name: str, quoted: bool) -> str:
        """A column's name as the warehouse has it."""
        if not self._adapter.is_case_sensitive:
            return {each.lower(): each for each in self.physical}.get(name.lower(), name)
        return name if quoted else self._adapter.folded(name)


def _columns_in(sql: str, dialect: str) -> list[tuple[str, bool]] | None:
    """The columns that SQL names, and whether in quotes; None if it cannot be parsed, or has a query in it."""
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    if any(mark in sql for mark in _JINJA):
        return None
    try:
        parsed = sqlglot.parse_one(sql, dialect=dialect)
    except SqlglotError:
        return None
    # A query in it has columns of other tables.
    if parsed.find(exp.Query, exp.Block):
        return None
    columns = [each for each in parsed.find_all(exp.Column) if not isinstance(each.this, exp.Star)]
    return [(each.name, bool(each.this.args.get("quoted"))) for each in columns]


def _is_cut_short(sql: str, dialect: str) -> bool:
    """Whether brackets or quotes are not closed: no database can read that."""
    from sqlglot import TokenType
    from sqlglot.dialects.dialect import Dialect
    from sqlglot.errors import TokenError

    try:
        kinds = [token.token_type for token in Dialect.get_or_raise(dialect).tokenize(sql)]
    except TokenError:
        return True
    return kinds.count(TokenType.L_PAREN) != kinds.count(TokenType.R_PAREN)


def _named(chart: dict[str, Any]) -> Iterator[_Name]:
    """Everything that a chart names."""
    queries = _list(_object(chart, "query_context").get("queries"))
    if chart.get("viz_type") in SESSION_CHARTS or not queries:
        queries = [_as_query(_object(chart, "params"))]
    for query in queries:
        if not isinstance(query, dict):
            raise ChartUnreadable(f"its query_context holds {query!r}, which is no query")
        yield from _named_by_query(query)


def _named_by_query(query: dict[str, Any]) -> Iterator[_Name]:
    columns = [each for key in ("columns", "groupby", "series_columns") for each in _list(query.get(key))]
    columns += _list(query.get("granularity"))
    # Superset sorts by these too.
    titles = {str(each.get("label")) for each in [*columns, *_list(query.get("metrics"))] if isinstance(each, dict)}
    for each in columns:
        yield from _names_of(each, "column")
    for each in _list(query.get("metrics")):
        yield from _names_of(each, "metric")
    sorted_by = [*_list(query.get("series_limit_metric")), *_list(query.get("timeseries_limit_metric"))]
    sorted_by += [_list(each)[0] for each in _list(query.get("orderby")) if _list(each)]
    filtered = [each.get("col") if isinstance(each, dict) else each for each in _list(query.get("filters"))]
    for each in [*sorted_by, *filtered]:
        yield from (name for name in _names_of(each, "column", "metric") if name.name not in titles or name.sql)
    extras = query.get("extras")
    for key in ("where", "having"):
        for sql in _list(extras.get(key) if isinstance(extras, dict) else None):
            yield _Name("a filter", str(sql))


def _as_query(params: dict[str, Any]) -> dict[str, Any]:
    """The settings of a chart that has no query of its own, as if they were one."""
    spatial = [params[key] for key in _SPATIAL_SETTINGS if isinstance(params.get(key), dict)]
    adhoc = [each for each in _list(params.get("adhoc_filters")) if isinstance(each, dict)]
    own_sql = [each.get("sqlExpression") for each in adhoc if each.get("expressionType") == "SQL"]
    radius = params.get("point_radius_fixed")
    return {
        "columns": [
            *(each for key in _COLUMN_SETTINGS for each in _list(params.get(key))),
            *(
                each[key]
                for each in spatial
                for key in ("lonCol", "latCol", "lonlatCol", "geohashCol")
                if each.get(key)
            ),
        ],
        "metrics": [
            *(each for key in _METRIC_SETTINGS for each in _list(params.get(key))),
            *([radius["value"]] if isinstance(radius, dict) and radius.get("type") == "metric" else []),
        ],
        "series_limit_metric": [
            *_list(params.get("series_limit_metric")),
            *_list(params.get("timeseries_limit_metric")),
        ],
        "filters": [{"col": each.get("subject")} for each in adhoc if each.get("expressionType") == "SIMPLE"],
        "orderby": [_sorting(each) for each in _list(params.get("order_by_cols"))],
        "extras": {"where": [each for each in own_sql if each]},
    }


def _sorting(each: Any) -> Any:
    """A column and whether it ascends; the settings of a table have it as JSON."""
    try:
        return json.loads(each) if isinstance(each, str) else each
    except ValueError:
        raise ChartUnreadable(f"its params sort by {each!r}, which is no JSON") from None


def _names_of(each: Any, *what: str) -> Iterator[_Name]:
    if isinstance(each, str):
        if each and each != _TIME:
            yield _Name(each, None, what)
    elif isinstance(each, dict) and each.get("expressionType") == "SIMPLE":
        if isinstance(each.get("column"), dict):
            yield _Name(str(each["column"].get("column_name")), None, ("column",))
    elif isinstance(each, dict) and each.get("isColumnReference"):
        yield _Name(str(each.get("sqlExpression")), None, ("column",))
    elif isinstance(each, dict) and "sqlExpression" in each:
        yield _Name(str(each.get("label") or "expression"), str(each["sqlExpression"] or ""), what)
    elif each is not None:
        raise ChartUnreadable(f"it asks for {each!r}, which is no column and no metric")


def _list(value: Any) -> list[Any]:
    """A setting that may be a list, one thing, or nothing."""
    if value in (None, ""):
        return []
    return value if isinstance(value, list) else [value]


def _object(chart: dict[str, Any], field: str) -> dict[str, Any]:
    """The JSON object in a field of a chart; an empty one when there is nothing."""
    try:
        content = json.loads(chart.get(field) or "{}")
    except ValueError as error:
        raise ChartUnreadable(f"its {field} is no JSON: {error}") from None
    if content is not None and not isinstance(content, dict):
        raise ChartUnreadable(f"its {field} is {content!r}, not an object of JSON")
    return content or {}

"""The filters of a dashboard: the dataset and column of each."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from dbt_lineage.dashboards.charts import ChartUnreadable


class Filter(NamedTuple):
    """A filter of a dashboard.

    Args:
        title: what people read.
        dataset: number of its dataset.
        column: what it chooses by.
    """

    title: str
    dataset: int
    column: str


def filters_of(dashboard: Mapping[str, Any]) -> Iterator[Filter]:
    """The filters that choose by a column.

    Args:
        dashboard: as ``GET /api/v1/dashboard/{id}`` gives it.

    Raises:
        ChartUnreadable: its metadata is none.
    """
    try:
        metadata = json.loads(dashboard.get("json_metadata") or "{}")
    except ValueError as error:
        raise ChartUnreadable(f"its json_metadata is no JSON: {error}") from None
    for native in _dicts(metadata, "native_filter_configuration"):
        for target in _dicts(native, "targets"):
            column, dataset = target.get("column"), target.get("datasetId")
            if isinstance(column, dict) and isinstance(column.get("name"), str) and isinstance(dataset, int):
                yield Filter(str(native.get("name")), dataset, column["name"])


def _dicts(holder: Any, field: str) -> list[dict[str, Any]]:
    found = holder.get(field) if isinstance(holder, dict) else None
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []

"""One file of the dashboards, to Superset's import and from its export."""

import json
from collections.abc import Mapping
from typing import Any

from dbt_lineage.dashboards.dataset_tables import Tables
from dbt_lineage.dashboards.files import FINGERPRINT, AssetsError, Content, chart_blocks, native_filters, validate
from dbt_lineage.warehouse.port import Warehouse


def for_superset(path: str, content: Content, warehouse: Warehouse, tables: Tables) -> Content:
    """A file, with what differs between stacks filled in.

    Args:
        path: of the file.
        content: what it holds.
        warehouse: what the charts read from.
        tables: of the dbt project.

    Raises:
        AssetsError: the table of a dataset cannot be found, or Superset cannot read the warehouse.
    """
    kind = path.split("/")[0]
    if kind == "databases":
        address = warehouse.superset_address()
        if address is None:
            raise AssetsError(
                f"{path}: dashboards cannot read {warehouse.place} here; docs/warehouses.md lists those that they can read"
            )
        return {**content, "sqlalchemy_uri": address.url}
    if kind == "datasets":
        return {**content, "schema": tables.of(path, content).schema}
    if kind == "charts" and content.get("queries"):
        kept = {key: value for key, value in content.items() if key != "queries"}
        return {**kept, "query_context": json.dumps(_query_context(content["queries"]))}
    if kind == "dashboards":
        return _numbered(content)
    return content


def from_superset(kind: str, name: str, content: Content) -> Content:
    """An exported file, with what differs between stacks removed.

    Args:
        kind: such as ``charts``.
        name: of the file in the archive, for the message of an error.
        content: what it holds; it is changed.

    Raises:
        AssetsError: a field that a file must have is missing or broken.
    """
    if kind == "databases":
        content.pop("sqlalchemy_uri", None)
    elif kind == "datasets":
        _take_out_of_dataset(name, content)
    elif kind == "charts":
        _take_out_of_chart(name, content)
    elif kind == "dashboards":
        # Superset exports neither if nothing was set.
        content.update({field: content.get(field) or {} for field in ("position", "metadata")})
    validate(name, kind, content)
    if kind == "dashboards":
        _take_out_of_dashboard(content)
    return content


def _numbered(dashboard: Content) -> Content:
    """With a number for each chart that the dashboard names: Superset requires one, and replaces it by its own."""
    position = dict(dashboard["position"])
    numbers: dict[str, int] = {}
    for number, (key, block) in enumerate(chart_blocks(position).items(), start=1):
        position[key] = {**block, "meta": {**block["meta"], "chartId": number}}
        numbers.setdefault(block["meta"]["uuid"], number)
    return {**dashboard, "position": position, "metadata": _renamed(dashboard["metadata"], numbers)}


def _renamed(metadata: Content, names: Mapping[Any, Any]) -> Content:
    """With other names for the charts that it names; a chart that is not on the dashboard is left out."""
    metadata = json.loads(json.dumps(metadata))
    scopes = [native["scope"] for native in native_filters(metadata) if native.get("scope")]
    for holder, field in [*((scope, "excluded") for scope in scopes), (metadata, "timed_refresh_immune_slices")]:
        if holder.get(field):
            holder[field] = [names[each] for each in holder[field] if each in names]
    if expanded := metadata.get("expanded_slices"):
        by_text = {str(name): other for name, other in names.items()}
        metadata["expanded_slices"] = {str(by_text[key]): each for key, each in expanded.items() if key in by_text}
    return metadata


def _query_context(queries: list[Content]) -> Content:
    """What a browser sends for a chart. Superset puts in the number of the dataset as it imports."""
    return {
        "datasource": {},
        "force": False,
        "queries": queries,
        "form_data": {},
        "result_format": "json",
        "result_type": "full",
    }


def _take_out_of_dataset(name: str, content: Content) -> None:
    content.pop("catalog", None)
    content.update({part: content.get(part) or [] for part in ("columns", "metrics")})
    extra = content.get("extra") or {}
    if not isinstance(extra, dict):
        raise AssetsError(f"{name}: extra: is not an object of JSON")
    # What people wrote about the dataset, without the fingerprint that a refresh stored.
    content["extra"] = {key: value for key, value in extra.items() if key != FINGERPRINT}


def _take_out_of_chart(name: str, content: Content) -> None:
    if "dataset_uuid" not in content:
        raise AssetsError(
            f"{name}: dataset_uuid: its dataset was deleted in Superset: take the chart off the dashboard"
        )
    content["params"] = content.get("params") or {}
    try:
        context = json.loads(content.pop("query_context", None) or "{}")
        queries = context.get("queries") or []
        if queries:
            content["queries"] = [{k: v for k, v in query.items() if k != "datasource"} for query in queries]
    except (ValueError, AttributeError, TypeError) as error:
        raise AssetsError(f"{name}: query_context: is not one: {error}") from None


def _take_out_of_dashboard(content: Content) -> None:
    numbers: dict[Any, str] = {}
    for block in chart_blocks(content["position"]).values():
        numbers[block["meta"].pop("chartId", None)] = block["meta"]["uuid"]
    for native in native_filters(content["metadata"]):
        for derived in ("chartsInScope", "tabsInScope"):
            native.pop(derived, None)
    content["metadata"] = _renamed(content["metadata"], numbers)

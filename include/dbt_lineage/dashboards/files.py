"""One file of the dashboards as code: its required form, and its errors."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from dbt_lineage.core.errors import ExpectedError

# Each refers only to those before it.
KINDS = ("databases", "datasets", "charts", "dashboards")
Content = dict[str, Any]
# What the refresh keeps in a dataset's ``extra``; see ``refresh.py``.
FINGERPRINT = "warehouse_fingerprint"
_SUFFIXES = (".yaml", ".yml")


class AssetsError(ExpectedError, ValueError):
    """A file of the dashboards is broken; the message names the file and the field."""


class TableNotMade(AssetsError):
    """A dataset is on a table that the dbt project does not make: the dashboards are another project's."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="allow", strict=True)


class _File(_Part):
    uuid: str
    version: str


class _Database(_File):
    database_name: str


class _Column(_Part):
    column_name: str
    type: str | None = None
    expression: str | None = None


class _Metric(_Part):
    metric_name: str
    expression: str


class _Dataset(_File):
    table_name: str
    database_uuid: str
    sql: str | None = None
    columns: list[_Column]
    metrics: list[_Metric]


class _Chart(_File):
    slice_name: str
    viz_type: str
    dataset_uuid: str
    params: dict[str, Any]
    queries: list[dict[str, Any]] | None = None


class _Scope(_Part):
    excluded: list[str | int] | None = None


class _Target(_Part):
    datasetUuid: str | None = None  # noqa: N815 - Superset calls it so


class _Filter(_Part):
    targets: list[_Target] | None = None
    scope: _Scope | None = None


class _Metadata(_Part):
    native_filter_configuration: list[_Filter] | None = None
    timed_refresh_immune_slices: list[str | int] | None = None
    expanded_slices: dict[str, Any] | None = None


class _Block(_Part):
    type: str
    children: list[str] | None = None


class _ChartMeta(_Part):
    uuid: str


class _ChartBlock(_Block):
    meta: _ChartMeta


class _Dashboard(_File):
    dashboard_title: str
    slug: str | None = None
    position: dict[str, Any]
    metadata: _Metadata


_MODELS: Mapping[str, type[_File]] = {
    "databases": _Database,
    "datasets": _Dataset,
    "charts": _Chart,
    "dashboards": _Dashboard,
}
_PARTS: Mapping[str, type[_Part]] = {"columns": _Column, "metrics": _Metric}


def required(kind: str) -> frozenset[str]:
    """The fields that a file of a kind, or one of its ``columns`` or ``metrics``, must have.

    Args:
        kind: one of ``KINDS``, or ``columns`` or ``metrics``.
    """
    model = _MODELS.get(kind) or _PARTS[kind]
    return frozenset(name for name, field in model.model_fields.items() if field.is_required())


def read(folder: Path) -> dict[str, Content]:
    """Every file of a folder, by its path within it.

    Raises:
        AssetsError: one is not what it must be.
    """
    found = {
        file.relative_to(folder).as_posix(): file
        for kind in KINDS
        for file in sorted((folder / kind).rglob("*"))
        if file.suffix.lower() in _SUFFIXES and file.is_file()
    }
    return {path: parsed(path, file.read_bytes()) for path, file in found.items()}


def parsed(path: str, text: bytes) -> Content:
    """What a file holds, checked; uuids are spelled as Superset spells them.

    Args:
        path: such as ``charts/top_customers.yaml``.
        text: its content.

    Raises:
        AssetsError: it is not what it must be.
    """
    if Path(path).name.startswith((".", "_")):
        raise AssetsError(f"{path}: Superset passes over files whose names begin with '.' or '_': rename it")
    content = loaded(path, text)
    kind = path.split("/")[0]
    validate(path, kind, content)
    if kind == "datasets" and content.get("sql"):
        raise AssetsError(
            f"{path}: sql: a virtual dataset cannot be followed to its tables: make its query a dbt model, "
            "and a dataset on that"
        )
    if kind == "charts" and (lost := [each for each in _annotations(content["params"]) if each[1] != "FORMULA"]):
        raise AssetsError(
            f"{path}: params.annotation_layers.{lost[0][0]}: Superset's import leaves out each annotation that is no "
            "FORMULA: take it off the chart"
        )
    for each in uuids_in(kind, content):
        try:
            each.holder[each.key] = str(UUID(str(each.uuid)))
        except ValueError:
            raise AssetsError(f"{path}: {each.field}: {each.uuid!r} is not one") from None
    return content


def validate(path: str, kind: str, content: Content) -> None:
    """Raises AssetsError when a field, or a block of a dashboard, is missing or is not what it must be."""
    _validate(path, _MODELS[kind], content)
    if kind == "dashboards":
        for key, block in content["position"].items():
            if key != "DASHBOARD_VERSION_KEY":
                shows_chart = isinstance(block, dict) and block.get("type") == "CHART"
                _validate(path, _ChartBlock if shows_chart else _Block, block, f"position.{key}")


def loaded(path: str, text: bytes) -> Content:
    """The mapping that a file is. Raises AssetsError when it is something else, or holds what JSON cannot."""
    try:
        content = yaml.safe_load(text.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise AssetsError(f"{path}: is not UTF-8: {error}") from None
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a date such as 2026-02-30
        raise AssetsError(f"{path}: is not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(content, dict):
        raise AssetsError(f"{path}: is not a mapping of fields")
    for where, value in _beyond_json(content, "", ()):
        raise AssetsError(f"{path}: {where}: {value}")
    return content


class Uuid(NamedTuple):
    """A uuid in a file.

    Args:
        holder: the model that contains it.
        key: where in that.
        field: the same for people, such as ``position.CHART-1.meta.uuid``.
        kind: of what it is the uuid; empty for the file's own.
    """

    holder: Any
    key: str | int
    field: str
    kind: str = ""

    @property
    def uuid(self) -> Any:
        """As the file has it."""
        return self.holder[self.key]


def uuids_in(kind: str, content: Content) -> Iterator[Uuid]:
    """Every uuid of a valid file."""
    yield Uuid(content, "uuid", "uuid")
    if kind == "datasets":
        yield Uuid(content, "database_uuid", "database_uuid", "databases")
    elif kind == "charts":
        yield Uuid(content, "dataset_uuid", "dataset_uuid", "datasets")
    elif kind == "dashboards":
        for key, block in chart_blocks(content["position"]).items():
            yield Uuid(block["meta"], "uuid", f"position.{key}.meta.uuid", "charts")
        yield from _uuids_in_metadata(content["metadata"])


def _uuids_in_metadata(metadata: Content) -> Iterator[Uuid]:
    for number, native in enumerate(native_filters(metadata)):
        where = f"metadata.native_filter_configuration.{number}"
        for index, target in enumerate(native.get("targets") or []):
            if target.get("datasetUuid"):
                yield Uuid(target, "datasetUuid", f"{where}.targets.{index}.datasetUuid", "datasets")
        excluded = (native.get("scope") or {}).get("excluded") or []
        for index in range(len(excluded)):
            yield Uuid(excluded, index, f"{where}.scope.excluded.{index}", "charts")
    immune = metadata.get("timed_refresh_immune_slices") or []
    for index in range(len(immune)):
        yield Uuid(immune, index, f"metadata.timed_refresh_immune_slices.{index}", "charts")


def chart_blocks(position: Content) -> dict[str, Content]:
    """The blocks of a dashboard that show a chart."""
    return {key: block for key, block in position.items() if isinstance(block, dict) and block.get("type") == "CHART"}


def native_filters(metadata: Content) -> list[Content]:
    """The filters of a dashboard."""
    return metadata.get("native_filter_configuration") or []


def _validate(path: str, model: type[BaseModel], content: Any, within: str = "") -> None:
    try:
        model.model_validate(content)
    except ValidationError as error:
        problems = [
            f"{'.'.join([*([within] if within else []), *map(str, each['loc'])])}: {each['msg']}"
            for each in error.errors()
        ]
        raise AssetsError(f"{path}: {'; '.join(problems)}") from None


def _annotations(params: Content) -> Iterator[tuple[int, Any]]:
    """The number and the type of each annotation of a chart."""
    layers = params.get("annotation_layers")
    for number, layer in enumerate(layers if isinstance(layers, list) else []):
        yield number, layer.get("annotationType") if isinstance(layer, dict) else None


def _beyond_json(value: Any, where: str, around: tuple[int, ...]) -> Iterator[tuple[str, str]]:
    """What JSON cannot hold, in which Superset keeps most of it: the field, and what is wrong."""
    if id(value) in around:
        yield where, "it holds itself, by an anchor"
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _beyond_json(each, f"{where}.{key}" if where else str(key), (*around, id(value)))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _beyond_json(each, f"{where}.{index}", (*around, id(value)))
    else:
        try:
            json.dumps(value, allow_nan=False)
        except (TypeError, ValueError):
            yield where, f"{value} is {type(value).__name__}, which Superset's JSON cannot hold: put it in quotes"

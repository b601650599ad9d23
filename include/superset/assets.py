"""Dashboards as code: the folder of YAML files, what Superset imports of it, and what it exports again.

A file holds what people decide. What differs from stack to stack is put in on the way to Superset and taken out on
the way back: the warehouse's address, the schema that dbt builds in, the numbers that Superset gives to things.
"""

import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy.engine import URL

from include.dbt.manifest import Manifest
from include.errors import ExpectedError
from include.settings import WarehouseSettings

KINDS = ("databases", "datasets", "charts", "dashboards")
Content = dict[str, Any]
Files = dict[str, Content]
# What a browser adds to a dashboard by itself when somebody saves it, and what Superset fills with its own numbers.
_DERIVED = {
    "dashboards": {"metadata": {"chart_configuration", "global_chart_configuration", "map_label_colors",
                                "shared_label_colors", "color_scheme_domain", "default_filters", "filter_scopes"}},
    "charts": {"params": {"datasource", "slice_id", "dashboards", "url_params"}},
}  # fmt: skip


class AssetsError(ExpectedError, ValueError):
    """A file of the dashboards is broken; the message names the file and the field."""


class TableNotMade(AssetsError):
    """A dataset is on a table that the dbt project does not make: the dashboards are another project's."""


class _File(BaseModel):
    model_config = ConfigDict(extra="allow", strict=True)
    uuid: str
    version: str


class _Database(_File):
    database_name: str


class _Column(BaseModel):
    model_config = ConfigDict(extra="allow", strict=True)
    column_name: str
    type: str | None = None
    expression: str | None = None


class _Metric(BaseModel):
    model_config = ConfigDict(extra="allow", strict=True)
    metric_name: str
    expression: str


class _Dataset(_File):
    table_name: str
    database_uuid: str
    columns: list[_Column]
    metrics: list[_Metric]


class _Chart(_File):
    slice_name: str
    viz_type: str
    dataset_uuid: str
    params: dict[str, Any]
    queries: list[dict[str, Any]] | None = None


class _Dashboard(_File):
    dashboard_title: str
    slug: str
    position: dict[str, Any]
    metadata: dict[str, Any]


_MODELS: Mapping[str, type[_File]] = {
    "databases": _Database,
    "datasets": _Dataset,
    "charts": _Chart,
    "dashboards": _Dashboard,
}


class Assets:
    """The dashboards of a folder.

    Args:
        folder: with ``databases``, ``datasets``, ``charts`` and ``dashboards``, a YAML file for each.
        files: their content by path within the folder, such as ``charts/top_customers.yaml``.
    """

    def __init__(self, folder: Path, files: Files) -> None:
        self.folder = folder
        self.files = files

    @classmethod
    def load(cls, folder: Path) -> "Assets":
        """Read and check the files.

        Raises:
            AssetsError: one is not YAML, lacks a field, or names what is not there.
        """
        files = {
            f"{kind}/{file.name}": _parsed(f"{kind}/{file.name}", file.read_text(encoding="utf-8"))
            for kind in KINDS
            for file in sorted((folder / kind).glob("*.yaml"))
        }
        if not files:
            raise AssetsError(f"there is no dashboard in {folder}")
        assets = cls(folder, files)
        assets._check_references()
        return assets

    def of_kind(self, kind: str) -> Files:
        """The files of a kind, such as ``charts``."""
        return {path: content for path, content in self.files.items() if path.startswith(f"{kind}/")}

    @property
    def slugs(self) -> list[str]:
        """The last part of each dashboard's address."""
        return [content["slug"] for content in self.of_kind("dashboards").values()]

    def charts_of(self, dashboard: Content) -> list[str]:
        """The uuids of the charts that a dashboard shows, as its file has them."""
        return [block["meta"]["uuid"] for block in dashboard["position"].values() if _is_chart(block)]

    def path_of(self, uuid: str) -> str | None:
        """Which file a thing stands in."""
        return next((path for path, content in self.files.items() if content["uuid"] == uuid), None)

    def bundle(self, warehouse: WarehouseSettings, manifest: Manifest) -> bytes:
        """The ZIP file that Superset imports.

        Args:
            warehouse: the address that the charts read from, as its read-only role.
            manifest: which schema the tables are in.

        Raises:
            TableNotMade: a dataset is on a table that the dbt project does not make.
        """
        schemas = {relation.split(".")[2]: relation.split(".")[1] for relation in _relations(manifest)}
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("assets/metadata.yaml", _dumped({"version": "1.0.0", "type": "assets"}))
            for path, content in self.files.items():
                archive.writestr(f"assets/{path}", _dumped(_for_superset(path, content, warehouse, schemas)))
        return out.getvalue()

    def _check_references(self) -> None:
        uuids = {kind: {content["uuid"] for content in self.of_kind(kind).values()} for kind in KINDS}
        for path, field, kind, uuid in self._references():
            if uuid not in uuids[kind]:
                raise AssetsError(f"{path}: {field}: there is none of the {kind} with uuid {uuid}")

    def _references(self) -> Iterator[tuple[str, str, str, str]]:
        """Every uuid that a file names: in which file, in which field, of which kind."""
        for path, content in self.of_kind("datasets").items():
            yield path, "database_uuid", "databases", content["database_uuid"]
        for path, content in self.of_kind("charts").items():
            yield path, "dataset_uuid", "datasets", content["dataset_uuid"]
        for path, content in self.of_kind("dashboards").items():
            for key, block in content["position"].items():
                if _is_chart(block):
                    yield path, f"position.{key}.meta.uuid", "charts", block["meta"]["uuid"]


def from_export(archive: bytes, code: Assets) -> Files:
    """What Superset exported, in the form of our files and under their paths.

    Args:
        archive: the ZIP file of ``/api/v1/dashboard/export/``.
        code: whose paths are used; something new gets a path from its name.
    """
    files: Files = {}
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        for name in opened.namelist():
            kind = name.split("/")[1]
            if kind in KINDS:
                content = _from_superset(kind, yaml.safe_load(opened.read(name)))
                files[code.path_of(content["uuid"]) or _new_path(kind, content)] = content
    return dict(sorted(files.items()))


def differences(code: Files, running: Files) -> list[str]:
    """What differs between the files and the running dashboards, one line each; empty when nothing does."""
    found = []
    for path in sorted(code.keys() | running.keys()):
        if path not in running:
            found.append(f"{path}: is not in Superset")
        elif path not in code:
            found.append(f"{path}: is in Superset only")
        else:
            kind = path.split("/")[0]
            found += _differences(f"{path}:", canonical(kind, code[path]), canonical(kind, running[path]))
    return found


def canonical(kind: str, content: Content) -> Any:
    """A file's content without what says nothing: empty fields, and what Superset derives."""
    content = json.loads(json.dumps(content, default=str))
    for field, derived in _DERIVED.get(kind, {}).items():
        content[field] = {key: value for key, value in content[field].items() if key not in derived}
    if kind == "datasets":
        # Superset takes the descriptions of a table's columns from the warehouse, where dbt writes them.
        for column in content["columns"]:
            if not column.get("expression"):
                column.pop("description", None)
        # It keeps no order of columns and metrics.
        content["columns"] = {column["column_name"]: column for column in content["columns"]}
        content["metrics"] = {metric["metric_name"]: metric for metric in content["metrics"]}
    return _without_nothing(content)


def write(folder: Path, files: Files) -> list[str]:
    """Write exported files over the folder's own where they differ; returns the paths that were written."""
    written = []
    for path, content in files.items():
        file = folder / path
        before = _parsed(path, file.read_text(encoding="utf-8")) if file.exists() else None
        kind = path.split("/")[0]
        if before is None or canonical(kind, before) != canonical(kind, content):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(_dumped(_in_order_of(canonical_keys(kind, content), before or {})), encoding="utf-8")
            written.append(path)
    return written


def canonical_keys(kind: str, content: Content) -> Content:
    """What is kept of an exported file: as ``canonical``, but with lists for columns and metrics."""
    kept = canonical(kind, content)
    if kind == "datasets":
        return {**kept, "columns": list(kept["columns"].values()), "metrics": list(kept["metrics"].values())}
    return kept


def _parsed(path: str, text: str) -> Content:
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise AssetsError(f"{path}: is not YAML: {' '.join(str(error).split())}") from None
    try:
        _MODELS[path.split("/")[0]].model_validate(content)
        UUID(content["uuid"])
    except ValidationError as error:
        problems = [f"{'.'.join(str(part) for part in each['loc'])}: {each['msg']}" for each in error.errors()]
        raise AssetsError(f"{path}: {'; '.join(problems)}") from None
    except ValueError:
        raise AssetsError(f"{path}: uuid: {content['uuid']!r} is not one") from None
    return content


def _relations(manifest: Manifest) -> list[str]:
    return [manifest.relation(model) for model in manifest.models]


def _for_superset(path: str, content: Content, warehouse: WarehouseSettings, schemas: dict[str, str]) -> Content:
    kind = path.split("/")[0]
    if kind == "databases":
        # Superset keeps the password apart, and wants to see this one in its place.
        where = (warehouse.host, warehouse.port, warehouse.database)
        url = URL.create("postgresql+psycopg2", warehouse.reader_user, "XXXXXXXXXX", *where)
        return {**content, "sqlalchemy_uri": url.render_as_string(hide_password=False)}
    if kind == "datasets":
        if content["table_name"] not in schemas:
            raise TableNotMade(f"{path}: table_name: the dbt project makes no table {content['table_name']}")
        return {**content, "schema": schemas[content["table_name"]]}
    if kind == "charts" and content.get("queries"):
        kept = {key: value for key, value in content.items() if key != "queries"}
        return {**kept, "query_context": json.dumps(_query_context(content["queries"]))}
    if kind == "dashboards":
        return {**content, "position": _numbered(content["position"])}
    return content


def _numbered(position: Content) -> Content:
    """With a number for each chart: Superset wants one to put its own in its place."""
    blocks = {key: block for key, block in position.items() if _is_chart(block)}
    numbered = {
        key: {**block, "meta": {**block["meta"], "chartId": number}}
        for number, (key, block) in enumerate(blocks.items(), start=1)
    }
    return {**position, **numbered}


def _is_chart(block: Any) -> bool:
    return isinstance(block, dict) and block.get("type") == "CHART"


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


def _from_superset(kind: str, content: Content) -> Content:
    if kind == "databases":
        content.pop("sqlalchemy_uri")
    elif kind == "datasets":
        for field in ("schema", "catalog", "extra"):
            content.pop(field, None)
    elif kind == "charts":
        context = json.loads(content.pop("query_context", None) or "{}")
        if queries := context.get("queries"):
            content["queries"] = [{k: v for k, v in query.items() if k != "datasource"} for query in queries]
    elif kind == "dashboards":
        for block in content["position"].values():
            if _is_chart(block):
                block["meta"].pop("chartId", None)
        for native in content["metadata"].get("native_filter_configuration", []):
            for derived in ("chartsInScope", "tabsInScope"):
                native.pop(derived, None)
    return content


def _new_path(kind: str, content: Content) -> str:
    names = ("dashboard_title", "slice_name", "table_name", "database_name")
    name = next(content[field] for field in names if field in content)
    return f"{kind}/{re.sub(r'[^a-z0-9]+', '_', name.lower()).strip('_')}.yaml"


def _without_nothing(value: Any) -> Any:
    """Without fields that are empty or false: Superset's export tells of many that were never set."""
    if isinstance(value, dict):
        kept = {key: _without_nothing(each) for key, each in value.items()}
        return {key: each for key, each in kept.items() if each not in (None, "", [], {}, False)}
    if isinstance(value, list):
        return [_without_nothing(each) for each in value]
    return value


def _in_order_of(content: Content, before: Content) -> Content:
    """With the fields in the order that the file had, so that a change in Superset is a small change of the file."""
    ordered = {key: content[key] for key in before if key in content}
    return {**ordered, **{key: value for key, value in content.items() if key not in ordered}}


def _differences(where: str, code: Any, running: Any) -> Iterator[str]:
    if isinstance(code, dict) and isinstance(running, dict):
        for key in sorted(code.keys() | running.keys()):
            yield from _differences(
                f"{where}{'' if where.endswith(':') else '.'}{key}", code.get(key), running.get(key)
            )
    elif isinstance(code, list) and isinstance(running, list) and len(code) == len(running):
        for index, (left, right) in enumerate(zip(code, running, strict=True)):
            yield from _differences(f"{where}[{index}]", left, right)
    elif code != running:
        yield f"{where} is {code!r} in the code, {running!r} in Superset"


def _dumped(content: Content) -> str:
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=110)

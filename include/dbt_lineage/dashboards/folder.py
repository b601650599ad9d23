"""Dashboards as code: the folder of YAML files, imported and exported.

A file holds what people decide. What differs between stacks is added on the way to Superset and removed on the way
back: the warehouse's address, the schema that dbt builds in, Superset's numbers.
"""

import io
import json
import os
import re
import shutil
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from dbt_lineage.dashboards import files as file_format
from dbt_lineage.dashboards.bundle import for_superset, from_superset
from dbt_lineage.dashboards.dataset_tables import Tables
from dbt_lineage.dashboards.files import KINDS, Content, chart_blocks, loaded, parsed, required, uuids_in

# Redundant names mark what others may import from here.
from dbt_lineage.dashboards.files import AssetsError as AssetsError
from dbt_lineage.dashboards.files import TableNotMade as TableNotMade
from dbt_lineage.manifest.graph import Manifest
from dbt_lineage.warehouse.port import Warehouse

Files = dict[str, Content]
# What a browser adds to a saved dashboard by itself, and what Superset fills with its own numbers.
_DERIVED = {
    "dashboards": {"metadata": {"chart_configuration", "global_chart_configuration", "map_label_colors",
                                "shared_label_colors", "color_scheme_domain", "default_filters", "filter_scopes"}},
    "charts": {"params": {"datasource", "slice_id", "dashboards", "url_params"}},
}  # fmt: skip
# Superset's defaults. Its export has all of them, even those that nobody set.
_DEFAULTS: Mapping[str, Content] = {
    "databases": {"expose_in_sqllab": True, "allow_run_async": False, "allow_ctas": False, "allow_cvas": False,
                  "allow_dml": False, "allow_csv_upload": False, "allow_file_upload": False, "impersonate_user": False},
    "datasets": {"offset": 0, "filter_select_enabled": True, "normalize_columns": False,
                 "always_filter_main_dttm": False},
    "columns": {"is_dttm": False, "is_active": True, "groupby": True, "filterable": True},
    "dashboards": {"published": False},
}  # fmt: skip
_NAMES = {
    "dashboards": "dashboard_title",
    "charts": "slice_name",
    "datasets": "table_name",
    "databases": "database_name",
}
# A file's name may have 255 bytes: this much for a title leaves room for a uuid and an ending.
_NAME_BYTES = 200


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
            AssetsError: one is not YAML, lacks a field, names what is not there, or is there twice.
        """
        files = file_format.read(folder)
        if not files:
            raise AssetsError(f"there is no dashboard in {folder}")
        assets = cls(folder, files)
        assets._check_uniqueness()
        assets._check_references()
        return assets

    def of_kind(self, kind: str) -> Files:
        """The files of a kind, such as ``charts``."""
        return {path: content for path, content in self.files.items() if path.startswith(f"{kind}/")}

    @property
    def slugs(self) -> list[str]:
        """The last part of each dashboard's address: its slug or, where it has none, its uuid."""
        return list(self.dashboards)

    @property
    def dashboards(self) -> dict[str, Content]:
        """Each dashboard by the last part of its address."""
        return {content.get("slug") or content["uuid"]: content for content in self.of_kind("dashboards").values()}

    def charts_of(self, dashboard: Content) -> list[str]:
        """The uuids of the charts that a dashboard shows, as its file has them."""
        return [block["meta"]["uuid"] for block in chart_blocks(dashboard["position"]).values()]

    def path_of(self, uuid: str) -> str | None:
        """The file of a thing."""
        return next((path for path, content in self.files.items() if content["uuid"] == uuid), None)

    def bundle(self, warehouse: Warehouse, manifest: Manifest) -> bytes:
        """The ZIP file that Superset imports.

        Args:
            warehouse: the address that the charts read from, as its read-only role.
            manifest: which schema the tables are in.

        Raises:
            TableNotMade: a dataset is on a table that the dbt project does not make.
            AssetsError: a dataset does not name one of several tables.
        """
        tables = Tables(manifest)
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("assets/metadata.yaml", _dumped({"version": "1.0.0", "type": "assets"}))
            for path, content in self.files.items():
                archive.writestr(f"assets/{path}", _dumped(for_superset(path, content, warehouse, tables)))
        return out.getvalue()

    def _check_uniqueness(self) -> None:
        places: dict[tuple[str, str], str] = {}
        for path, content in self.files.items():
            for field in ("uuid", "slug"):
                other = places.setdefault((field, content[field]), path) if content.get(field) else path
                if other != path:
                    raise AssetsError(f"{path}: {field}: {content[field]} is that of {other} too")
        first, *others = [*self.of_kind("databases")] or [""]
        if others:
            raise AssetsError(
                f"{others[0]}: there is {first} already, and charts are compared with one database, the warehouse: "
                "leave out the charts that read another one"
            )

    def _check_references(self) -> None:
        uuids = {kind: {content["uuid"] for content in self.of_kind(kind).values()} for kind in KINDS}
        for path, content in self.files.items():
            for each in uuids_in(path.split("/")[0], content):
                if each.kind and each.uuid not in uuids[each.kind]:
                    raise AssetsError(f"{path}: {each.field}: there is none of the {each.kind} with uuid {each.uuid}")


def from_export(archives: bytes | Iterable[bytes], code: Assets) -> Files:
    """What Superset exported, in the form of our files and under their paths.

    Args:
        archives: the ZIP files of ``/api/v1/dashboard/export/`` and of the other kinds.
        code: whose paths are used; something new gets a path of its own, from its name.

    Raises:
        AssetsError: what Superset exported is none of its things; the message names the file in the archive.
    """
    found = {
        (kind, content["uuid"]): content
        for archive in ([archives] if isinstance(archives, bytes) else archives)
        for kind, content in _opened(archive)
    }
    _drop_schemas([content for (kind, _), content in found.items() if kind == "datasets"], code)
    known = {(path.split("/")[0], content["uuid"]): path for path, content in code.files.items()}
    taken, files = {path.casefold() for path in code.files}, {}
    for (kind, uuid), content in sorted(found.items(), key=lambda each: each[0]):
        path = known.get((kind, uuid)) or _new_path(kind, content, taken)
        taken.add(path.casefold())
        files[path] = content
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
    """A file's content without empty fields, defaults, and what Superset derives."""
    content = _plain(content)
    for field, derived in _DERIVED.get(kind, {}).items():
        content[field] = {key: value for key, value in (content.get(field) or {}).items() if key not in derived}
    if kind == "dashboards" and content["metadata"].get("refresh_frequency") == 0:
        del content["metadata"]["refresh_frequency"]
    if kind == "datasets":
        # It keeps no order of columns and metrics.
        for part, name in (("columns", "column_name"), ("metrics", "metric_name")):
            content[part] = {each[name]: _said(part, each) for each in content.get(part) or []}
        # Superset takes the descriptions of a table's columns from the warehouse, where dbt writes them.
        for column in content["columns"].values():
            if not column.get("expression"):
                column.pop("description", None)
    return _without_nothing(_said(kind, content))


def write(folder: Path, files: Files) -> list[str]:
    """Write exported files over the folder's own where they differ, all of them or none.

    Args:
        folder: of the dashboards.
        files: what ``from_export`` gave.

    Returns:
        The paths that were written.

    Raises:
        AssetsError: the folder would not load with them, or not with all that they hold; nothing was changed.
    """
    texts = {}
    for path, content in files.items():
        file, kind = folder / path, path.split("/")[0]
        before = parsed(path, file.read_bytes()) if file.exists() else None
        if before is None or canonical(kind, before) != canonical(kind, content):
            texts[path] = _dumped(_as_file(kind, content, before or {}))
    if not texts:
        return []
    # Within the folder: only a file of the same disk takes another's place in one step.
    with tempfile.TemporaryDirectory(prefix=".export-", dir=folder) as trial:
        _try(Path(trial), folder, files, texts)
        # Referenced files first, so that the folder also loads if this is interrupted.
        for path in sorted(texts, key=lambda each: KINDS.index(each.split("/")[0])):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            os.replace(Path(trial) / path, folder / path)
    return sorted(texts)


def _try(trial: Path, folder: Path, files: Files, texts: Mapping[str, str]) -> None:
    """Write the whole new folder beside this one, and load it."""
    for kind in KINDS:
        (trial / kind).mkdir()
        if (folder / kind).is_dir():
            shutil.copytree(folder / kind, trial / kind, dirs_exist_ok=True)
    for path, text in texts.items():
        (trial / path).parent.mkdir(parents=True, exist_ok=True)
        (trial / path).write_text(text, encoding="utf-8")
    try:
        written = {path: content for path, content in Assets.load(trial).files.items() if path in files}
    except AssetsError as error:
        raise AssetsError(f"what Superset exported cannot be kept as code, so no file was changed: {error}") from None
    if lost := differences(files, written):
        raise AssetsError(f"what Superset exported would not be kept whole, so no file was changed: {'; '.join(lost)}")


def _as_file(kind: str, content: Content, before: Content) -> Content:
    """What is written of an exported thing: all but defaults, and what the file has already."""
    content = _plain(content)
    for field, derived in _DERIVED.get(kind, {}).items():
        content[field] = {key: value for key, value in (content.get(field) or {}).items() if key not in derived}
    for part, name in (("columns", "column_name"), ("metrics", "metric_name")):
        if kind == "datasets":
            content[part] = _parts_as_file(part, name, content.get(part) or [], before.get(part) or [])
    return _in_order_of(_said(kind, content, before), before)


def _parts_as_file(part: str, name: str, parts: list[Content], before: list[Content]) -> list[Content]:
    known = {each[name]: each for each in before}
    places = {each: place for place, each in enumerate(known)}
    ordered = sorted(parts, key=lambda each: places.get(each[name], len(places)))
    return [_as_part(part, each, known.get(each[name], {})) for each in ordered]


def _as_part(part: str, content: Content, before: Content) -> Content:
    if part == "columns" and not content.get("expression"):
        content = {key: value for key, value in content.items() if key != "description" or key in before}
    return _in_order_of(_said(part, content, before), before)


def _opened(archive: bytes) -> Iterator[tuple[str, Content]]:
    try:
        opened = zipfile.ZipFile(io.BytesIO(archive))
    except zipfile.BadZipFile:
        raise AssetsError(f"what Superset exported is no ZIP file: {archive[:100]!r}") from None
    with opened:
        for name in opened.namelist():
            _, _, path = name.partition("/")
            kind = path.split("/")[0]
            if kind in KINDS and path != kind:
                content = from_superset(kind, name, loaded(name, opened.read(name)))
                yield kind, content


def _drop_schemas(exported: Sequence[Content], code: Assets) -> None:
    """The schema differs between stacks: it is kept only if the code has it, or if two datasets have one name."""
    known = {content["uuid"]: content for content in code.of_kind("datasets").values()}
    everything = {**known, **{content["uuid"]: content for content in exported}}
    names = Counter(content["table_name"] for content in everything.values())
    for content in exported:
        if names[content["table_name"]] == 1 and not known.get(content["uuid"], {}).get("schema"):
            content.pop("schema", None)


def _new_path(kind: str, content: Content, taken: set[str]) -> str:
    """A path that no other file has, from the name in whatever script it is written."""
    words = re.sub(r"[\W_]+", "_", str(content.get(_NAMES[kind]) or "").casefold()).strip("_")
    name = words.encode()[:_NAME_BYTES].decode(errors="ignore").strip("_")
    uuid = content["uuid"]
    names = [name, f"{name}_{uuid[:8]}".strip("_"), f"{name}_{uuid}".strip("_")]
    return next(path for each in names if each and (path := f"{kind}/{each}.yaml").casefold() not in taken)


def _plain(content: Content) -> Content:
    """As JSON has it: no anchors, each part once."""
    return json.loads(json.dumps(content, default=str))


def _said(level: str, content: Content, before: Content | None = None) -> Content:
    """Without empty fields and defaults, unless the file has them."""
    kept, defaults = {*required(level), *(before or {})}, _DEFAULTS.get(level, {})
    return {
        key: value
        for key, value in content.items()
        # True is 1 in Python, and means something else.
        if key in kept or not (_is_nothing(value) or (key in defaults and repr(value) == repr(defaults[key])))
    }


def _is_nothing(value: Any) -> bool:
    # Neither 0 nor False: a setting of a chart that is off is not one that was never set.
    return value is None or (isinstance(value, str | list | dict) and not value)


def _without_nothing(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {key: _without_nothing(each) for key, each in value.items()}
        return {key: each for key, each in kept.items() if not _is_nothing(each)}
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

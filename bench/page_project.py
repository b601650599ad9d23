"""A made-up project for the lineage page, of any size: manifest and newest events, without dbt, warehouse or ledger."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from dbt_lineage.core import settings
from dbt_lineage.core.projects import Project
from dbt_lineage.ledger.job_lineage import JobLineage, Said

NAME = "generated"
DATABASE, SCHEMA, SERVICE = "warehouse", "generated", "generated_postgres"
STARTED = datetime(2026, 11, 29, 5, tzinfo=UTC)
_FOLDERS = ("staging", "intermediate", "marts/core", "marts/finance", "reports")
_OWNERS = ("analytics", "finance", "growth")
_SOURCES_PER_MODEL = 0.1
_MODELS_PER_EXPOSURE = 50


class Made:
    """The project.

    Args:
        folder: where its manifest is written.
        models: how many models.
        columns: how many columns each has.
    """

    def __init__(self, folder: Path, models: int, columns: int = 20) -> None:
        self.models = models
        self.columns = columns
        self.sources = max(3, int(models * _SOURCES_PER_MODEL))
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "manifest.json").write_text(json.dumps(self._manifest()), encoding="utf-8")
        openmetadata = settings.OpenMetadataSettings(database_service=SERVICE, token="none")  # noqa: S106 - not used
        self.project = Project.of(
            NAME,
            dbt=settings.dbt().model_copy(update={"dag_id": NAME, "artifacts_dir": folder}),
            openmetadata_without_token=openmetadata,
            is_only=False,
        )

    def version(self) -> str:
        """It never changes."""
        return f"{self.models}x{self.columns}"

    def all(self) -> list[JobLineage]:
        """What the newest event of each model says."""
        return [self._lineage(number) for number in range(self.models)]

    def proved(self) -> list[str]:
        """Half of the edges of columns, as ``make prove`` writes those that it saw."""
        return [
            f"{one.said.inputs[place][1]}.{source} -> {one.output}.{target}"
            for one in self.all()[::2]
            for place, source, target, _ in one.said.links
        ]

    def _lineage(self, number: int) -> JobLineage:
        inputs = list(self._inputs(number))
        links = [
            (place, _column(at), _column(at), _ways(at))
            for at in range(self.columns)
            for place in range(len(inputs))
            if place == 0 or at % 4 == 0
        ]
        deciding = [(place, "JOIN", [_column(0)]) for place in range(1, len(inputs))]
        if number % 3 == 0:
            deciding.append((0, "FILTER", [_column(1)]))
        unresolved = (
            [(_column(self.columns - 1), "the SQL calls a function that is not known")] if number % 25 == 7 else []
        )
        said = Said(
            inputs=[(SERVICE, each) for each in inputs],
            columns=[(_column(at), "integer" if at % 2 else "text", f"Column {at}.") for at in range(self.columns)],
            links=[link for link in links if not unresolved or link[2] != _column(self.columns - 1)],
            deciding=deciding,
            expressions={_column(2): f"sum({_column(2)})"},
            unresolved=unresolved,
        )
        at = STARTED + timedelta(seconds=number)
        return JobLineage(
            settings.openlineage().namespace,
            f"model.{NAME}.{_name(number)}",
            f"{DATABASE}.{SCHEMA}.{_name(number)}",
            SERVICE,
            f"event-{number}",
            f"run-{number}",
            at,
            said,
            verified_at=at + timedelta(seconds=3),
        )

    def _inputs(self, number: int) -> Iterator[str]:
        for parent in self._parents(number):
            yield f"{DATABASE}.{SCHEMA if parent.startswith('model.') else 'raw'}.{parent.rpartition('.')[2]}"

    def _parents(self, number: int) -> list[str]:
        if number < self.sources:
            return [f"source.{NAME}.raw.raw_{number:04d}"]
        parents = {(number - 1) // 2, (number - 1) // 3, number - self.sources}
        return [f"model.{NAME}.{_name(each)}" for each in sorted(parents)]

    def _manifest(self) -> dict[str, Any]:
        models = {f"model.{NAME}.{_name(number)}": self._node(number) for number in range(self.models)}
        sources = {f"source.{NAME}.raw.raw_{number:04d}": self._source(number) for number in range(self.sources)}
        last = [*models][self.models // 2 :: _MODELS_PER_EXPOSURE]
        exposures = {f"exposure.{NAME}.board_{at}": self._exposure(at, model) for at, model in enumerate(last)}
        return {
            "metadata": {"project_name": NAME, "generated_at": STARTED.isoformat(), "adapter_type": "postgres"},
            "nodes": models,
            "sources": sources,
            "exposures": exposures,
            "groups": {},
            "parent_map": {
                **{f"model.{NAME}.{_name(number)}": self._parents(number) for number in range(self.models)},
                **{source: [] for source in sources},
            },
        }

    def _node(self, number: int) -> dict[str, Any]:
        name, folder = _name(number), _FOLDERS[number * len(_FOLDERS) // self.models]
        return {
            "unique_id": f"model.{NAME}.{name}",
            "resource_type": "model",
            **{"name": name, "alias": name, "database": DATABASE, "schema": SCHEMA, "package_name": NAME},
            **{"path": f"{folder}/{name}.sql", "original_file_path": f"models/{folder}/{name}.sql"},
            "relation_name": f'"{DATABASE}"."{SCHEMA}"."{name}"',
            "config": {"materialized": "view" if number % 4 else "table", "meta": {"owner": _OWNERS[number % 3]}},
            "tags": ["daily"] if number % 2 else ["daily", "finance"],
            "description": f"Made-up model {number}.",
            "columns": {},
            "raw_code": "select 1",
            "compiled_code": "select 1",
        }

    def _source(self, number: int) -> dict[str, Any]:
        name = f"raw_{number:04d}"
        return {
            **{"unique_id": f"source.{NAME}.raw.{name}", "resource_type": "source", "source_name": "raw"},
            **{"name": name, "identifier": name, "database": DATABASE, "schema": "raw", "package_name": NAME},
            **{"path": "models/staging/sources.yml", "original_file_path": "models/staging/sources.yml"},
            "relation_name": f'"{DATABASE}"."raw"."{name}"',
            **{"config": {"enabled": True}, "tags": [], "description": f"Made-up source {number}."},
            "columns": {_column(at): {"name": _column(at), "description": ""} for at in range(self.columns)},
        }

    def _exposure(self, at: int, model: str) -> dict[str, Any]:
        return {
            **{"unique_id": f"exposure.{NAME}.board_{at}", "resource_type": "exposure", "type": "dashboard"},
            **{"name": f"board_{at}", "label": f"Board {at}", "package_name": NAME, "tags": []},
            "url": f"http://127.0.0.1:8088/superset/dashboard/board-{at}/",
            "description": f"Made-up dashboard {at}.",
            "owner": {"name": _OWNERS[at % 3], "email": f"{_OWNERS[at % 3]}@example.com"},
            "depends_on": {"nodes": [model]},
        }


def _name(number: int) -> str:
    return f"model_{number:04d}"


def _column(at: int) -> str:
    return f"c{at:02d}"


def _ways(at: int) -> list[str]:
    return ["AGGREGATION"] if at == 2 else ["TRANSFORMATION"] if at % 5 == 3 else ["IDENTITY"]

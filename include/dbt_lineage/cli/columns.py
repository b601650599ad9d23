"""Print the column lineage of a dbt project as tables or JSON."""

import json
from collections.abc import Iterable
from typing import Any

from rich.table import Table

from dbt_lineage.columns.compiled import CompiledModel, Project, compiled
from dbt_lineage.columns.lineage import column_lineage
from dbt_lineage.columns.model import DIRECT, INDIRECT, ColumnLineage
from dbt_lineage.core import projects
from dbt_lineage.core.errors import ExpectedError
from dbt_lineage.core.shown import console
from dbt_lineage.warehouse.of_project import warehouse_of


class UnknownModel(ExpectedError):
    """The project has no such model. The message lists its models."""


def show(model: str | None, of_project: str | None, as_json: bool) -> None:
    """Print the column lineage.

    Args:
        model: name or unique id of one model; all models when None.
        of_project: name of the dbt project; None for the only one.
        as_json: one JSON document instead of a table for each model.

    Raises:
        UnknownModel: the project has no such model.
        UnknownProject: there is no such project, or there are several and none was named.
        CompileError: dbt could not compile the project.
        WarehouseError: the columns could not be read.
        SettingsError: a setting is missing or wrong.
    """
    one = projects.chosen(of_project)
    project = compiled(one.dbt, warehouse_of(one).columns)
    lineages = {each.relation: lineage_of(each, project) for each in chosen(project, model)}
    if as_json:
        print(json.dumps({relation: as_plain(lineage) for relation, lineage in lineages.items()}, indent=2))
        return
    for lineage in lineages.values():
        console().print(table(lineage))


def chosen(project: Project, model: str | None) -> list[CompiledModel]:
    """One SQL model, or all of them, in the order of their relations. Raises UnknownModel."""
    models = [each for _, each in sorted(project.models.items()) if each.language == "sql"]
    found = [each for each in models if model in (None, each.unique_id, each.unique_id.split(".", 2)[-1])]
    if not found:
        names = ", ".join(each.unique_id.split(".", 2)[-1] for each in models)
        raise UnknownModel(f"no SQL model {model!r} in the project; there are: {names}")
    return found


def lineage_of(model: CompiledModel, project: Project) -> ColumnLineage:
    """The column lineage of a model."""
    schema = {relation: project.columns.get(relation, {}) for relation in model.inputs}
    return column_lineage(model.code, model.relation, schema, project.dialect)


def as_plain(lineage: ColumnLineage) -> dict[str, Any]:
    """A model's column lineage as plain data."""
    return {
        "columns": {
            name: {kind.lower(): _sources(lineage, name, kind) for kind in (DIRECT, INDIRECT)}
            for name in lineage.columns
        },
        "rows": sorted(f"{source} ({subtype})" for source, subtype in lineage.dataset_edges),
        "unresolved": {problem.column: problem.reason for problem in lineage.unresolved},
    }


def table(lineage: ColumnLineage) -> Table:
    """A model's column lineage as a table: a row for each column, and one for columns that decide on all rows."""
    shown = Table("column", "made from", "influenced by", title=lineage.relation, title_justify="left")
    for name in lineage.columns:
        shown.add_row(name, *(_lines(_sources(lineage, name, kind)) for kind in (DIRECT, INDIRECT)))
    if lineage.dataset_edges:
        shown.add_row(
            "all rows", "", _lines(sorted(f"{source} ({subtype})" for source, subtype in lineage.dataset_edges))
        )
    for problem in lineage.unresolved:
        shown.add_row(problem.column, f"not known: {problem.reason}", "")
    return shown


def _sources(lineage: ColumnLineage, name: str, kind: str) -> list[str]:
    edges = (edge for edge in lineage.edges if edge.target.name == name and edge.kind == kind)
    return sorted(f"{edge.source} ({edge.subtype})" for edge in edges)


def _lines(sources: Iterable[str]) -> str:
    return "\n".join(sources)

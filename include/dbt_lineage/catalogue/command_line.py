"""Reap and export the catalogue's lineage without Airflow: ``dbt-lineage catalogue reap``."""

from pathlib import Path
from typing import Annotated

import typer

from dbt_lineage.catalogue.export import export as exported
from dbt_lineage.catalogue.reaper import Reaper
from dbt_lineage.core.projects import Project, projects
from dbt_lineage.core.projects import project as named
from dbt_lineage.warehouse.of_project import warehouse_of

app = typer.Typer(help=__doc__, no_args_is_help=True, pretty_exceptions_enable=False)


OfProject = Annotated[str | None, typer.Option("--project", help="only this project; all projects by default")]


def _chosen(project: str | None) -> tuple[Project, ...]:
    return projects() if project is None else (named(project),)


@app.callback()
def main() -> None:
    """Reap and export the catalogue's lineage without Airflow."""


@app.command()
def reap(
    for_real: Annotated[bool, typer.Option(help="delete, instead of only listing what would be deleted")] = False,
    prune_pipelines: Annotated[
        bool, typer.Option(help="also hide the pipelines of nodes that no longer exist")
    ] = False,
    project: OfProject = None,
) -> None:
    """Delete from the catalogue the lineage of a project that its manifest no longer has."""
    for each in _chosen(project):
        reaper = Reaper(each.dbt, warehouse_of(each), each.openlineage, each.openmetadata)
        if len(projects()) > 1:
            typer.echo(f"project {each.name}:")
        typer.echo(reaper.run(dry_run=not for_real, prune_pipelines=prune_pipelines).table())


@app.command()
def export(
    folder: Annotated[
        Path | None,
        typer.Argument(
            help="where to write; with several projects, to one folder each in it; by default lineage in each project's folder"
        ),
    ] = None,
    project: OfProject = None,
) -> None:
    """Write the catalogue's lineage of a project to a file, to read and to compare."""
    chosen = _chosen(project)
    for each in chosen:
        own = folder / each.name if folder is not None and len(chosen) > 1 else folder
        file, edges = exported(each.dbt, each.openmetadata, warehouse_of(each).database, own)
        typer.echo(f"{edges} edges in {file}")

"""The catalogue without Airflow: ``dbt-lineage catalogue reap``."""

from pathlib import Path
from typing import Annotated

import typer

from dbt_lineage.catalogue.export import export as exported
from dbt_lineage.catalogue.reaper import Reaper
from dbt_lineage.core.projects import Project, projects
from dbt_lineage.core.projects import project as named
from dbt_lineage.warehouse.of_project import warehouse_of

app = typer.Typer(help=__doc__, no_args_is_help=True, pretty_exceptions_enable=False)


OfProject = Annotated[str | None, typer.Option("--project", help="only of this project; of all by default")]


def _chosen(project: str | None) -> tuple[Project, ...]:
    return projects() if project is None else (named(project),)


@app.callback()
def main() -> None:
    """The catalogue without Airflow."""


@app.command()
def reap(
    for_real: Annotated[bool, typer.Option(help="delete it, instead of only saying what would be deleted")] = False,
    prune_pipelines: Annotated[bool, typer.Option(help="hide the pipelines of nodes that are no more, too")] = False,
    project: OfProject = None,
) -> None:
    """Take out of the catalogue what a project made and its manifest no longer has."""
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
            help="where to; of several projects into a folder each; by default lineage in a project's folder"
        ),
    ] = None,
    project: OfProject = None,
) -> None:
    """Write the lineage that the catalogue has of a project into a file, to read and to compare."""
    chosen = _chosen(project)
    for each in chosen:
        own = folder / each.name if folder is not None and len(chosen) > 1 else folder
        file, edges = exported(each.dbt, each.openmetadata, warehouse_of(each).database, own)
        typer.echo(f"{edges} edges in {file}")

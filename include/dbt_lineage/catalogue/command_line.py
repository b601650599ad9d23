"""The catalogue without Airflow: ``dbt-lineage catalogue reap``."""

from pathlib import Path
from typing import Annotated

import typer

from dbt_lineage.catalogue.export import export as exported
from dbt_lineage.catalogue.reaper import Reaper
from dbt_lineage.core import settings

app = typer.Typer(help=__doc__, no_args_is_help=True, pretty_exceptions_enable=False)


@app.callback()
def main() -> None:
    """The catalogue without Airflow."""


@app.command()
def reap(
    for_real: Annotated[bool, typer.Option(help="delete it, instead of only saying what would be deleted")] = False,
    prune_pipelines: Annotated[bool, typer.Option(help="hide the pipelines of nodes that are no more, too")] = False,
) -> None:
    """Take out of the catalogue what this project made and its manifest no longer has."""
    reaper = Reaper(settings.dbt(), settings.warehouse(), settings.openlineage(), settings.openmetadata())
    typer.echo(reaper.run(dry_run=not for_real, prune_pipelines=prune_pipelines).table())


@app.command()
def export(
    folder: Annotated[Path | None, typer.Argument(help="where to; by default lineage in the project's folder")] = None,
) -> None:
    """Write the lineage that the catalogue has of this project into a file, to read and to compare."""
    file, edges = exported(settings.dbt(), settings.openmetadata(), settings.warehouse().database, folder)
    typer.echo(f"{edges} edges in {file}")

"""The catalogue without Airflow: ``python -m include.openmetadata reap``."""

import logging
from typing import Annotated

import typer

from include import commands, settings
from include.openmetadata.reaper import Reaper

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


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    commands.run("openmetadata", app)

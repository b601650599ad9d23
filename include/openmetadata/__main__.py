"""The catalogue without Airflow: ``python -m include.openmetadata ingest``, ``replay`` and ``reap``."""

import logging
from datetime import datetime
from typing import Annotated

import typer

from include import commands, settings
from include.lineage.replay import Selection, replay
from include.openmetadata.project import project_ingestion
from include.openmetadata.reaper import Reaper
from include.openmetadata.runs import DEADLINE_SECONDS

app = typer.Typer(help=__doc__, no_args_is_help=True, pretty_exceptions_enable=False)


@app.command()
def ingest(
    from_start: Annotated[bool, typer.Option(help="take all of the curated topic as not verified")] = False,
    deadline: Annotated[float, typer.Option(help="when the connector is killed, seconds")] = DEADLINE_SECONDS,
) -> None:
    """One pass: what is new in the events topic goes into the catalogue and is read back."""
    typer.echo(project_ingestion(deadline).run(from_start))


@app.command(name="replay")
def replay_events(
    since: Annotated[datetime | None, typer.Option("--from", help="from when on; the beginning when not given")] = None,
    until: Annotated[datetime | None, typer.Option("--to", help="before when; the end when not given")] = None,
    job: Annotated[str, typer.Option(help="glob on the name of the job")] = "*",
    rebuild: Annotated[bool, typer.Option(help="everything in the topic")] = False,
    send: Annotated[bool, typer.Option(help="send it, instead of only saying what would be sent")] = False,
) -> None:
    """Send events of the events topic to the catalogue once more; the next ``ingest`` reads them."""
    selection = Selection.everything() if rebuild else Selection.of(since, until, job)
    typer.echo(replay(settings.kafka(), selection, dry_run=not send).table())


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

"""Run the ingestion without Airflow: ``dbt-lineage ingest run``, with ``--follow`` as a service, and ``replay``."""

import signal
import threading
from datetime import datetime
from typing import Annotated

import typer

from dbt_lineage.core import settings
from dbt_lineage.core.projects import project as named
from dbt_lineage.ingest.from_settings import mend, project_ingestion
from dbt_lineage.ingest.replay import Selection, replayed

app = typer.Typer(help=__doc__, no_args_is_help=True, pretty_exceptions_enable=False)


@app.command()
def run(
    from_start: Annotated[
        bool, typer.Option(help="start at the beginning of the events topic, whatever was verified before")
    ] = False,
    follow: Annotated[bool, typer.Option(help="run as a service: one pass for each burst of lineage")] = False,
) -> None:
    """Run one pass: write the topic's new lineage to the catalogue and read it back."""
    if not follow:
        typer.echo(project_ingestion().run(from_start))
        return
    from dbt_lineage.ingest.follow import follow as serve

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    serve(project_ingestion(), settings.ingestion(), settings.spool().dir, stop)


@app.command()
def replay(
    since: Annotated[
        datetime | None, typer.Option("--from", help="replay events from this time on; by default from the beginning")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option("--to", help="replay events before this time; by default to the end")
    ] = None,
    job: Annotated[str, typer.Option(help="glob on the job's name")] = "*",
    rebuild: Annotated[bool, typer.Option(help="replay the whole topic")] = False,
    send: Annotated[bool, typer.Option(help="write, instead of only listing what would be written")] = False,
) -> None:
    """Write events of the topic to the catalogue again, whatever was verified before."""
    selection = Selection.everything() if rebuild else Selection.of(since, until, job)
    ingestion = project_ingestion()
    found = replayed(ingestion.kafka, ingestion.warehouses, selection)
    typer.echo(found.table())
    if send:
        typer.echo(ingestion.replay(found.events.values()))


@app.command(name="mend")
def mend_edges(
    project: Annotated[str | None, typer.Option(help="only this project's jobs; all jobs by default")] = None,
) -> None:
    """Repair edges that others have changed in the catalogue since they were verified."""
    typer.echo(mend(None if project is None else named(project)))

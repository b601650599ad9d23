"""The ingestion without Airflow: ``dbt-lineage ingest run``, with ``--follow`` as a service, and ``replay``."""

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
    from_start: Annotated[bool, typer.Option(help="take all of the events topic as not verified")] = False,
    follow: Annotated[bool, typer.Option(help="go on: a pass for each burst of lineage that arrives")] = False,
) -> None:
    """One pass: what is new in the events topic goes into the catalogue and is read back."""
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
    since: Annotated[datetime | None, typer.Option("--from", help="from when on; the beginning when not given")] = None,
    until: Annotated[datetime | None, typer.Option("--to", help="before when; the end when not given")] = None,
    job: Annotated[str, typer.Option(help="glob on the name of the job")] = "*",
    rebuild: Annotated[bool, typer.Option(help="everything in the topic")] = False,
    send: Annotated[bool, typer.Option(help="write it, instead of only saying what would be written")] = False,
) -> None:
    """Bring the catalogue to what events of the events topic say, whatever was verified before."""
    selection = Selection.everything() if rebuild else Selection.of(since, until, job)
    ingestion = project_ingestion()
    found = replayed(ingestion.kafka, ingestion.warehouses, selection)
    typer.echo(found.table())
    if send:
        typer.echo(ingestion.replay(found.events.values()))


@app.command(name="mend")
def mend_edges(
    project: Annotated[str | None, typer.Option(help="only of this project's jobs; of all by default")] = None,
) -> None:
    """Write again what others have changed in the catalogue since it was verified."""
    typer.echo(mend(None if project is None else named(project)))

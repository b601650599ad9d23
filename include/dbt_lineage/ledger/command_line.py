"""Command line of the ledger: ``dbt-lineage ledger totals``."""

import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.table import Table

from dbt_lineage.core import settings
from dbt_lineage.core.shown import console
from dbt_lineage.ledger.ledger import Ledger, Pending

app = typer.Typer(help=__doc__, no_args_is_help=True, pretty_exceptions_enable=False)
# Names of jobs are shown as they are, brackets included.


@app.command()
def migrate() -> None:
    """Create the ledger's table, or bring it to its present form."""
    from dbt_lineage.ledger.migrations import migrate as bring_up_to_date

    bring_up_to_date(settings.ledger())
    console().print("the ledger's schema is up to date")


@app.command()
def totals(
    root_run_id: Annotated[
        str | None, typer.Option(help="only the events of this root run, in Airflow a DAG run")
    ] = None,
    days: Annotated[
        float | None, typer.Option(min=0.01, help="only the events of so many days; all by default")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="as JSON")] = False,
) -> None:
    """How many events were emitted, and how many of them have come how far."""
    since = None if days is None else datetime.now(UTC) - timedelta(days=days)
    with Ledger(settings.ledger()) as ledger:
        counted = asdict(ledger.totals(root_run_id, since))
    if as_json:
        print(json.dumps(counted))
        return
    table = Table("station", "events")
    for station, count in counted.items():
        table.add_row(station, str(count))
    console().print(table)


@app.command()
def pending(limit: Annotated[int, typer.Option(min=1, help="how many at most")] = 50) -> None:
    """The oldest events that are neither verified nor in the dead letters."""
    with Ledger(settings.ledger()) as ledger:
        events = ledger.pending(limit)
    table = Table("emitted", "type", "job", "run", "root run", "has come to", "event id")
    for event in events:
        facts = event.facts
        table.add_row(
            _shown(facts.emitted_at),
            facts.event_type,
            f"{facts.job_namespace}/{facts.job_name}",
            facts.run_id,
            facts.root_run_id,
            _station(event),
            facts.event_id,
        )
    console().print(table)


def _station(event: Pending) -> str:
    if event.ingested_at:
        return f"ingested {_shown(event.ingested_at)}"
    return f"acknowledged {_shown(event.acknowledged_at)}" if event.acknowledged_at else "spool"


def _shown(time: datetime) -> str:
    return time.isoformat(timespec="seconds")

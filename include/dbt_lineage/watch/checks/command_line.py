"""Command line of the checks: ``dbt-lineage checks``; exit code 1 when a promise is broken."""

import json
from typing import Annotated

import typer

from dbt_lineage.core.levels import Level
from dbt_lineage.core.shown import console
from dbt_lineage.watch.checks import CHECKS
from dbt_lineage.watch.checks.report import table
from dbt_lineage.watch.checks.runner import made
from dbt_lineage.watch.checks.sources import Sources

app = typer.Typer(help=__doc__, pretty_exceptions_enable=False)


@app.command()
def show(
    names: Annotated[
        list[str] | None, typer.Argument(help=f"which checks: {', '.join(CHECKS)}; all by default")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="as JSON")] = False,
    period_hours: Annotated[float | None, typer.Option(min=0.01, help="how far back is looked, hours")] = None,
) -> None:
    """Make checks and show what they found; nothing is stored and nobody is told."""
    sources = Sources.from_environment(period_hours)
    results = [result for name in names or CHECKS for result in made(name, sources)]
    if as_json:
        print(json.dumps([result.as_json() for result in results], indent=2))
    else:
        console().print(table(results))
    raise typer.Exit(1 if any(result.level is Level.FAIL for result in results) else 0)

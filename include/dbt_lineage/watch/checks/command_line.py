"""Command line of the checks: ``dbt-lineage checks``; exit code 1 when a check fails."""

import json
from typing import Annotated

import typer

from dbt_lineage.core.levels import Level
from dbt_lineage.core.projects import project as named
from dbt_lineage.core.projects import projects
from dbt_lineage.core.shown import console
from dbt_lineage.watch.checks import CHECKS
from dbt_lineage.watch.checks.report import table
from dbt_lineage.watch.checks.runner import all_made

app = typer.Typer(help=__doc__, pretty_exceptions_enable=False)


@app.command()
def show(
    names: Annotated[
        list[str] | None, typer.Argument(help=f"which checks: {', '.join(CHECKS)}; all by default")
    ] = None,
    project: Annotated[
        str | None, typer.Option(help="only this project, and what all projects share; all projects by default")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="as JSON")] = False,
    period_hours: Annotated[
        float | None, typer.Option(min=0.01, help="how far back events and runs are checked, hours")
    ] = None,
) -> None:
    """Make checks and show their results; nothing is stored and no alert is sent."""
    among = projects()
    several = len(among) > 1
    results = all_made(names or CHECKS, [named(project)] if project else among, among, period_hours)
    if as_json:
        print(json.dumps([result.as_json(several) for result in results], indent=2))
    else:
        console().print(table(results, by_project=several))
    raise typer.Exit(1 if any(result.level is Level.FAIL for result in results) else 0)

"""Command line of the health: ``dbt-lineage health``; exit code 1 when a line fails."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from dbt_lineage.core import settings
from dbt_lineage.core.levels import Level
from dbt_lineage.core.projects import projects
from dbt_lineage.core.shown import console
from dbt_lineage.watch.health.lines import Line, examine
from dbt_lineage.watch.health.parts import Parts

# Calls time out a little before the probes do, so that the line of an unreachable part has the call's own error.
_CALL_SHARE = 0.7

app = typer.Typer(help=__doc__, pretty_exceptions_enable=False)


@app.command()
def show(as_json: Annotated[bool, typer.Option("--json", help="as JSON")] = False) -> None:
    """Probe all parts at once, and show the health of each."""
    seconds = settings.health().timeout_seconds
    lines = examine(Parts.of(projects(), seconds * _CALL_SHARE).probes(), seconds)
    if as_json:
        print(json.dumps([asdict(line) for line in lines], indent=2))
    else:
        console().print(_table(lines))
    raise typer.Exit(1 if any(line.level is Level.FAIL for line in lines) else 0)


def _table(lines: Sequence[Line]) -> Table:
    table = Table("part", "state", "what was seen")
    for line in lines:
        table.add_row(line.name, Text(line.level, style=line.level.colour), Text(line.reason))
    return table

"""Results as tables."""

from collections.abc import Iterable
from itertools import groupby

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from include.checks.results import ITSELF, Result
from include.levels import Level

# So many results of a check that are well are shown each by itself, as many as accuracy has; more are one line.
_SHOWN = 6
HEADINGS = ("check", "subject", "level", "seen", "allowed", "since")


def table(results: Iterable[Result]) -> Table:
    """Results as a table of rich, those of a check together."""
    # Folded, not cut: names that differ at their end are told apart on a narrow screen too.
    shown = Table(*(Column(name, overflow="fold") for name in HEADINGS))
    for check, found in groupby(results, key=lambda result: result.check):
        of_check = list(found)
        well = [result for result in of_check if result.level is Level.OK]
        hidden = well if len(well) > _SHOWN else []
        for result in of_check:
            if result not in hidden:
                _add(shown, result)
        if hidden:
            _add(shown, Result(check, f"{len(hidden)} others", Level.OK, hidden[0].seen + " …", hidden[0].allowed))
    return shown


def _add(shown: Table, result: Result) -> None:
    shown.add_row(
        result.check,
        Text("all" if result.subject == ITSELF else result.subject),
        Text(result.level, style=result.level.colour),
        Text(result.seen),
        Text(result.allowed),
        result.since.isoformat(timespec="seconds") if result.since else "",
    )


def as_text(results: Iterable[Result], width: int = 200) -> str:
    """Results as plain text for a log.

    Args:
        results: what to show.
        width: of the table, characters.
    """
    console = Console(width=width, no_color=True, force_terminal=False)
    with console.capture() as captured:
        console.print(table(results))
    return captured.get()

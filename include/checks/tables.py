"""Results as tables."""

from collections.abc import Iterable

from rich.console import Console
from rich.table import Table
from rich.text import Text

from include.checks.results import ITSELF, Result


def table(results: Iterable[Result]) -> Table:
    """Results as a table of rich."""
    shown = Table("check", "subject", "level", "seen", "allowed", "since")
    for result in results:
        shown.add_row(
            result.check,
            Text("all" if result.subject == ITSELF else result.subject),
            Text(result.level, style=result.level.colour),
            Text(result.seen),
            Text(result.allowed),
            result.since.isoformat(timespec="seconds") if result.since else "",
        )
    return shown


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

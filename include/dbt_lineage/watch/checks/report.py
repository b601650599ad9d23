"""Show results as tables."""

from collections.abc import Iterable
from itertools import groupby

from rich.table import Column, Table
from rich.text import Text

from dbt_lineage.core.levels import Level
from dbt_lineage.core.shown import printed
from dbt_lineage.watch.checks.alerts import SHARED_BY_ALL
from dbt_lineage.watch.checks.groups import grouped
from dbt_lineage.watch.checks.results import ITSELF, Result

# Up to this many good results of a check have a row each. More are one row. Accuracy has this many.
_SHOWN = 6
HEADINGS = ("check", "subject", "level", "seen", "allowed", "since")


def table(results: Iterable[Result], whole: bool = False, by_project: bool = False) -> Table:
    """Results as a table of rich, grouped by check and project.

    Args:
        results: the results.
        whole: show every bad result, not only the first few of each group with the same reason.
        by_project: whether to add a column with the project.
    """
    headings = ("project", *HEADINGS) if by_project else HEADINGS
    # Folded, not cut off, so that names that differ only at their end can be distinguished on a narrow screen.
    shown = Table(*(Column(name, overflow="fold") for name in headings))
    for (project, check), found in groupby(results, key=lambda result: (result.project, result.check)):
        _add_check(shown, check, list(found), whole, [project or SHARED_BY_ALL] if by_project else [])
    return shown


def _add_check(shown: Table, check: str, of_check: list[Result], whole: bool, before: list[str]) -> None:
    """Add the rows of one check of one project, each with the cells ``before`` in front."""
    well = [result for result in of_check if result.level is Level.OK]
    unwell = [result for result in of_check if result.level is not Level.OK]
    for result in well if len(well) <= _SHOWN else []:
        _add(shown, result, before)
    for level in dict.fromkeys(result.level for result in unwell):
        for group in grouped(result for result in unwell if result.level is level):
            for result in group.members if whole else group.first:
                _add(shown, result, before)
            if group.more and not whole:
                _add(shown, Result(check, group.more, level, group.reason, group.members[0].allowed), before)
    if len(well) > _SHOWN:
        seen, allowed = well[0].seen + " …", well[0].allowed
        _add(shown, Result(check, f"{len(well)} others", Level.OK, seen, allowed), before)


def _add(shown: Table, result: Result, before: list[str]) -> None:
    shown.add_row(
        *map(Text, before),
        result.check,
        Text("all" if result.subject == ITSELF else result.subject),
        Text(result.level, style=result.level.colour),
        Text(result.seen),
        Text(result.allowed),
        result.since.isoformat(timespec="seconds") if result.since else "",
    )


def as_text(results: Iterable[Result], width: int = 200) -> str:
    """All results as plain text for a log.

    Args:
        results: the results.
        width: width of the table, characters.
    """
    return printed(table(results, whole=True), width=width)

"""Make checks. A check that cannot be made is a broken promise too, with the reason."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace

from dbt_lineage.core.errors import ExpectedError
from dbt_lineage.core.levels import Level
from dbt_lineage.core.projects import Project
from dbt_lineage.spool.switch import Switch
from dbt_lineage.watch.checks import SHARED, accuracy, duplicates, latency, stale, switched_off, timeliness, validity
from dbt_lineage.watch.checks import dashboard_numbers as dashboards
from dbt_lineage.watch.checks import waiting as lag
from dbt_lineage.watch.checks.results import ITSELF, Result
from dbt_lineage.watch.checks.sources import Sources

_CHECKS: dict[str, Callable[[Sources], list[Result]]] = {
    "coverage": timeliness.coverage,
    "freshness": timeliness.freshness,
    "validity": validity.check,
    "lag": lag.check,
    "latency": latency.check,
    "accuracy": accuracy.check,
    "duplicates": duplicates.check,
    "dashboards": dashboards.check,
    "stale": stale.check,
}


class NoSuchCheck(ExpectedError, LookupError):
    """There is no check of that name. The message lists all checks."""


def made(name: str, sources: Sources) -> list[Result]:
    """Make one check. Its results name the project, unless they are about what all projects share.

    Args:
        name: its name, one of ``dbt_lineage.watch.checks.CHECKS``.
        sources: the data that it reads.

    Returns:
        Its results. There is a single one if a service that it needs is unreachable, or if the lineage is off.

    Raises:
        NoSuchCheck: there is no check of that name.
    """
    if name not in _CHECKS:
        raise NoSuchCheck(f"there is no check {name}; there are: {', '.join(_CHECKS)}")
    project = "" if name in SHARED else sources.project
    return [replace(result, project=project) for result in _made(name, sources)]


def all_made(
    names: Iterable[str], chosen: Sequence[Project], among: Sequence[Project], period_hours: float | None = None
) -> list[Result]:
    """Make checks for projects. Checks of what all share are made once. A project's errors affect only its own checks.

    Args:
        names: the checks' names.
        chosen: the projects, at least one.
        among: all projects.
        period_hours: how far back events and runs are checked, hours; each project's own setting by default.

    Returns:
        All results.

    Raises:
        NoSuchCheck: there is no check of one of these names.
        SettingsError: a setting of the only project is missing or wrong.
    """
    sources: dict[str, Sources | ExpectedError] = {}
    for project in chosen:
        others = [each for each in among if each.name != project.name]
        try:
            sources[project.name] = Sources.of(project, *others, period_hours=period_hours)
        except ExpectedError as error:
            if len(among) == 1:
                raise
            sources[project.name] = error
    found: list[Result] = []
    for name in names:
        of_check = {"": _first_well(sources.values())} if name in SHARED else sources
        for project_name, source in of_check.items():
            if isinstance(source, Sources):
                found += made(name, source)
            else:
                found.append(replace(_not_made(name, source), project=project_name))
    return found


def _first_well(found: Collection[Sources | ExpectedError]) -> Sources | ExpectedError:
    return next((each for each in found if isinstance(each, Sources)), next(iter(found)))


def _made(name: str, sources: Sources) -> list[Result]:
    suspended = switched_off.instead_of(name, Switch(sources.spool.dir).off())
    if suspended is not None:
        return suspended
    try:
        return _CHECKS[name](sources)
    except ExpectedError as error:
        return [_not_made(name, error)]


def _not_made(name: str, error: ExpectedError) -> Result:
    return Result(name, ITSELF, Level.FAIL, f"could not be made: {error}", made=False)

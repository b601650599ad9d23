"""Making checks. One that cannot be made is a broken promise too, and says why."""

from collections.abc import Callable

from include.checks import accuracy, dashboards, duplicates, lag, latency, stale, switched_off, timeliness, validity
from include.checks.results import ITSELF, Result
from include.checks.sources import Sources
from include.dbt.manifest import ManifestError
from include.errors import ExpectedError
from include.kafka.topics import BrokerError
from include.ledger.store import LedgerError
from include.levels import Level
from include.openmetadata.catalogue import CatalogueError
from include.spool.errors import SpoolError
from include.spool.switch import Switch
from include.superset.assets import AssetsError

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
    """There is no check of that name; the message says which ones there are."""


def made(name: str, sources: Sources) -> list[Result]:
    """Make one check.

    Args:
        name: which one, of ``include.checks.CHECKS``.
        sources: what it looks at.

    Returns:
        Its results; a single one, that it could not be made, when a service that it needs is away, or that nobody can
        keep what it asks for while the lineage is off.

    Raises:
        NoSuchCheck: there is none of that name.
    """
    if name not in _CHECKS:
        raise NoSuchCheck(f"there is no check {name}; there are: {', '.join(_CHECKS)}")
    suspended = switched_off.instead_of(name, Switch(sources.spool.dir).off())
    if suspended is not None:
        return suspended
    try:
        return _CHECKS[name](sources)
    except (AssetsError, BrokerError, CatalogueError, LedgerError, ManifestError, SpoolError) as error:
        return [Result(name, ITSELF, Level.FAIL, f"could not be made: {error}", made=False)]

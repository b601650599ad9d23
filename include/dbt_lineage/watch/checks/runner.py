"""Making checks. One that cannot be made is a broken promise too, and says why."""

from collections.abc import Callable

from dbt_lineage.catalogue.client import CatalogueError
from dbt_lineage.core.errors import ExpectedError
from dbt_lineage.core.levels import Level
from dbt_lineage.dashboards.folder import AssetsError
from dbt_lineage.kafka.topics import BrokerError
from dbt_lineage.ledger.ledger import LedgerError
from dbt_lineage.manifest.graph import ManifestError
from dbt_lineage.spool.errors import SpoolError
from dbt_lineage.spool.switch import Switch
from dbt_lineage.watch.checks import accuracy, duplicates, latency, stale, switched_off, timeliness, validity
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
    """There is no check of that name; the message says which ones there are."""


def made(name: str, sources: Sources) -> list[Result]:
    """Make one check.

    Args:
        name: which one, of ``dbt_lineage.watch.checks.CHECKS``.
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

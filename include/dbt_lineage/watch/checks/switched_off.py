"""What the checks say while the lineage is off: one warning, in place of a failure for each model and station."""

from dbt_lineage.core.levels import Level
from dbt_lineage.spool.switch import Off
from dbt_lineage.watch.checks import CHECKS
from dbt_lineage.watch.checks.results import ITSELF, Result

# The one that says it.
_SPOKESMAN = "coverage"
# Promises that nobody can keep while nothing is emitted.
_SUSPENDED = frozenset({_SPOKESMAN, "freshness", "lag", "accuracy"})


def instead_of(check: str, off: Off | None) -> list[Result] | None:
    """What a check says instead of being made; None when it is to be made.

    Nothing is known of its subjects then: an alert that is open stays so.

    Args:
        check: which check.
        off: since when the lineage is off; None when it is on.
    """
    if off is None or check not in (_SUSPENDED if off.keeps else CHECKS):
        return None
    if check != _SPOKESMAN:
        return [Result(check, ITSELF, Level.OK, f"not looked at: {off}", made=False)]
    way_back = "what runs meanwhile is kept aside" if off.keeps else "nothing of what runs meanwhile is kept"
    return [Result(check, ITSELF, Level.WARN, f"{off}; {way_back}", "on", since=off.since, made=False)]

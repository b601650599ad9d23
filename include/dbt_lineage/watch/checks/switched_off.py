"""The results of checks while the lineage is off: one warning instead of a failure for each model and station."""

from dbt_lineage.core.levels import Level
from dbt_lineage.spool.switch import Off
from dbt_lineage.watch.checks import CHECKS
from dbt_lineage.watch.checks.results import ITSELF, Result

# The check that has the warning.
_SPOKESMAN = "coverage"
# Checks that must fail while nothing is emitted, and so are not made.
_SUSPENDED = frozenset({_SPOKESMAN, "freshness", "lag", "accuracy"})


def instead_of(check: str, off: Off | None) -> list[Result] | None:
    """The results of a check that is not made because the lineage is off; None when it must be made.

    Its subjects are unknown then, so open alerts stay open.

    Args:
        check: the check's name.
        off: the switch; None when the lineage is on.
    """
    if off is None or check not in (_SUSPENDED if off.keeps else CHECKS):
        return None
    if check != _SPOKESMAN:
        return [Result(check, ITSELF, Level.OK, f"not checked: {off}", made=False)]
    way_back = "what runs meanwhile is kept aside" if off.keeps else "nothing of what runs meanwhile is kept"
    return [Result(check, ITSELF, Level.WARN, f"{off}; {way_back}", "on", since=off.since, made=False)]

"""Check latency: how soon do events reach Kafka and the catalogue?"""

from collections.abc import Mapping

from dbt_lineage.core.durations import in_words
from dbt_lineage.core.levels import Level, above
from dbt_lineage.core.settings import CheckSettings
from dbt_lineage.ledger.history import History, Latency
from dbt_lineage.watch.checks.results import ITSELF, Result
from dbt_lineage.watch.checks.sources import Sources

CHECK = "latency"
_SUBJECTS = {"acknowledged": "model end to topic", "verified": "model end to verified"}


def check(sources: Sources) -> list[Result]:
    """Check how long the events of models took. Raises ManifestError, LedgerError."""
    jobs = [*sources.manifest.models, *sources.manifest.snapshots]
    with History(sources.ledger) as history:
        found = history.latencies(sources.openlineage.namespace, jobs, sources.period_start)
    return judged(found, sources.check)


def judged(found: Mapping[str, Latency], check: CheckSettings) -> list[Result]:
    """Compare the 95th percentiles with the thresholds.

    Args:
        found: the latencies, by station.
        check: the thresholds.
    """
    if not found:
        return [Result(CHECK, ITSELF, Level.OK, f"no model completed in {check.period_hours:g} h")]
    warnings = {"acknowledged": check.latency_topic_p95_seconds, "verified": check.latency_verified_p95_seconds}
    return [_judged(station, latency, warnings[station], check) for station, latency in found.items()]


def _judged(station: str, latency: Latency, warn: float, check: CheckSettings) -> Result:
    figures = ", ".join(f"{name} {in_words(getattr(latency, name))}" for name in ("p50", "p95", "max"))
    return Result(
        CHECK,
        _SUBJECTS[station],
        above(latency.p95, warn, check.latency_fail_seconds),
        f"{figures} of {latency.count} events in {check.period_hours:g} h",
        f"p95 {in_words(warn)}, {in_words(check.latency_fail_seconds)}",
        value=latency.p95,
        unit="seconds",
    )

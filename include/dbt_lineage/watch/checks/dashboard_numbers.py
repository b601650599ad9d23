"""Check dashboards: does each show the warehouse's figures since its tables were last built?"""

from datetime import datetime

from dbt_lineage.core.durations import in_words
from dbt_lineage.core.levels import Level, above
from dbt_lineage.core.settings import CheckSettings
from dbt_lineage.ledger.history import History
from dbt_lineage.ledger.refreshes import DashboardLedger, DashboardRefresh
from dbt_lineage.watch.checks.results import ITSELF, Result
from dbt_lineage.watch.checks.sources import Sources

CHECK = "dashboards"


def check(sources: Sources) -> list[Result]:
    """Check the dashboards of the code by the ledger's records. Raises ManifestError, LedgerError, AssetsError."""
    from dbt_lineage.dashboards.folder import Assets

    models = sources.manifest.dashboard_models
    if sources.superset is None or not models:
        missing = "the dbt project exposes no dashboard" if sources.superset else "there is no Superset"
        return [Result(CHECK, ITSELF, Level.OK, missing)]
    slugs = Assets.load(sources.superset.assets_dir).slugs
    with History(sources.ledger) as history:
        last = history.last_events(sources.openlineage.namespace, models)
    with DashboardLedger(sources.ledger) as ledger:
        refreshes = {each.dashboard: each for each in ledger.refreshes(sources.project)}
    built_at = max((each.completed_at for each in last.values() if each.completed_at), default=None)
    return [judged(slug, refreshes.get(slug), built_at, sources.check, sources.now) for slug in slugs]


def judged(
    slug: str, refresh: DashboardRefresh | None, built_at: datetime | None, check: CheckSettings, now: datetime
) -> Result:
    """Whether a dashboard shows the warehouse's present figures.

    Args:
        slug: the last part of its address.
        refresh: its last refresh; None when there was none.
        built_at: when the last of its tables was built; None when none ever was.
        check: the thresholds, among them how long built tables may wait for a refresh.
        now: the present.
    """
    allowed = f"all charts equal; refreshed within {in_words(check.lag_fail_seconds)} of a build"
    seen = refresh.in_words(now) if refresh else "never refreshed"
    if refresh is not None and not refresh.equal:
        return Result(
            CHECK, slug, Level.FAIL, f"differs from the warehouse: {seen}", allowed, since=refresh.refreshed_at
        )
    age = (now - refresh.refreshed_at).total_seconds() if refresh else None
    if built_at is None or (refresh is not None and refresh.refreshed_at >= built_at):
        return Result(CHECK, slug, Level.OK, seen, allowed, value=age, unit="seconds")
    waiting = (now - built_at).total_seconds()
    level = above(waiting, check.lag_warn_seconds, check.lag_fail_seconds)
    seen = f"not refreshed since its tables were built: {seen}; a table that it shows was built {in_words(waiting)} ago"
    return Result(CHECK, slug, level, seen, allowed, None if level is Level.OK else built_at, age, "seconds")

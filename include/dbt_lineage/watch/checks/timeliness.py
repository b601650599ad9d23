"""Check coverage and freshness: has each model completed since it was due, and is its last event young enough?"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal

from croniter import croniter
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dbt_lineage.core.durations import in_words
from dbt_lineage.core.levels import Level, above
from dbt_lineage.core.settings import CheckSettings
from dbt_lineage.ledger.history import History, LastEvent
from dbt_lineage.manifest.graph import Manifest
from dbt_lineage.watch.checks.results import Result
from dbt_lineage.watch.checks.sources import Sources

# The key in a model's ``meta`` with its own ages, in dbt's form for the freshness of sources.
META = "lineage_freshness"
_SECONDS = {"minute": 60, "hour": 3600, "day": 86400}


class Age(BaseModel):
    """A duration as dbt writes it: ``{count: 12, period: hour}``."""

    model_config = ConfigDict(extra="forbid")

    count: int = Field(gt=0)
    period: Literal["minute", "hour", "day"]

    @property
    def seconds(self) -> float:
        """The duration, seconds."""
        return self.count * _SECONDS[self.period]


class Freshness(BaseModel):
    """How old the last event of a model may be."""

    model_config = ConfigDict(extra="forbid")

    warn_after: Age | None = None
    error_after: Age | None = None


def coverage(sources: Sources) -> list[Result]:
    """Check that every model has completed since its DAG was due. Raises ManifestError, LedgerError."""
    models = sources.manifest.models
    due = due_at(sources.dbt.schedule, sources.now, sources.check.coverage_grace_seconds)
    last = _last_events(sources, models)
    return [covered(model, last[model], due, sources.check.coverage_grace_seconds) for model in models]


def freshness(sources: Sources) -> list[Result]:
    """Check that every model's last event is young enough. Raises ManifestError, LedgerError."""
    models = sources.manifest.models
    defaults = default_ages(sources.dbt.schedule, sources.now, sources.check)
    last = _last_events(sources, models)
    return [fresh(sources.manifest, model, last[model], defaults, sources.now) for model in models]


def due_at(schedule: str, now: datetime, grace_seconds: float) -> datetime:
    """The scheduled time of the last run that must have ended by now.

    Args:
        schedule: cron expression of the DAG, UTC.
        now: the present.
        grace_seconds: how long after its scheduled time a run may end, seconds.
    """
    return croniter(schedule, now.astimezone(UTC) - timedelta(seconds=grace_seconds)).get_prev(datetime)


def covered(model: str, last: LastEvent, due: datetime, grace_seconds: float) -> Result:
    """Whether a model has completed since its run was due.

    Args:
        model: its unique id.
        last: its last events.
        due: the scheduled time of its run.
        grace_seconds: how long after that the run may end, seconds.
    """
    broken = last.completed_at is None or last.completed_at < due
    seen = f"last completed {_moment(last.completed_at)}" if last.completed_at else "no COMPLETE event ever"
    if broken and last.completed_at:
        seen = f"not completed since it was due: {seen}"
    if broken and last.at is not None and last.at >= due:
        seen += f"{'; ' if last.completed_at else ': '}its last event is {last.event_type} at {_moment(last.at)}"
    allowed = f"a COMPLETE since {_moment(due)}, within {in_words(grace_seconds)}"
    return Result("coverage", model, Level.FAIL if broken else Level.OK, seen, allowed, since=due if broken else None)


def default_ages(schedule: str, now: datetime, check: CheckSettings) -> tuple[float, float]:
    """How old the last event of a model may be before a warning and before a failure, seconds.

    By default a warning comes after one interval of the schedule plus the grace, and a failure after two intervals plus the
    grace. The default for a failure is never below the setting for a warning.

    Args:
        schedule: cron expression of the DAG, UTC.
        now: the present.
        check: the thresholds and the grace.
    """
    ticks = croniter(schedule, now.astimezone(UTC))
    interval = (ticks.get_next(datetime) - ticks.get_prev(datetime)).total_seconds()
    warn, fail = check.freshness_warn_hours, check.freshness_fail_hours
    grace = check.coverage_grace_seconds
    return (
        interval + grace if warn is None else 3600 * warn,
        max(2 * interval + grace, 3600 * (warn or 0)) if fail is None else 3600 * fail,
    )


def promised_ages(manifest: Manifest, model: str, defaults: tuple[float, float]) -> tuple[float, float]:
    """How old the last event of one model may be before a warning and before a failure, seconds.

    Args:
        manifest: the manifest.
        model: its unique id.
        defaults: the ages for models without their own.

    Raises:
        ValidationError: the ages in its ``meta`` are not readable.
    """
    chosen = Freshness.model_validate(manifest.meta(model).get(META) or {})
    fail = chosen.error_after.seconds if chosen.error_after else defaults[1]
    return (chosen.warn_after.seconds if chosen.warn_after else min(defaults[0], fail)), fail


def fresh(manifest: Manifest, model: str, last: LastEvent, defaults: tuple[float, float], now: datetime) -> Result:
    """Whether a model's last event is young enough.

    Args:
        manifest: the manifest. A model's ``meta`` may have its own ages.
        model: its unique id.
        last: its last events.
        defaults: the ages of a warning and of a failure, seconds, for models without their own.
        now: the present.
    """
    try:
        warn, fail = promised_ages(manifest, model, defaults)
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        return Result("freshness", model, Level.FAIL, f"meta.{META} is not readable: {problems}")
    allowed = f"{in_words(warn)}, {in_words(fail)}"
    if last.at is None:
        return Result("freshness", model, Level.FAIL, "no event ever", allowed)
    age = (now - last.at).total_seconds()
    level = above(age, warn, fail)
    seen = f"last event {in_words(age)} ago ({last.event_type})"
    return Result(
        "freshness",
        model,
        level,
        seen if level is Level.OK else f"its last event is too old: {seen}",
        allowed,
        since=None if level is Level.OK else last.at + timedelta(seconds=fail if level is Level.FAIL else warn),
        value=round(age, 3),
        unit="seconds",
    )


def _last_events(sources: Sources, models: list[str]) -> Mapping[str, LastEvent]:
    with History(sources.ledger) as history:
        return history.last_events(sources.openlineage.namespace, models)


def _moment(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")

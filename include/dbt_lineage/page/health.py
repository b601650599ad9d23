"""The promises as the page shows them: kept or broken, since when, and their course."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from dbt_lineage.core.levels import Level
from dbt_lineage.watch.checks import CHECKS
from dbt_lineage.watch.checks.alerts import Alert
from dbt_lineage.watch.checks.course import Made

_WORDS = {Level.OK: "ok", Level.WARN: "warn", Level.FAIL: "failed"}
RUNBOOK = "docs/operations.md"
_WORST_FIRST = ("failed", "warn", "unknown", "ok")
# So many points of a course are shown.
_POINTS = 96


def health(course: Sequence[Made], alerts: Sequence[Alert], runbooks: Mapping[str, str]) -> dict[str, Any]:
    """What ``GET /health`` answers.

    Args:
        course: each check in each of the last runs of the checks, the oldest first.
        alerts: what is broken now.
        runbooks: where each project's people find docs/operations.md, by project.
    """
    made: dict[tuple[str, str], list[Made]] = {}
    for each in course:
        made.setdefault((each.project, each.check), []).append(each)
    # A ledger from before there were projects has checks of none. Those of a project have replaced them.
    of_projects = {check for project, check in made if project}
    made = {key: runs for key, runs in made.items() if key[0] or key[1] not in of_projects}
    since: dict[tuple[str, str], datetime] = {}
    for alert in alerts:
        key = alert.project, alert.check
        since[key] = min(since.get(key, alert.since), alert.since)
    order = {check: place for place, check in enumerate(CHECKS)}
    promises = [
        _promise(project, check, runs, since.get((project, check)), runbooks)
        for (project, check), runs in sorted(
            made.items(), key=lambda each: (order.get(each[0][1], len(order)), each[0])
        )
    ]
    states = {each["state"] for each in promises}
    last = max((each.at for each in course), default=None)
    return {
        "state": next((word for word in _WORST_FIRST if word in states), "unknown"),
        "checked_at": last.isoformat() if last else None,
        "promises": promises,
        "alerts": [
            {
                "title": f"{alert.check}: {alert.subject or 'the check itself'}: {alert.seen}",
                "check": alert.check,
                "subject": alert.subject,
                "since": alert.since.astimezone(UTC).isoformat(),
                "project": alert.project or None,
            }
            for alert in alerts
        ],
    }


def _promise(
    project: str, check: str, runs: Sequence[Made], since: datetime | None, runbooks: Mapping[str, str]
) -> dict[str, Any]:
    last = runs[-1]
    runbook = runbooks.get(project) or next(iter(runbooks.values()), RUNBOOK)
    return {
        "name": check,
        "title": CHECKS.get(check, check),
        "target": last.allowed,
        "value": last.value,
        "unit": last.unit,
        "state": _WORDS[last.level] if last.is_made else "unknown",
        "since": since.astimezone(UTC).isoformat() if since else None,
        "message": last.seen,
        "runbook": f"{runbook}#{check}",
        "project": project or None,
        "course": [
            {"at": each.at.isoformat(), "value": each.value, "ok": each.level is not Level.FAIL}
            for each in runs[-_POINTS:]
        ],
    }

"""How old a model is, beside what its freshness promises."""

from datetime import datetime
from typing import Any

from pydantic import ValidationError

from dbt_lineage.core.durations import in_words
from dbt_lineage.core.projects import Project
from dbt_lineage.ledger.history import LastEvent
from dbt_lineage.manifest.graph import Manifest
from dbt_lineage.watch.checks.timeliness import default_ages, fresh, promised_ages


def freshness(project: Project, model: str, last: LastEvent, now: datetime) -> dict[str, Any] | None:
    """The promise as the check of the same name keeps it; None for what is no model, and where its ages are not readable.

    Args:
        project: the model's project.
        model: its unique id.
        last: its last events.
        now: the present, with a time zone.

    Raises:
        ManifestError: the manifest cannot be read.
    """
    manifest = Manifest.load(project.dbt.manifest)
    if model not in manifest.models:
        return None
    defaults = default_ages(project.dbt.schedule, now, project.check)
    try:
        warn, fail = promised_ages(manifest, model, defaults)
    except ValidationError:
        # The check says so, on the page of the health.
        return None
    return {
        "last_event_at": last.at.isoformat() if last.at else None,
        "warn_after": in_words(warn),
        "error_after": in_words(fail),
        "state": fresh(manifest, model, last, defaults, now).level.name.lower(),
    }

"""The promises and their course."""

from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import APIRouter

from dbt_lineage.airflow.page.rights import ReaderDep
from dbt_lineage.core import settings
from dbt_lineage.core.projects import Project
from dbt_lineage.core.settings import MailSettings
from dbt_lineage.page.health import health
from dbt_lineage.watch.checks.course import CourseLedger
from dbt_lineage.watch.checks.record import CheckStore

router = APIRouter()
# So far back goes the course of a promise.
_HOURS = 48


@router.get("/health")
def promises(reader: ReaderDep) -> dict[str, Any]:
    """Each promise with what is allowed, what was seen last and how it was kept, as the checks recorded it."""
    names = [*(each.name for each in reader.projects), ""]
    with CourseLedger(settings.ledger()) as ledger:
        course = ledger.course(names, datetime.now(UTC) - timedelta(hours=_HOURS))
    with CheckStore(settings.ledger()) as store:
        alerts = [each for each in store.open_alerts() if each.project in names]
    return health(course, alerts, {each.name: _runbook(each) for each in reader.projects})


def _runbook(project: Project) -> str:
    return project.read(MailSettings, secrets=False).runbook_url

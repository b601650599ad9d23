"""
## Lineage checks

Is the lineage complete, right and fresh, now? Runs every 15 minutes (`CHECK_SCHEDULE`) and after each ingestion of the
whole project, with one task for each promise, so that the graph shows which one broke: the task's log has a table of
what was seen. A promise that breaks is mailed once, by `alerts`, with what to do (`docs/operations.md`), and once more
when it is kept again. The run fails while a promise is broken.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from airflow.sdk import DAG, AssetOrTimeSchedule, CronTriggerTimetable, Param

from dbt_lineage.airflow.assets import LINEAGE_VERIFIED
from dbt_lineage.airflow.operators.checks import LineageAlertsOperator, LineageCheckOperator
from dbt_lineage.airflow.task_defaults import task_defaults
from dbt_lineage.core import settings
from dbt_lineage.watch.checks import CHECKS


def lineage_checks() -> Iterator[DAG]:
    """The DAG. Raises SettingsError, ManifestError."""
    check = settings.check()

    with DAG(
        dag_id="lineage_checks",
        description="Is the lineage complete, right and fresh? Mails what broke and what recovered",
        doc_md=__doc__,
        schedule=AssetOrTimeSchedule(
            timetable=CronTriggerTimetable(check.schedule, timezone="UTC"), assets=[LINEAGE_VERIFIED]
        ),
        start_date=datetime(2026, 1, 1, tzinfo=UTC),
        catchup=False,
        max_active_runs=1,
        tags=["lineage", "checks"],
        default_args=task_defaults("data-platform", timedelta(minutes=10)),
        params={
            "period_hours": Param(
                check.period_hours,
                type="number",
                exclusiveMinimum=0,
                description="How far back events and runs are looked at, hours",
            ),
        },
    ) as dag:
        alerts = LineageAlertsOperator(task_id="alerts", checks=CHECKS)
        for name, promise in CHECKS.items():
            made = LineageCheckOperator(
                task_id=name, check=name, period_hours="{{ params.period_hours }}", doc_md=f"Promise: {promise}."
            )
            made >> alerts
        # A teardown runs when all checks are done, however they ended, and leaves it to them whether the run failed.
        alerts.as_teardown()
    yield dag

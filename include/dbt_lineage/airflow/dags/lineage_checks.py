"""
## Lineage checks

Is the lineage complete, right and fresh now? The DAG runs every 15 minutes (`CHECK_SCHEDULE`) and after each ingestion of
the whole project. It has one task for each promise, so the graph shows which promise is broken. The task's log has a table
of what was seen. `alerts` sends one mail when a promise breaks, with what to do (`docs/operations.md`), and one when it
recovers. The run fails while a promise is broken.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from airflow.sdk import DAG, AssetOrTimeSchedule, CronTriggerTimetable, Param

from dbt_lineage.airflow.assets import lineage_verified
from dbt_lineage.airflow.operators.checks import LineageAlertsOperator, LineageCheckOperator
from dbt_lineage.airflow.readable import projects_of_dags
from dbt_lineage.airflow.task_defaults import tags, task_defaults
from dbt_lineage.core.projects import projects
from dbt_lineage.watch.checks import checks_of


def lineage_checks() -> Iterator[DAG]:
    """The DAG of each project. Raises SettingsError."""
    for project in projects_of_dags():
        check, checks = project.check, checks_of(project.name, projects()[0].name)
        with DAG(
            dag_id=project.dag_id("lineage_checks"),
            description="Is the lineage complete, right and fresh? Mails what broke and what recovered",
            doc_md=__doc__,
            schedule=AssetOrTimeSchedule(
                timetable=CronTriggerTimetable(check.schedule, timezone="UTC"), assets=[lineage_verified(project)]
            ),
            start_date=datetime(2026, 1, 1, tzinfo=UTC),
            catchup=False,
            max_active_runs=1,
            tags=tags("checks", project),
            default_args=task_defaults("data-platform", timedelta(minutes=10), project),
            params={
                "period_hours": Param(
                    check.period_hours,
                    type="number",
                    exclusiveMinimum=0,
                    description="How far back events and runs are checked, hours",
                ),
            },
        ) as dag:
            alerts = LineageAlertsOperator(task_id="alerts", project=project.name, checks=checks)
            for name, promise in checks.items():
                made = LineageCheckOperator(
                    task_id=name,
                    project=project.name,
                    check=name,
                    period_hours="{{ params.period_hours }}",
                    doc_md=f"Promise: {promise}.",
                )
                made >> alerts
            # A teardown runs after all checks, however they ended, and does not decide whether the run failed.
            alerts.as_teardown()
        yield dag

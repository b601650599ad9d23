"""
## The dbt project

Loads the seeds, then builds and tests every model in one dbt process, with one Airflow task for each model. dbt gets the
run's data interval as `DATA_INTERVAL_START` and `DATA_INTERVAL_END`, so that a backfill rebuilds only its intervals. Each
node that dbt runs has OpenLineage events of its own. When the DAG is switched on, the run of the latest interval starts at
once, without a manual trigger.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from airflow.sdk import DAG, CronDataIntervalTimetable

from dbt_lineage.airflow.dbt_tasks.task_group import dbt_tasks, run_params
from dbt_lineage.airflow.notifications import deadline_mail
from dbt_lineage.airflow.readable import readable_projects
from dbt_lineage.airflow.task_defaults import tags, task_defaults


def dbt_project() -> Iterator[DAG]:
    """The DAG of each project. Raises SettingsError, ManifestError."""
    for project in readable_projects():
        dbt = project.dbt
        with DAG(
            dag_id=dbt.dag_id,
            description="Seeds, models and tests of the dbt project, with lineage",
            doc_md=__doc__,
            schedule=CronDataIntervalTimetable(dbt.schedule, timezone="UTC"),
            start_date=datetime(dbt.start_date.year, dbt.start_date.month, dbt.start_date.day, tzinfo=UTC),
            catchup=dbt.catchup,
            max_active_runs=1,
            deadline=deadline_mail(dbt.deadline_seconds, project),
            tags=tags("dbt", project),
            default_args=task_defaults("analytics", dbt.timeout, project),
            params=run_params(),
        ) as dag:
            dbt_tasks(dbt)
        yield dag

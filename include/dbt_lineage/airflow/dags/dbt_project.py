"""
## The dbt project

Loads the seeds, then builds and tests every model in one dbt process, with one Airflow task for each model. The run's
data interval reaches dbt as `DATA_INTERVAL_START` and `DATA_INTERVAL_END`, so that a backfill rebuilds just its
intervals. Each node that dbt ran sends its own OpenLineage events to Kafka. Whoever switches the DAG on starts the run of
the latest interval at once, and needs to trigger none.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from airflow.sdk import DAG, CronDataIntervalTimetable

from dbt_lineage.airflow.dbt_tasks.task_group import dbt_tasks, run_params
from dbt_lineage.airflow.notifications import deadline_mail
from dbt_lineage.airflow.task_defaults import task_defaults
from dbt_lineage.core import settings


def dbt_project() -> Iterator[DAG]:
    """The DAG. Raises SettingsError, ManifestError."""
    dbt = settings.dbt()

    with DAG(
        dag_id=dbt.dag_id,
        description="Seeds, models and tests of the dbt project, with lineage",
        doc_md=__doc__,
        schedule=CronDataIntervalTimetable(dbt.schedule, timezone="UTC"),
        start_date=datetime(dbt.start_date.year, dbt.start_date.month, dbt.start_date.day, tzinfo=UTC),
        catchup=dbt.catchup,
        max_active_runs=1,
        deadline=deadline_mail(dbt.deadline_seconds),
        tags=["lineage", "dbt"],
        default_args=task_defaults("analytics", dbt.timeout),
        params=run_params(),
    ) as dag:
        dbt_tasks(dbt)
    yield dag

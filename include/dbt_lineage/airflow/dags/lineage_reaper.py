"""
## Lineage reaper

Deletes stale lineage of this project from the catalogue: the edges, with their columns, of models that were dropped or
renamed. On demand it also hides the pipelines of nodes that no longer exist. A dry run, the default, only logs a table of
what would be deleted.

It never deletes edges that were drawn by hand, or made by dbt's artifacts, by another service or for another target. A
model that reads other tables now is corrected by its next run. Tables are hidden when the warehouse drops them.

It refuses if the last build had nodes that the manifest lacks, or if more than `OPENMETADATA_REAP_LIMIT` would be deleted
at once.
"""

from collections.abc import Iterator
from datetime import timedelta

from airflow.sdk import DAG, Param

from dbt_lineage.airflow.operators.openmetadata import ReapLineageOperator
from dbt_lineage.airflow.readable import projects_of_dags
from dbt_lineage.airflow.task_defaults import tags, task_defaults


def lineage_reaper() -> Iterator[DAG]:
    """The DAG of each project. Raises SettingsError."""
    for project in projects_of_dags():
        with DAG(
            dag_id=project.dag_id("lineage_reaper"),
            description="Delete stale lineage of this project from the catalogue",
            doc_md=__doc__,
            schedule=None,
            catchup=False,
            max_active_runs=1,
            tags=tags("openmetadata", project),
            default_args=task_defaults("data-platform", timedelta(minutes=15), project),
            params={
                "dry_run": Param(True, type="boolean", description="Only log what would be deleted"),
                "prune_pipelines": Param(
                    False,
                    type="boolean",
                    description="Also hide the pipelines, with their runs, of nodes that no longer exist",
                ),
            },
        ) as dag:
            ReapLineageOperator(
                task_id="reap_stale_lineage",
                project=project.name,
                only_show="{{ params.dry_run }}",
                prune_pipelines="{{ params.prune_pipelines }}",
            )
        yield dag

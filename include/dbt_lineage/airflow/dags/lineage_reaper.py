"""
## Lineage reaper

Takes out of the catalogue what this project made and its manifest no longer has: the edges, with their columns, of
models that were dropped or renamed, and on demand the pipelines of nodes that are no more. A dry run, the default, only
logs the table of what would be deleted. Edges drawn by hand, made by dbt's artifacts, by another service or for another
target are never touched; a model that reads other tables now is corrected by its next run, and tables go when they are
dropped in the warehouse. It refuses when the last build knew nodes that the manifest lacks, and when more than
`OPENMETADATA_REAP_LIMIT` would go at once.
"""

from collections.abc import Iterator
from datetime import timedelta

from airflow.sdk import DAG, Param

from dbt_lineage.airflow.operators.openmetadata import ReapLineageOperator
from dbt_lineage.airflow.task_defaults import task_defaults


def lineage_reaper() -> Iterator[DAG]:
    """The DAG. Raises SettingsError, ManifestError."""
    with DAG(
        dag_id="lineage_reaper",
        description="Take stale lineage of this project out of the catalogue",
        doc_md=__doc__,
        schedule=None,
        catchup=False,
        max_active_runs=1,
        tags=["lineage", "openmetadata"],
        default_args=task_defaults("data-platform", timedelta(minutes=15)),
        params={
            "dry_run": Param(True, type="boolean", description="Only log what would be deleted"),
            "prune_pipelines": Param(
                False, type="boolean", description="Also hide the pipelines, with their runs, of nodes that are no more"
            ),
        },
    ) as dag:
        ReapLineageOperator(
            task_id="reap_stale_lineage",
            only_show="{{ params.dry_run }}",
            prune_pipelines="{{ params.prune_pipelines }}",
        )
    yield dag

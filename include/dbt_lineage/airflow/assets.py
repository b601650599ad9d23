"""Assets of our own, besides those of dbt's models."""

from airflow.sdk import Asset, AssetWatcher

from dbt_lineage.airflow.arrival_trigger import LineageArrivesTrigger
from dbt_lineage.core.projects import Project
from dbt_lineage.core.settings import IngestionSettings


def lineage_verified(project: Project) -> Asset:
    """Updated when a project's lineage was brought to the catalogue and read back from there."""
    return Asset("lineage_verified" if project.is_only else f"lineage_verified__{project.name}")


def dbt_built(dag_id: str) -> Asset:
    """Updated when a whole dbt project was built, or a model of it again.

    One asset, not those of all its last models: Airflow reads them all again with each of a DAG's tags.

    Args:
        dag_id: the DAG that builds it.
    """
    return Asset(f"dbt_built__{dag_id}")


def lineage_arrived(ingestion: IngestionSettings) -> Asset:
    """Updated when a burst of lineage events has arrived in Kafka.

    Args:
        ingestion: what a burst is.
    """
    trigger = LineageArrivesTrigger(
        quiet_seconds=ingestion.quiet_seconds,
        max_wait_seconds=ingestion.max_wait_seconds,
        retry_seconds=ingestion.retry_seconds,
    )
    return Asset("lineage_arrived", watchers=[AssetWatcher(name="kafka", trigger=trigger)])

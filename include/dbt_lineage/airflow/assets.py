"""The package's own assets, besides those of dbt's models."""

from airflow.sdk import Asset, AssetWatcher

from dbt_lineage.airflow.arrival_trigger import LineageArrivesTrigger
from dbt_lineage.core.projects import Project
from dbt_lineage.core.settings import IngestionSettings


def lineage_verified(project: Project) -> Asset:
    """The asset that is updated when a project's lineage was written to the catalogue and read back."""
    return Asset("lineage_verified" if project.is_only else f"lineage_verified__{project.name}")


def dbt_built(dag_id: str) -> Asset:
    """The asset that is updated when a whole dbt project was built, or one of its models again.

    It is one asset instead of those of all last models, because Airflow reads all assets again for each tag of a DAG.

    Args:
        dag_id: the DAG that builds the project.
    """
    return Asset(f"dbt_built__{dag_id}")


def lineage_arrived(ingestion: IngestionSettings) -> Asset:
    """The asset that is updated when a burst of lineage events has arrived in Kafka.

    Args:
        ingestion: the settings that define a burst.
    """
    trigger = LineageArrivesTrigger(
        quiet_seconds=ingestion.quiet_seconds,
        max_wait_seconds=ingestion.max_wait_seconds,
        retry_seconds=ingestion.retry_seconds,
    )
    return Asset("lineage_arrived", watchers=[AssetWatcher(name="kafka", trigger=trigger)])

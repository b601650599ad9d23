"""The ingestion of the project that the environment names."""

from dbt_lineage.core import settings
from dbt_lineage.ingest.ingestion import Ingested, Ingestion
from dbt_lineage.ingest.ledger_updates import LedgerProgress
from dbt_lineage.ingest.replay import newest_events
from dbt_lineage.warehouse.postgres import Warehouse


def project_ingestion() -> Ingestion:
    """The ingestion with the warehouse and the ledger of the settings. Raises SettingsError."""
    warehouse = settings.warehouse()
    return Ingestion(
        settings.kafka(),
        settings.openmetadata(),
        settings.ingestion().consumer_group,
        warehouse.database,
        LedgerProgress.from_environment(),
        settings.spool().dir,
        Warehouse(warehouse).columns,
    )


def mend() -> Ingested:
    """Bring every edge in the catalogue to what the newest event of its job and output says.

    Others change edges, too: OpenMetadata's connector drops what its model does not have, and a column that is renamed or
    dropped makes the server replace an edge's SQL.

    Raises:
        LineageUnverified: the catalogue refuses some. Also CatalogueError, BrokerError.
    """
    ingestion = project_ingestion()
    return ingestion.replay(newest_events(ingestion.kafka, ingestion.database).values())

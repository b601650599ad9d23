"""The ingestion of the project that the environment names."""

from functools import partial

from include import settings
from include.dbt.manifest import Manifest
from include.openmetadata.ingest import LineageIngestion
from include.openmetadata.progress import LedgerProgress
from include.openmetadata.runs import DEADLINE_SECONDS, connector, describe_warehouse
from include.openmetadata.workflows import Workflows


def project_ingestion(deadline_seconds: float = DEADLINE_SECONDS) -> LineageIngestion:
    """The ingestion with OpenMetadata's own workflows.

    Args:
        deadline_seconds: when a workflow is killed, seconds.

    Raises:
        ManifestError: there is no manifest yet.
        SettingsError: a setting is missing or wrong.
    """
    dbt = settings.dbt()
    workflows = Workflows(settings.openmetadata(), settings.warehouse(), settings.kafka(), dbt)
    return LineageIngestion(
        workflows.kafka,
        workflows.openmetadata,
        workflows.warehouse.database,
        connector(workflows),
        LedgerProgress.from_environment(),
        Manifest.load(dbt.manifest).schemas(),
        partial(describe_warehouse, workflows, deadline_seconds),
        deadline_seconds,
    )

"""What the checks look at."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

from dbt_lineage.catalogue.ours import StoredLineage
from dbt_lineage.catalogue.reading import read
from dbt_lineage.core.settings import (
    CheckSettings,
    DbtSettings,
    IngestionSettings,
    KafkaSettings,
    LedgerSettings,
    OpenLineageSettings,
    OpenMetadataSettings,
    SpoolSettings,
    SupersetSettings,
    WarehouseSettings,
)
from dbt_lineage.manifest.graph import Manifest


@dataclass(frozen=True)
class Sources:
    """Where everything stands that a check may need, at one moment.

    Args:
        dbt: the project, its manifest and its schedule.
        kafka: the cluster and the topics.
        spool: where events wait for the relay.
        ledger: the ledger's database.
        openlineage: the namespace of the jobs.
        openmetadata: the catalogue.
        ingestion: the consumer group of the ingestion.
        superset: the dashboards' server and code; None when there is none.
        warehouse: the database that dbt builds in.
        check: what is allowed.
        now: the present; with a time zone.
    """

    dbt: DbtSettings
    kafka: KafkaSettings
    spool: SpoolSettings
    ledger: LedgerSettings
    openlineage: OpenLineageSettings
    openmetadata: OpenMetadataSettings
    ingestion: IngestionSettings
    superset: SupersetSettings | None
    warehouse: WarehouseSettings
    check: CheckSettings
    now: datetime

    @classmethod
    def from_environment(cls, period_hours: float | None = None) -> "Sources":
        """What the settings name, now.

        Args:
            period_hours: how far back is looked, hours; the setting's by default.

        Raises:
            SettingsError: one of the settings is missing or wrong.
        """
        from dbt_lineage.core import settings

        check = settings.check()
        if period_hours is not None:
            check = check.model_copy(update={"period_hours": period_hours})
        return cls(
            dbt=settings.dbt(),
            kafka=settings.kafka(),
            spool=settings.spool(),
            ledger=settings.ledger(),
            openlineage=settings.openlineage(),
            openmetadata=settings.openmetadata(),
            ingestion=settings.ingestion(),
            superset=settings.superset() if settings.superset_is_configured() else None,
            warehouse=settings.warehouse(),
            check=check,
            now=datetime.now(UTC),
        )

    @cached_property
    def manifest(self) -> Manifest:
        """The manifest made ahead of time. Raises ManifestError."""
        return Manifest.load(self.dbt.manifest)

    @cached_property
    def stored_lineage(self) -> StoredLineage:
        """What the catalogue has of the project; all checks of a process read it once. Raises ManifestError, CatalogueError."""
        return read(self.openmetadata, self.manifest, self.openlineage.namespace, self.warehouse.database)

    @property
    def period_start(self) -> datetime:
        """From when on events and runs are looked at."""
        return self.now - timedelta(hours=self.check.period_hours)

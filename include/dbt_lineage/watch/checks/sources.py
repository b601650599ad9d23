"""The data that the checks read."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

from dbt_lineage.catalogue.beside import Beside, beside
from dbt_lineage.catalogue.ours import OurLineage, StoredLineage
from dbt_lineage.catalogue.reading import read
from dbt_lineage.core import settings
from dbt_lineage.core.projects import Project
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
)
from dbt_lineage.manifest.graph import Manifest
from dbt_lineage.warehouse.of_project import warehouse_of
from dbt_lineage.warehouse.port import Warehouse

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Sources:
    """Everything that the checks of a project read, at one moment.

    Args:
        dbt: the project, its manifest and its schedule.
        kafka: the cluster and the topics.
        spool: the spool's folder.
        ledger: the ledger's database.
        openlineage: the namespace of the jobs.
        openmetadata: the catalogue.
        ingestion: the consumer group of the ingestion.
        superset: the dashboards' server and code; None when there is none.
        warehouse: the database that dbt builds in.
        check: the thresholds.
        now: the present, with a time zone.
        project: name of the project; empty if results should not name it.
        others: the other projects of this installation.
    """

    dbt: DbtSettings
    kafka: KafkaSettings
    spool: SpoolSettings
    ledger: LedgerSettings
    openlineage: OpenLineageSettings
    openmetadata: OpenMetadataSettings
    ingestion: IngestionSettings
    superset: SupersetSettings | None
    warehouse: Warehouse
    check: CheckSettings
    now: datetime
    project: str = ""
    others: tuple[Project, ...] = ()

    @classmethod
    def of(cls, project: Project, *others: Project, period_hours: float | None = None) -> "Sources":
        """Make them from a project's settings, at the present time.

        Args:
            project: the project.
            others: the other projects of this installation.
            period_hours: how far back events and runs are checked, hours; the setting's value by default.

        Raises:
            SettingsError: a setting is missing or wrong.
        """
        check = project.check
        if period_hours is not None:
            check = check.model_copy(update={"period_hours": period_hours})
        return cls(
            dbt=project.dbt,
            kafka=settings.kafka(),
            spool=settings.spool(),
            ledger=settings.ledger(),
            openlineage=project.openlineage,
            openmetadata=project.openmetadata,
            ingestion=settings.ingestion(),
            superset=project.superset,
            warehouse=warehouse_of(project),
            check=check,
            now=datetime.now(UTC),
            project=project.name,
            others=others,
        )

    @cached_property
    def manifest(self) -> Manifest:
        """The manifest made ahead of time. Raises ManifestError."""
        return Manifest.load(self.dbt.manifest)

    @cached_property
    def stored_lineage(self) -> StoredLineage:
        """The catalogue's lineage of the project, read once in a process. Raises ManifestError, CatalogueError."""
        return read(self.openmetadata, self.manifest, self.openlineage.namespace, self.warehouse.database)

    @cached_property
    def other_warehouses(self) -> tuple[Warehouse, ...]:
        """The warehouses of the other projects whose settings can be read. Others are logged."""
        found = []
        for each in self.others:
            try:
                found.append(warehouse_of(each))
            except settings.SettingsError as error:
                log.warning("project %s is left out: %s", each.name, error)
        return tuple(found)

    @cached_property
    def beside(self) -> Beside:
        """The other projects' tables and edges."""
        return beside(self.openmetadata, self.warehouse.database, self.others)

    @cached_property
    def ours(self) -> OurLineage:
        """Decides what this project made. Raises ManifestError."""
        return OurLineage(self.manifest, self.openlineage.namespace)

    @property
    def period_start(self) -> datetime:
        """The time from which on events and runs are checked."""
        return self.now - timedelta(hours=self.check.period_hours)

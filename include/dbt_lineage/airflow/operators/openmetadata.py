"""Operators that bring the lineage into OpenMetadata and read it back."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator, timezone
from airflow.sdk.definitions.context import Context
from airflow.sdk.exceptions import AirflowSkipException, DownstreamTasksSkipped

from dbt_lineage.airflow.operators.of_project import ProjectOperator
from dbt_lineage.core import settings
from dbt_lineage.core.projects import Project, projects

if TYPE_CHECKING:
    from dbt_lineage.ingest.workflows import Workflows


# How long the warehouse may take to let us in.
_PING_SECONDS = 10


class WarehouseMetadataOperator(ProjectOperator):
    """Brings the warehouse's tables and columns into the catalogue.

    Raises:
        WorkflowError: the workflow cannot be started, or ended with an error.
        CatalogueError, WarehouseError: the catalogue or the warehouse is away; named before anything is started.
    """

    def execute(self, context: Context) -> None:
        """Run the workflow."""
        from dbt_lineage.ingest.connector import describe_warehouse
        from dbt_lineage.warehouse.of_project import warehouse_of
        from dbt_lineage.watch.probes import require_catalogue

        project = self.of_project()
        require_catalogue(project.openmetadata)
        warehouse_of(project).ping(_PING_SECONDS)
        describe_warehouse(_workflows(project))


class DbtArtifactsOperator(ProjectOperator):
    """Brings dbt's descriptions, SQL, tests and their results into the catalogue, and no lineage.

    Raises:
        WorkflowError: there was no build yet, or the workflow cannot be started or ended with an error.
        CatalogueError: the catalogue is away; named before anything is started.
    """

    def execute(self, context: Context) -> None:
        """Run the workflow."""
        from dbt_lineage.ingest.connector import run_workflow
        from dbt_lineage.ingest.workflows import artifacts_without_lineage
        from dbt_lineage.watch.probes import require_catalogue

        project = self.of_project()
        require_catalogue(project.openmetadata)
        workflows = _workflows(project)
        with artifacts_without_lineage(workflows.dbt.run_artifacts) as artifacts:
            run_workflow(workflows, "dbt", workflows.environment(artifacts))


class DashboardMetadataOperator(ProjectOperator):
    """Brings Superset's dashboards, charts and datasets into the catalogue, and reads back what they are made from.

    Raises:
        LineageIncomplete: edges are missing that the code of the dashboards expects; the message lists them.
        SupersetError: Superset is away, or does not let the service account in. Also AssetsError.
        WorkflowError: the workflow cannot be started, or ended with an error.
        CatalogueError: the catalogue is away; named before anything is started.
    """

    def execute(self, context: Context) -> dict[str, int]:
        """Returns how many edges are expected, in the catalogue, and unexpected there."""
        from dbt_lineage.catalogue.dashboard_lineage import verified_dashboards
        from dbt_lineage.ingest.connector import run_workflow
        from dbt_lineage.watch.probes import require_catalogue, require_superset

        project = self.of_project()
        superset = project.superset or project.read(settings.SupersetSettings)
        require_catalogue(project.openmetadata)
        require_superset(superset)
        workflows = _workflows(project)
        run_workflow(workflows, "superset", workflows.environment(workflows.dbt.run_artifacts))
        comparison = verified_dashboards(project.dbt, superset, project.openmetadata, self.others())
        for edge in comparison.unexpected:
            self.log.warning("unexpected edge in the catalogue: %s", edge)
        comparison.require_complete()
        self.log.info("all %d expected edges are in the catalogue", len(comparison.present))
        return comparison.counts()


class IngestLineageOperator(BaseOperator):
    """Brings the lineage that is new in the events topic into the catalogue, and reads it back.

    Args:
        from_start: take all of the topic as not verified; templated.

    Raises:
        LineageUnverified: the catalogue refuses events; the message lists them, and the next run tries them again.
        LineageLost: Kafka no longer has events that were not verified. Also TakenOver, CatalogueError, BrokerError.
    """

    template_fields = ("from_start",)

    def __init__(self, *, from_start: bool | str = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.from_start = from_start

    def execute(self, context: Context) -> dict[str, int]:
        """Returns how many events were read, verified, superseded and given up, and how many runs were written."""
        from dbt_lineage.ingest.from_settings import project_ingestion

        done = project_ingestion().run(from_start=str(self.from_start) == "True")
        self.log.info("%s", done)
        return done.counts()


class OpenLineageConnectorOperator(ProjectOperator):
    """Runs OpenMetadata's own OpenLineage connector over the curated topic. It proves nothing: what it writes is verified.

    Raises:
        WorkflowError: the connector cannot be started, or ended with an error. Also BrokerError, CatalogueError.
    """

    def execute(self, context: Context) -> None:
        """Run the connector; skipped where ``OPENMETADATA_CONNECTOR`` is off."""
        from dbt_lineage.ingest.connector import run_connector
        from dbt_lineage.watch.probes import require_catalogue

        project = self.of_project()
        if not project.openmetadata.connector:
            raise AirflowSkipException("OPENMETADATA_CONNECTOR is off")
        require_catalogue(project.openmetadata)
        run_connector(_workflows(project))


class VerifyLineageOperator(ProjectOperator):
    """Compares the whole project: each edge with the newest event of its model, all edges with those that dbt expects.

    An edge that somebody has changed, such as OpenMetadata's connector, is written again first. While the lineage is off,
    what is missing is only logged.

    Raises:
        LineageIncomplete: edges are missing; the message lists them.
        LineageUnverified: the catalogue refuses what an event says. Also CatalogueError, BrokerError.
    """

    def execute(self, context: Context) -> dict[str, int]:
        """Returns how many edges are expected, in the catalogue, and unexpected there."""
        from dbt_lineage.catalogue.beside import beside
        from dbt_lineage.catalogue.verify import verified_lineage
        from dbt_lineage.ingest.from_settings import mend
        from dbt_lineage.spool.switch import Switch
        from dbt_lineage.warehouse.of_project import warehouse_of

        project = self.of_project()
        warehouse = warehouse_of(project)
        mended = mend(project)
        if mended.changed:
            self.log.warning(
                "mended %d of %d tables: their edges were not what their newest event says", mended.changed, mended.read
            )
        self.log.info("compared with the newest events: %s", mended)
        comparison = verified_lineage(
            project.dbt,
            warehouse,
            project.openmetadata,
            beside(project.openmetadata, warehouse.database, self.others()),
        )
        for source in sorted(comparison.absent):
            self.log.warning("a source of the dbt project is not in the warehouse: %s", source)
        for edge in comparison.unexpected:
            self.log.warning("unexpected edge in the catalogue: %s", edge)
        off = Switch(settings.spool().dir).off()
        if off is not None and comparison.missing:
            self.log.warning("%d expected edges are not in the catalogue: %s", len(comparison.missing), off)
            return comparison.counts()
        comparison.require_complete()
        self.log.info("all %d expected edges are in the catalogue", len(comparison.present))
        return comparison.counts()


class ReapLineageOperator(ProjectOperator):
    """Takes out of the catalogue what this project made and its manifest no longer has, or says what that is.

    Args:
        only_show: only say it; templated.
        prune_pipelines: hide also the pipelines of nodes that are no more; templated.

    Raises:
        ReapRefused: the manifest is outdated, or too much would be deleted at once. Also ManifestError, CatalogueError.
    """

    template_fields = ("only_show", "prune_pipelines")

    def __init__(self, *, only_show: bool | str = True, prune_pipelines: bool | str = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.only_show = only_show
        self.prune_pipelines = prune_pipelines

    def execute(self, context: Context) -> dict[str, int]:
        """Returns how many edges and pipelines were deleted, or would be."""
        from dbt_lineage.catalogue.reaper import Reaper
        from dbt_lineage.warehouse.of_project import warehouse_of

        project = self.of_project()
        reaper = Reaper(project.dbt, warehouse_of(project), project.openlineage, project.openmetadata)
        reaped = reaper.run(str(self.only_show) != "False", str(self.prune_pipelines) == "True")
        self.log.info("\n%s", reaped.table())
        return reaped.counts()


class ReplayLineageOperator(BaseOperator):
    """Brings the catalogue to what events of the events topic say, or says which events those are.

    When nothing was written, the tasks after it are skipped.

    Args:
        since: from when on, ISO 8601; empty for the topic's beginning; templated.
        until: before when; empty for its end; templated.
        job: glob on the job's name; templated.
        rebuild: everything in the topic, whatever the others say; templated.
        only_show: only say which; templated.

    Raises:
        SelectionError: the range ends before it starts.
        LineageUnverified: the catalogue refuses some. Also TakenOver, CatalogueError, BrokerError.
    """

    template_fields = ("since", "until", "job", "rebuild", "only_show")

    def __init__(
        self,
        *,
        since: str = "",
        until: str = "",
        job: str = "*",
        rebuild: bool | str = False,
        only_show: bool | str = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.since = since
        self.until = until
        self.job = job
        self.rebuild = rebuild
        self.only_show = only_show

    def execute(self, context: Context) -> int:
        """Returns how many events were selected."""
        from dbt_lineage.ingest.from_settings import project_ingestion
        from dbt_lineage.ingest.replay import Selection, replayed

        selection = Selection.of(_moment(self.since), _moment(self.until), self.job)
        if str(self.rebuild) == "True":
            selection = Selection.everything()
        ingestion = project_ingestion()
        found = replayed(ingestion.kafka, ingestion.warehouses, selection)
        self.log.info("\n%s", found.table())
        if str(self.only_show) != "False" or not found.jobs:
            raise DownstreamTasksSkipped(tasks=sorted(self.downstream_task_ids))
        self.log.info("%s", ingestion.replay(found.events.values()))
        return found.count


def _workflows(project: Project) -> "Workflows":
    from dbt_lineage.ingest.workflows import Workflows

    return Workflows.of(project, projects())


def _moment(text: str) -> datetime | None:
    return timezone.parse(text) if text else None

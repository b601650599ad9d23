"""Operators that write the lineage to OpenMetadata and read it back."""

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


# How long the warehouse may take to accept a connection. Seconds.
_PING_SECONDS = 10


class WarehouseMetadataOperator(ProjectOperator):
    """Describes the warehouse's tables and columns in the catalogue.

    Raises:
        WorkflowError: the workflow cannot be started, or ended with an error.
        CatalogueError, WarehouseError: the catalogue or the warehouse is unreachable, which is checked first.
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
    """Writes dbt's descriptions, SQL, tests and test results to the catalogue, but no lineage.

    Raises:
        WorkflowError: there was no build yet, or the workflow cannot be started, or it ended with an error.
        CatalogueError: the catalogue is unreachable, which is checked first.
        LedgerError: the artifacts are shared (``DBT_ARTIFACTS_SHARED``), and the ledger's database cannot be read.
    """

    def execute(self, context: Context) -> None:
        """Run the workflow."""
        from dbt_lineage.airflow.dbt_tasks.lineage_events import fetch_artifacts
        from dbt_lineage.ingest.connector import run_workflow
        from dbt_lineage.ingest.workflows import artifacts_without_lineage
        from dbt_lineage.watch.probes import require_catalogue

        project = self.of_project()
        require_catalogue(project.openmetadata)
        workflows = _workflows(project)
        fetch_artifacts(project.dbt)
        with artifacts_without_lineage(workflows.dbt.run_artifacts) as artifacts:
            run_workflow(workflows, "dbt", workflows.environment(artifacts))


class DashboardMetadataOperator(ProjectOperator):
    """Describes Superset's dashboards, charts and datasets in the catalogue, and verifies their lineage.

    Raises:
        LineageIncomplete: edges are missing that the code of the dashboards expects. The message lists them.
        SupersetError: Superset is unreachable, or refuses the service account.
        AssetsError: a file of the dashboards is broken.
        WorkflowError: the workflow cannot be started, or ended with an error.
        CatalogueError: the catalogue is unreachable, which is checked first.
    """

    def execute(self, context: Context) -> dict[str, int]:
        """Run and compare. Returns the numbers of expected, found and unexpected edges."""
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
    """Writes the events topic's new lineage to the catalogue, and reads it back.

    Args:
        from_start: start at the beginning of the topic, whatever was verified before; templated.

    Raises:
        LineageUnverified: the catalogue refuses events. The message lists them, and the next run retries them.
        LineageLost: Kafka deleted events before they were verified.
        TakenOver: another pass has begun.
        CatalogueError, BrokerError: the catalogue or the cluster is unreachable.
    """

    template_fields = ("from_start",)

    def __init__(self, *, from_start: bool | str = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.from_start = from_start

    def execute(self, context: Context) -> dict[str, int]:
        """Run one pass. Returns the numbers of events read, verified, superseded and dead-lettered, and of runs."""
        from dbt_lineage.ingest.from_settings import project_ingestion

        done = project_ingestion().run(from_start=str(self.from_start) == "True")
        self.log.info("%s", done)
        return done.counts()


class OpenLineageConnectorOperator(ProjectOperator):
    """Runs OpenMetadata's own OpenLineage connector over the curated topic. What it writes is verified afterwards.

    Raises:
        WorkflowError: the connector cannot be started, or ended with an error.
        BrokerError, CatalogueError: the cluster or the catalogue is unreachable.
    """

    def execute(self, context: Context) -> None:
        """Run the connector. Skips where ``OPENMETADATA_CONNECTOR`` is off."""
        from dbt_lineage.ingest.connector import run_connector
        from dbt_lineage.watch.probes import require_catalogue

        project = self.of_project()
        if not project.openmetadata.connector:
            raise AirflowSkipException("OPENMETADATA_CONNECTOR is off")
        require_catalogue(project.openmetadata)
        run_connector(_workflows(project))


class VerifyLineageOperator(ProjectOperator):
    """Verifies a whole project: each edge by the newest event of its model, all edges by dbt's manifest.

    Edges that somebody has changed, such as OpenMetadata's connector, are repaired first. While the lineage is off,
    missing edges are only logged.

    Raises:
        LineageIncomplete: edges are missing. The message lists them.
        LineageUnverified: the catalogue refuses the lineage of an event.
        CatalogueError, BrokerError: the catalogue or the cluster is unreachable.
    """

    def execute(self, context: Context) -> dict[str, int]:
        """Run and compare. Returns the numbers of expected, found and unexpected edges."""
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
    """Deletes stale lineage of a project from the catalogue, or lists it.

    Args:
        only_show: only list it; templated.
        prune_pipelines: also hide the pipelines of nodes that no longer exist; templated.

    Raises:
        ReapRefused: the manifest is outdated, or too much would be deleted at once.
        ManifestError: there is no manifest.
        CatalogueError: the catalogue is unreachable or refuses.
    """

    template_fields = ("only_show", "prune_pipelines")

    def __init__(self, *, only_show: bool | str = True, prune_pipelines: bool | str = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.only_show = only_show
        self.prune_pipelines = prune_pipelines

    def execute(self, context: Context) -> dict[str, int]:
        """Delete or list. Returns the numbers of edges and pipelines that were deleted, or would be."""
        from dbt_lineage.catalogue.reaper import Reaper
        from dbt_lineage.warehouse.of_project import warehouse_of

        project = self.of_project()
        reaper = Reaper(project.dbt, warehouse_of(project), project.openlineage, project.openmetadata)
        reaped = reaper.run(str(self.only_show) != "False", str(self.prune_pipelines) == "True")
        self.log.info("\n%s", reaped.table())
        return reaped.counts()


class ReplayLineageOperator(BaseOperator):
    """Writes events of the events topic to the catalogue again, or lists them.

    When nothing was written, the tasks after it are skipped.

    Args:
        since: events from this time on, ISO 8601; empty for the topic's beginning; templated.
        until: events before this time, ISO 8601; empty for the topic's end; templated.
        job: glob on the job's name; templated.
        rebuild: all events of the topic, regardless of the other arguments; templated.
        dead_letters: validate the dead letters again instead, and send those that are valid now; templated.
        only_show: only list the events; templated.

    Raises:
        SelectionError: the range ends before it starts.
        LineageUnverified: the catalogue refuses some events.
        TakenOver: another pass has begun.
        CatalogueError, BrokerError: the catalogue or the cluster is unreachable.
    """

    template_fields = ("since", "until", "job", "rebuild", "dead_letters", "only_show")

    def __init__(
        self,
        *,
        since: str = "",
        until: str = "",
        job: str = "*",
        rebuild: bool | str = False,
        dead_letters: bool | str = False,
        only_show: bool | str = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.since = since
        self.until = until
        self.job = job
        self.rebuild = rebuild
        self.dead_letters = dead_letters
        self.only_show = only_show

    def execute(self, context: Context) -> int:
        """Replay or list. Returns the number of selected events."""
        if str(self.dead_letters) == "True":
            self._replay_dead_letters()
            # What is sent again arrives like any other event.
            raise DownstreamTasksSkipped(tasks=sorted(self.downstream_task_ids))
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

    def _replay_dead_letters(self) -> None:
        from dbt_lineage.relay.dead_letters import DeadLetters
        from dbt_lineage.spool.spool import Spool

        chosen, only_show = settings.spool(), str(self.only_show) != "False"
        done = DeadLetters(settings.kafka()).replay(Spool(chosen.dir, chosen.max_bytes, bounded=True), only_show)
        would = "would be " if only_show else ""
        self.log.info("%d dead letters %ssent again, %d are still invalid", done.sent, would, done.invalid)


def _workflows(project: Project) -> "Workflows":
    from dbt_lineage.ingest.workflows import Workflows

    return Workflows.of(project, projects())


def _moment(text: str) -> datetime | None:
    return timezone.parse(text) if text else None

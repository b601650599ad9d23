"""Operators that bring the lineage into OpenMetadata and read it back."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator, timezone
from airflow.sdk.definitions.context import Context
from airflow.sdk.exceptions import DownstreamTasksSkipped

from include import settings

if TYPE_CHECKING:
    from include.openmetadata.workflows import Workflows


class WarehouseMetadataOperator(BaseOperator):
    """Brings the warehouse's tables and columns into the catalogue.

    Raises:
        WorkflowError: the workflow cannot be started, or ended with an error.
        CatalogueError, WarehouseError: the catalogue or the warehouse is away; named before anything is started.
    """

    def execute(self, context: Context) -> None:
        """Run the workflow."""
        from include.openmetadata.runs import describe_warehouse
        from include.probes import require_catalogue, require_warehouse

        require_catalogue(settings.openmetadata())
        require_warehouse(settings.warehouse())
        describe_warehouse(_workflows())


class DbtArtifactsOperator(BaseOperator):
    """Brings dbt's descriptions, SQL, tests and their results into the catalogue, and no lineage.

    Raises:
        WorkflowError: there was no build yet, or the workflow cannot be started or ended with an error.
        CatalogueError: the catalogue is away; named before anything is started.
    """

    def execute(self, context: Context) -> None:
        """Run the workflow."""
        from include.openmetadata.runs import require_success, run_workflow
        from include.openmetadata.workflows import artifacts_without_lineage
        from include.probes import require_catalogue

        require_catalogue(settings.openmetadata())
        workflows = _workflows()
        with artifacts_without_lineage(workflows.dbt.run_artifacts) as artifacts:
            variables = workflows.environment(workflows.openmetadata.consumer_group, artifacts)
            require_success("dbt", run_workflow(workflows, "dbt", variables))


class DashboardMetadataOperator(BaseOperator):
    """Brings Superset's dashboards, charts and datasets into the catalogue, and reads back what they are made from.

    Raises:
        LineageIncomplete: edges are missing that the code of the dashboards expects; the message lists them.
        SupersetError: Superset is away, or does not let the service account in. Also AssetsError.
        WorkflowError: the workflow cannot be started, or ended with an error.
        CatalogueError: the catalogue is away; named before anything is started.
    """

    def execute(self, context: Context) -> dict[str, int]:
        """Returns how many edges are expected, in the catalogue, and unexpected there."""
        from include.lineage.dashboards import verified_dashboards
        from include.openmetadata.runs import require_success, run_workflow
        from include.probes import require_catalogue, require_superset

        require_catalogue(settings.openmetadata())
        require_superset(settings.superset())
        workflows = _workflows()
        variables = workflows.environment(workflows.openmetadata.consumer_group, workflows.dbt.run_artifacts)
        require_success("superset", run_workflow(workflows, "superset", variables))
        comparison = verified_dashboards(settings.dbt(), settings.superset(), settings.openmetadata())
        for edge in comparison.unexpected:
            self.log.warning("unexpected edge in the catalogue: %s", edge)
        comparison.require_complete()
        self.log.info("all %d expected edges are in the catalogue", len(comparison.present))
        return comparison.counts()


class OpenLineageConnectorOperator(BaseOperator):
    """Brings the lineage of the events topic into the catalogue by OpenMetadata's connector, and reads it back.

    The connector commits offsets before it has stored anything and reports success whatever happened. So the edges of
    all events that are not verified yet are read back, and the verified offsets move up to the first one that is
    missing; a retry starts there. An event that is missing ``OPENMETADATA_ATTEMPTS`` times goes to the dead letters, and
    so does one that the connector dies of so often, alone.
    Tables and columns that the catalogue does not know yet are described to it first.

    Args:
        from_start: take all of the curated topic as not verified; templated.

    Raises:
        LineageUnverified: edges are missing; the message lists the events. Also CatalogueError, BrokerError,
            WorkflowError.
    """

    template_fields = ("from_start",)

    def __init__(self, *, from_start: bool | str = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.from_start = from_start

    def execute(self, context: Context) -> dict[str, int]:
        """Returns how many events were read, verified, and given up, and how many runs are new in the history."""
        from include.openmetadata.project import project_ingestion

        # What it starts writes to the task's log, and ends with the task's process, however that ends.
        done = project_ingestion().run(from_start=str(self.from_start) == "True")
        return {"read": done.read, "verified": done.verified, "dead": done.dead, "runs": done.runs}


class VerifyLineageOperator(BaseOperator):
    """Reads the lineage back from the catalogue and compares it with the graph that the manifest expects.

    While the lineage is off, what is missing is only said.

    Raises:
        LineageIncomplete: edges are missing; the message lists them.
        CatalogueError: the catalogue could not be read.
    """

    def execute(self, context: Context) -> dict[str, int]:
        """Returns how many edges are expected, in the catalogue, and unexpected there."""
        from include.lineage.verify import verified_lineage
        from include.spool.switch import Switch

        comparison = verified_lineage(settings.dbt(), settings.warehouse(), settings.openmetadata())
        for edge in comparison.unexpected:
            self.log.warning("unexpected edge in the catalogue: %s", edge)
        off = Switch(settings.spool().dir).off()
        if off is not None and comparison.missing:
            self.log.warning("%d expected edges are not in the catalogue: %s", len(comparison.missing), off)
            return comparison.counts()
        comparison.require_complete()
        self.log.info("all %d expected edges are in the catalogue", len(comparison.present))
        return comparison.counts()


class ReapLineageOperator(BaseOperator):
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
        from include.openmetadata.reaper import Reaper

        reaper = Reaper(settings.dbt(), settings.warehouse(), settings.openlineage(), settings.openmetadata())
        reaped = reaper.run(str(self.only_show) != "False", str(self.prune_pipelines) == "True")
        self.log.info("\n%s", reaped.table())
        return reaped.counts()


class ReplayLineageOperator(BaseOperator):
    """Sends events of the events topic to the curated topic once more, or says which it would send.

    When nothing was sent, the tasks after it are skipped.

    Args:
        since: from when on, ISO 8601; empty for the topic's beginning; templated.
        until: before when; empty for its end; templated.
        job: glob on the job's name; templated.
        rebuild: everything in the topic, whatever the others say; templated.
        only_show: only say which; templated.

    Raises:
        SelectionError: the range ends before it starts.
        BrokerError: the cluster did not answer or did not acknowledge in time.
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
        """Returns how many events were sent."""
        from include.lineage.replay import Selection, replay

        selection = Selection.of(_moment(self.since), _moment(self.until), self.job)
        if str(self.rebuild) == "True":
            selection = Selection.everything()
        replayed = replay(settings.kafka(), selection, dry_run=str(self.only_show) != "False")
        self.log.info("\n%s", replayed.table())
        if not replayed.sent or not replayed.jobs:
            raise DownstreamTasksSkipped(tasks=sorted(self.downstream_task_ids))
        return replayed.count


def _workflows() -> "Workflows":
    from include.openmetadata.workflows import Workflows

    superset = settings.superset() if settings.superset_is_configured() else None
    return Workflows(settings.openmetadata(), settings.warehouse(), settings.kafka(), settings.dbt(), superset)


def _moment(text: str) -> datetime | None:
    return timezone.parse(text) if text else None

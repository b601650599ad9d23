"""Operators that bring the lineage into OpenMetadata and read it back."""

import os
from datetime import datetime
from pathlib import Path
from typing import Any

from airflow.providers.standard.hooks.subprocess import SubprocessHook
from airflow.sdk import BaseOperator, timezone
from airflow.sdk.definitions.context import Context
from airflow.sdk.exceptions import DownstreamTasksSkipped

from include import settings
from include.openmetadata.workflows import WorkflowError, Workflows


class MetadataWorkflowOperator(BaseOperator):
    """Runs one of openmetadata-ingestion's workflows in its own environment.

    Its result counts for little: it reports success when the server refused a write. What lineage it wrote is read
    back.

    Raises:
        WorkflowError: it cannot be started, or ended with an error.
        CatalogueError: the catalogue is away; named before anything is started.
    """

    workflow: str

    _process: SubprocessHook | None = None

    def _run(self, artifacts: Path | None = None) -> None:
        workflows = self._workflows()
        group, build = workflows.openmetadata.consumer_group, artifacts or workflows.dbt.run_artifacts
        environment = {**os.environ, **workflows.environment(group, build)}
        self._process = SubprocessHook()
        result = self._process.run_command(workflows.command(self.workflow), env=environment)
        if result.exit_code != 0:
            raise WorkflowError(f"workflow {self.workflow} ended with exit code {result.exit_code}: {result.output}")

    def _workflows(self) -> Workflows:
        superset = settings.superset() if settings.superset_is_configured() else None
        return Workflows(settings.openmetadata(), settings.warehouse(), settings.kafka(), settings.dbt(), superset)

    def on_kill(self) -> None:
        """End the workflow's process when the task is ended."""
        if self._process is not None:
            self._process.send_sigterm()


class WarehouseMetadataOperator(MetadataWorkflowOperator):
    """Brings the warehouse's tables and columns into the catalogue. Also raises WarehouseError."""

    workflow = "postgres"

    def execute(self, context: Context) -> None:
        """Run the workflow."""
        from include.probes import require_catalogue, require_warehouse

        require_catalogue(settings.openmetadata())
        require_warehouse(settings.warehouse())
        self._run()


class DbtArtifactsOperator(MetadataWorkflowOperator):
    """Brings dbt's descriptions, SQL, tests and their results into the catalogue, and no lineage."""

    workflow = "dbt"

    def execute(self, context: Context) -> None:
        """Run the workflow."""
        from include.openmetadata.workflows import artifacts_without_compiled_sql
        from include.probes import require_catalogue

        require_catalogue(settings.openmetadata())
        with artifacts_without_compiled_sql(settings.dbt().run_artifacts) as artifacts:
            self._run(artifacts=artifacts)


class DashboardMetadataOperator(MetadataWorkflowOperator):
    """Brings Superset's dashboards, charts and datasets into the catalogue, and reads back what they are made from.

    Raises:
        LineageIncomplete: edges are missing that the code of the dashboards expects; the message lists them.
        SupersetError: Superset is away, or does not let the service account in. Also AssetsError.
    """

    workflow = "superset"

    def execute(self, context: Context) -> dict[str, int]:
        """Returns how many edges are expected, in the catalogue, and unexpected there."""
        from include.lineage.dashboards import verified_dashboards
        from include.probes import require_catalogue, require_superset

        require_catalogue(settings.openmetadata())
        require_superset(settings.superset())
        self._run()
        comparison = verified_dashboards(settings.dbt(), settings.superset(), settings.openmetadata())
        for edge in comparison.unexpected:
            self.log.warning("unexpected edge in the catalogue: %s", edge)
        comparison.require_complete()
        self.log.info("all %d expected edges are in the catalogue", len(comparison.present))
        return comparison.counts()


class OpenLineageConnectorOperator(MetadataWorkflowOperator):
    """Brings the lineage of the events topic into the catalogue by OpenMetadata's connector, and reads it back.

    The connector commits offsets before it has stored anything and reports success whatever happened. So the edges of
    all events that are not verified yet are read back, and the verified offsets move up to the first one that is
    missing; a retry starts there. An event that is missing ``OPENMETADATA_ATTEMPTS`` times goes to the dead letters.

    Args:
        from_start: take all of the curated topic as not verified; templated.

    Raises:
        LineageUnverified: edges are missing; the message lists the events. Also CatalogueError, BrokerError.
    """

    template_fields = ("from_start",)
    workflow = "openlineage"

    def __init__(self, *, from_start: bool | str = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.from_start = from_start

    def execute(self, context: Context) -> dict[str, int]:
        """Returns how many events were read, verified, and given up."""
        from include.dbt.manifest import Manifest
        from include.openmetadata.connector import as_process
        from include.openmetadata.ingest import LineageIngestion
        from include.openmetadata.progress import LedgerProgress

        workflows = self._workflows()
        ingestion = LineageIngestion(
            workflows.kafka,
            workflows.openmetadata,
            workflows.warehouse.database,
            # It writes to the task's log, and the kernel ends it with the task's process, however that ends.
            as_process(workflows),
            LedgerProgress.from_environment(),
            Manifest.load(workflows.dbt.manifest).schemas(),
        )
        done = ingestion.run(from_start=str(self.from_start) == "True")
        return {"read": done.read, "verified": done.verified, "dead": done.dead}


class VerifyLineageOperator(BaseOperator):
    """Reads the lineage back from the catalogue and compares it with the graph that the manifest expects.

    Raises:
        LineageIncomplete: edges are missing; the message lists them.
        CatalogueError: the catalogue could not be read.
    """

    def execute(self, context: Context) -> dict[str, int]:
        """Returns how many edges are expected, in the catalogue, and unexpected there."""
        from include.lineage.verify import verified_lineage

        comparison = verified_lineage(settings.dbt(), settings.warehouse(), settings.openmetadata())
        for edge in comparison.unexpected:
            self.log.warning("unexpected edge in the catalogue: %s", edge)
        comparison.require_complete()
        self.log.info("all %d expected edges are in the catalogue", len(comparison.present))
        return comparison.counts()


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


def _moment(text: str) -> datetime | None:
    return timezone.parse(text) if text else None

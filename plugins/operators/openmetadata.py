"""Operators that bring the lineage into OpenMetadata and read it back."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from airflow.providers.standard.hooks.subprocess import SubprocessHook
from airflow.sdk import BaseOperator, XComArg
from airflow.sdk.definitions.context import Context

from include import settings
from include.openmetadata.workflows import WorkflowError, Workflows


class MetadataWorkflowOperator(BaseOperator):
    """Runs one of openmetadata-ingestion's workflows in its own environment.

    Its result counts for little: it reports success when the server refused a write. What it did is read back by
    ``VerifyLineageOperator``.

    Raises:
        WorkflowError: it cannot be started, or ended with an error.
        CatalogueError: the catalogue is away; named before anything is started.
    """

    workflow: str

    def _run(self, *, consumer_group: str | None = None, artifacts: Path | None = None) -> None:
        openmetadata, dbt = settings.openmetadata(), settings.dbt()
        workflows = Workflows(openmetadata, settings.warehouse(), settings.kafka(), dbt)
        variables = workflows.environment(consumer_group or openmetadata.consumer_group, artifacts or dbt.run_artifacts)
        self._process = SubprocessHook()
        result = self._process.run_command(workflows.command(self.workflow), env={**os.environ, **variables})
        if result.exit_code != 0:
            raise WorkflowError(f"workflow {self.workflow} ended with exit code {result.exit_code}: {result.output}")

    def on_kill(self) -> None:
        """End the workflow's process when the task is ended."""
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


class OpenLineageConnectorOperator(MetadataWorkflowOperator):
    """Curates what is new in the events topic, then lets OpenMetadata's connector read what is not verified yet.

    The connector commits offsets before it has stored anything. So each attempt reads in a consumer group of its own,
    placed at the offsets that were verified last; only ``VerifyLineageOperator`` moves those. Pushes the offsets that
    this attempt reads up to, by partition.

    Args:
        from_start: read the curated topic from its beginning; templated.
    """

    template_fields = ("from_start",)
    workflow = "openlineage"

    def __init__(self, *, from_start: bool | str = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.from_start = from_start

    def execute(self, context: Context) -> dict[str, int]:
        """Returns the offsets, by partition, that the attempt read up to."""
        from include.kafka.offsets import Bookmarks
        from include.lineage.curate import curate
        from include.probes import require_catalogue

        kafka, group = settings.kafka(), settings.openmetadata().consumer_group
        require_catalogue(settings.openmetadata())
        curated = curate(kafka, group)
        self.log.info("%s: %s", kafka.events_topic, curated)
        bookmarks = Bookmarks(kafka, kafka.lineage_topic)
        from_start = str(self.from_start) == "True"
        start = dict.fromkeys(bookmarks.partitions(), 0) if from_start else bookmarks.committed(group)
        ends = bookmarks.ends()
        if start == ends:
            self.log.info("nothing new in %s after the verified offsets %s", kafka.lineage_topic, start)
            return self._as_pushed(ends)
        self.log.info("reading %s from the verified offsets %s up to %s", kafka.lineage_topic, start, ends)
        self._run(consumer_group=bookmarks.new_group(group, start))
        return self._as_pushed(ends)

    def _as_pushed(self, offsets: dict[int, int]) -> dict[str, int]:
        return {str(partition): offset for partition, offset in offsets.items()}


class VerifyLineageOperator(BaseOperator):
    """Reads the lineage back from the catalogue and compares it with the graph that the manifest expects.

    Args:
        offsets: by partition of the curated topic, how far the connector read; templated. When no edge is missing,
            the verified offsets move there. None moves nothing.

    Raises:
        LineageIncomplete: edges are missing; the message lists them.
        CatalogueError: the catalogue could not be read.
    """

    template_fields = ("offsets",)

    def __init__(self, *, offsets: Mapping[str, int] | XComArg | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.offsets: Any = offsets

    def execute(self, context: Context) -> dict[str, int]:
        """Returns how many edges are expected, in the catalogue, and unexpected there."""
        from include.lineage.verify import verified_lineage

        comparison = verified_lineage(settings.dbt(), settings.warehouse(), settings.openmetadata())
        for edge in comparison.unexpected:
            self.log.warning("unexpected edge in the catalogue: %s", edge)
        comparison.require_complete()
        self.log.info("all %d expected edges are in the catalogue", len(comparison.present))
        if self.offsets is not None:
            self._move_verified_offsets()
        return comparison.counts()

    def _move_verified_offsets(self) -> None:
        from include.kafka.offsets import Bookmarks

        kafka = settings.kafka()
        offsets = {int(partition): offset for partition, offset in self.offsets.items()}
        Bookmarks(kafka, kafka.lineage_topic).move(settings.openmetadata().consumer_group, offsets)
        self.log.info("%s is verified up to %s", kafka.lineage_topic, offsets)

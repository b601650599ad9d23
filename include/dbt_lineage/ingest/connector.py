"""Run one of OpenMetadata's workflows, in a process of the environment that has openmetadata-ingestion."""

import logging
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from functools import partial
from threading import Event, Timer

from tenacity import before_sleep_log, retry, retry_if_exception_type, stop_after_attempt, wait_fixed

from dbt_lineage.core import web
from dbt_lineage.core.processes import basic_environment, die_with_parent
from dbt_lineage.ingest.workflows import WorkflowError, Workflows

# Ten minutes, because a workflow waits for minutes for a catalogue that does not answer.
DEADLINE_SECONDS = 600.0
# A table that a build is replacing exists again, or is no longer listed, after this time.
_DESCRIBED_AGAIN_SECONDS = 3.0
_DESCRIBED_TIMES = 3
# BASE_LOGGING_FORMAT of metadata.utils.logger.
_LINE = re.compile(r"\[[^\]]*\] (DEBUG|INFO|WARNING|ERROR|CRITICAL) +\{[^}]*\} - ")
_TRACEBACK = "Traceback (most recent call last)"
# A workflow that describes tables logs this for a table that it listed and then could not describe.
_NOT_DESCRIBED = "Unexpected exception to yield table "

log = logging.getLogger(__name__)


class TablesMissed(WorkflowError):
    """A workflow could not describe some tables, which were gone when it came to them. It described the others."""


def run_workflow(
    workflows: Workflows, workflow: str, variables: Mapping[str, str], deadline_seconds: float = DEADLINE_SECONDS
) -> None:
    """Run a workflow. Each of its lines is logged with its own level. The kernel kills it when this process ends.

    Args:
        workflows: the project's workflows.
        workflow: its name, as for ``Workflows.command``.
        variables: the variables of its template.
        deadline_seconds: it is killed after this time, seconds.

    Raises:
        WorkflowError: there is no such template, the ingestion is not installed, or the workflow failed.
        TablesMissed: the workflow failed because it could not describe some tables.
    """
    expired, missed = Event(), False
    with subprocess.Popen(
        workflows.command(workflow),
        # No secrets of other parts. The warehouse's client has variables of its own, such as for certificates.
        env={**basic_environment("PG*", "KRB5*"), **web.variables(), **variables},
        preexec_fn=partial(die_with_parent, os.getpid()),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    ) as process:
        assert process.stdout is not None  # noqa: S101 - it is a pipe

        def expire() -> None:
            expired.set()
            process.kill()

        timer = Timer(deadline_seconds, expire)
        timer.start()
        try:
            for level, line in leveled(process.stdout):
                log.log(level, "%s", line)
                missed = missed or _NOT_DESCRIBED in line
            code = process.wait()
        except BaseException:
            process.kill()
            raise
        finally:
            timer.cancel()
    if expired.is_set():
        raise WorkflowError(f"workflow {workflow} did not end within {deadline_seconds:g} s")
    if code != 0:
        how = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
        kind = TablesMissed if missed else WorkflowError
        raise kind(f"workflow {workflow} {how}: the lines above say why")


def leveled(lines: Iterator[str]) -> Iterator[tuple[int, str]]:
    """Lines of a workflow with their levels. A line without a level has that of the line before.

    Args:
        lines: the lines of stdout and stderr.

    Yields:
        The level, and the line without its line break.
    """
    level = logging.INFO
    for line in lines:
        if match := _LINE.match(line):
            level = logging.getLevelNamesMapping()[match[1]]
        elif line.startswith(_TRACEBACK):
            level = max(level, logging.ERROR)
        yield level, line.rstrip()


def describe_warehouse(workflows: Workflows) -> None:
    """Describe the warehouse's tables and columns in the catalogue, and hide tables that no longer exist.

    A build may drop or rename a table after it was listed and before it is described. Then all others are described, and
    the workflow is run again.

    Args:
        workflows: the project's workflows.

    Raises:
        WorkflowError: the workflow cannot be started, or ended with an error.
        TablesMissed: tables could not be described, several times in a row.
        CatalogueError, WarehouseError: the catalogue or the warehouse is unreachable.
    """
    warehouse = workflows.warehouse
    if not warehouse.is_shared:
        log.info("only dbt may open %s: its tables come from the events of dbt's runs", warehouse.place)
        return
    from dbt_lineage.catalogue.beside import beside
    from dbt_lineage.catalogue.gone import GoneTables
    from dbt_lineage.manifest.graph import Manifest

    gone = GoneTables(
        workflows.openmetadata,
        Manifest.load(workflows.dbt.manifest),
        warehouse.database,
        warehouse.columns,
        beside(workflows.openmetadata, warehouse.database, workflows.others),
    )
    gone.look()
    describe_tables(workflows)
    gone.hide()


@retry(
    retry=retry_if_exception_type(TablesMissed),
    stop=stop_after_attempt(_DESCRIBED_TIMES),
    wait=wait_fixed(_DESCRIBED_AGAIN_SECONDS),
    before_sleep=before_sleep_log(log, logging.WARNING),
    reraise=True,
)
def describe_tables(workflows: Workflows) -> None:
    """Describe the warehouse's tables and columns in the catalogue, if a workflow can. Raises WorkflowError, TablesMissed."""
    workflow = workflows.warehouse.adapter.described_by
    if workflow is None:
        log.info("no workflow describes %s: its tables come from the events of dbt's runs", workflows.warehouse.place)
        return
    run_workflow(workflows, workflow, workflows.environment(workflows.dbt.run_artifacts))


def run_connector(
    workflows: Workflows, variables: Mapping[str, str] | None = None, deadline_seconds: float = DEADLINE_SECONDS
) -> None:
    """Let OpenMetadata's own OpenLineage connector read the new events, which are copied to the curated topic first.

    The connector commits its offsets before it has stored anything, and exits normally whatever the catalogue answered.
    So its result counts for nothing.

    Args:
        workflows: the project's workflows.
        variables: the variables of its template; those of the settings by default.
        deadline_seconds: it is killed after this time, seconds.

    Raises:
        WorkflowError: it failed.
        BrokerError: the cluster is unreachable.
    """
    from dbt_lineage.ingest.curate import curate

    ours, kafka, group = workflows.ours, workflows.kafka, workflows.openmetadata.consumer_group
    curated = (
        curate(kafka, group) if ours is None else curate(kafka, group, lambda job: ours.made_pipeline("-".join(job)))
    )
    log.info("%s: %s", workflows.kafka.events_topic, curated)
    run_workflow(workflows, "openlineage", variables or workflows.connector_environment(), deadline_seconds)

"""Running one of OpenMetadata's workflows, in a process of the environment that has the package."""

import logging
import os
import subprocess
from collections.abc import Mapping
from functools import partial

from include.openmetadata.workflows import WorkflowError, Workflows
from include.processes import basic_environment, die_with_parent

# Ten minutes: one waits for minutes for a catalogue that does not answer.
DEADLINE_SECONDS = 600.0

log = logging.getLogger(__name__)


def run_workflow(
    workflows: Workflows, workflow: str, variables: Mapping[str, str], deadline_seconds: float = DEADLINE_SECONDS
) -> None:
    """Run a workflow, which writes to this process's output. The kernel ends it with this process, however that ends.

    Args:
        workflows: how it is run.
        workflow: ``postgres``, ``openlineage``, ``dbt`` or ``superset``.
        variables: what its template names.
        deadline_seconds: when it is killed, seconds.

    Raises:
        WorkflowError: there is no such template, the ingestion is not installed, or it did not end well.
    """
    with subprocess.Popen(
        workflows.command(workflow),
        # None of the secrets of others. PostgreSQL's client has variables of its own, as for its certificates.
        env={**basic_environment("PG*", "KRB5*"), **variables},
        preexec_fn=partial(die_with_parent, os.getpid()),
    ) as process:
        try:
            code = process.wait(deadline_seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise WorkflowError(f"workflow {workflow} did not end within {deadline_seconds:g} s") from None
        except BaseException:
            process.kill()
            raise
    if code != 0:
        how = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
        raise WorkflowError(f"workflow {workflow} {how}: the lines above say why")


def describe_warehouse(workflows: Workflows) -> None:
    """Bring the warehouse's tables and columns into the catalogue. Raises WorkflowError."""
    run_workflow(workflows, "postgres", workflows.environment(workflows.dbt.run_artifacts))


def run_connector(
    workflows: Workflows, variables: Mapping[str, str] | None = None, deadline_seconds: float = DEADLINE_SECONDS
) -> None:
    """Let OpenMetadata's own OpenLineage connector read what is new in the events topic, by the curated topic.

    It commits its offsets before it has stored anything, and ends well whatever the catalogue answered: nothing that it
    does counts.

    Args:
        workflows: how it is run.
        variables: what its template names; those of the settings by default.
        deadline_seconds: when it is killed, seconds.

    Raises:
        WorkflowError: it did not end well.
        BrokerError: the cluster is away.
    """
    from include.lineage.curate import curate

    curated = curate(workflows.kafka, workflows.openmetadata.consumer_group)
    log.info("%s: %s", workflows.kafka.events_topic, curated)
    run_workflow(workflows, "openlineage", variables or workflows.connector_environment(), deadline_seconds)

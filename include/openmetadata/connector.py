"""Running OpenMetadata's OpenLineage connector without Airflow."""

import os
import subprocess
from collections.abc import Callable

from include.openmetadata.workflows import Workflows

# Runs the connector in a consumer group and returns its exit code; negative: the signal that ended it.
Connector = Callable[[str], int]

# Ten minutes: one run reads some tens of thousands of events in that time.
DEADLINE_SECONDS = 600.0


def as_process(workflows: Workflows, deadline_seconds: float = DEADLINE_SECONDS) -> Connector:
    """The connector as a process of its own, which writes to this one's output.

    Args:
        workflows: how it is run.
        deadline_seconds: when it is killed, seconds: it waits for minutes for a catalogue that does not answer.
    """

    def run(consumer_group: str) -> int:
        variables = workflows.connector_environment(consumer_group)
        with subprocess.Popen(workflows.command("openlineage"), env={**os.environ, **variables}) as process:
            try:
                return process.wait(deadline_seconds)
            except subprocess.TimeoutExpired:
                process.kill()
                return process.wait()
            except BaseException:
                process.kill()
                raise

    return run

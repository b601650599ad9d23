"""Imported by Airflow as each of its processes starts: the scheduler's local executor then forks with dbt in memory.

Importing dbt and Cosmos takes as long as building a small project; a task forked from a scheduler that has them starts
at once. Only the scheduler pays: it alone forks tasks.
"""

import importlib
import importlib.util
import sys

NEEDED_BY_DBT_TASKS = (
    "cosmos.operators.local",
    "dbt.cli.main",
    "dbt.task.build",
    "dbt.adapters.postgres",
    "openlineage.client.transport.kafka",
    "include.lineage.dbt_events",
    "plugins.dbt.producer",
)


def preload() -> None:
    """Import what tasks that run dbt need; a module that is not installed costs that task its import time only."""
    for module in NEEDED_BY_DBT_TASKS:
        if importlib.util.find_spec(module.split(".")[0]) is not None:
            importlib.import_module(module)


if "scheduler" in sys.argv:
    preload()

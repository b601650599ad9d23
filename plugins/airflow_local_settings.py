"""Imported by Airflow as each of its processes starts.

The scheduler gets dbt and Cosmos into memory, so that the tasks that its local executor forks have them: importing them
takes as long as building a small project. The triggerer learns to start the triggers of dbt's nodes cheaply.
"""

import importlib
import importlib.util
import sys

NEEDED_BY_DBT_TASKS = (
    "cosmos.operators.local",
    "dbt.cli.main",
    "dbt.task.build",
    "dbt.task.seed",
    "dbt.adapters.postgres",
    "airflow.providers.openlineage.plugins.macros",
    "include.lineage.dbt_events",
    "include.lineage.dbt_run",
    "include.lineage.send",
    "plugins.dbt.producer",
)


def preload() -> None:
    """Import what tasks that run dbt need; a module that is not installed costs that task its import time only."""
    for module in NEEDED_BY_DBT_TASKS:
        if importlib.util.find_spec(module.split(".")[0]) is not None:
            importlib.import_module(module)


if "scheduler" in sys.argv:
    preload()
if "triggerer" in sys.argv:
    from plugins.dbt import assets, fast
    from plugins.dbt.internals import spare_the_triggerer

    spare_the_triggerer((fast.TRIGGER, assets.TRIGGER))

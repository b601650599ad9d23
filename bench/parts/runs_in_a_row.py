"""Whether DAG runs end as they should, again and again."""

from collections import Counter
from dataclasses import asdict
from typing import Any

from bench.parts import part
from bench.stack import running
from bench.statistics import spread
from stack.airflow_api import AirflowApi

RUNS = 50


@part("runs_in_a_row")
def runs_in_a_row(_: int) -> dict[str, Any]:
    """Fifty runs of the whole dbt project in the mode ``fast``, one after the other; nothing in it is to fail."""
    with running("whole_project") as stack:
        api = AirflowApi(stack.config)
        runs = [api.run_once("fast") for _ in range(RUNS)]
        tasks = [task for run in runs for task in api.tasks("fast", run["dag_run_id"]).values()]
        seconds = [run["duration"] for run in runs]
        return {
            "ways": {"fast": {"wall_s": asdict(spread(seconds))}},
            "ratios": {},
            "runs": dict(Counter(run["state"] for run in runs)),
            "tasks": dict(Counter(str(task["state"]) for task in tasks)),
            "tried_again": sum(task["try_number"] > 1 for task in tasks),
        }

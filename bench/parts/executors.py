"""What a DAG run costs on Celery workers, beside tasks that the scheduler starts itself."""

import os
from typing import Any
from unittest.mock import patch

from bench.measure import interleave, summary
from bench.parts import part
from bench.stack import running
from stack.celery import machines, redis, variables

LOCAL, CELERY = "LocalExecutor", "CeleryExecutor"
WORKER = ("relay", "worker")


@part("executors", by_default=False)
def executors(rounds: int) -> dict[str, Any]:
    """The whole dbt project on two Celery workers that share no folder, over the same Airflow's LocalExecutor."""
    with redis() as (broker, pid):
        # A DAG of the benchmark says itself whether it tells of its lineage, on the workers' machines too.
        shared = {**variables(broker, f"{CELERY},{LOCAL}"), "AIRFLOW__OPENLINEAGE__SELECTIVE_ENABLE": "True"}
        with (
            patch.dict(os.environ, shared),
            running("executors") as stack,
            machines(stack.config, shared, one=WORKER, two=WORKER) as made,
        ):
            workers = {
                f"{what} {name}": process.pid for name, of in made.items() for what, process in of.processes.items()
            }
            stack.beside = {"redis": pid, **workers}
            stack.measure_idling()
            ways = [stack.dag_way(LOCAL, "on_local"), stack.dag_way(CELERY, "on_celery")]
            return {"idle_cpu_per_s": stack.idle_cpu_per_s, **summary(interleave(ways, rounds), LOCAL)}

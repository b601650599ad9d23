"""How much longer than dbt by hand a DAG run takes."""

from typing import Any

from bench.measure import interleave, summary
from bench.parts import part
from bench.stack import running
from bench.usage import BY_HAND
from dbt_lineage.airflow.dbt_tasks.names import WITHOUT_SEEDS
from dbt_lineage.core import settings

# As the DAG has them.
BUILD_WITHOUT_SEEDS = ("build", *WITHOUT_SEEDS)
# A dbt process for each of its thirty tasks: one run takes minutes, and one is enough.
LOCAL_AT_MOST = 1


@part("airflow_ratio")
def airflow_ratio(rounds: int) -> dict[str, Any]:
    """The models and tests of the dbt project: DAG runs in each mode over the one ``dbt build`` that they all run."""
    with running("airflow_ratio") as stack:
        ways = [
            stack.dbt_way(BY_HAND, settings.dbt(), BUILD_WITHOUT_SEEDS),
            stack.dag_way("fast", "fast"),
            # Runs of Cosmos' own modes fail now and then; the results count them.
            stack.dag_way("watcher", "watcher", tries=3),
            stack.dag_way("local", "local", at_most=LOCAL_AT_MOST, tries=3),
        ]
        figures = summary(interleave(ways, rounds), BY_HAND)
        return {"idle_cpu_per_s": stack.idle_cpu_per_s, "failed_runs": stack.failed_runs, **figures}


@part("airflow_ratio_with_seeds")
def airflow_ratio_with_seeds(rounds: int) -> dict[str, Any]:
    """The whole dbt project: a DAG run over the two commands that it runs, by hand.

    A single ``dbt build`` of everything stands beside them. It is no way to run the project: dbt does not know that
    sources read what seeds write, so it reads some of them before they are loaded.
    """
    with running("whole_project") as stack:
        ways = [
            stack.dbt_way(BY_HAND, settings.dbt(), ("seed",), BUILD_WITHOUT_SEEDS),
            stack.dbt_way("one build", settings.dbt(), ("build",)),
            stack.dag_way("fast", "fast"),
        ]
        return {"idle_cpu_per_s": stack.idle_cpu_per_s, **summary(interleave(ways, rounds), BY_HAND)}

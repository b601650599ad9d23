"""How much longer than dbt by hand a DAG run takes."""

from typing import Any

from bench.generated import generated
from bench.measure import interleave, summary
from bench.parts import part
from bench.stack import running
from bench.usage import BY_HAND
from include import settings

# A dbt process for each of its thirty tasks: one run takes minutes.
LOCAL_AT_MOST = 2


@part("airflow_ratio")
def airflow_ratio(rounds: int) -> dict[str, Any]:
    """The dbt project of the settings, in each mode."""
    with running("airflow_ratio") as stack:
        ways = [
            stack.dbt_way(BY_HAND, settings.dbt()),
            stack.dag_way("fast", "fast"),
            stack.dag_way("watcher", "watcher"),
            stack.dag_way("local", "local", at_most=LOCAL_AT_MOST),
        ]
        return {"idle_cpu_per_s": stack.idle_cpu_per_s, **summary(interleave(ways, rounds), BY_HAND)}


@part("airflow_ratio_100")
def airflow_ratio_100(rounds: int) -> dict[str, Any]:
    """A made-up project of 100 models, in the mode ``fast``."""
    return _made_up(100, rounds)


@part("airflow_ratio_300", by_default=False)
def airflow_ratio_300(rounds: int) -> dict[str, Any]:
    """A made-up project of 300 models, in the mode ``fast``."""
    return _made_up(300, rounds)


def _made_up(models: int, rounds: int) -> dict[str, Any]:
    with running(f"airflow_ratio_{models}", generated=[models]) as stack:
        ways = [stack.dbt_way(BY_HAND, generated(models)), stack.dag_way("fast", f"fast_{models}")]
        return {"idle_cpu_per_s": stack.idle_cpu_per_s, **summary(interleave(ways, rounds), BY_HAND)}

"""What the first DAG run after a restart of the stack waits for."""

from typing import Any

from bench.measure import Samples, summary
from bench.parts import part
from bench.stack import running

ROUNDS = 3


@part("first_run_s")
def first_run_s(rounds: int) -> dict[str, Any]:
    """The first DAG run after a restart over the one after it, at most three times."""
    samples: Samples = {"first": {}, "warm": {}}
    with running("whole_project") as stack:
        for number in range(1, min(rounds, ROUNDS) + 1):
            stack.restart()
            for name in samples:
                samples[name][number] = stack.dag_way(name, "fast").take()
        return {"idle_cpu_per_s": stack.idle_cpu_per_s, **summary(samples, "warm")}

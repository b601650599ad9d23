"""Whether a broker that is away slows a DAG run down."""

from typing import Any

from bench.measure import Sample, Way, interleave, summary
from bench.parts import part
from bench.stack import BenchStack, running
from stack import lifecycle
from stack.supervisor import Supervisor

UP = "Kafka up"


@part("kafka_away_ratio")
def kafka_away_ratio(rounds: int) -> dict[str, Any]:
    """A DAG run with lineage whose broker is stopped before it starts, over one whose broker is there."""
    with running("overhead_ratio") as stack:
        ways = [stack.dag_way(UP, "lineage_on"), _without_kafka(stack)]
        return {"idle_cpu_per_s": stack.idle_cpu_per_s, **summary(interleave(ways, rounds), UP)}


def _without_kafka(stack: BenchStack) -> Way:
    with_kafka = stack.dag_way("Kafka away", "lineage_on")

    def take() -> Sample:
        Supervisor(stack.config).stop("kafka")
        try:
            return with_kafka.take()
        finally:
            lifecycle.start(stack.config, "kafka")
            # What waited in the spool is sent before the next way is measured.
            stack.settle()

    return Way(with_kafka.name, take)

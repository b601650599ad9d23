"""What lineage costs: in a DAG run, and beside it that of the stock command line."""

import json
import sys
from pathlib import Path
from typing import Any

from bench.measure import interleave, summary
from bench.parts import part
from bench.stack import BenchStack, running
from dbt_lineage.core import settings

OFF = "off"


@part("overhead_ratio")
def overhead_ratio(rounds: int) -> dict[str, Any]:
    """A DAG run with lineage over one without: Airflow's own events and those of dbt's nodes; and with the first alone."""
    with running("overhead_ratio") as stack:
        ways = [
            stack.dag_way("on", "lineage_on"),
            stack.dag_way("of Airflow only", "lineage_of_airflow"),
            stack.dag_way(OFF, "lineage_off"),
        ]
        return {"idle_cpu_per_s": stack.idle_cpu_per_s, **summary(interleave(ways, rounds), OFF)}


@part("dbt_ol_ratio")
def dbt_ol_ratio(rounds: int) -> dict[str, Any]:
    """``dbt-ol build``, which sends to Kafka, over ``dbt build``, by hand."""
    with running("whole_project") as stack:
        ways = [
            stack.dbt_way(
                "dbt-ol",
                settings.dbt(),
                ("build",),
                program=[str(_program("dbt-ol"))],
                environment=_dbt_ol_environment(stack),
            ),
            stack.dbt_way(OFF, settings.dbt(), ("build",), program=[str(_program("dbt"))]),
        ]
        return {"idle_cpu_per_s": stack.idle_cpu_per_s, **summary(interleave(ways, rounds), OFF)}


def _program(name: str) -> Path:
    return Path(sys.executable).with_name(name)


def _dbt_ol_environment(stack: BenchStack) -> dict[str, str]:
    """OpenLineage's own transport to Kafka, as its manual has it; and dbt-ol looks for dbt on the path."""
    kafka = settings.kafka()
    transport = {
        "type": "kafka",
        "topic": kafka.events_topic,
        "config": {"bootstrap.servers": kafka.bootstrap_servers, "acks": "all"},
        "flush": True,
    }
    return {
        "OPENLINEAGE__TRANSPORT": json.dumps(transport),
        "OPENLINEAGE__TRANSPORT__TYPE": "kafka",
        "OPENLINEAGE_NAMESPACE": settings.openlineage().namespace,
        "PATH": f"{Path(sys.executable).parent}:{stack.environment['PATH']}",
    }

"""What the stack takes of memory, and an event of disk."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import create_engine, text

from bench.measure import Sample, Samples, summary
from bench.parts import part
from bench.stack import BenchStack, running
from bench.usage import MEBIBYTE, family, memory_bytes
from dbt_lineage.core import settings
from dbt_lineage.core.settings import KafkaSettings
from dbt_lineage.spool.spool import Spool, Usage
from stack import lifecycle
from stack.supervisor import Supervisor


@part("sizes", by_default=False)
def sizes(rounds: int) -> dict[str, Any]:
    """Memory of each service when a DAG run of the whole project has ended, and bytes of an event where it is kept."""
    samples: Samples = {}
    with running("whole_project") as stack:
        for number in range(1, rounds + 1):
            waiting = _run_without_relay(stack)
            lifecycle.start(stack.config, "relay")
            stack.settle()
            for name, mebibytes in _memory(stack).items():
                samples.setdefault(name, {})[number] = Sample({"memory_mib": mebibytes})
        ledger = _in_ledger(stack.environment)
        topic = _bytes_in_topic(stack.config.data / "kafka")
        kept = {
            "spool": waiting.used / waiting.waiting,
            "topic": topic / ledger["events"],
            "ledger": ledger["bytes"] / ledger["events"],
        }
    return {
        "events_per_run": waiting.waiting,
        "bytes_per_event": {name: round(size) for name, size in kept.items()},
        **summary(samples),
    }


def _run_without_relay(stack: BenchStack) -> Usage:
    """Run the DAG; what the spool holds then is what the run has emitted."""
    Supervisor(stack.config).stop("relay")
    stack.run_dag("fast")
    spool = Spool(Path(stack.environment["SPOOL_DIR"]), settings.spool().max_bytes)
    try:
        return spool.usage()
    finally:
        spool.close()


def _memory(stack: BenchStack) -> dict[str, float]:
    """MiB of each service with its children, and of all; what processes share is counted once (PSS)."""
    states = Supervisor(stack.config).states()
    trees = {name: family(psutil.Process(state["pid"])) for name, state in states.items() if state["pid"]}
    each = {name: memory_bytes(processes) / MEBIBYTE for name, processes in trees.items()}
    return {**each, "all": sum(each.values())}


def _bytes_in_topic(data: Path) -> int:
    topic = KafkaSettings.model_fields["events_topic"].default
    return sum(file.stat().st_size for file in data.glob(f"{topic}-*/*.log"))


def _in_ledger(environment: Mapping[str, str]) -> dict[str, int]:
    engine = create_engine(environment["LEDGER_URL"])
    query = text("SELECT count(*) AS events, pg_total_relation_size('lineage_event') AS bytes FROM lineage_event")
    with engine.connect() as database:
        found = database.execute(query).mappings().one()
    engine.dispose()
    return {"events": found["events"], "bytes": found["bytes"]}

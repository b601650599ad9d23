"""How much longer than dbt alone a DAG run takes, in each mode: ``make bench``.

Each round runs the same dbt commands by hand (``dbt seed``, then ``dbt build`` without the seeds) and as a DAG run in
each mode, one after the other on one stack, so that a drift of the machine's speed meets them all. The first round
warms up and is not counted. Wall time of a DAG run is from its start to its end as Airflow has them. CPU is what the
whole machine was busy for meanwhile, the idling of the stack included: run it on a machine that does nothing else.
"""

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime

import psutil
from rich.console import Console
from rich.table import Table

from bench.statistics import ratio
from include import settings
from include.settings import PROJECT_ROOT
from stack import airflow, lifecycle
from stack.airflow_api import AirflowApi
from stack.config import StackConfig, StackError, StackSettings

RESULT = PROJECT_ROOT / "build" / "bench.json"
MODES = ("fast", "watcher", "local")
BY_HAND = "dbt by hand"
console = Console()

Seconds = dict[str, list[float]]


def dbt_by_hand() -> float:
    """Run the commands that a DAG run runs, without Airflow and without lineage; returns wall seconds."""
    dbt = settings.dbt()
    options = ["--project-dir", str(dbt.project_dir), "--profiles-dir", str(dbt.profiles_file.parent), "--quiet"]
    options += ["--target-path", str(dbt.artifacts_dir / "by_hand")]
    started = time.monotonic()
    for command in (["seed"], ["build", "--exclude-resource-type", "seed"]):
        subprocess.run([sys.executable, "-m", "dbt.cli.main", *command, *options], check=True)
    return time.monotonic() - started


def dag_run(api: AirflowApi, mode: str) -> float:
    """Run the DAG of a mode; returns wall seconds. Raises StackError when the run fails."""
    run = api.run_once(f"dbt_{mode}")
    if run["state"] != "success":
        raise StackError(f"the run {run['dag_run_id']} of dbt_{mode} failed")
    start, end = (datetime.fromisoformat(run[key].replace("Z", "+00:00")) for key in ("start_date", "end_date"))
    return (end - start).total_seconds()


def busy() -> float:
    """CPU seconds that the machine has been busy for since it started."""
    times = psutil.cpu_times()
    return sum(times) - times.idle - times.iowait


def measure(api: AirflowApi, rounds: int) -> tuple[Seconds, Seconds]:
    """Wall and CPU seconds of each way to run the project, round by round."""
    ways: dict[str, Callable[[], float]] = {BY_HAND: dbt_by_hand}
    ways |= {mode: lambda mode=mode: dag_run(api, mode) for mode in MODES}  # type: ignore[misc]
    wall: Seconds = {name: [] for name in ways}
    cpu: Seconds = {name: [] for name in ways}
    for number in range(rounds + 1):
        for name, way in ways.items():
            before = busy()
            seconds = way()
            if number:
                wall[name].append(round(seconds, 2))
                cpu[name].append(round(busy() - before, 2))
            console.print(f"round {number} {name}: {seconds:.1f} s")
    return wall, cpu


def main(rounds: int) -> None:
    """Measure, write build/bench.json and print a table."""
    config = StackConfig(StackSettings(home=PROJECT_ROOT / ".stack-bench", dags_dir=PROJECT_ROOT / "bench" / "dags"))
    lifecycle.clean(config)
    lifecycle.up(config)
    try:
        os.environ.update(airflow.environment(config))
        subprocess.run([sys.executable, "-m", "include.kafka"], check=True)
        api = AirflowApi(config)
        api.await_dags({f"dbt_{mode}" for mode in MODES})
        wall, cpu = measure(api, rounds)
    finally:
        lifecycle.clean(config)
    ratios = {mode: ratio(wall[mode], wall[BY_HAND]) for mode in MODES}
    result = {
        "machine": {"cpus": psutil.cpu_count(), "memory_gb": round(psutil.virtual_memory().total / 2**30), "python": platform.python_version()},
        "wall_seconds": wall,
        "machine_cpu_seconds": cpu,
        "airflow_ratio": {mode: asdict(each) for mode, each in ratios.items()},
    }  # fmt: skip
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=2) + "\n")
    table = Table("way", "wall s, median", "machine CPU s, median", "times dbt by hand [95 % of medians]")
    for name in wall:
        each = ratios.get(name)
        shown = f"{each.median} [{each.low} to {each.high}]" if each else ""
        table.add_row(name, f"{statistics.median(wall[name]):.1f}", f"{statistics.median(cpu[name]):.1f}", shown)
    console.print(table)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)

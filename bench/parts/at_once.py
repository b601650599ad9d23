"""What ten dbt projects cost that are built at the same time, beside the same ten one after the other."""

import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

from bench.generated import FOLDER, generated
from bench.measure import interleave, summary
from bench.parts import part
from bench.stack import BenchStack, Figures, require_built, running
from dbt_lineage.core.settings import DbtSettings
from stack.airflow_api import AirflowApi

PROJECTS = 10
# Each has another size, by which the harness tells them apart.
SMALLEST = 21
SIZES = range(SMALLEST, SMALLEST + PROJECTS)
BY_HAND_BESIDE = 3
IN_A_ROW, AT_ONCE = "one after the other", "at once"
DAG_FILE = '''"""Airflow DAG of the benchmark: a made-up dbt project of {models} models."""

from bench.airflow_dag import dbt_dag
from bench.generated import generated

dag = dbt_dag("{name}", generated({models}))
'''


@part("at_once", by_default=False)
def at_once(rounds: int) -> dict[str, Any]:
    """Ten projects of 21 to 30 models: DAG runs at once over one after the other; once more with dbt by hand beside."""
    with running(_dag_files(), generated=[*SIZES, *_by_hand()]) as stack:
        ways = [
            stack.way(IN_A_ROW, lambda: _one_by_one(stack)),
            stack.way(AT_ONCE, lambda: _together(stack, ())),
            stack.way(
                "at once, and dbt by hand beside", lambda: _together(stack, [generated(size) for size in _by_hand()])
            ),
        ]
        return {"idle_cpu_per_s": stack.idle_cpu_per_s, **summary(interleave(ways, rounds), IN_A_ROW)}


def _dag_files() -> Path:
    folder = FOLDER / "at_once"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for models in SIZES:
        (folder / f"models_{models}.py").write_text(DAG_FILE.format(models=models, name=f"models_{models}"))
    return folder


def _by_hand() -> range:
    return range(SIZES.stop, SIZES.stop + BY_HAND_BESIDE)


def _one_by_one(stack: BenchStack) -> Figures:
    started = time.monotonic()
    for models in SIZES:
        stack.run_dag(f"models_{models}")
    return _wall(started)


def _together(stack: BenchStack, by_hand: list[DbtSettings] | tuple[()]) -> Figures:
    api, started = AirflowApi(stack.config), time.monotonic()
    for models in SIZES:
        api.unpause(f"models_{models}")
    runs = {f"models_{models}": api.trigger(f"models_{models}") for models in SIZES}
    commands = [stack.start_dbt_with_lineage(dbt, "build") for dbt in by_hand]
    for command in commands:
        if command.wait():
            raise subprocess.CalledProcessError(command.returncode, command.args)
    for dag_id, run_id in runs.items():
        require_built(api, api.await_run(dag_id, run_id))
    return _wall(started)


def _wall(started: float) -> Figures:
    seconds = time.monotonic() - started
    return {"wall_s": seconds, "wall_from_queued_s": seconds}

"""How long Airflow takes to read the DAG file of a dbt project."""

import os
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from bench import generated
from bench.measure import Sample, Way, interleave, summary
from bench.parts import part
from bench.stack import DAGS
from bench.usage import BY_HAND, Meter
from stack.checkout import PROJECT_ROOT
from stack.config import PYTHON_PATH

SIZES = (13, 100, 1000, 3000)
# dbt parses without the warehouse, but not without its password.
NO_SECRET = {"WAREHOUSE_PASSWORD": "unused"}


@part("dagbag_s")
def dagbag_s(rounds: int) -> dict[str, Any]:
    """Made-up projects of 13 to 3,000 models; each time a new process that has imported Airflow already."""
    for models in SIZES:
        subprocess.run(
            [sys.executable, "-m", generated.__name__, str(models)], env={**os.environ, **NO_SECRET}, check=True
        )
    with tempfile.TemporaryDirectory() as home:
        ways = [Way(f"{models} models", partial(_sample, Path(home), models)) for models in SIZES]
        return summary(interleave(ways, rounds))


def _sample(home: Path, models: int) -> Sample:
    # The process gets an Airflow home of its own: the user's configuration has no part in the figures.
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")},
        **NO_SECRET,
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJECT_ROOT / "plugins"),
        "AIRFLOW__COSMOS__ENABLE_TELEMETRY": "False",
        "AIRFLOW__COSMOS__CACHE_DIR": str(home / "cosmos"),
        "PYTHONPATH": PYTHON_PATH,
        "BENCH_MODELS": str(models),
    }
    with Meter({}) as meter:
        done = subprocess.run(
            [sys.executable, "-m", "bench.load_dag", str(DAGS / "dagbag_s" / "generated.py")],
            env=environment,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
    seconds = float(done.stdout.split()[-1])
    return Sample(
        {"wall_s": seconds, "cpu_of_process_s": meter.cpu_s[BY_HAND], "peak_memory_mib": meter.peak_memory_mib}
    )

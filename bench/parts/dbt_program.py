"""What dbt as a program of its own costs beside dbt in the process of the task."""

import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from openlineage.common.provider.dbt.facets import ParentRunMetadata

from bench.measure import Sample, interleave, summary
from bench.measure import Way as Measured
from bench.parts import part
from bench.projects import make_project
from bench.usage import children_cpu_seconds
from dbt_lineage.airflow import preload
from dbt_lineage.airflow.dbt_tasks.running import Way, WithProgram, in_this_process
from dbt_lineage.core import settings
from dbt_lineage.core.settings import DbtSettings
from dbt_lineage.events.live import EmittingProcess, Invocation, LiveLineage
from dbt_lineage.manifest.parse import make_manifest
from stack import airflow, lifecycle
from stack.checkout import PROJECT_ROOT
from stack.config import StackConfig, StackError, StackSettings

MODELS = 100
HERE, PROGRAM = "in the process of the task", "as a program"
# The console script of the same dbt.
DBT = Path(sys.executable).with_name("dbt")
PARENT = ParentRunMetadata(run_id="0193f1b4-0000-7000-8000-000000000001", job_name="bench", job_namespace="bench")


@part("dbt_program", by_default=False)
def dbt_program(rounds: int) -> dict[str, Any]:
    """``dbt build`` of a made-up project with its lineage, each time in a process that is forked from one with dbt ready.

    As the scheduler forks a task: what dbt needs is imported, and the project was parsed once.
    """
    with tempfile.TemporaryDirectory() as folder, _warehouse() as warehouse, patch.dict(os.environ, warehouse):
        os.environ.update(_environment(Path(folder)))
        dbt = settings.read(DbtSettings)
        make_manifest(dbt)
        preload.import_ahead(preload.NEEDED_BY_TASKS)
        preload.warm_up()
        preload.share_memory()
        ways = [
            Measured(HERE, partial(_sample, dbt, in_this_process)),
            Measured(PROGRAM, partial(_sample, dbt, WithProgram().as_program)),
        ]
        return {"models": MODELS, **summary(interleave(ways, rounds), HERE)}


@contextmanager
def _warehouse() -> Iterator[dict[str, str]]:
    """A PostgreSQL of its own; its variables."""
    config = StackConfig(StackSettings(home=PROJECT_ROOT / ".stack-bench-program", well_known_ports=False))
    lifecycle.clean(config)
    try:
        lifecycle.up(config, "postgres")
        yield {name: value for name, value in airflow.environment(config).items() if name.startswith("WAREHOUSE_")}
    finally:
        lifecycle.clean(config)


def _environment(folder: Path) -> dict[str, str]:
    return {
        "DBT_PROJECT_DIR": str(make_project(folder / "project", MODELS)),
        "DBT_PROFILE": "generated",
        "DBT_ARTIFACTS_DIR": str(folder / "artifacts"),
        "OPENLINEAGE__TRANSPORT__TYPE": "dbt_lineage.spool.transport.SpoolTransport",
        "SPOOL_DIR": str(folder / "spool"),
    }


def _sample(dbt: DbtSettings, way: Way) -> Sample:
    started, before = time.monotonic(), children_cpu_seconds()
    task = multiprocessing.get_context("fork").Process(target=_build, args=(dbt, way))
    task.start()
    task.join()
    if task.exitcode:
        raise StackError(f"dbt build of {dbt.project_dir} failed with exit code {task.exitcode}")
    return Sample({"wall_s": time.monotonic() - started, "cpu_s": children_cpu_seconds() - before})


def _build(dbt: DbtSettings, way: Way) -> None:
    command = [str(DBT), "build", *dbt.options, "--target-path", str(dbt.project_dir / "target")]
    invocation = Invocation(dbt.project_dir, dbt.profiles_file.parent, dbt.target, command, PARENT, "bench")
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
    with EmittingProcess() as process, LiveLineage(invocation, process) as lineage:
        end = way(command, dict(os.environ), str(dbt.project_dir), lineage.hear)
        lineage.finish(end.nodes)
    sys.exit(0 if end.success else 1)

"""What a DAG run costs with 15, 100, 1,000 and 3,000 models, beside dbt by hand; and ten runs on a machine at its limit."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from typing import Any

import psutil

from bench import generated
from bench.measure import Sample, Way, interleave, summary
from bench.parts import part
from bench.projects import make_project
from bench.stack import HOME, BenchStack, with_own_dags
from bench.statistics import growth_exponent, spread
from bench.usage import BY_HAND
from dbt_lineage.core import settings
from dbt_lineage.ledger.history import History, Latency
from dbt_lineage.manifest.graph import Manifest
from stack.airflow_api import AirflowApi, await_condition
from stack.checkout import PROJECT_ROOT
from stack.config import StackConfig, StackError, StackSettings

MODELS = (15, 100, 1000, 3000)
# A larger one is run once, and no round warms it up: dbt by hand builds it before.
LARGEST_WARMED_UP = 1000
# Cosmos' own way, measured where it does not take hours.
WATCHER_MODELS = 100
WATCHER_TRIES = 3
# With OpenMetadata's connector as well, once.
CONNECTOR_MODELS = 1000
FAST, WATCHER = "fast", "watcher"
# What any program that keeps one core busy costs dbt, so that the cost of this one can be told from it.
BESIDE_A_LOOP = "by hand, one core busy"
CONNECTOR = "openmetadata_ingestion"
RUN_SECONDS = 3600.0
VERIFIED_SECONDS = 300.0
IN_A_ROW = 10
# A line through fewer than three sizes says little; with 15 models what each run has anyway is most of it.
SMALLEST_OF_GROWTH = 100


@part("thousand", by_default=False)
def thousand(rounds: int) -> dict[str, Any]:
    """Made-up projects of each size, on the project's own DAGs; ``MODELS`` in the environment names other sizes."""
    sizes = tuple(map(int, os.environ.get("MODELS", "").split())) or MODELS
    by_models = {models: _measured(models, rounds) for models in sizes}
    ways = {f"{models} models, {name}": way for models, of in by_models.items() for name, way in of.pop("ways").items()}
    ratios = {f"{models} models, {name}": r for models, of in by_models.items() for name, r in of.pop("ratios").items()}
    return {"by_models": by_models, "growth_exponents": _exponents(by_models, ways), "ways": ways, "ratios": ratios}


@part("thousand_in_a_row", by_default=False)
def thousand_in_a_row(rounds: int) -> dict[str, Any]:
    """Ten runs of the 1,000 models, one after the other, with a busy loop on each core beside them."""
    del rounds
    with running(1000, FAST) as stack, _busy_loops(psutil.cpu_count() or 1):
        walls = []
        for number in range(IN_A_ROW):
            walls.append(stack.run_dag(settings.dbt().dag_id, RUN_SECONDS)["wall_s"])
            print(f"run {number + 1}: {walls[-1]:.1f} s", flush=True)
        latency = await_verified(datetime.fromtimestamp(0, UTC))
    return {"runs": IN_A_ROW, "runs_s": walls, "verified": asdict(latency), "ways": {}, "ratios": {}}


def _measured(models: int, rounds: int) -> dict[str, Any]:
    """Everything about one size."""
    at_most = None if models <= LARGEST_WARMED_UP else 1
    with running(models, FAST) as stack:
        dbt = settings.dbt()
        # By hand, too, dbt has parsed the project before. And it takes longer to replace tables than to make the first.
        stack.run_dbt(dbt, ("parse",) if at_most is None else ("build",))
        by_hand = stack.dbt_way(BY_HAND, dbt, ("build",), at_most=at_most)
        ways = [by_hand, stack.dag_way(FAST, dbt.dag_id, at_most, seconds=RUN_SECONDS)]
        if models == CONNECTOR_MODELS:
            ways.append(Way(BESIDE_A_LOOP, partial(_beside_a_loop, by_hand.take)))
        samples = interleave(ways, rounds if at_most is None else 1)
        [last, *_] = AirflowApi(stack.config).runs(dbt.dag_id)[::-1]
        figures = {
            "dag_file_s": _dag_file_seconds(stack),
            "idle_cpu_per_s": stack.idle_cpu_per_s,
            "verified": asdict(await_verified(datetime.fromisoformat(last["start_date"]))),
            "checks_s": _checks_seconds(stack),
        }
        if models == CONNECTOR_MODELS:
            samples["fast, connector on"] = {1: _with_connector(stack, dbt.dag_id)}
    if models == WATCHER_MODELS:
        figures["watcher"] = _watcher(models)
    return figures | summary(samples, BY_HAND)


def _watcher(models: int) -> dict[str, Any]:
    """Cosmos' own form once, on a stack of its own, with dbt by hand beside it; where no run ends well, only how many."""
    with running(models, WATCHER) as stack:
        dbt = settings.dbt()
        stack.run_dbt(dbt, ("parse",))
        ways = [
            stack.dbt_way(BY_HAND, dbt, ("build",), at_most=1),
            stack.dag_way(WATCHER, dbt.dag_id, at_most=1, tries=WATCHER_TRIES, seconds=RUN_SECONDS),
        ]
        try:
            figures = summary(interleave(ways, 1), BY_HAND)
        except StackError as error:
            return {"failed_runs": WATCHER_TRIES, "last_failure": str(error).splitlines()[0]}
        return {**figures, "failed_runs": stack.failed_runs.get(WATCHER, 0)}


def _with_connector(stack: BenchStack, dag_id: str) -> Sample:
    api = AirflowApi(stack.config)
    api.unpause(CONNECTOR)
    known = {run["dag_run_id"] for run in api.runs(CONNECTOR)}
    sample = stack.dag_way("fast, connector on", dag_id, seconds=RUN_SECONDS).take()
    run = api.await_new_run(CONNECTOR, known, RUN_SECONDS)
    if run["state"] != "success":
        raise StackError(f"{CONNECTOR} ended as {run['state']}")
    return sample


@contextmanager
def running(models: int, mode: str, columns: int = 2) -> Iterator[BenchStack]:
    """A new stack of a made-up project, with the project's own DAGs; nothing of it is left afterwards.

    Args:
        models: how many models the project has.
        mode: how they run, a value of ``DBT_EXECUTION_MODE``.
        columns: how many columns each model has.
    """
    folder = generated.FOLDER / f"{models}_models" / "generated"
    project = {
        "DBT_PROJECT_DIR": str(make_project(folder, models, schema=f"generated_{models}", columns=columns)),
        "DBT_PROFILE": "generated",
        "DBT_TARGET": "dev",
        "DBT_SEEDS": "",
        "DBT_DAG_ID": f"models_{models}",
        "DBT_EXECUTION_MODE": mode,
    }
    with with_own_dags(StackConfig(StackSettings(home=HOME)), CONNECTOR, **project) as stack:
        yield stack


def _beside_a_loop(take: Callable[[], Sample]) -> Sample:
    with _busy_loops(1):
        return take()


@contextmanager
def _busy_loops(count: int) -> Iterator[None]:
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def await_verified(since: datetime) -> Latency:
    """Latency of the models that completed since then, once all of them are verified. Raises StackError."""
    namespace, models = settings.openlineage().namespace, Manifest.load(settings.dbt().manifest).models
    with History(settings.ledger()) as history:

        def seen() -> Latency | None:
            found = history.latencies(namespace, models, since)
            done = found.get("verified")
            return done if done is not None and done.count == found["acknowledged"].count >= len(models) else None

        return await_condition(seen, VERIFIED_SECONDS, "not every model was verified")


def _dag_file_seconds(stack: BenchStack) -> float:
    """Median of five readings of the DAG file, each in a new process that has imported Airflow."""
    words = [sys.executable, "-m", "bench.load_dag", str(PROJECT_ROOT / "dags" / "run_dbt_project.py")]
    seconds = [
        float(
            subprocess.run(words, env=stack.environment, check=True, capture_output=True, text=True).stdout.split()[-1]
        )
        for _ in range(5)
    ]
    return spread(seconds).median


def _checks_seconds(stack: BenchStack) -> float:
    """Seconds of all checks in a process of their own, its start included. Raises StackError when one fails."""
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "dbt_lineage", "checks"], env=stack.environment, capture_output=True, text=True
    )
    if done.returncode != 0:
        raise StackError(
            f"the checks ended with exit code {done.returncode}:\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
        )
    return round(time.monotonic() - started, 2)


def _exponents(by_models: dict[int, dict[str, Any]], ways: dict[str, Any]) -> dict[str, float]:
    """How each figure grows with the models."""
    sizes = [models for models in by_models if models >= SMALLEST_OF_GROWTH]
    if len(sizes) < 2:
        return {}
    curves = {
        "wall": {models: ways[f"{models} models, {FAST}"]["wall_s"]["median"] for models in sizes},
        "wall_by_hand": {models: ways[f"{models} models, {BY_HAND}"]["wall_s"]["median"] for models in sizes},
        "cpu": {models: ways[f"{models} models, {FAST}"]["cpu_without_idling_s"]["median"] for models in sizes},
        "memory": {models: ways[f"{models} models, {FAST}"]["peak_memory_mib"]["median"] for models in sizes},
        "latency_p95": {models: by_models[models]["verified"]["p95"] for models in sizes},
        "checks": {models: by_models[models]["checks_s"] for models in sizes},
        "dag_file": {models: by_models[models]["dag_file_s"] for models in sizes},
    }
    return {name: growth_exponent(curve) for name, curve in curves.items()}

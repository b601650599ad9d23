"""The jaffle shop on each warehouse that the local stack can build in: a DAG run beside dbt by hand."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal, get_args

from bench.measure import interleave, summary
from bench.parts import part
from bench.stack import HOME, BenchStack, require_no_other_stack
from bench.usage import BY_HAND
from dbt_lineage.core import settings
from stack import java, lifecycle
from stack.airflow_api import AirflowApi
from stack.checkout import PROJECT_ROOT
from stack.config import StackConfig, StackSettings
from stack.rollback import forget_settings
from stack.services import SERVICES

Kind = Literal["postgres", "duckdb", "spark"]
WAREHOUSES: tuple[Kind, ...] = get_args(Kind)
DAG_RUN = "DAG run"
WITHOUT = ("superset",)
RUN_SECONDS = 900.0


@part("warehouses", by_default=False)
def warehouses(rounds: int) -> dict[str, Any]:
    """Each on a stack of its own, with lineage; Spark where ``make setup WAREHOUSE=spark`` was called."""
    found = {name: _measured(name, rounds) for name in WAREHOUSES if name != "spark" or _has_spark()}
    ways = {f"{name}, {way}": figures for name, of in found.items() for way, figures in of["ways"].items()}
    ratios = {f"{name}, {way}": figures for name, of in found.items() for way, figures in of["ratios"].items()}
    return {"ways": ways, "ratios": ratios}


def _measured(warehouse: Kind, rounds: int) -> dict[str, Any]:
    with _running(warehouse) as stack:
        dbt = settings.dbt()
        ways = [
            stack.dbt_way(BY_HAND, dbt, ("seed",), ("build", "--exclude-resource-type", "seed")),
            stack.dag_way(DAG_RUN, dbt.dag_id, seconds=RUN_SECONDS),
        ]
        # Sources read what seeds write: the first build needs them.
        stack.run_dbt(dbt, ("seed",))
        return summary(interleave(ways, rounds), BY_HAND)


@contextmanager
def _running(warehouse: Kind) -> Iterator[BenchStack]:
    """A new stack that builds in this warehouse; nothing of it is left afterwards."""
    config = StackConfig(StackSettings(home=HOME, warehouse=warehouse))
    lifecycle.clean(config)
    require_no_other_stack()
    before = dict(os.environ)
    try:
        lifecycle.up(config, *(service.name for service in SERVICES if service.name not in WITHOUT))
        stack = BenchStack(config)
        os.environ |= stack.environment
        forget_settings()
        subprocess.run([sys.executable, "-m", "dbt_lineage", "topics"], check=True)
        AirflowApi(config).await_dags({settings.dbt().dag_id})
        stack.measure_idling()
        yield stack
    finally:
        lifecycle.clean(config)
        os.environ.clear()
        os.environ |= before
        forget_settings()


def _has_spark() -> bool:
    try:
        java.home()
    except java.NoJava:
        return False
    return (PROJECT_ROOT / ".venvs" / "spark" / ".ready").exists()

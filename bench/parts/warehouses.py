"""The jaffle shop on each warehouse that the local stack can build in: a DAG run beside dbt by hand."""

from typing import Any, Literal, get_args

from bench.measure import interleave, summary
from bench.parts import part
from bench.stack import HOME, with_own_dags
from bench.usage import BY_HAND
from dbt_lineage.core import settings
from stack import java
from stack.checkout import PROJECT_ROOT
from stack.config import StackConfig, StackSettings

Kind = Literal["postgres", "duckdb", "spark"]
WAREHOUSES: tuple[Kind, ...] = get_args(Kind)
DAG_RUN = "DAG run"
RUN_SECONDS = 900.0


@part("warehouses", by_default=False)
def warehouses(rounds: int) -> dict[str, Any]:
    """Each on a stack of its own, with lineage; Spark where ``make setup WAREHOUSE=spark`` was called."""
    found = {name: _measured(name, rounds) for name in WAREHOUSES if name != "spark" or _has_spark()}
    ways = {f"{name}, {way}": figures for name, of in found.items() for way, figures in of["ways"].items()}
    ratios = {f"{name}, {way}": figures for name, of in found.items() for way, figures in of["ratios"].items()}
    return {"ways": ways, "ratios": ratios}


def _measured(warehouse: Kind, rounds: int) -> dict[str, Any]:
    with with_own_dags(StackConfig(StackSettings(home=HOME, warehouse=warehouse))) as stack:
        dbt = settings.dbt()
        ways = [
            stack.dbt_way(BY_HAND, dbt, ("seed",), ("build", "--exclude-resource-type", "seed")),
            stack.dag_way(DAG_RUN, dbt.dag_id, seconds=RUN_SECONDS),
        ]
        # Sources read what seeds write: the first build needs them.
        stack.run_dbt(dbt, ("seed",))
        return summary(interleave(ways, rounds), BY_HAND)


def _has_spark() -> bool:
    try:
        java.home()
    except java.NoJava:
        return False
    return (PROJECT_ROOT / ".venvs" / "spark" / ".ready").exists()

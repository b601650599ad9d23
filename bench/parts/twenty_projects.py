"""What a DAG run of one dbt project costs where Airflow has twenty of them, beside where it has that one alone."""

import time
from pathlib import Path
from typing import Any

from bench.generated import FOLDER
from bench.measure import interleave, summary
from bench.parts import part
from bench.projects import make_project
from bench.stack import BenchStack, Figures, require_built, running
from dbt_lineage.core import settings
from dbt_lineage.core.settings import DbtSettings
from stack.airflow_api import AirflowApi

MODELS, MANY = 15, 20


@part("twenty_projects", by_default=False)
def twenty_projects(rounds: int) -> dict[str, Any]:
    """A DAG run of 15 models over dbt by hand, with one project and with twenty in lineage.yml; and all twenty at once."""
    ways: dict[str, Any] = {}
    ratios: dict[str, Any] = {}
    idling: dict[str, float] = {}
    for count in (1, MANY):
        projects = {f"project_{number:02d}": _project(number) for number in range(1, count + 1)}
        measured = _dbt(next(iter(projects.values())))
        with running("projects", projects=projects) as stack:
            by_hand, of_one = f"by hand, projects: {count}", f"a DAG run, projects: {count}"
            taken = [stack.dbt_way(by_hand, measured, ("build",)), stack.dag_way(of_one, "project_01")]
            if count == MANY:
                taken.append(stack.way("a DAG run of each at once", lambda: _together(stack, projects)))  # noqa: B023
            figures = summary(interleave(taken, rounds), by_hand)
            idling[f"projects: {count}"] = sum(stack.idle_cpu_per_s.values())
        ways |= figures["ways"]
        ratios |= figures["ratios"]
    return {"idle_cpu_per_s": idling, "ways": ways, "ratios": ratios}


def _project(number: int) -> Path:
    name = f"project_{number:02d}"
    return make_project(FOLDER / "projects" / name, MODELS, schema=name, name=name)


def _dbt(folder: Path) -> DbtSettings:
    changes = {"project_dir": folder, "profiles_dir": None, "profile": "generated", "target": "dev", "seeds": ""}
    return settings.dbt().model_copy(update=changes)


def _together(stack: BenchStack, dag_ids: dict[str, Path]) -> Figures:
    api = AirflowApi(stack.config)
    before = {dag_id: {run["dag_run_id"] for run in api.runs(dag_id)} for dag_id in dag_ids}
    started = time.monotonic()
    for dag_id, runs in before.items():
        # One that was never switched on starts a run by itself then.
        api.unpause(dag_id)
        if runs:
            api.trigger(dag_id)
    for dag_id, runs in before.items():
        require_built(api, api.await_new_run(dag_id, runs))
    seconds = time.monotonic() - started
    return {"wall_s": seconds, "wall_from_queued_s": seconds}

"""The DAGs of the package. A DAG file in Airflow's folder only needs to call ``make_dags``."""

import importlib
from typing import Any

from airflow.sdk import DAG, get_parsing_context

from dbt_lineage.core.errors import ExpectedError

# Each name is a module here, with a function of that name that makes the DAG, or one DAG for each project.
NAMES = (
    *("dbt_project", "kafka_topics", "lineage_ingestion", "openmetadata_ingestion", "lineage_checks"),
    *("lineage_replay", "lineage_reaper", "superset_refresh"),
)


class UnknownDag(ExpectedError, ValueError):
    """The package has no DAG of this name. The message lists its DAGs."""


def make_dags(*names: str) -> dict[str, DAG]:
    """Make DAGs in the DAG file that calls this, where Airflow finds them by itself.

    A task needs only its own DAG. If Airflow reads the file for one DAG, no further DAG is made after it.

    Args:
        names: names out of ``NAMES``; all by default.

    Returns:
        The DAGs, by id.

    Raises:
        UnknownDag: there is no DAG of this name.
        ManifestError: a dbt project has no manifest yet.
        SettingsError: a setting is missing or wrong.
    """
    if unknown := [name for name in names if name not in NAMES]:
        raise UnknownDag(f"there is no DAG {', '.join(unknown)}; there are: {', '.join(NAMES)}")
    wanted = get_parsing_context().dag_id
    made: dict[str, DAG] = {}
    for name in sorted(names or NAMES, key=lambda name: not _may_be(name, wanted)):
        make: Any = getattr(importlib.import_module(f"{__name__}.{name}"), name)
        for dag in make():
            made[dag.dag_id] = dag
            if dag.dag_id == wanted:
                return made
    return made


def _may_be(name: str, wanted: str | None) -> bool:
    """Whether a DAG may have the wanted id. The DAGs of dbt projects may have any id."""
    if wanted is not None and any(_is_of(each, wanted) for each in NAMES):
        return _is_of(name, wanted)
    return name == "dbt_project"


def _is_of(name: str, dag_id: str) -> bool:
    return dag_id == name or dag_id.startswith(f"{name}__")

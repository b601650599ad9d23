"""Which task of Airflow builds a node of dbt, whatever form the tasks have."""

from dbt_lineage.airflow.dbt_tasks.names import GROUP_ID, PRODUCER_TASK_ID, SEEDS_TASK_ID
from dbt_lineage.core.projects import Project
from dbt_lineage.manifest.graph import Manifest


def tasks_of(project: Project, manifest: Manifest) -> dict[str, str]:
    """The task of each node that a task builds, by dbt's unique id.

    Args:
        project: the project.
        manifest: of the project.
    """
    tests, is_fast = manifest.tests(), project.dbt.execution_mode == "fast"
    found = {}
    for unique_id in manifest.nodes:
        node = manifest.content["nodes"][unique_id]
        kind, name = node["resource_type"], node["name"]
        if kind == "seed":
            if project.dbt.seeds:
                found[unique_id] = SEEDS_TASK_ID
        elif is_fast:
            # As ``fast.task_id`` names them.
            found[unique_id] = f"{GROUP_ID}.{name}_{kind}" if name == PRODUCER_TASK_ID else f"{GROUP_ID}.{name}"
        else:
            verb = "snapshot" if kind == "snapshot" else "run"
            # Cosmos makes a group for a node with its tests.
            found[unique_id] = f"{GROUP_ID}.{name}{'.' if tests.get(unique_id) else '_'}{verb}"
    return found

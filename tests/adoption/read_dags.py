"""Reads a folder of DAG files as Airflow does, and prints what is in them as JSON. Run by an adopter's own Python."""

import json
import sys
from pathlib import Path
from typing import Any


def facts(folder: str) -> dict[str, Any]:
    """Import errors, and of each DAG its tasks: where their class is, and whom the policy of the house gave them to."""
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(dag_folder=folder)
    return {
        "errors": {Path(file).name: error.strip().splitlines()[-1] for file, error in bag.import_errors.items()},
        "dags": {
            dag_id: {task.task_id: (f"{type(task).__module__}.{type(task).__name__}", task.owner) for task in dag.tasks}
            for dag_id, dag in bag.dags.items()
        },
    }


if __name__ == "__main__":
    found = facts(sys.argv[1])
    print(json.dumps(found))

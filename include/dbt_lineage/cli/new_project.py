"""Write a DAG file and lineage.yml into an Airflow project, so that it runs dbt projects with lineage."""

import shlex
from importlib import resources
from pathlib import Path

from dbt_lineage.core.airflow_variables import VARIABLES
from dbt_lineage.core.errors import ExpectedError
from dbt_lineage.core.places import CONFIGURATION

# Not dbt_…: dbt imports modules of such names as its plugins, and Airflow puts this folder on the path.
DAG_FILE = "dags/lineage_dags.py"
CONFIGURATION_FILE = "lineage.yml"
TEMPLATES = {
    DAG_FILE: "lineage_dags.py.template",
    "dags/lineage_project_errors.py": "lineage_project_errors.py.template",
    CONFIGURATION_FILE: "lineage.yml.template",
}


class NoFolder(ExpectedError):
    """The folder to write into does not exist. The message names it."""


def write(folder: Path) -> str:
    """Write the files that are not there yet. Existing files are not changed.

    Args:
        folder: the Airflow project's folder, with the folder ``dags`` in it.

    Returns:
        A text: which files were written, and what to do next.

    Raises:
        NoFolder: the folder does not exist.
        OSError: a file cannot be written.
    """
    folder = folder.expanduser().absolute()
    if not folder.is_dir():
        raise NoFolder(f"{folder}: there is no such folder; it must be your Airflow project's folder, with dags in it")
    lines = []
    for name, template in TEMPLATES.items():
        file = folder / name
        text = resources.files("dbt_lineage.cli").joinpath("templates", template).read_text(encoding="utf-8")
        file.parent.mkdir(exist_ok=True)
        try:
            with file.open("x", encoding="utf-8") as new:
                new.write(text)
        except FileExistsError:
            lines.append(f"left as it is: {file}")
        else:
            lines.append(f"wrote {file}")
    return "\n".join([*lines, "", *_next_steps(folder / CONFIGURATION_FILE)])


def _next_steps(configuration: Path) -> list[str]:
    variables = {CONFIGURATION: str(configuration), **VARIABLES}
    return [
        f"1. Name your dbt projects in {configuration}.",
        "2. Give all of Airflow's processes, and the commands below, these variables:",
        *(f"     export {name}={shlex.quote(value)}" for name, value in variables.items()),
        "3. dbt-lineage manifest        # again after each change of a dbt project",
        "4. dbt-lineage topics          # creates Kafka's topics",
        "5. dbt-lineage relay run       # a service on each machine that runs tasks or the scheduler",
        "6. Restart Airflow, and switch the DAGs of the dbt projects on.",
    ]

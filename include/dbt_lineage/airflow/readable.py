"""Find the projects that can become DAGs: a broken one must not remove the DAGs of the others.

Airflow has one error for each DAG file, and removes all DAGs of that file while there is one. So files with a DAG for
each project skip an unreadable project. ``dags/project_errors.py``, which has no DAG, fails with that project's error.
"""

from airflow.sdk import get_parsing_context

from dbt_lineage.airflow.dbt_tasks.task_group import asset_uris, has_dashboards
from dbt_lineage.core.dag_ids import OF_PROJECTS
from dbt_lineage.core.errors import ExpectedError, SettingsError
from dbt_lineage.core.projects import Project, projects
from dbt_lineage.manifest.graph import Manifest, ManifestError


class ProjectsUnreadable(ExpectedError):
    """Projects cannot become DAGs. The message has a line for each."""


def projects_of_dags() -> tuple[Project, ...]:
    """The projects whose DAGs are to be made: all, or only one where Airflow asks for a single DAG, as in a task.

    Raises:
        SettingsError: the configuration is wrong.
    """
    found, wanted = projects(), get_parsing_context().dag_id
    if wanted is None or len(found) == 1:
        return found
    return tuple(each for each in found if _has_dag(each, wanted)) or found


def readable_projects() -> tuple[Project, ...]:
    """The projects to make whose folder, profile and manifest can be read. An only project is always included."""
    return tuple(each for each in projects_of_dags() if each.is_only or _problem(each) is None)


def projects_with_dashboards() -> tuple[Project, ...]:
    """The projects to make that have dashboards. An only project is always included."""
    return tuple(each for each in readable_projects() if each.is_only or has_dashboards(each))


def require_readable() -> None:
    """Raise ProjectsUnreadable unless every project can become a DAG. An only project is not checked."""
    found = projects()
    problems = [problem for each in found if (problem := _problem(each)) is not None] if len(found) > 1 else []
    if problems:
        raise ProjectsUnreadable("\n".join(problems))


def _has_dag(project: Project, dag_id: str) -> bool:
    return dag_id == project.groups["dbt"]["dag_id"].value or dag_id in map(project.dag_id, OF_PROJECTS)


def _problem(project: Project) -> str | None:
    try:
        dbt = project.dbt
        Manifest.load(dbt.manifest)
        if not dbt.profiles_file.is_file():
            raise SettingsError(f"{dbt.profiles_file} is missing")
        if dbt.execution_mode == "fast" or has_dashboards(project):
            asset_uris(dbt)
    except (SettingsError, ManifestError) as error:
        said = str(error)
        return said if said.startswith(f"project {project.name}: ") else f"project {project.name}: {said}"
    return None

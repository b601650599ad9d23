"""Defaults of the package's tasks, and tags of its DAGs."""

from datetime import timedelta
from typing import Any

from dbt_lineage.airflow.notifications import failure_mail
from dbt_lineage.core.projects import Project


def task_defaults(owner: str, timeout: timedelta | None, project: Project | None = None) -> dict[str, Any]:
    """``default_args`` of a DAG: one retry after ten seconds, and a mail for each failure.

    Args:
        owner: owner of its tasks, unless the project names one.
        timeout: how long one attempt of a task may take; None for no limit.
        project: the DAG's project; None for a DAG that all projects share.
    """
    return {
        "owner": (project.owner if project else None) or owner,
        "retries": 1,
        "retry_delay": timedelta(seconds=10),
        "execution_timeout": timeout,
        "on_failure_callback": [failure_mail(project)],
    }


def tags(part: str, project: Project) -> list[str]:
    """Tags of a project's DAG, for the filter on Airflow's page.

    Args:
        part: the part that the DAG works on, such as ``superset``.
        project: the DAG's project. Its name is a tag if there are several projects.
    """
    return ["lineage", part] if project.is_only else ["lineage", part, project.name]

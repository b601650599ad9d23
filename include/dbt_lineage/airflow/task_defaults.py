"""What every task of the package has unless it says otherwise."""

from datetime import timedelta
from typing import Any

from dbt_lineage.airflow.notifications import failure_mail
from dbt_lineage.core.projects import Project


def task_defaults(owner: str, timeout: timedelta | None, project: Project | None = None) -> dict[str, Any]:
    """``default_args`` of a DAG: one more try, after ten seconds, and a mail for each failure.

    Args:
        owner: who looks after its tasks, unless the project names somebody.
        timeout: how long one try of a task may take; None for no limit.
        project: whose DAG it is; None for one that all projects share.
    """
    return {
        "owner": (project.owner if project else None) or owner,
        "retries": 1,
        "retry_delay": timedelta(seconds=10),
        "execution_timeout": timeout,
        "on_failure_callback": [failure_mail(project)],
    }


def tags(part: str, project: Project) -> list[str]:
    """Tags of a DAG of a project, by which Airflow's page lists some of all DAGs.

    Args:
        part: what it works on, such as ``superset``.
        project: whose DAG it is; where there are several, its name is a tag.
    """
    return ["lineage", part] if project.is_only else ["lineage", part, project.name]

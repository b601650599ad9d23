"""The base class of operators that work on one dbt project."""

from typing import Any

from airflow.sdk import BaseOperator

from dbt_lineage.core.projects import Project, projects
from dbt_lineage.core.projects import project as named


class ProjectOperator(BaseOperator):
    """Works on one dbt project.

    Args:
        project: its name.
    """

    def __init__(self, *, project: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.project = project

    def of_project(self) -> Project:
        """The project, with its settings. Raises UnknownProject, SettingsError."""
        return named(self.project)

    def others(self) -> tuple[Project, ...]:
        """The other projects of this installation. Raises SettingsError."""
        return tuple(each for each in projects() if each.name != self.project)

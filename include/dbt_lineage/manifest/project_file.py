"""What dbt_project.yml says, and which jobs are those of a project."""

from dataclasses import dataclass

import yaml

from dbt_lineage.core import settings
from dbt_lineage.core.projects import Project
from dbt_lineage.core.settings import DbtSettings


def project_name(dbt: DbtSettings) -> str:
    """Name of the dbt project, as dbt_project.yml has it also when dbt could not begin; else that of its folder."""
    try:
        project = yaml.safe_load((dbt.project_dir / "dbt_project.yml").read_text(encoding="utf-8"))
        return project["name"]
    except (OSError, yaml.YAMLError, KeyError, TypeError):
        return dbt.project_dir.name


@dataclass(frozen=True)
class Jobs:
    """The jobs of a project: those of its nodes, such as ``model.finance.orders``, and those of its DAG and its tasks.

    Args:
        namespaces: of its nodes' jobs, and of Airflow's.
        project: name of the dbt project, which is the second part of the names of its nodes' jobs.
        dag_id: its DAG.
    """

    namespaces: frozenset[str]
    project: str
    dag_id: str

    @classmethod
    def of(cls, project: Project) -> "Jobs":
        """Those of a project. Raises SettingsError."""
        namespaces = frozenset((project.openlineage.namespace, settings.openlineage().namespace))
        return cls(namespaces, project_name(project.dbt), project.dbt.dag_id)

    def has(self, namespace: str, name: str) -> bool:
        """Whether a job is one of these."""
        parts = name.split(".")
        of_node = len(parts) > 2 and parts[1] == self.project
        return namespace in self.namespaces and (of_node or name == self.dag_id or name.startswith(f"{self.dag_id}."))

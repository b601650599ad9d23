"""Names of the package's DAGs, apart from those that run the dbt projects."""

# DAGs that exist once for each project, and DAGs that all projects share.
OF_PROJECTS = ("lineage_checks", "lineage_reaper", "openmetadata_ingestion", "superset_refresh")
OF_ALL = ("kafka_topics", "lineage_ingestion", "lineage_replay")
# A dbt project's DAG of such a name would replace one of them.
OWN_DAGS = tuple(sorted((*OF_PROJECTS, *OF_ALL)))


def of_project(dag: str, project: str, is_only: bool) -> str:
    """The id of a DAG that exists once for each project.

    Args:
        dag: its base name, one of ``OF_PROJECTS``.
        project: the project's name.
        is_only: whether there is no other project. Then the id has no suffix.
    """
    return dag if is_only else f"{dag}__{project}"

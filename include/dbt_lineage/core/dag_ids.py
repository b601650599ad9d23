"""Names of the DAGs that the package brings, besides those that run the dbt projects."""

# Those that each project has of its own, and those that all projects share.
OF_PROJECTS = ("lineage_checks", "lineage_reaper", "openmetadata_ingestion", "superset_refresh")
OF_ALL = ("kafka_topics", "lineage_ingestion", "lineage_replay")
# A dbt project's DAG of such a name would replace one of them.
OWN_DAGS = tuple(sorted((*OF_PROJECTS, *OF_ALL)))


def of_project(dag: str, project: str, is_only: bool) -> str:
    """The id of a DAG that each project has of its own.

    Args:
        dag: which one, of ``OF_PROJECTS``.
        project: the project's name.
        is_only: whether there is no other project: then the name needs no addition.
    """
    return dag if is_only else f"{dag}__{project}"

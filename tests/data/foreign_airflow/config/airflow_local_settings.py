"""The policy of this house: whoever names no owner has this one."""

HOUSE_OWNER = "house"


def task_policy(task: object) -> None:
    """Airflow calls it for each task."""
    if task.owner == "airflow":  # type: ignore[attr-defined]
        task.owner = HOUSE_OWNER  # type: ignore[attr-defined]

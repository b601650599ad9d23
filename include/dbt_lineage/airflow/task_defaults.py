"""What every task of the package has unless it says otherwise."""

from datetime import timedelta
from typing import Any

from dbt_lineage.airflow.notifications import failure_mail


def task_defaults(owner: str, timeout: timedelta | None) -> dict[str, Any]:
    """``default_args`` of a DAG: one more try, after ten seconds, and a mail for each failure.

    Args:
        owner: who looks after its tasks.
        timeout: how long one try of a task may take; None for no limit.
    """
    return {
        "owner": owner,
        "retries": 1,
        "retry_delay": timedelta(seconds=10),
        "execution_timeout": timeout,
        "on_failure_callback": [failure_mail()],
    }

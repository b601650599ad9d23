"""A listener that hands over the events of every task as its process ends, on a worker with a temporary disk.

Airflow's own COMPLETE or FAIL of a task is emitted after the task has ended, when it cannot fail any more. So what is
left is logged as an error. The tasks that run dbt have handed over the events of their nodes before that.
"""

import logging
from typing import Any

from airflow.listeners import hookimpl

from dbt_lineage.core.errors import ExpectedError

# Airflow ends the process of a task 20 s after the task ([core] task_success_overtime).
_AT_MOST_SECONDS = 15.0

log = logging.getLogger(__name__)


@hookimpl
def before_stopping(component: Any) -> None:
    """Hand over at the end of a task's process. Airflow also calls this as other processes end."""
    # Scheduler, triggerer and DAG processor have a disk and a relay of their own.
    if type(component).__name__ != "TaskRunnerMarker":
        return
    from dbt_lineage.core import settings

    try:
        if settings.spool().handover == "off":
            return
        from dbt_lineage.relay.handover import hand_over

        hand_over(at_most_seconds=_AT_MOST_SECONDS)
    except ExpectedError as error:
        log.error("lineage events are lost if the disk of this worker goes now: %s", error)

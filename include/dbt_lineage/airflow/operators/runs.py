"""Operators on runs of other DAGs."""

from typing import Any

from airflow.exceptions import AirflowException
from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk.definitions.context import Context
from airflow.sdk.exceptions import AirflowFailException


class AwaitedRunOperator(TriggerDagRunOperator):
    """Starts a run of another DAG and waits for its end in the triggerer.

    It does not wait in a worker. A scheduler that ends because its database is unreachable waits for its workers first.
    A worker that waited for a run, which needs a scheduler, would never end.

    A failed run is final, because its own tasks were retried already. This task has retries for another reason. A worker's
    supervisor may notice up to ``[workers] min_heartbeat_interval`` (5 s) late that the deferred task's process has ended.
    If the awaited run has ended by then and the task is queued again, Airflow mistakes the late notice for the end of the
    task. It logs "finished with state success, but the task instance's state attribute is queued", and fails the task. A
    repeated ingestion finds nothing left to do.

    Raises:
        AirflowFailException: the run failed.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(wait_for_completion=True, deferrable=True, **kwargs)

    def execute_complete(self, context: Context, event: tuple[str, dict[str, Any]]) -> None:
        """Fail if the run has failed. Airflow calls this when the run has ended."""
        try:
            super().execute_complete(context, event)
        except AirflowException as failed:
            raise AirflowFailException(str(failed)) from failed

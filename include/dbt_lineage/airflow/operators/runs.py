"""Runs of other DAGs."""

from typing import Any

from airflow.exceptions import AirflowException
from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk.definitions.context import Context
from airflow.sdk.exceptions import AirflowFailException


class AwaitedRunOperator(TriggerDagRunOperator):
    """Starts a run of another DAG and waits for its end in the triggerer.

    Not in a worker: a scheduler that ends because its database is away waits for its workers first, and one that waited
    here for a run that needs a scheduler would never end.

    A run that failed is final: it was retried by its own tasks. The task has retries nevertheless. A worker's supervisor
    may notice up to ``[workers] min_heartbeat_interval`` (5 s) late that the process of the deferred task is gone; when
    the awaited run has ended by then and the task is queued again, Airflow takes that late notice for the end of the
    task, says "finished with state success, but the task instance's state attribute is queued", and fails it. Started
    once more, an ingestion finds nothing left to do.

    Raises:
        AirflowFailException: the run failed.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(wait_for_completion=True, deferrable=True, **kwargs)

    def execute_complete(self, context: Context, event: tuple[str, dict[str, Any]]) -> None:
        """The run has ended."""
        try:
            super().execute_complete(context, event)
        except AirflowException as failed:
            raise AirflowFailException(str(failed)) from failed

"""Airflow DAG of the benchmark: the dbt project with Airflow's own lineage events, and none of dbt's nodes."""

from contextlib import AbstractContextManager, nullcontext

from airflow.sdk.definitions.context import Context

from bench.airflow_dag import dbt_dag
from dbt_lineage.airflow.dbt_tasks import producer
from dbt_lineage.core import settings


def _no_process(context: Context) -> AbstractContextManager[None]:
    return nullcontext()


# In the process of this DAG's task only; no setting parts the two, since half a lineage is of no use.
producer.emitting_process = _no_process

dag = dbt_dag("lineage_of_airflow", settings.dbt(), execution_mode="fast")

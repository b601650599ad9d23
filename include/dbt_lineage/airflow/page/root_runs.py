"""The ids by which events name a DAG run as their root."""

from typing import Any

from airflow.models.dagrun import DagRun
from airflow.providers.openlineage.plugins.adapter import OpenLineageAdapter
from airflow.providers.openlineage.utils.utils import (
    get_parent_information_from_dagrun_conf,
    get_root_information_from_dagrun_conf,
)
from sqlalchemy import select
from sqlalchemy.orm import Session


def root_run_ids(session: Session, dag_id: str, run_id: str) -> list[str]:
    """The ids of a DAG run in OpenLineage: one for each time that it was cleared; none when there is no such run.

    A run that another DAG has started is named by that DAG's run, as Airflow's own events have it.

    Args:
        session: of Airflow's database.
        dag_id: the DAG.
        run_id: its run.
    """
    columns = (DagRun.logical_date, DagRun.run_after, DagRun.clear_number, DagRun.conf)
    row = session.execute(select(*columns).where(DagRun.dag_id == dag_id, DagRun.run_id == run_id)).first()
    if row is None:
        return []
    conf: Any = row.conf or {}
    for told, key in (
        (get_root_information_from_dagrun_conf(dr_conf=conf), "root_parent_run_id"),
        (get_parent_information_from_dagrun_conf(dr_conf=conf), "parent_run_id"),
    ):
        if told and told.get(key):
            return [str(told[key])]
    moment = row.logical_date or row.run_after
    return [
        OpenLineageAdapter.build_dag_run_id(dag_id=dag_id, logical_date=moment, clear_number=number)
        for number in range((row.clear_number or 0) + 1)
    ]

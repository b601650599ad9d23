"""The scheduler leaves a DAG run alone only while it builds and nothing happens but nodes that end well."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from dbt_lineage.airflow.dbt_tasks.looks import Looks

RUN: Any = SimpleNamespace(id=1, dag_id="shop", run_id="first")
TASKS = (
    ("dbt_build", "DbtBuild", "running"),
    ("end", "EmptyOperator", None),
    ("a", "NodeOperator", "success"),
    ("b", "NodeOperator", "deferred"),
    ("c", "NodeOperator", None),
)


@pytest.fixture
def session() -> Iterator[Session]:
    """The tasks of a run under way, in the columns of Airflow's table that are read: dbt builds, one node has ended."""
    engine = create_engine("sqlite://")
    with Session(engine) as session:
        session.execute(text("CREATE TABLE task_instance (dag_id, run_id, task_id, operator, state)"))
        for task_id, operator, state in TASKS:
            row = {"dag": RUN.dag_id, "run": RUN.run_id, "task": task_id, "operator": operator, "state": state}
            session.execute(text("INSERT INTO task_instance VALUES (:dag, :run, :task, :operator, :state)"), row)
        yield session
    engine.dispose()


def become(session: Session, task_id: str, state: str) -> None:
    """Change the state of a task."""
    session.execute(
        text("UPDATE task_instance SET state = :state WHERE task_id = :task"), {"state": state, "task": task_id}
    )


def looked(session: Session, seconds: float = 60) -> Looks:
    """A scheduler that has just looked at the run, which took so long."""
    looks = Looks(["NodeOperator"])
    looks.took(RUN, session, seconds)
    return looks


def test_a_run_that_was_not_looked_at_does_not_wait(session: Session) -> None:
    assert not Looks(["NodeOperator"]).may_wait(RUN, session)


def test_a_run_waits_while_only_nodes_begin_to_wait_and_end_well(session: Session) -> None:
    looks = looked(session)
    become(session, "b", "success")
    become(session, "c", "deferred")
    assert looks.may_wait(RUN, session)


@pytest.mark.parametrize(
    ("task_id", "state"),
    [("dbt_build", "success"), ("end", "scheduled"), ("b", "failed"), ("b", "up_for_retry"), ("a", "queued")],
)
def test_whatever_else_happens_is_looked_at_at_once(session: Session, task_id: str, state: str) -> None:
    looks = looked(session)
    become(session, task_id, state)
    assert not looks.may_wait(RUN, session)


def test_a_run_in_which_nothing_builds_does_not_wait(session: Session) -> None:
    become(session, "dbt_build", "success")
    assert not looked(session).may_wait(RUN, session)


def test_a_look_that_took_no_time_has_no_pause(session: Session) -> None:
    assert not looked(session, seconds=0).may_wait(RUN, session)

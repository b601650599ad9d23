"""The end of a task on a worker whose disk goes with it, as Airflow calls it, where nothing can be handed over to."""

import logging
from pathlib import Path

import pytest
from airflow.jobs.job import Job
from airflow.sdk.execution_time.task_runner import TaskRunnerMarker

from dbt_lineage.airflow import handover
from dbt_lineage.airflow.dbt_tasks.lineage_events import hand_over_events
from dbt_lineage.airflow.plugin import DbtPlugin
from dbt_lineage.core import settings
from dbt_lineage.relay.handover import HandoverError
from dbt_lineage.spool.spool import Spool
from tests.openlineage_events import body

NOWHERE = "postgresql+psycopg2://nobody@127.0.0.1:1/ledger"


@pytest.fixture
def spool(tmp_path: Path, environment: pytest.MonkeyPatch) -> Spool:
    """With one event that cannot be handed over."""
    environment.setenv("SPOOL_DIR", str(tmp_path))
    environment.setenv("SPOOL_HANDOVER", "handover")
    environment.setenv("SPOOL_HANDOVER_SECONDS", "0.1")
    environment.setenv("LEDGER_URL", NOWHERE)
    settings.forget()
    made = Spool(tmp_path, 1 << 30)
    made.put(body(1))
    return made


def test_a_task_that_runs_dbt_is_not_green(spool: Spool) -> None:
    with pytest.raises(
        HandoverError, match=r"1 events in .*spool\.sqlite were not handed over within 0\.1 s: PostgreSQL at"
    ):
        hand_over_events()
    assert spool.usage().waiting == 1


def test_the_end_of_any_task_says_what_is_left(spool: Spool, caplog: pytest.LogCaptureFixture) -> None:
    assert handover in DbtPlugin.listeners
    with caplog.at_level(logging.ERROR):
        handover.before_stopping(TaskRunnerMarker())
    assert (
        "lineage events are lost if the disk of this worker goes now: SPOOL_HANDOVER=handover: 1 events" in caplog.text
    )


def test_nothing_is_handed_over_by_who_has_a_disk(
    spool: Spool, environment: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    handover.before_stopping(Job())
    environment.setenv("SPOOL_HANDOVER", "off")
    settings.forget()
    handover.before_stopping(TaskRunnerMarker())
    hand_over_events()
    assert caplog.text == ""
    assert spool.usage().waiting == 1

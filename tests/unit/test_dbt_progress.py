"""What the task that runs dbt tells in pieces, and what those who read them make of it."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowRuntimeError, ErrorType
from airflow.sdk.execution_time.comms import ErrorResponse

from dbt_lineage.airflow.dbt_tasks import trigger
from dbt_lineage.airflow.dbt_tasks.producer import Reporter
from dbt_lineage.airflow.dbt_tasks.reports import FIRST_PIECE, READING_INTERVAL_SECONDS, Outcome, Progress, piece_key
from dbt_lineage.airflow.dbt_tasks.trigger import Poller
from dbt_lineage.events.dbt_messages import Message, NodeEnd, NodeStatus


class Told:
    """The XComs of a task, whose requests fail when a test says so."""

    def __init__(self) -> None:
        self.try_number, self.max_tries = 1, 0
        self.values: dict[str, Any] = {}
        self.failing = 0

    def xcom_push(self, key: str, value: Any) -> None:
        """As a task instance does."""
        if self.failing:
            self.failing -= 1
            raise AirflowRuntimeError(ErrorResponse(error=ErrorType.GENERIC_ERROR, detail={"status_code": 409}))
        self.values[key] = value

    def reporter(self, **options: Any) -> Reporter:
        """A reporter of this task."""
        ti: Any = self
        return Reporter(ti, **options)

    def progress(self) -> Progress:
        """All that was told."""
        found = Progress.told(self.values.get)
        assert found is not None
        return found


def message(name: str, unique_id: str, status: str = "", text: str = "said") -> Message:
    end = NodeEnd(status, "", 0, ()) if name == "NodeFinished" else None
    return Message(name, "info", text, datetime(2026, 1, 1, tzinfo=UTC), "an invocation", unique_id, end)


def test_a_piece_has_what_is_new_and_nothing_that_was_told() -> None:
    told = Told()
    reporter = told.reporter()
    reporter.hear(message("NodeStart", "model.a", text="started"))
    reporter._tell()
    for number in range(50):
        reporter.hear(message("NodeStart", f"model.{number}"))
        reporter._tell()
    reporter.hear(message("NodeFinished", "model.a", "success", "ended"))
    reporter._tell()
    assert {len(piece["nodes"]) for piece in told.values.values()} == {1}
    assert told.values[piece_key(FIRST_PIECE + 51)]["nodes"]["model.a"]["lines"] == ["INFO ended"]
    assert told.progress().nodes["model.a"].lines == ["INFO started", "INFO ended"]
    assert told.progress() == reporter.progress


def test_a_piece_that_was_not_told_is_told_again_and_fails_no_build() -> None:
    told = Told()
    reporter = told.reporter()
    told.failing = 1
    reporter.hear(message("NodeStart", "model.a"))
    reporter._try_to_tell()
    assert told.values == {}
    with reporter:
        reporter.hear(message("NodeFinished", "model.a", "success"))
    assert told.progress() == reporter.progress
    assert told.progress().outcome_of(["model.a"]) == "success"


def test_what_cannot_be_told_at_all_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    told = Told()
    told.failing = 1000
    with told.reporter(patience_seconds=0.1) as reporter:
        reporter.hear(message("NodeStart", "model.a"))
    assert "this could not be reported to the tasks of its nodes" in caplog.text


def test_a_model_that_is_built_in_batches_ends_when_its_last_batch_has() -> None:
    told = Told()
    reporter = told.reporter()

    def hear(name: str, status: str = "") -> Outcome | None:
        reporter.hear(message(name, "model.a", status))
        reporter._tell()
        return told.progress().outcome_of(["model.a"])

    assert hear("NodeStart") is None
    # Two batches at once, after the first one.
    for name, status in [
        *(("NodeStart", ""), ("NodeFinished", "success")),
        *(("NodeStart", ""), ("NodeStart", ""), ("NodeFinished", "error"), ("NodeFinished", "success")),
    ]:
        assert hear(name, status) is None
    assert hear("NodeFinished", "partial success") == "failed"


def test_a_node_whose_thread_broke_ends_as_dbt_says_when_it_has_ended() -> None:
    told = Told()
    with told.reporter() as reporter:
        reporter.hear(message("NodeStart", "model.a"))
        reporter.hear(message("NodeStart", "model.b"))
        reporter.hear(message("NodeFinished", "model.b", "success"))
        reporter.hear_results(
            [
                NodeStatus(name, status, None)
                for name, status in {"model.a": "error", "model.b": "success", "operation.hook": "success"}.items()
            ]
        )
    assert {name: node.outcome for name, node in told.progress().nodes.items()} == {
        "model.a": "failed",
        "model.b": "success",
    }


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        *(("success", "success"), ("pass", "success"), ("warn", "success")),
        *(("error", "failed"), ("fail", "failed"), ("runtime error", "failed"), ("partial success", "failed")),
        *(("skipped", "skipped"), ("no-op", "skipped"), ("reused", "skipped"), ("a new word", "skipped")),
    ],
)
def test_a_task_ends_at_once_and_is_green_only_when_dbt_ran_its_node(status: str, outcome: Outcome) -> None:
    told = Told()
    reporter = told.reporter()
    reporter.hear(message("NodeStart", "model.a"))
    reporter.hear(message("NodeFinished", "model.a", status))
    reporter._tell()
    assert told.progress().outcome_of(["model.a"]) == outcome


class Readings:
    """What a poller reads of the producer, in place of Airflow's API."""

    def __init__(self, told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
        self.told = told
        self.state: str | None = "running"
        self.broken = False
        monkeypatch.setattr(trigger, "task_states", self._states)
        monkeypatch.setattr(trigger, "pushed_value", self._value)

    async def _states(self, dag_id: str, run_id: str, task_ids: list[str]) -> dict[str, str | None]:
        if self.broken:
            raise ConnectionError("the API server is away")
        return {task_ids[0]: self.state}

    async def _value(self, dag_id: str, run_id: str, task_id: str, key: str) -> Any:
        return self.told.values.get(key)


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> Readings:
    return Readings(Told(), monkeypatch)


async def first(poller: Poller) -> tuple[str | None, Progress | None]:
    return await asyncio.wait_for(anext(poller.news()), 10)


def test_an_attempt_that_begins_anew_is_read_from_its_first_piece(readings: Readings) -> None:
    async def story() -> None:
        async with Poller.shared("dag", "run", "build") as poller:
            reporter = readings.told.reporter()
            for name in ("model.a", "model.b"):
                reporter.hear(message("NodeFinished", name, "error"))
                reporter._tell()
            news = poller.news(["model.a"])
            assert (await anext(news))[1] == reporter.progress
            readings.told.values.clear()
            readings.told.try_number = 2
            again = readings.told.reporter()
            again.hear(message("NodeStart", "model.a"))
            again._tell()
            assert (await asyncio.wait_for(anext(news), 10))[1] == again.progress

    asyncio.run(story())


def test_a_reading_that_fails_fails_nobody(readings: Readings) -> None:
    async def story() -> None:
        readings.broken = True
        async with Poller.shared("dag", "run", "build") as poller:
            waiting = asyncio.create_task(first(poller))
            await asyncio.wait([waiting], timeout=2 * READING_INTERVAL_SECONDS)
            assert not waiting.done()
            readings.broken, readings.state = False, "success"
            assert (await waiting)[0] == "success"

    asyncio.run(story())


def test_who_waits_is_woken_by_its_own_nodes_and_by_the_end(readings: Readings) -> None:
    async def story() -> None:
        reporter = readings.told.reporter()
        reporter.hear(message("NodeStart", "model.a"))
        reporter._tell()
        async with Poller.shared("dag", "run", "build") as poller:
            of_a, of_b = poller.news(["model.a"]), poller.news(["model.b"])
            for news in (of_a, of_b):
                await asyncio.wait_for(anext(news), 10)
            reporter.hear(message("NodeFinished", "model.a", "success"))
            reporter._tell()
            other = asyncio.create_task(anext(of_b))
            assert (await asyncio.wait_for(anext(of_a), 10))[1] == reporter.progress
            assert not other.done()
            reporter.progress.is_finished = True
            reporter._tell()
            assert (await asyncio.wait_for(other, 10))[1] == reporter.progress

    asyncio.run(story())


def test_readings_that_fail_for_long_fail_those_who_wait_and_hang_nobody(
    readings: Readings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        monkeypatch.setattr(trigger, "PATIENCE_SECONDS", -1)
        readings.broken = True
        async with Poller.shared("dag", "run", "build") as poller:
            for _ in range(2):
                # The second one comes when nobody is told any more.
                with pytest.raises(ConnectionError):
                    await first(poller)
            readings.broken = False
            async with Poller.shared("dag", "run", "build") as another:
                assert (await first(another))[0] == "running"

    asyncio.run(story())

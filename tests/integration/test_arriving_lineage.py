"""Lineage is ingested as it arrives: a burst by one run, never two at once, and nothing is missed by who was killed."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest
from confluent_kafka.admin import AdminClient
from tenacity import retry, retry_if_result, stop_after_delay, wait_fixed

from dbt_lineage.airflow.arrival_trigger import LineageArrivesTrigger
from dbt_lineage.core import settings
from dbt_lineage.core.settings import IngestionSettings, KafkaSettings
from dbt_lineage.events.run_event import carries_lineage
from dbt_lineage.kafka.lag import lag
from dbt_lineage.kafka.offsets import Bookmarks
from dbt_lineage.kafka.topics import TopicAdmin, TopicSpec
from dbt_lineage.kafka.writer import Writer
from dbt_lineage.spool.spool import Spool
from stack import lifecycle, variables
from stack.airflow_api import AirflowApi
from stack.chaos.until import until
from stack.config import StackConfig
from stack.supervisor import Supervisor, kill_tree
from tests.support import BuiltProject, Event, await_empty_spool

DAG = "lineage_ingestion"
TASK = "ingest_lineage"
Told = Callable[[], Any]


@pytest.fixture
def ingestion(stack: StackConfig) -> IngestionSettings:
    return settings.ingestion().model_copy(update={"consumer_group": f"arriving-{uuid4()}"})


@pytest.fixture
def kafka(stack: StackConfig, ingestion: IngestionSettings, monkeypatch: pytest.MonkeyPatch) -> Iterator[KafkaSettings]:
    """Topics of the test's own, which the trigger reads too."""
    name = ingestion.consumer_group
    names = {"events_topic": f"{name}.events", "lineage_topic": f"{name}.lineage", "dlq_topic": f"{name}.dlq"}
    kafka = settings.kafka().model_copy(update={**names, "partitions": 2})
    client = AdminClient({"bootstrap.servers": kafka.bootstrap_servers})
    topics = TopicAdmin(client, kafka.bootstrap_servers, kafka.timeout_seconds)
    for topic in kafka.topics.values():
        topics.ensure(TopicSpec.kept_for_days(topic, kafka.partitions, 1, 1))
    monkeypatch.setattr(settings, "kafka", lambda: kafka)
    monkeypatch.setattr(settings, "ingestion", lambda: ingestion)
    yield kafka
    for deleted in client.delete_topics(list(kafka.topics.values())).values():
        deleted.result()


def emit(kafka: KafkaSettings, count: int, event_type: str = "COMPLETE") -> None:
    """So many events of a model, of which only the COMPLETE ones say lineage."""
    with Writer(kafka) as writer:
        for number in range(count):
            event = {
                "eventType": event_type,
                "eventTime": datetime.now(UTC).isoformat(),
                "run": {"runId": str(uuid4())},
                "job": {"namespace": "shop", "name": f"m{number}", "facets": {"jobType": {"jobType": "MODEL"}}},
                "inputs": [{"namespace": "p", "name": "a.b.c"}],
                "outputs": [{"namespace": "p", "name": "a.b.d"}],
            }
            writer.write(kafka.events_topic, json.dumps(event).encode(), f"m{number}".encode(), [])


def verify(kafka: KafkaSettings, ingestion: IngestionSettings) -> None:
    """What an ingestion leaves when all of it was read back."""
    bookmarks = Bookmarks(kafka, kafka.events_topic)
    bookmarks.move(ingestion.consumer_group, bookmarks.ends())


@asynccontextmanager
async def started(retry_seconds: float = 600) -> AsyncIterator[Told]:
    """The trigger as the triggerer runs it; gives what waits for the next burst that it tells of."""
    told: asyncio.Queue[Any] = asyncio.Queue()

    async def listen() -> None:
        async for event in LineageArrivesTrigger(1, 5, retry_seconds).run():
            told.put_nowait(event.payload)

    listening = asyncio.create_task(listen())
    try:
        yield lambda: asyncio.wait_for(told.get(), 60)
    finally:
        listening.cancel()
        await asyncio.wait([listening])


def test_a_burst_is_told_once_and_again_only_while_it_is_not_verified(
    kafka: KafkaSettings, ingestion: IngestionSettings
) -> None:
    async def story() -> None:
        emit(kafka, 20)
        emit(kafka, 30, "START")
        async with started() as burst:
            assert await burst() == {"events": 20}
            emit(kafka, 1)
            assert await burst() == {"events": 1}
        # The triggerer was killed before anything came of it.
        async with started() as burst:
            assert await burst() == {"events": 21}
        async with started(retry_seconds=2) as burst:
            assert await burst() == {"events": 21}
            # An ingestion failed, and nothing new comes.
            assert await burst() == {"events": 21}
        verify(kafka, ingestion)
        async with started() as burst:
            # Airflow's own events come all the time, also those of the ingestion itself.
            emit(kafka, 200, "START")
            emit(kafka, 2)
            assert await burst() == {"events": 2}

    asyncio.run(story())


def test_what_arrives_while_the_service_is_dead_is_ingested_when_it_is_back_and_starts_no_run(
    stack: StackConfig, built: BuiltProject, api: AirflowApi
) -> None:
    await_all_verified()
    api.await_idle("openmetadata_ingestion")
    before = {run["dag_run_id"] for run in api.runs(DAG)}
    kill_tree(Supervisor(stack).states()["ingestion"]["pid"])
    emit_again(built.of_dbt())
    await_all_verified()
    assert {run["dag_run_id"] for run in api.runs(DAG)} == before


@pytest.fixture
def by_the_dag(stack: StackConfig, api: AirflowApi) -> Iterator[None]:
    """The stack without the service: runs of the DAG ingest what arrives."""
    supervisor = Supervisor(stack)

    def restart(by: str) -> None:
        supervisor.stop("airflow-dag-processor")
        file = stack.home / "env" / "airflow-dag-processor.json"
        variables.write(file, {**json.loads(file.read_text()), "INGESTION_BY": by})
        lifecycle.start(stack, "airflow-dag-processor")
        wanted = {"dag": "Triggered by assets", "service": "Never, external triggers only"}[by]
        until(lambda: wanted in api.dag(DAG)["timetable_description"], f"{DAG} is not scheduled by {by}")

    supervisor.stop("ingestion")
    try:
        restart("dag")
        yield
    finally:
        restart("service")
        lifecycle.start(stack, "ingestion")


def test_what_arrives_while_airflow_is_dead_is_ingested_by_one_run_when_it_is_back(
    stack: StackConfig, built: BuiltProject, api: AirflowApi, by_the_dag: None
) -> None:
    await_all_verified()
    api.await_idle(DAG)
    before = {run["dag_run_id"] for run in api.runs(DAG)}
    for service in ("airflow-triggerer", "airflow-scheduler"):
        kill_tree(Supervisor(stack).states()[service]["pid"])
    emitted = emit_again(built.of_dbt())

    run = api.await_new_run(DAG, before)
    assert (run["run_type"], run["state"]) == ("asset_triggered", "success")
    api.await_idle(DAG)
    assert {each["dag_run_id"] for each in api.runs(DAG)} - before == {run["dag_run_id"]}
    done = api.xcom(DAG, run["dag_run_id"], TASK)
    expected = {"read": emitted, "verified": emitted, "superseded": 0, "dead": 0, "parked": 0, "runs": emitted}
    assert {name: done[name] for name in expected} == expected
    for service in ("airflow-triggerer", "airflow-scheduler"):
        lifecycle.start(stack, service)


def await_all_verified() -> None:
    """Wait until all lineage of the stack is in the catalogue: it gets there by itself."""
    kafka, group = settings.kafka(), settings.ingestion().consumer_group

    def left() -> int:
        return lag(kafka, kafka.events_topic, group, carries_lineage).oldest is not None

    await_empty_spool()
    retry(retry=retry_if_result(lambda waiting: waiting > 0), stop=stop_after_delay(120), wait=wait_fixed(0.5))(left)()


def emit_again(events: list[Event]) -> int:
    """One more run of each model that has run, which says the same of it; returns how many say lineage."""
    completed = [event for event in events if event["eventType"] == "COMPLETE"]
    of_models = [event for event in completed if event["job"]["name"].startswith("model.")]
    telling = {event["job"]["name"]: event for event in of_models if event["inputs"] and event["outputs"]}
    spool = Spool(settings.spool().dir, settings.spool().max_bytes)
    for event in telling.values():
        run = {**event["run"], "runId": str(uuid4())}
        spool.put(json.dumps({**event, "eventTime": datetime.now(UTC).isoformat(), "run": run}).encode())
    spool.close()
    await_empty_spool()
    return len(telling)


def test_two_ingestions_never_ran_at_once(built: BuiltProject, api: AirflowApi) -> None:
    # Of those that bursts started, and those that the ingestion of the whole project did.
    api.await_idle(DAG)
    runs = sorted(api.runs(DAG), key=lambda run: run["start_date"])
    assert {run["run_type"] for run in runs} > {"asset_triggered"}
    assert [(one, next_) for one, next_ in pairwise(runs) if next_["start_date"] < one["end_date"]] == []

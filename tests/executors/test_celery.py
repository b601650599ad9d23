"""CeleryExecutor on two workers that share no folder: every model has its lineage, whatever is killed."""

import json
from pathlib import Path

import pytest

from dbt_lineage.core import settings
from dbt_lineage.ledger.of_relays import RelayLedger
from dbt_lineage.spool.spool import Spool
from stack.airflow_api import FINISHED, AirflowApi, await_condition
from stack.celery import Machine
from stack.config import StackConfig
from stack.supervisor import Supervisor, kill_tree
from tests.support import Topic, integration

DAG = "jaffle_shop"
BUILD = "models.dbt_build"
MODELS = 15

Cluster = tuple[StackConfig, dict[str, Machine]]


def completed(events: list[dict]) -> set[str]:
    return {
        event["job"]["name"]
        for event in events
        if integration(event) == "DBT" and event["eventType"] == "COMPLETE" and ".model." in f".{event['job']['name']}"
    }


def await_all_in_kafka(made: dict[str, Machine]) -> None:
    """Wait until no spool of any machine holds an event, and Kafka has acknowledged all."""
    # Of a relay that was killed, the ledger has only what it reported before.
    spools = [Spool(Path(each.environment["SPOOL_DIR"]), 1 << 30, bounded=False) for each in made.values()]
    with RelayLedger(settings.ledger()) as ledger:

        def is_empty() -> bool:
            totals = ledger.totals()
            waiting = [each for each in ledger.spools() if each.waiting or each.follow_ups]
            here = [each for each in spools if each.usage().waiting or each.usage().follow_ups]
            return totals.emitted == totals.acknowledged + totals.dead and not waiting and not here

        await_condition(is_empty, 120, "spools of the machines hold events")


def run_well(api: AirflowApi, made: dict[str, Machine]) -> tuple[str, list[dict]]:
    """A run of the whole project that goes well; its id, and the events since it began."""
    topic = Topic(settings.kafka().events_topic)
    before = topic.ends()
    run = api.run_once(DAG)
    states = {name: task["state"] for name, task in api.tasks(DAG, run["dag_run_id"]).items()}
    assert run["state"] == "success", states
    await_all_in_kafka(made)
    return run["dag_run_id"], topic.since(before)


def machine_of(api: AirflowApi, dag_id: str, run_id: str, task_id: str) -> str:
    return api.tasks(dag_id, run_id)[task_id]["hostname"]


def test_every_model_has_its_lineage_and_dbt_s_artifacts_reach_who_reads_them(
    cluster: Cluster, api: AirflowApi
) -> None:
    _, made = cluster
    runs_before = {run["dag_run_id"] for run in api.runs("openmetadata_ingestion")}
    api.unpause("openmetadata_ingestion")
    api.unpause("lineage_ingestion")
    run_id, events = run_well(api, made)
    assert len(completed(events)) == MODELS
    builder = machine_of(api, DAG, run_id, BUILD)
    assert builder in ("one", "two")
    ingested = api.await_new_run("openmetadata_ingestion", runs_before)
    assert ingested["state"] == "success"
    reader = machine_of(api, "openmetadata_ingestion", ingested["dag_run_id"], "dbt_artifacts")

    def results(machine: str) -> dict:
        return json.loads((made[machine].folder / "dbt" / "last_run" / "run_results.json").read_text())

    assert results(reader)["metadata"]["invocation_id"] == results(builder)["metadata"]["invocation_id"]


def test_a_build_whose_worker_is_killed_is_made_again_by_the_other(cluster: Cluster, api: AirflowApi) -> None:
    _, made = cluster
    topic = Topic(settings.kafka().events_topic)
    before = topic.ends()
    api.unpause(DAG)
    run_id = api.trigger(DAG)
    await_condition(lambda: api.tasks(DAG, run_id)[BUILD]["state"] == "running", 120, "dbt does not run")
    first = machine_of(api, DAG, run_id, BUILD)
    made[first].kill("worker")
    try:
        run = api.await_run(DAG, run_id)
    finally:
        made[first].start("worker")
    assert run["state"] == "success"
    assert machine_of(api, DAG, run_id, BUILD) != first
    await_all_in_kafka(made)
    assert len(completed(topic.since(before))) == MODELS


@pytest.mark.parametrize(("machine", "what"), [("three", "scheduler"), ("three", "triggerer"), ("one", "relay")])
def test_a_run_ends_well_though_a_process_is_killed(cluster: Cluster, api: AirflowApi, machine: str, what: str) -> None:
    _, made = cluster
    topic = Topic(settings.kafka().events_topic)
    before = topic.ends()
    api.unpause(DAG)
    run_id = api.trigger(DAG)
    await_condition(lambda: api.tasks(DAG, run_id)[BUILD]["state"] in ("running", *FINISHED), 120, "dbt does not run")
    made[machine].kill(what)
    try:
        assert api.await_run(DAG, run_id)["state"] == "success"
    finally:
        made[machine].start(what)
    await_all_in_kafka(made)
    assert len(completed(topic.since(before))) == MODELS


@pytest.mark.parametrize("service", ["airflow-scheduler", "airflow-triggerer"])
def test_a_run_ends_well_though_the_first_of_two_is_killed(cluster: Cluster, api: AirflowApi, service: str) -> None:
    config, made = cluster
    topic = Topic(settings.kafka().events_topic)
    before = topic.ends()
    api.unpause(DAG)
    run_id = api.trigger(DAG)
    await_condition(lambda: api.tasks(DAG, run_id)[BUILD]["state"] in ("running", *FINISHED), 120, "dbt does not run")
    kill_tree(Supervisor(config).states()[service]["pid"])
    assert api.await_run(DAG, run_id)["state"] == "success"
    await_all_in_kafka(made)
    assert len(completed(topic.since(before))) == MODELS


def test_the_machines_share_no_folder(cluster: Cluster) -> None:
    _, made = cluster
    spools = {Path(each.environment["SPOOL_DIR"]) for each in made.values()}
    assert len(spools) == len(made)
    assert all((folder / "spool.sqlite").exists() for folder in spools)

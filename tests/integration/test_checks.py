"""The checks against the real services: they find what is broken, and tell it once."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text
from tenacity import retry, retry_if_result, stop_after_delay, wait_fixed

from dbt_lineage.core import settings
from dbt_lineage.core.levels import Level
from dbt_lineage.core.projects import projects
from dbt_lineage.manifest.graph import Manifest
from dbt_lineage.relay.dead_letters import DeadLetters
from dbt_lineage.spool.identity import event_id
from dbt_lineage.spool.spool import Spool, Waiting
from dbt_lineage.watch.checks import CHECKS
from dbt_lineage.watch.checks.runner import made
from dbt_lineage.watch.checks.sources import Sources
from stack import lifecycle
from stack.airflow_api import AirflowApi
from stack.config import StackConfig
from stack.supervisor import Supervisor
from tests.openlineage_events import body
from tests.support import BuiltProject, Catalogue, Inbox, text_of

DAG = "lineage_checks"
Failures = dict[tuple[str, str], str]
NEW_MODEL = "model.jaffle_shop.without_event"


def found(*names: str, artifacts: Path | None = None) -> Failures:
    """The failures that checks find now, by check and subject.

    Args:
        names: which checks; all by default.
        artifacts: a folder with another manifest than the stack's.
    """
    sources = Sources.of(*projects())
    if artifacts is not None:
        sources = replace(sources, dbt=sources.dbt.model_copy(update={"artifacts_dir": artifacts}))
    results = [result for name in names or CHECKS for result in made(name, sources)]
    return {(each.check, each.subject): each.seen for each in results if each.level is Level.FAIL}


def await_no_failures(*names: str) -> Failures:
    """The failures, once there are none; the last ones when there always are."""
    return retry(
        retry=retry_if_result(bool),
        stop=stop_after_delay(60),
        wait=wait_fixed(0.5),
        retry_error_callback=lambda state: state.outcome.result(),  # type: ignore[union-attr]
    )(found)(*names)


# --- what breaks, and heals when it is left


@contextmanager
def events_that_never_came() -> Iterator[str]:
    """No event of one model reached the ledger; gives the model's unique id."""
    model = Manifest.load(settings.dbt().manifest).final_models[0]
    _rename_job(model, f"{model} elsewhere")
    try:
        yield model
    finally:
        _rename_job(f"{model} elsewhere", model)


def _rename_job(before: str, after: str) -> None:
    engine = create_engine(settings.ledger().url.get_secret_value())
    with engine.begin() as database:
        names = {"before": before, "after": after}
        database.execute(text("UPDATE lineage_event SET job_name = :after WHERE job_name = :before"), names)
    engine.dispose()


def another_manifest(folder: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """A folder with the stack's manifest, changed. Airflow keeps reading its own."""
    content = json.loads(settings.dbt().manifest.read_text())
    change(content)
    (folder / "manifest.json").write_text(json.dumps(content))
    return folder


@contextmanager
def an_edge_deleted(catalogue: Catalogue) -> Iterator[str]:
    """The catalogue lacks one edge; gives its name."""
    openmetadata = settings.openmetadata()
    edge = min(Manifest.load(settings.dbt().manifest).edges())
    ends = [f"{openmetadata.database_service}.{table}" for table in edge]
    request = catalogue.edge(*ends)
    catalogue.delete_edge(*ends)
    try:
        yield str(edge)
    finally:
        catalogue.put("lineage", request)


@contextmanager
def an_invalid_event() -> Iterator[str]:
    """An event that is none went to the dead letters; gives its id."""
    event = json.dumps({"eventType": "COMPLETE", "job": {"name": f"nobody's {uuid4()}"}}).encode()
    spool().put(event)
    letters = DeadLetters(settings.kafka())
    retry(retry=retry_if_result(lambda count: count == 0), stop=stop_after_delay(30), wait=wait_fixed(0.2))(
        letters.count
    )()
    try:
        yield event_id(event)
    finally:
        letters.dismiss()


@contextmanager
def a_stopped_relay(stack: StackConfig) -> Iterator[None]:
    """No relay is at work, and the event that it has to send next has been waiting for an hour."""
    Supervisor(stack).stop("relay")
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
    event = body(int(time.time()), job=f"waiting {uuid4()}", eventTime=an_hour_ago.isoformat())
    try:
        # Airflow may have emitted something since the relay stopped.
        spool().put_first([Waiting(0, event_id(event), an_hour_ago, "test", event)])
        yield
    finally:
        lifecycle.start(stack, "relay")


def spool() -> Spool:
    return Spool(settings.spool().dir, settings.spool().max_bytes)


# --- each check


def test_the_lineage_of_a_finished_run_keeps_every_promise(built: BuiltProject) -> None:
    assert await_no_failures() == {}


def test_a_model_without_event_is_not_covered_nor_fresh_nor_in_the_catalogue(
    built: BuiltProject, tmp_path: Path
) -> None:
    parent = Manifest.load(settings.dbt().manifest).final_models[0]

    def add_model(content: dict[str, Any]) -> None:
        content["nodes"][NEW_MODEL] = {**content["nodes"][parent], "alias": "without_event", "unique_id": NEW_MODEL}
        content["parent_map"][NEW_MODEL] = [parent]

    failures = found("coverage", "freshness", "accuracy", artifacts=another_manifest(tmp_path, add_model))
    assert failures["coverage", NEW_MODEL] == "no COMPLETE event ever"
    assert failures["freshness", NEW_MODEL] == "no event ever"
    assert any(subject.endswith(".without_event") for check, subject in failures if check == "accuracy")
    assert found("coverage", "freshness", "accuracy") == {}


def test_an_edge_that_is_deleted_from_the_catalogue_is_named(built: BuiltProject, catalogue: Catalogue) -> None:
    with an_edge_deleted(catalogue) as edge:
        failures = found("accuracy")
    subjects = {subject for _, subject in failures}
    assert {"recall of tables", "recall of columns", edge} <= subjects
    upstream, downstream = edge.split(" -> ")
    columns = [subject.split(" -> ") for subject in subjects - {"recall of tables", "recall of columns", edge}]
    assert columns
    assert {(source.rpartition(".")[0], target.rpartition(".")[0]) for source, target in columns} == {
        (upstream, downstream)
    }
    assert found("accuracy") == {}


def test_a_model_that_is_dropped_leaves_stale_edges_table_and_pipeline(built: BuiltProject, tmp_path: Path) -> None:
    manifest = Manifest.load(settings.dbt().manifest)
    dropped = manifest.final_models[0]
    relation = manifest.relation(dropped)

    def drop_model(content: dict[str, Any]) -> None:
        del content["nodes"][dropped], content["parent_map"][dropped]

    failures = found("stale", "accuracy", artifacts=another_manifest(tmp_path, drop_model))
    subjects = {subject for _, subject in failures}
    assert {check for check, _ in failures} == {"stale"}
    assert {f"table {relation}", f"pipeline {settings.openlineage().namespace}-{dropped}"} <= subjects
    assert any(subject.endswith(f"-> {relation}") for subject in subjects)
    assert found("stale") == {}


def test_an_invalid_event_is_named_with_its_reason(built: BuiltProject) -> None:
    with an_invalid_event() as event:
        failures = found("validity")
    assert list(failures) == [("validity", f"dead letter {event}")]
    assert "'eventTime' is a required property" in failures["validity", f"dead letter {event}"]
    assert found("validity") == {}


def test_a_stopped_relay_and_what_waits_for_it_are_named(stack: StackConfig, built: BuiltProject) -> None:
    with a_stopped_relay(stack):
        failures = found("lag")
    assert failures.keys() == {("lag", "relay"), ("lag", "spool")}
    assert await_no_failures("lag") == {}


def test_a_check_whose_service_is_away_says_so(stack: StackConfig, built: BuiltProject) -> None:
    Supervisor(stack).stop("openmetadata-standin")
    try:
        failures = found("accuracy", "lag")
    finally:
        lifecycle.start(stack, "openmetadata-standin")
    assert list(failures) == [("accuracy", "")]
    assert failures["accuracy", ""].startswith("could not be made: OpenMetadata at http://")


# --- the DAG and its mails


@pytest.fixture
def checks(api: AirflowApi, built: BuiltProject) -> Iterator[Callable[[], dict[str, Any]]]:
    """Runs the DAG once; afterwards it is paused again. Nobody mends meanwhile what a test breaks."""
    api.await_idle("openmetadata_ingestion")
    yield lambda: api.run_once(DAG)
    api.unpause(DAG, paused=True)


def ours(inbox: Inbox) -> list[str]:
    """The mails about checks, also those of failed tasks: there should be none of these."""
    subjects = [str(mail["Subject"]).replace("\n", "") for mail in inbox.new()]
    return [subject for subject in subjects if subject.startswith("[Lineage]") or DAG in subject]


def test_what_breaks_is_mailed_once_and_once_more_when_it_recovers(
    stack: StackConfig,
    api: AirflowApi,
    checks: Callable[[], dict[str, Any]],
    catalogue: Catalogue,
    inbox: Inbox,
) -> None:
    assert checks()["state"] == "success"
    assert ours(inbox) == []
    with (
        an_invalid_event() as event,
        a_stopped_relay(stack),
        an_edge_deleted(catalogue) as edge,
        events_that_never_came() as model,
    ):
        run = checks()
        states = {name: task["state"] for name, task in api.tasks(DAG, run["dag_run_id"]).items()}
        mail = inbox.await_mail("[Lineage] broken")
        assert checks()["state"] == "failed"
        assert len(ours(inbox)) == 1
    assert run["state"] == "failed"
    broken = {"coverage", "freshness", "validity", "lag", "accuracy"}
    assert {name for name, state in states.items() if state == "failed"} == broken
    assert states["alerts"] == "success"
    told = text_of(mail)
    for named in (model, edge.replace(">", "&gt;"), event, "relay", "spool", "no COMPLETE event ever"):
        assert named in told
    for check in broken:
        assert f"operations.md#{check}" in told

    await_no_failures()
    assert checks()["state"] == "success"
    recovered = text_of(inbox.await_mail("[Lineage] recovered"))
    for named in (model, edge.replace(">", "&gt;"), event, "relay", "spool"):
        assert named in recovered
    assert len(ours(inbox)) == 2


def test_the_log_of_a_check_has_its_table(api: AirflowApi, checks: Callable[[], dict[str, Any]]) -> None:
    run = checks()
    log = api.log(DAG, run["dag_run_id"], "accuracy")
    assert "recall of tables" in log
    assert "precision of tables" in log

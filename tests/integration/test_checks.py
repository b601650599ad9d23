"""The checks against the real services: they find what is broken, and tell it once."""

import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from support import BuiltProject, Catalogue, Inbox, text_of
from tenacity import retry, retry_if_result, stop_after_delay, wait_fixed

from include import settings
from include.checks import CHECKS
from include.checks.run import made
from include.checks.sources import Sources
from include.dbt.manifest import Manifest
from include.levels import Level
from include.relay.dead_letters import DeadLetters
from include.spool.identity import event_id
from include.spool.store import Spool, Waiting
from stack import lifecycle
from stack.airflow_api import AirflowApi
from stack.config import StackConfig
from stack.supervisor import Supervisor
from tests.openlineage_events import body

DAG = "lineage_checks"
NEW_MODEL = "model.jaffle_shop.without_event"


def found(*names: str) -> dict[tuple[str, str], str]:
    """The failures that checks find now, by check and subject."""
    sources = Sources.from_environment()
    results = [result for name in names or CHECKS for result in made(name, sources)]
    return {(each.check, each.subject): each.seen for each in results if each.level is Level.FAIL}


def await_found(condition: Callable[[dict[tuple[str, str], str]], bool], *names: str) -> dict[tuple[str, str], str]:
    """The failures, once they are so; the last ones when they never are."""
    return retry(
        retry=retry_if_result(lambda failures: not condition(failures)),
        stop=stop_after_delay(60),
        wait=wait_fixed(0.5),
        retry_error_callback=lambda state: state.outcome.result(),  # type: ignore[union-attr]
    )(found)(*names)


# --- what breaks, and heals when it is left


@contextmanager
def a_model_without_event() -> Iterator[None]:
    """The manifest has a model that never ran, made from one that did."""
    file = settings.dbt().manifest
    kept = file.with_suffix(".kept")
    shutil.copyfile(file, kept)
    content = json.loads(file.read_text())
    parent = Manifest(content).final_models[0]
    content["nodes"][NEW_MODEL] = {**content["nodes"][parent], "alias": "without_event", "unique_id": NEW_MODEL}
    content["parent_map"][NEW_MODEL] = [parent]
    file.write_text(json.dumps(content))
    try:
        yield
    finally:
        kept.replace(file)


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
    """No relay is at work, and an event has been waiting for it for an hour."""
    Supervisor(stack).stop("relay")
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
    event = body(int(time.time()), job=f"waiting {uuid4()}", eventTime=an_hour_ago.isoformat())
    spool().restore(Waiting(0, event_id(event), an_hour_ago, "test", event))
    try:
        yield
    finally:
        lifecycle.start(stack, "relay")


def spool() -> Spool:
    return Spool(settings.spool().dir, settings.spool().max_bytes)


# --- each check


def test_the_lineage_of_a_finished_run_keeps_every_promise(built: BuiltProject) -> None:
    assert await_found(lambda failures: not failures) == {}


def test_a_model_without_event_is_not_covered_nor_fresh_nor_in_the_catalogue(built: BuiltProject) -> None:
    with a_model_without_event():
        failures = found("coverage", "freshness", "accuracy")
    assert failures["coverage", NEW_MODEL] == "no COMPLETE event ever"
    assert failures["freshness", NEW_MODEL] == "no event ever"
    assert any(subject.endswith(".without_event") for check, subject in failures if check == "accuracy")
    assert found("coverage", "freshness", "accuracy") == {}


def test_an_edge_that_is_deleted_from_the_catalogue_is_named(built: BuiltProject, catalogue: Catalogue) -> None:
    with an_edge_deleted(catalogue) as edge:
        failures = found("accuracy")
    assert failures.keys() == {("accuracy", "recall of tables"), ("accuracy", edge)}
    assert found("accuracy") == {}


def test_a_model_that_is_dropped_leaves_stale_edges_table_and_pipeline(built: BuiltProject) -> None:
    file = settings.dbt().manifest
    manifest = Manifest.load(file)
    dropped = manifest.final_models[0]
    relation = manifest.relation(dropped)
    whole = file.read_text()
    content = json.loads(whole)
    del content["nodes"][dropped], content["parent_map"][dropped]
    try:
        file.write_text(json.dumps(content))
        failures = found("stale", "accuracy")
    finally:
        file.write_text(whole)
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
    assert await_found(lambda failures: not failures, "lag") == {}


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
    """Runs the DAG once; afterwards it is paused again."""
    yield lambda: api.run_once(DAG)
    api.unpause(DAG, paused=True)


def ours(inbox: Inbox) -> list[str]:
    return [str(mail["Subject"]) for mail in inbox.new() if str(mail["Subject"]).startswith("[Lineage]")]


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
        a_model_without_event(),
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
    text = text_of(mail)
    for named in (NEW_MODEL, edge.replace(">", "&gt;"), event, "relay", "spool", "no COMPLETE event ever"):
        assert named in text
    for check in broken:
        assert f"operations.md#{check}" in text

    await_found(lambda failures: not failures)
    assert checks()["state"] == "success"
    recovered = text_of(inbox.await_mail("[Lineage] recovered"))
    for named in (NEW_MODEL, edge.replace(">", "&gt;"), event, "relay", "spool"):
        assert named in recovered
    assert len(ours(inbox)) == 2


def test_the_log_of_a_check_has_its_table(
    api: AirflowApi, checks: Callable[[], dict[str, Any]], tmp_path: Path
) -> None:
    run = checks()
    log = api.log(DAG, run["dag_run_id"], "accuracy")
    assert "recall of tables" in log
    assert "precision of tables" in log

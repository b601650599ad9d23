"""Lineage off and on while Airflow runs: nothing is restarted, nothing is heard, nothing is lost."""

import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from confluent_kafka.admin import AdminClient

from dbt_lineage.catalogue.marks import FROM_EVENTS
from dbt_lineage.core import settings
from dbt_lineage.core.levels import Level
from dbt_lineage.core.projects import projects
from dbt_lineage.core.settings import KafkaSettings
from dbt_lineage.kafka.offsets import Bookmarks
from dbt_lineage.kafka.topics import TopicAdmin, TopicSpec
from dbt_lineage.spool.spool import Spool
from dbt_lineage.watch.checks.runner import made
from dbt_lineage.watch.checks.sources import Sources
from stack import removal
from stack.airflow_api import AirflowApi
from stack.checkout import PROJECT_ROOT
from stack.config import StackConfig
from stack.of_lineage import DAGS, SERVICES
from stack.supervisor import Supervisor
from tests.openlineage_events import run_event
from tests.support import BuiltProject, Topic, await_empty_spool


def switch(*arguments: str) -> str:
    """Run the command; what it says."""
    done = subprocess.run(
        [sys.executable, "-m", "dbt_lineage", *arguments], cwd=PROJECT_ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def on_again() -> Iterator[None]:
    """Whatever a test does, the lineage is on after it, and complete."""
    yield
    switch("on")
    switch("resend")
    await_empty_spool()


def test_airflow_goes_on_while_nothing_is_heard_of_it_and_tells_it_later(
    stack: StackConfig, built: BuiltProject, api: AirflowApi, on_again: None
) -> None:
    topic, bookmarks = Topic(settings.kafka().events_topic), Bookmarks(settings.kafka(), settings.kafka().events_topic)
    before = {name: process["pid"] for name, process in Supervisor(stack).states().items()}

    assert "would be switched off" in switch("off", "--dry-run")
    assert "lineage is on" in switch("status")
    switch("off")
    ends = bookmarks.ends()
    # What was emitted before and waits, as when Kafka was away: the relay leaves it where it is.
    waits = json.dumps(run_event(1, "waits_meanwhile", eventTime=datetime.now(UTC).isoformat())).encode()
    Spool(settings.spool().dir, settings.spool().max_bytes).put(waits)
    assert api.run_once("kafka_topics")["state"] == "success"
    assert bookmarks.ends() == ends
    warnings = [each for name in ("coverage", "lag") for each in made(name, Sources.of(*projects())) if each.seen]
    assert [each.level for each in warnings] == [Level.WARN, Level.OK]

    assert "would be switched on" in switch("on", "--dry-run")
    assert "lineage is off" in switch("status")
    said = switch("on")
    assert "not covered" in said
    assert "kafka_topics" in said
    switch("resend")
    heard = topic.since(ends)
    states = {(event["job"]["name"], event["eventType"]) for event in heard}
    assert {("kafka_topics", "START"), ("kafka_topics", "COMPLETE"), ("waits_meanwhile", "COMPLETE")} <= states
    assert "nothing ran meanwhile" in switch("status")
    assert {name: process["pid"] for name, process in Supervisor(stack).states().items()} == before


def test_a_dry_run_of_the_removal_says_what_would_go_and_changes_nothing(
    stack: StackConfig, built: BuiltProject, capsys: pytest.CaptureFixture[str]
) -> None:
    await_empty_spool()
    edges = Sources.of(*projects()).stored_lineage.edges
    removal.show(stack)
    shown = capsys.readouterr().out
    said = switch("remove", "--dry-run")
    assert "dry run: nothing was removed" in said
    for told in (shown, said):
        for topic in settings.kafka().topics.values():
            assert f"topic {topic}" in told
        assert f"consumer group {settings.openmetadata().consumer_group}" in told
        assert all(f"edge {each.edge}" in told for each in edges if each.source == FROM_EVENTS)
    assert ", ".join(DAGS) in shown
    assert "lineage is on" in switch("status")
    assert Sources.of(*projects()).stored_lineage.edges == edges
    assert {Supervisor(stack).states()[name]["statename"] for name in SERVICES} == {"RUNNING"}


@pytest.fixture
def kafka(stack: StackConfig) -> Iterator[KafkaSettings]:
    """An events topic of the test's own."""
    kafka = settings.kafka().model_copy(update={"events_topic": f"switch-{uuid.uuid4()}"})
    admin = TopicAdmin(
        AdminClient({"bootstrap.servers": kafka.bootstrap_servers}), kafka.bootstrap_servers, kafka.timeout_seconds
    )
    admin.ensure(TopicSpec.as_set(kafka.events_topic, kafka))
    yield kafka
    assert admin.delete(kafka.events_topic)
    assert not admin.delete(kafka.events_topic)


def built_event(number: int, model: str, minute: int) -> bytes:
    """A model's COMPLETE."""
    event: dict[str, Any] = run_event(number, eventTime=f"2026-11-22T14:{minute:02}:00Z")
    event["job"] |= {"name": model, "facets": {"jobType": {"jobType": "MODEL"}}}
    sides = {
        "inputs": [{"namespace": "n", "name": "db.s.raw"}],
        "outputs": [{"namespace": "n", "name": f"db.s.{model}"}],
    }
    return json.dumps(event | sides).encode()

"""The events that leave as dbt's nodes finish are those that its artifacts give when it has ended."""

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Message
from openlineage.client.serde import Serde
from openlineage.common.provider.dbt.facets import ParentRunMetadata

from dbt_lineage.core import settings
from dbt_lineage.core.settings import SpoolSettings
from dbt_lineage.events.dbt_events import node_events
from dbt_lineage.events.dbt_run import load_artifacts
from dbt_lineage.relay.completion import Completion
from dbt_lineage.warehouse.postgres import PostgresWarehouse
from stack.airflow_api import AirflowApi
from tests.support import BuiltProject, Event, Topic, integration

DAG = "jaffle_shop"
BUILD = "models.dbt_build"
SNAPSHOT = """
{% snapshot products_history %}
{{ config(unique_key="product_id", strategy="check", check_cols="all", target_schema="jaffle_shop_dev") }}
select * from {{ ref("products") }}
{% endsnapshot %}
"""


@pytest.fixture(scope="module")
def messages(built: BuiltProject, api: AirflowApi) -> list[Message]:
    """What one whole run sent of dbt."""
    topic = Topic(settings.kafka().events_topic)
    before = topic.ends()
    assert api.run_once(DAG)["state"] == "success"
    return of_dbt(topic, before)


def of_dbt(topic: Topic, since: dict[int, int]) -> list[Message]:
    return [message for message in topic.messages_since(since) if integration(event_of(message)) == "DBT"]


def event_of(message: Message) -> Event:
    return json.loads(message.value() or b"")


def events_of_build(messages: Iterable[Message]) -> dict[tuple[str, str], Event]:
    """The events of the second of the two commands; the artifacts that are kept are of that one."""
    events = [event_of(message) for message in messages]
    return {
        (event["job"]["name"], event["eventType"]): event
        for event in events
        if not event["job"]["name"].startswith("seed.")
    }


def events_of_artifacts(parent: dict[str, Any], folder: Path) -> dict[tuple[str, str], Event]:
    """The events that the artifacts of the last build give, as children of the same task."""
    dbt = settings.dbt()
    (folder / "target").symlink_to(dbt.run_artifacts)
    run, results = load_artifacts(folder, dbt.profiles_file.parent, dbt.target)
    task = ParentRunMetadata(
        run_id=parent["run"]["runId"],
        job_name=parent["job"]["name"],
        job_namespace=parent["job"]["namespace"],
        root_parent_run_id=parent["root"]["run"]["runId"],
        root_parent_job_name=parent["root"]["job"]["name"],
        root_parent_job_namespace=parent["root"]["job"]["namespace"],
    )
    # The project's name and version are read from its folder.
    (folder / "dbt_project.yml").write_bytes((dbt.project_dir / "dbt_project.yml").read_bytes())
    events = node_events(run, results, task, settings.openlineage().namespace)
    completion = Completion([PostgresWarehouse(settings.warehouse())], SpoolSettings(dir=folder / "spool"))
    as_emitted = [json.loads(Serde.to_json(event)) for event in events]
    [database] = completion.places
    asked = set().union(*(completion.needs(event).get(database, frozenset()) for event in as_emitted))
    columns = {database: completion.columns(database, asked)}
    as_sent = [json.loads(completion.of(json.dumps(event).encode(), columns)) for event in as_emitted]
    return {(event["job"]["name"], event["eventType"]): event for event in as_sent}


def assert_equal_to_artifacts(live: dict[tuple[str, str], Event], folder: Path) -> None:
    parent = next(iter(live.values()))["run"]["facets"]["parent"]
    expected = events_of_artifacts(parent, folder)
    assert live.keys() == expected.keys()
    for which, event in expected.items():
        # OpenLineage's client signs every event with its version.
        signature = live[which]["run"]["facets"].pop("tags")
        assert [tag["key"] for tag in signature["tags"]] == ["openlineage_client_version"]
        assert live[which] == event


def test_the_live_events_are_those_of_the_artifacts(messages: list[Message], tmp_path: Path) -> None:
    live = events_of_build(messages)
    assert {name.split(".")[0] for name, _ in live} == {"model", "test", "unit_test"}
    assert_equal_to_artifacts(live, tmp_path)


def test_an_event_leaves_while_later_nodes_have_not_even_started(messages: list[Message]) -> None:
    first = min(messages_of_build(messages, "COMPLETE"), key=lambda message: message.timestamp()[1])
    last_start = max(event_of(message)["eventTime"] for message in messages_of_build(messages, "START"))
    sent_at = datetime.fromtimestamp(first.timestamp()[1] / 1000, UTC)
    assert sent_at < datetime.fromisoformat(last_start.replace("Z", "+00:00"))


def messages_of_build(messages: list[Message], event_type: str) -> list[Message]:
    keys = events_of_build(messages).keys()
    told = [(message, event_of(message)) for message in messages]
    return [
        message
        for message, event in told
        if event["eventType"] == event_type and (event["job"]["name"], event_type) in keys
    ]


def test_nothing_had_to_be_emitted_late(messages: list[Message], api: AirflowApi) -> None:
    run_id = api.runs(DAG)[-1]["dag_run_id"]
    log = api.log(DAG, run_id, BUILD)
    assert "is emitted late" not in log
    told = re.findall(r"emitted the lineage of (\d+) nodes, (\d+) as they finished", log)
    # The seeds, then the build, of which an exposure is a node without events.
    assert [everything == live for everything, live in told] == [True, True]
    assert int(told[1][0]) >= len({name for name, _ in events_of_build(messages)})


def test_failures_and_snapshots_are_those_of_the_artifacts(
    built: BuiltProject, api: AirflowApi, project: Path, tmp_path: Path
) -> None:
    # The next ingestion takes the snapshot into the catalogue: by its name this file comes after the ingestion's tests.
    (project / "snapshots").mkdir()
    (project / "snapshots" / "products_history.sql").write_text(SNAPSHOT)
    orders = project / "models" / "marts" / "orders.sql"
    orders.write_text(orders.read_text() + "\n-- broken on purpose\nwhere 1 / 0 = 1\n")
    stores = project / "seeds" / "raw" / "raw_stores.csv"
    stores.write_text(stores.read_text() + "b2b1c1f0-0000-4000-8000-000000000001,Atlantis,2020-01-01T00:00:00,0.05\n")
    topic = Topic(settings.kafka().events_topic)
    before = topic.ends()

    assert api.run_once(DAG)["state"] == "failed"

    live = events_of_build(of_dbt(topic, before))
    assert ("model.jaffle_shop.orders", "FAIL") in live
    assert ("snapshot.jaffle_shop.products_history", "COMPLETE") in live
    assert not [name for name, _ in live if name == "model.jaffle_shop.customer_lifetime_value"]
    assert_equal_to_artifacts(live, tmp_path)

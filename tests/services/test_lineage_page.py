"""The lineage page in Airflow's own API server, with a real ledger and a real Kafka behind it."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient

from dbt_lineage.core import settings
from dbt_lineage.core.levels import Level
from dbt_lineage.kafka.topics import TopicAdmin, TopicSpec
from dbt_lineage.ledger.job_lineage import JobLineage, LineageLedger, Said
from dbt_lineage.ledger.ledger import Ledger
from dbt_lineage.ledger.of_project import ProjectRecords
from dbt_lineage.ledger.refreshes import DashboardLedger, DashboardRefresh
from dbt_lineage.manifest.graph import Manifest
from dbt_lineage.manifest.parse import make_manifest
from dbt_lineage.manifest.project_file import Jobs
from dbt_lineage.page.statement import make_key, public_key, verified
from dbt_lineage.spool.facts import Acknowledgement, EventFacts
from dbt_lineage.watch.checks.record import CheckStore
from dbt_lineage.watch.checks.results import Result
from stack import airflow
from stack.config import StackConfig
from tests.airflow_page import RUN, STARTED, AirflowPage, airflow_page

SHOP = "model.jaffle_shop."


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key that signs receipts."""
    file = tmp_path_factory.mktemp("key") / "receipt.pem"
    make_key(file)
    return file


@pytest.fixture(scope="module")
def topics(stack: StackConfig) -> Iterator[dict[str, str]]:
    """Topics of these tests' own, by setting."""
    kafka, name = settings.kafka(), f"page_{uuid4().hex[:8]}"
    client = AdminClient({"bootstrap.servers": kafka.bootstrap_servers})
    admin = TopicAdmin(client, kafka.bootstrap_servers, kafka.timeout_seconds)
    made = {f"KAFKA_{what}_TOPIC": f"{name}.{what.lower()}" for what in ("EVENTS", "DLQ")}
    for topic in made.values():
        admin.ensure(TopicSpec.kept_for_days(topic, 2, 1, 1))
    yield made
    for deleted in client.delete_topics(list(made.values())).values():
        deleted.result()


@pytest.fixture(scope="module")
def page(
    stack: StackConfig, key: Path, topics: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AirflowPage]:
    """The page, on the stack's ledger and Kafka."""
    folder = tmp_path_factory.mktemp("page")
    chosen = {
        "LEDGER_URL": airflow.environment(stack)["LEDGER_URL"],
        "PAGE_RECEIPT_KEY": str(key),
        "SPOOL_DIR": str(folder / "spool"),
        "SUPERSET_PASSWORD": "none",
        **topics,
    }
    make_manifest(settings.dbt().model_copy(update={"artifacts_dir": folder / "artifacts"}))
    with airflow_page(folder, folder / "artifacts", chosen) as made:
        yield made


@pytest.fixture
def manifest(page: AirflowPage) -> Manifest:
    return Manifest.load(settings.dbt().manifest)


@pytest.fixture(autouse=True)
def nothing_of_the_shop(page: AirflowPage) -> Iterator[None]:
    """Each test begins with a ledger that knows nothing of the project."""
    jobs = Jobs(frozenset({settings.openlineage().namespace}), "jaffle_shop", "jaffle_shop")
    with ProjectRecords(settings.ledger(), "jaffle_shop", jobs) as records:
        records.remove()
        yield
        records.remove()


def root_of_run() -> str:
    """The id by which events name the run of the tests."""
    from airflow.utils.session import create_session

    from dbt_lineage.airflow.page.root_runs import root_run_ids

    with create_session() as session:
        (found,) = root_run_ids(session, "jaffle_shop", RUN)
        assert root_run_ids(session, "jaffle_shop", "nowhere") == []
    return found


def event(model: str, **place: Any) -> str:
    """An event of a model in the run, in the ledger; in Kafka where a place is given."""
    event_id = str(uuid4())
    at = STARTED + timedelta(seconds=1)
    facts = EventFacts(
        event_id,
        settings.openlineage().namespace,
        SHOP + model,
        str(uuid4()),
        root_of_run(),
        "COMPLETE",
        at.isoformat(timespec="microseconds"),
        at,
    )
    with Ledger(settings.ledger()) as ledger:
        ledger.emitted([facts])
        if place:
            ledger.acknowledged([Acknowledgement(event_id, acknowledged_at=at, reason=None, **place)])
    return event_id


def in_kafka(body: dict[str, Any], topic: str | None = None, **headers: str) -> dict[str, Any]:
    """Put a document into a topic; where it is."""
    producer = Producer({"bootstrap.servers": settings.kafka().bootstrap_servers, "acks": "all"})
    places: list[dict[str, Any]] = []
    producer.produce(
        topic or settings.kafka().events_topic,
        json.dumps(body).encode(),
        headers=[(name, value.encode()) for name, value in headers.items()],
        on_delivery=lambda _, sent: places.append(
            {"topic": sent.topic(), "partition": sent.partition(), "offset": sent.offset()}
        ),
    )
    assert producer.flush(30) == 0
    return places[0]


def test_the_edges_are_those_that_the_ledger_has(page: AirflowPage, manifest: Manifest) -> None:
    assert page.get("/graph").json()["problem"] is None
    orders, job = manifest.relation(f"{SHOP}orders"), f"{SHOP}customer_lifetime_value"
    said = Said(inputs=[["jaffle_postgres", orders]], links=[[0, "amount", "total_revenue", ["AGGREGATION"]]])
    output = manifest.relation(job)
    namespace = settings.openlineage().namespace
    lineage = JobLineage(namespace, job, output, "jaffle_postgres", "one", "run", STARTED, said, "select 42 as answer")
    with LineageLedger(settings.ledger()) as ledger:
        ledger.keep([lineage])
    graph, columns = page.get("/graph").json(), page.get("/columns").json()
    assert (graph["source"], graph["version"]) == ("ledger", columns["version"])
    names = [(graph["nodes"][node]["id"], name) for node, name in columns["columns"]]
    found = {(names[start], names[end], columns["kinds"][kind]) for start, end, kind, _ in columns["edges"]}
    assert found == {((orders, "amount"), (output, "total_revenue"), "DIRECT/AGGREGATION")}
    node = page.get(f"/nodes/{output}").json()
    assert (node["sql"], node["event_id"]) == ("select 42 as answer", "one")
    assert node["times"]["verified"] is not None


def test_a_node_says_how_old_it_is_beside_what_is_promised(page: AirflowPage, manifest: Manifest) -> None:
    event("orders", **in_kafka({}))
    orders = page.get(f"/nodes/{manifest.relation(f'{SHOP}orders')}").json()["freshness"]
    assert datetime.fromisoformat(orders["last_event_at"]) == STARTED + timedelta(seconds=1)
    # The jaffle shop is built each day.
    assert (orders["warn_after"], orders["error_after"], orders["state"]) == ("1 d 1 h", "2 d 1 h", "fail")
    customers = page.get(f"/nodes/{manifest.relation(f'{SHOP}customers')}").json()["freshness"]
    assert (customers["last_event_at"], customers["state"]) == (None, "fail")
    assert page.get(f"/nodes/{manifest.relation('seed.jaffle_shop.raw_orders')}").json()["freshness"] is None


def test_a_receipt_grows_until_it_is_whole(page: AirflowPage) -> None:
    event("customers")
    place = in_kafka({"model": "orders"})
    known = event("orders", **place)
    receipt = page.get(f"/receipts/jaffle_shop/{RUN}").json()
    rows = {row["model"]: row for row in receipt["rows"]}
    assert (rows["customers"]["in_kafka"], rows["customers"]["reason"]) == (None, "it waits for Kafka")
    assert (rows["orders"]["event_id"], rows["orders"]["reason"]) == (known, "it waits for the ingestion")
    assert receipt["whole"] is False
    (listed,) = page.get("/receipts", params={"dag_id": "jaffle_shop"}).json()
    assert (listed["run_id"], listed["models"], listed["read_back"]) == (RUN, 2, 0)
    with Ledger(settings.ledger()) as ledger:
        ledger.ingested(place["topic"], {place["partition"]: place["offset"] + 1})
        ledger.verified(place["topic"], {place["partition"]: place["offset"] + 1})
    with DashboardLedger(settings.ledger()) as ledger:
        refresh = DashboardRefresh("jaffle-shop", datetime.now(UTC), 14, 14, 0, 1.0, "")
        ledger.refreshed([refresh], all_there_are=True, project="jaffle_shop")
    told = page.get(f"/receipts/jaffle_shop/{RUN}").json()
    row = next(row for row in told["rows"] if row["model"] == "orders")
    assert row["read_back"] is not None
    assert row["dashboard_equal"] is not None
    assert row["reason"] is None
    table = page.get(f"/receipts/jaffle_shop/{RUN}", params={"format": "csv"})
    assert table.headers["content-type"].startswith("text/csv")
    assert {line["model"] for line in csv.DictReader(io.StringIO(table.text))} >= {"orders", "customers"}


def test_a_signed_receipt_is_verified_by_the_public_key(page: AirflowPage, key: Path) -> None:
    known = event("orders", **in_kafka({}))
    envelope = page.get(f"/receipts/jaffle_shop/{RUN}/statement").content
    told = verified(envelope, public_key(key.with_name(f"{key.name}.pub")))
    assert known in [row["event_id"] for row in told["predicate"]["receipt"]["rows"]]
    assert {"manifest.json", "edges"} <= {each["name"] for each in told["subject"]}
    assert told["predicate"]["versions"]["apache-airflow"].startswith("3.")
    assert told["predicate"]["edges"]


def test_the_events_of_a_run_and_one_as_it_was_sent(page: AirflowPage) -> None:
    body = {"eventType": "COMPLETE", "job": {"name": "Bücher"}}
    known = event("orders", **in_kafka(body))
    waits = event("customers")
    asked = {"dag_id": "jaffle_shop", "run_id": RUN}
    assert {each["event_id"] for each in page.get("/events", params=asked).json()} == {known, waits}
    (only,) = page.get("/events", params={**asked, "model": f"{SHOP}orders"}).json()
    assert (only["event_id"], only["type"]) == (known, "COMPLETE")
    assert page.get(f"/events/{known}").json() == body
    absent = page.get(f"/events/{waits}")
    assert (absent.status_code, absent.json()["detail"]) == (404, f"event {waits} is not in Kafka yet")
    assert page.get("/events/nowhere").status_code == 404


def test_dead_letters_have_their_reason_and_payload(page: AirflowPage) -> None:
    body = {"job": {"namespace": settings.openlineage().namespace, "name": f"{SHOP}orders"}, "run": {"runId": "r"}}
    place = in_kafka(body, settings.kafka().dlq_topic, event_id="dead", reason="eventTime: no time", source="spool")
    told = page.get("/dead-letters", params={"limit": 5}).json()
    letter = told["letters"][0]
    assert letter["id"] == f"{place['partition']}-{place['offset']}"
    assert (letter["reason"], letter["job"], letter["project"], letter["run_id"]) == (
        *("eventTime: no time", f"{SHOP}orders"),
        *("jaffle_shop", "r"),
    )
    assert json.loads(letter["payload"]) == body
    assert told["total"] >= 1
    assert told["may_replay"] is False
    assert page.get("/dead-letters", role="user").json()["may_replay"] is True


def test_a_figure_of_the_health_is_beside_its_own_target(page: AirflowPage) -> None:
    results = [
        Result("lag", "spool", Level.OK, "0 % in use", "50 %, 90 %", value=0, unit="%", project="jaffle_shop"),
        Result("lag", "kafka", Level.OK, "9 s behind", "60 s", value=9, unit="seconds", project="jaffle_shop"),
    ]
    with CheckStore(settings.ledger()) as store:
        store.record(f"checks {uuid4()}", "lag", results, datetime.now(UTC))
    told = page.get("/health").json()["promises"]
    promise = next(each for each in told if each["project"] == "jaffle_shop" and each["name"] == "lag")
    assert [promise[name] for name in ("value", "unit", "target", "message")] == [9, "seconds", "60 s", "9 s behind"]


def test_health_is_what_the_checks_recorded(page: AirflowPage) -> None:
    results = [
        Result("coverage", f"{SHOP}orders", Level.OK, "completed", "since it was due", project="jaffle_shop"),
        Result(
            "coverage", f"{SHOP}customers", Level.FAIL, "did not complete", "since it was due", project="jaffle_shop"
        ),
    ]
    now = datetime.now(UTC)
    with CheckStore(settings.ledger()) as store:
        store.record(f"checks {uuid4()}", "coverage", results[:1], now - timedelta(minutes=15))
        store.record(f"checks {uuid4()}", "coverage", results, now)
        store.settle(results, now, keep_days=1)
    told = page.get("/health").json()
    promise = next(each for each in told["promises"] if each["project"] == "jaffle_shop" and each["name"] == "coverage")
    assert (promise["state"], promise["message"], promise["target"]) == (
        "failed",
        "did not complete",
        "since it was due",
    )
    assert [point["ok"] for point in promise["course"]] == [True, False]
    assert promise["since"] is not None
    assert told["state"] == "failed"
    assert any(alert["subject"] == f"{SHOP}customers" for alert in told["alerts"])

"""The ingestion as a service, and what the ledger hears of late."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from confluent_kafka.admin import AdminClient, NewPartitions
from lineage_shop import Shop

from dbt_lineage.core.settings import IngestionSettings, LedgerSettings
from dbt_lineage.ingest import arrivals
from dbt_lineage.ingest.arrivals import Arrival, Arrivals
from dbt_lineage.ingest.follow import follow
from dbt_lineage.ingest.ingestion import Ingestion, LineageUnverified
from dbt_lineage.ingest.ledger_updates import LedgerProgress
from dbt_lineage.kafka.reader import header
from dbt_lineage.kafka.topics import TopicAdmin, TopicSpec
from dbt_lineage.ledger.ledger import Ledger, Totals
from dbt_lineage.spool.facts import Acknowledgement, event_facts
from stack.airflow_api import await_condition

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ORDERS = {"raw": {"id": "id", "amount": "cents"}}
# Nothing is retried within a test.
TIMING = IngestionSettings(quiet_seconds=0.1, max_wait_seconds=1, retry_seconds=600)


@pytest.fixture
def ingestion(shop: Shop, store: LedgerSettings) -> Ingestion:
    """The ingestion of a shop with tables, which tells a real ledger how far it is."""
    shop.make_tables(raw="id cents flag", orders="id amount", other="id amount")
    made = shop.ingestion()
    made.progress = LedgerProgress(store)
    return made


@contextmanager
def following(ingestion: Ingestion) -> Iterator[None]:
    """The service, which is at work until the end of the context."""
    stop = threading.Event()
    worker = threading.Thread(target=follow, args=(ingestion, TIMING, ingestion.spool_folder, stop))
    worker.start()
    try:
        yield
    finally:
        stop.set()
        worker.join()


def acknowledge(shop: Shop, store: LedgerSettings) -> None:
    """Record every event of the topic in the ledger, as the relay does."""
    with Ledger(store) as ledger:
        for message in shop.in_topic(shop.kafka.events_topic):
            event_id, body = (header(message, "event_id") or b"").decode(), message.value() or b""
            place = (message.topic() or "", message.partition() or 0, message.offset() or 0)
            ledger.emitted([event_facts(event_id, body, NOW)])
            ledger.acknowledged([Acknowledgement(event_id, *place, NOW, None)])


def totals(store: LedgerSettings) -> Totals:
    with Ledger(store) as ledger:
        return ledger.totals()


def test_what_the_relay_records_after_the_pass_is_verified_in_the_ledger(
    shop: Shop, store: LedgerSettings, ingestion: Ingestion
) -> None:
    shop.emit("orders", ORDERS)
    with following(ingestion):
        await_condition(lambda: len(set(map(str, shop.offsets()))) == 1, 60, "the event was not ingested")
        acknowledge(shop, store)
        await_condition(lambda: totals(store) == Totals(1, 1, 0, 1, 1), 60, "the ledger did not hear of it")


@pytest.mark.parametrize(("kind", "job_type"), [("FAIL", "MODEL"), ("COMPLETE", "TEST")])
def test_a_run_without_lineage_is_in_the_catalogue_once_it_has_ended(
    shop: Shop, ingestion: Ingestion, kind: str, job_type: str
) -> None:
    shop.emit("orders", ORDERS)
    assert ingestion.run().verified == 1
    began, before = {"run": str(uuid4())}, len(shop.runs("orders"))
    with following(ingestion):
        for number, each in enumerate(("START", kind), start=1):
            shop.emit("orders", ORDERS, number, kind=each, job_type=job_type, **began)
        await_condition(lambda: shop.offsets()[0] == shop.offsets()[1], 60, "the run's end was not ingested")
    if job_type == "MODEL":
        assert len(shop.runs("orders")) == before + 1


def test_one_reader_hears_of_every_pass(
    shop: Shop, store: LedgerSettings, ingestion: Ingestion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrivals, "_ASK_SECONDS", 0)
    reader = Arrivals(shop.kafka, shop.name, ingestion.progress)
    try:
        shop.emit("orders", ORDERS)
        await_condition(lambda: len(reader.take()) == 1, 60, "the event was not read")
        assert ingestion.run().verified == 1
        acknowledge(shop, store)
        assert [len(reader.take()) for _ in range(3)] == [0, 1, 0], "the one that the ledger has not heard of, once"
    finally:
        reader.close()


def test_what_a_pass_has_read_does_not_begin_another(shop: Shop, ingestion: Ingestion) -> None:
    reader = Arrivals(shop.kafka, shop.name, ingestion.progress)
    try:
        for partition in range(shop.kafka.partitions):
            shop.emit("orders", ORDERS, partition, partition=partition)
        # The pass was faster than the reader.
        ingestion.run()
        reader.start_over()
        for partition in range(shop.kafka.partitions):
            shop.emit("orders", ORDERS, 10 + partition, partition=partition)
        counted: list[Arrival] = []
        await_condition(lambda: counted.extend(reader.take()) or len(counted) >= 2, 60, "the events were not read")
        assert len(counted) == 2
        shop.emit("other", ORDERS)
        await_condition(lambda: len(reader.take()) == 1, 60, "the event after them was not read")
    finally:
        reader.close()


def test_a_new_partition_is_read_after_the_next_pass(shop: Shop, ingestion: Ingestion) -> None:
    reader = Arrivals(shop.kafka, shop.name, ingestion.progress)
    try:
        added = shop.kafka.partitions
        admin = AdminClient({"bootstrap.servers": shop.kafka.bootstrap_servers})
        grown = admin.create_partitions([NewPartitions(shop.kafka.events_topic, added + 1)])
        grown[shop.kafka.events_topic].result()
        shop.emit("orders", ORDERS, partition=0)
        await_condition(lambda: len(reader.take()) == 1, 60, "the event was not read")
        ingestion.run()
        reader.start_over()
        shop.emit("orders", ORDERS, 1, partition=added)
        await_condition(lambda: len(reader.take()) == 1, 60, "the event in the new partition was not read")
    finally:
        reader.close()


def test_a_topic_that_is_made_again_under_the_service_is_ingested(shop: Shop, ingestion: Ingestion) -> None:
    admin = AdminClient({"bootstrap.servers": shop.kafka.bootstrap_servers})
    topics = TopicAdmin(admin, shop.kafka.bootstrap_servers, shop.kafka.timeout_seconds)
    topic = shop.kafka.events_topic
    with following(ingestion):
        for partition in range(shop.kafka.partitions):
            for second in range(3):
                shop.emit("orders", ORDERS, second, partition=partition)
        await_condition(lambda: shop.offsets()[0] == shop.offsets()[1], 60, "the events were not ingested")
        topics.delete(topic)
        await_condition(lambda: topics.describe(topic) is None, 60, "the topic was not deleted")
        topics.ensure(TopicSpec.kept_for_days(topic, shop.kafka.partitions, 1, 1))
        shop.emit("other", ORDERS, 10)
        await_condition(lambda: ("raw", "other") in shop.edges(), 60, "the event of the new topic was not ingested")


def test_an_event_that_waits_for_its_retry_is_not_taken_for_one_that_the_ledger_has_not_heard_of(
    shop: Shop, store: LedgerSettings, ingestion: Ingestion, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.emit("orders", ORDERS, partition=0)
    shop.emit("other", ORDERS, partition=0)
    orders = shop.get(f"tables/name/{shop.fqn('orders')}")["id"]
    shop.fail("GET", f"/lineage/table/{orders}$", status=400)
    with pytest.raises(LineageUnverified):
        ingestion.run()
    acknowledge(shop, store)
    monkeypatch.setattr(arrivals, "_ASK_SECONDS", 0)
    reader = Arrivals(shop.kafka, shop.name, ingestion.progress)
    try:
        assert [len(reader.take()) for _ in range(4)] == [1, 0, 0, 0], "the one that waits, once"
    finally:
        reader.close()

"""No kill and no failure of the catalogue loses or doubles an edge: the real connector, killed and refused."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import pytest
from killable_shop import NAMESPACE, Edges, Shop, letter_id

from include.kafka.reader import headers
from include.lineage.replay import Selection, replay
from include.openmetadata.catalogue import CatalogueUnavailable
from include.openmetadata.ingest import LineageUnverified
from include.openmetadata.workflows import WorkflowError


def test_wherever_the_connector_or_the_catalogue_dies_the_next_run_brings_the_rest(shop: Shop) -> None:
    shop.make_tables(raw="id cents", orders="id amount", totals="amount", customers="id", reports="id amount")
    shop.emit("orders", {"raw": {"id": "id", "amount": "cents"}})
    shop.emit("totals", {"orders": {"amount": "amount"}})
    shop.emit("customers", {"raw": {"id": "id"}})
    shop.emit("reports", {"orders": {"amount": "amount"}, "customers": {"id": "id"}})
    shop.emit("customers", {"reports": {"id": "id"}}, kind="FAIL")
    shop.emit("customers", {"totals": {}}, job_type="TEST")
    expected: Edges = {
        ("raw", "orders"): {("id", "id"), ("cents", "amount")},
        ("orders", "totals"): {("amount", "amount")},
        ("raw", "customers"): {("id", "id")},
        ("orders", "reports"): {("amount", "amount")},
        ("customers", "reports"): {("id", "id")},
    }

    with pytest.raises(LineageUnverified, match=r"model\.reports.*try 0 of 2"):
        shop.ingestion(shop.killed_connector).run()
    assert len(shop.edges()) < len(expected)
    assert "ingested" not in shop.told.offsets
    assert shop.told.offsets["verified"] != shop.event_offsets()

    def and_then_the_catalogue_is_away(group: str, seconds: float) -> int:
        shop.fail("PUT", "^/api/v1/lineage$", status=500, applied=True)
        shop.fail("PUT", "^/api/v1/lineage$", drop=True)
        shop.fail("PUT", "^/api/v1/lineage$", status=503)
        code = shop.connector()(group, seconds)
        shop.fail("GET", "^/api/v1/lineage/table/name/", status=503, times=1000)
        return code

    before = shop.verified()
    with pytest.raises(CatalogueUnavailable, match=r"lineage/table/name.* answered 503"):
        shop.ingestion(and_then_the_catalogue_is_away).run()
    assert shop.verified() == before
    shop.heal()

    done = shop.ingestion().run()
    assert done.dead == 0
    assert shop.edges() == expected
    assert shop.pipelines() == {f"{NAMESPACE}-model.{model}" for model in ("orders", "totals", "customers", "reports")}
    verified, ends = shop.verified()
    assert verified == ends == done.offsets
    assert shop.told.offsets == {"ingested": shop.event_offsets(), "verified": shop.event_offsets()}
    assert shop.in_topic(shop.kafka.dlq_topic) == []


def test_what_the_catalogue_does_not_know_yet_is_described_first_and_costs_no_try(shop: Shop) -> None:
    shop.make_tables(raw="id cents", orders="id")
    shop.emit("orders", {"raw": {"id": "id", "amount": "cents"}})
    shop.emit("totals", {"orders": {"amount": "amount"}})
    asked: list[str] = []

    def warehouse_is_away() -> None:
        raise WorkflowError("the warehouse is away")

    def describe() -> None:
        asked.append("once")
        shop.make_tables(orders="id amount", totals="amount")

    for _ in range(shop.openmetadata.attempts):
        with pytest.raises(WorkflowError, match="the warehouse is away"):
            replace(shop.ingestion(), describe=warehouse_is_away).run()
    done = replace(shop.ingestion(), describe=describe).run()
    assert (done.read, done.verified, done.dead) == (2, 2, 0)
    assert shop.edges() == {
        ("raw", "orders"): {("id", "id"), ("cents", "amount")},
        ("orders", "totals"): {("amount", "amount")},
    }

    # What is known is not described again: that would take longer than the lineage itself.
    shop.emit("totals", {"orders": {"amount": "amount"}})
    assert replace(shop.ingestion(), describe=describe).run().verified == 1
    assert asked == ["once"]


def test_what_never_arrives_goes_to_the_dead_letters_and_the_rest_is_verified(shop: Shop) -> None:
    shop.make_tables(raw="id cents", orders="id amount", totals="amount", customers="id")
    poisonous = shop.emit("orders", {"raw": {"id": "no_such_column"}})
    shop.emit("totals", {"raw": {"amount": "cents"}})
    shop.emit("customers", {"raw": {"id": "id"}})
    malformed = shop.produce(b"{not json", "anything")
    shop.produce(b"{not json", "anything", malformed)

    with pytest.raises(LineageUnverified, match=r"1 events .*\n  killable\.model\.orders, .*try 1 of 2"):
        shop.ingestion().run()
    good: Edges = {("raw", "totals"): {("cents", "amount")}, ("raw", "customers"): {("id", "id")}}
    assert shop.edges() == good
    verified, ends = shop.verified()
    assert sum(ends.values()) - sum(verified.values()) >= 1

    shop.told.away = True
    before = shop.told.offsets["verified"]
    assert shop.ingestion().run().dead == 1
    # It would take the dead ones for verified.
    assert (shop.told.dead, shop.told.offsets["verified"]) == ({malformed: shop.told.dead[malformed]}, before)
    shop.told.away = False
    assert shop.ingestion().run().dead == 0
    assert shop.edges() == good
    verified, ends = shop.verified()
    assert verified == ends
    assert shop.told.offsets["verified"] == shop.event_offsets()
    letters = {letter_id(each): each for each in shop.in_topic(shop.kafka.dlq_topic)}
    assert set(letters) == {poisonous, malformed}
    why = dict(headers(letters[poisonous]))
    assert why["reason"].decode().startswith("not in the catalogue after 2 tries: ")
    assert shop.told.dead == {name: dict(headers(letter))["reason"].decode() for name, letter in letters.items()}
    assert why["source"].decode().startswith(f"{shop.kafka.events_topic}[")
    (emitted,) = [each for each in shop.in_topic(shop.kafka.events_topic) if letter_id(each) == poisonous]
    assert letters[poisonous].value() == emitted.value()

    shop.make_tables(orders="id no_such_column", raw="id cents no_such_column")
    shop.produce(letters[poisonous].value() or b"", f"{NAMESPACE}/model.orders", poisonous)
    assert shop.ingestion().run().dead == 0
    assert shop.edges() == good | {("raw", "orders"): {("no_such_column", "id")}}


def test_the_catalogue_shows_what_the_newest_events_say_and_can_be_rebuilt_from_them(shop: Shop) -> None:
    shop.make_tables(raw="id cents", other="id", orders="id amount", totals="amount")
    shop.draw_by_hand("other", "orders")
    shop.emit("orders", {"raw": {"id": "id", "amount": "cents"}, "totals": {}})
    shop.emit("totals", {"raw": {"amount": "cents"}})
    shop.ingestion().run()
    assert shop.edges()["raw", "orders"] == {("id", "id"), ("cents", "amount")}

    # The older of the two has the columns that are gone, and stands in the same range.
    shop.emit("orders", {"raw": {"id": "id", "amount": "cents"}})
    shop.emit("orders", {"raw": {"id": "id"}})
    shop.ingestion().run()
    newest: Edges = {("raw", "orders"): {("id", "id")}, ("raw", "totals"): {("cents", "amount")}}
    assert shop.edges() == newest
    assert shop.edges("Manual") == {("other", "orders"): set()}

    shop.delete_edges()
    assert shop.edges() == {}
    shown = replay(shop.kafka, Selection.everything(), dry_run=True)
    assert {job.name: job.count for job in shown.jobs.values()} == {"model.orders": 3, "model.totals": 1}
    verified, ends = shop.verified()
    assert verified == ends, "a dry run sent something"
    replay(shop.kafka, Selection.everything(), dry_run=False)
    shop.ingestion().run()
    assert shop.edges() == newest
    assert shop.edges("Manual") == {("other", "orders"): set()}


def test_a_replay_takes_a_range_of_time_and_a_pattern(shop: Shop) -> None:
    for model in ("orders", "totals"):
        shop.emit(model, {"raw": {"id": "id"}})
    (first,) = {each.timestamp()[1] for each in shop.in_topic(shop.kafka.events_topic)[:1]}
    beyond = datetime.fromtimestamp(first / 1000 + 3600, UTC)
    start = datetime.fromtimestamp(first / 1000 - 3600, UTC)
    select = partial(replay, shop.kafka, dry_run=True)
    assert select(Selection.of(beyond, None, "*")).count == 0
    assert select(Selection.of(None, start, "*")).count == 0
    assert select(Selection.of(start, beyond, "*")).count == 2
    assert select(Selection.of(start, beyond, "*.orders")).jobs.keys() == {(NAMESPACE, "model.orders")}

"""From the events topic into the catalogue: what counts, what is refused, what is away, and what nobody may lose."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient
from lineage_shop import Shop

from dbt_lineage.catalogue.async_client import AsyncClient
from dbt_lineage.catalogue.client import CatalogueDenied, CatalogueUnavailable
from dbt_lineage.ingest import slices
from dbt_lineage.ingest.fence import BUSY, SILENT_SECONDS, Fence, TakenOver
from dbt_lineage.ingest.ingestion import LineageLost, LineageUnverified
from dbt_lineage.ingest.replay import Selection, newest_events, replayed
from dbt_lineage.ingest.warehouses import CatalogueWarehouse, Warehouses
from dbt_lineage.kafka import clients
from dbt_lineage.kafka.offsets import Bookmark, Bookmarks
from dbt_lineage.warehouse.port import WarehouseError

ORDERS = {"raw": {"id": "id", "amount": "cents"}}


@pytest.fixture
def made(shop: Shop) -> Shop:
    """The shop, with tables."""
    shop.make_tables(raw="id cents flag", orders="id amount", totals="amount", other="id amount")
    return shop


# --- what is written


def test_an_event_becomes_an_edge_and_is_read_back(made: Shop) -> None:
    made.emit("orders", ORDERS)
    done = made.ingestion().run()
    assert (done.read, done.verified, done.changed, done.runs) == (1, 1, 1, 1)
    assert made.edges() == {("raw", "orders"): {("id", "id"), ("cents", "amount")}}
    committed, ends = made.offsets()
    assert committed == ends
    assert made.told.offsets == {"ingested": ends, "verified": ends}
    made.forget_requests()
    assert made.ingestion().run().read == 0
    assert made.requests("PUT", "/") == 0


def test_an_edge_says_how_each_column_is_made_and_what_decides_rows(made: Shop) -> None:
    columns = {"id": ("id", "IDENTITY"), "amount": [("cents", "AGGREGATION"), ("flag", "CONDITIONAL")]}
    made.emit(
        "orders",
        {"raw": columns},
        sql="select id, sum(case when flag then cents end) from raw where id > 0 group by id",
        expressions={"id": "id", "amount": "sum(case when flag then cents end)"},
        deciding=[("raw", "id", "FILTER"), ("raw", "id", "GROUP_BY")],
    )
    made.ingestion().run()
    edge = made.details()["raw", "orders"]
    said = {(tuple(e["fromColumns"]), e["toColumn"]): e["function"] for e in edge["columnsLineage"]}
    expression = "sum(case when flag then cents end)"
    assert said == {
        ((made.fqn("raw.id"),), made.fqn("orders.id")): "IDENTITY: id",
        ((made.fqn("raw.cents"),), made.fqn("orders.amount")): f"AGGREGATION: {expression}",
        ((made.fqn("raw.flag"),), made.fqn("orders.amount")): f"CONDITIONAL: {expression}",
    }
    assert edge["sqlQuery"].startswith("select id, sum(")
    assert edge["source"] == "OpenLineage"
    assert edge["pipeline"]["name"] == "shop-model.orders"
    assert edge["description"].startswith("Rows: filter on id; group by id.")


def test_long_sql_and_long_expressions_are_cut(made: Shop) -> None:
    made.emit("orders", ORDERS, sql="select " + "x" * 100_000, expressions={"id": "y" * 10_000})
    made.ingestion().run()
    edge = made.details()["raw", "orders"]
    assert len(edge["sqlQuery"]) == 50_000
    assert {len(each["function"]) for each in edge["columnsLineage"]} == {500, len("DIRECT")}


def test_names_with_capitals_and_signs_are_as_the_tables_spell_them(shop: Shop) -> None:
    shop.make_table("Raw a/b #?%", ["Id", "a.b"])
    shop.make_table("orders", ["Amount"])
    shop.emit("orders", {"raw a/b #?%": {"amount": ["id", "a.b"]}})
    assert shop.ingestion().run().verified == 1
    edge = shop.details()["Raw a/b #?%", "orders"]
    [mapping] = edge["columnsLineage"]
    raw = shop.fqn("Raw a/b #?%")
    assert mapping["toColumn"] == shop.fqn("orders.Amount")
    assert sorted(mapping["fromColumns"]) == sorted([f"{raw}.Id", f'{raw}."a.b"'])


def test_tables_that_the_catalogue_lacks_are_described_from_the_event(shop: Shop) -> None:
    schemas = {"raw": {"id": "integer", "cents": "numeric(10,2)"}, "orders": {"id": "integer", "amount": "text[]"}}
    shop.emit("orders", ORDERS, schemas=schemas)
    assert shop.ingestion().run().verified == 1
    assert shop.tables() == {"raw": ["id", "cents"], "orders": ["id", "amount"]}
    assert shop.edges() == {("raw", "orders"): {("id", "id"), ("cents", "amount")}}


def test_columns_that_the_catalogue_lacks_are_added_and_none_is_dropped(made: Shop) -> None:
    made.warehouse["shop.dev.orders"] = {"id": "integer", "fresh": "integer"}
    made.emit("orders", {"raw": {"fresh": "cents"}})
    assert made.ingestion(made.columns_of).run().verified == 1
    assert made.tables()["orders"] == ["id", "amount", "fresh"]
    assert made.edges() == {("raw", "orders"): {("cents", "fresh")}}


def test_a_source_that_is_nowhere_is_named_and_the_other_edges_are_written(made: Shop) -> None:
    made.emit("orders", {**ORDERS, "absent": {"id": "id"}})
    done = made.ingestion(made.columns_of).run()
    assert (done.verified, done.dead) == (1, 0)
    assert list(done.absent) == ["there is no table shop.dev.absent"]
    assert made.edges() == {("raw", "orders"): {("id", "id"), ("cents", "amount")}}


def test_a_source_that_is_nowhere_is_waited_for_once(made: Shop) -> None:
    """Else each pass with it, and the rest after that, would be seconds longer."""
    asked: list[object] = []

    def columns_of(relations: Iterable[str]) -> dict[str, dict[str, str]]:
        asked.append(relations)
        return made.columns_of(relations)

    ingestion = made.ingestion(columns_of)
    made.emit("orders", {**ORDERS, "absent": {"id": "id"}})
    ingestion.run()
    assert len(asked) > 1
    asked.clear()
    made.emit("orders", {**ORDERS, "absent": {"id": "id"}}, 1)
    assert list(ingestion.run().absent) == ["there is no table shop.dev.absent"]
    assert len(asked) == 1
    made.warehouse["shop.dev.absent"] = {"id": "integer"}
    made.emit("orders", {**ORDERS, "absent": {"id": "id"}}, 2)
    ingestion.run()
    assert ("absent", "orders") in made.edges()


def test_datasets_that_are_no_tables_of_the_catalogue_are_said_to_be_none_and_not_asked_for(made: Shop) -> None:
    event = made.event("orders", ORDERS)
    names = {"table/sales/device": "arn:aws:glue:eu:1", "None.None.a": "postgres://h:1", "a.b.c.d": "postgres://h:1"}
    event["inputs"] += [{"namespace": namespace, "name": name} for name, namespace in names.items()]
    made.produce(json.dumps(event).encode())
    asked: list[str] = []

    def columns_of(relations: Iterable[str]) -> dict[str, dict[str, str]]:
        asked.extend(relations)
        return {}

    done = made.ingestion(columns_of).run()
    assert (done.verified, asked) == (1, [])
    assert sorted(done.absent) == sorted(f"{name} is no table of this catalogue" for name in names)
    assert made.edges() == {("raw", "orders"): {("id", "id"), ("cents", "amount")}}


def test_two_tables_that_differ_in_case_alone_stay_two(made: Shop) -> None:
    made.warehouse |= {f"shop.dev.{name}": {"id": "integer"} for name in ("Sale", "sale", "result")}
    made.emit("Sale", {"raw": {"id": "id"}})
    made.emit("sale", {"Sale": {"id": "id"}})
    made.emit("result", {"Sale": {"id": "id"}, "sale": {"id": "id"}})
    assert made.ingestion(made.columns_of).run().verified == 3
    assert {"Sale", "sale"} < made.tables().keys()
    same = {("id", "id")}
    expected = {("raw", "Sale"): same, ("Sale", "sale"): same, ("Sale", "result"): same, ("sale", "result"): same}
    assert made.edges() == expected
    assert made.ingestion(made.columns_of).run(from_start=True).changed == 0
    assert made.edges() == expected


def test_a_table_is_made_as_the_warehouse_spells_it(made: Shop) -> None:
    def columns_of(relations: Iterable[str]) -> dict[str, dict[str, str]]:
        return {"shop.dev.fresh": {"id": "integer"}}

    made.emit("FRESH", {"raw": {"id": "id"}})
    assert made.ingestion(columns_of).run().verified == 1
    assert made.tables()["fresh"] == ["id"]
    assert ("raw", "fresh") in made.edges()


def test_a_schema_that_an_event_spells_otherwise_is_the_one_that_the_warehouse_has(made: Shop) -> None:
    made.warehouse["shop.dev.raw"] = {"id": "integer"}
    event = json.dumps(made.event("orders", {"raw": {"id": "id"}})).replace("shop.dev.raw", "shop.DEV.raw")
    made.produce(event.encode())
    assert made.ingestion(lambda _: made.warehouse).run().verified == 1
    assert made.edges() == {("raw", "orders"): {("id", "id")}}
    assert made.tables()["raw"] == ["id", "cents", "flag"]


def test_a_table_that_another_build_has_just_dropped_is_described_as_its_event_says(made: Shop) -> None:
    event = made.event("fresh", {"raw": {"id": "id"}}, schemas={"fresh": {"id": "integer"}})
    now = datetime.now(UTC)
    made.produce(json.dumps(event | {"eventTime": now.isoformat()}).encode())
    done = made.ingestion(made.columns_of).run()
    assert (done.verified, dict(done.absent)) == (1, {})
    assert made.tables()["fresh"] == ["id"]
    assert ("raw", "fresh") in made.edges()


def test_what_an_event_of_old_says_of_a_table_that_is_not_there_is_not_believed(made: Shop) -> None:
    made.emit("old", {"raw": {"id": "id"}}, schemas={"old": {"id": "integer"}})
    assert list(made.ingestion(made.columns_of).run().absent) == ["there is no table shop.dev.old"]


def test_schemas_and_tables_with_dots_and_other_signs_are_found_and_made(made: Shop) -> None:
    odd = ["with.dot", "pr-123", "50% of größe", 'a "quoted" name', "a::b"]
    made.warehouse |= {f"shop.dev.{name}": {'the "id"': "integer", "a.b": "integer"} for name in odd[1:]}
    made.make_table("with.dot", ["id", "a.b"])
    made.emit("orders", {name: {"id": "a.b", **({} if name == "with.dot" else {"amount": 'the "id"'})} for name in odd})
    done = made.ingestion(made.columns_of).run()
    assert (done.verified, dict(done.absent)) == (1, {})
    kept = {"with.dot", "pr-123", "50% of größe", "a __reserved__quote__quoted__reserved__quote__ name"}
    assert kept < made.tables().keys()
    assert made.ingestion(made.columns_of).run(from_start=True).changed == 0
    event = made.event("dotted", {"raw": {"id": "id"}})
    event["outputs"][0] |= {
        "name": "shop.a.b.orders",
        "facets": {"schema": {"fields": [{"name": "id", "type": "int"}]}},
    }
    made.produce(json.dumps(event).encode())
    assert made.ingestion().run().verified == 1
    assert made.get(f'tables/name/{made.name}.shop."a.b".orders')["name"] == "orders"


def test_events_of_jobs_and_datasets_make_no_lineage_and_no_dead_letter(made: Shop) -> None:
    event = made.event("orders", ORDERS)
    of_a_job = {key: value for key, value in event.items() if key not in ("run", "eventType")}
    made.produce(json.dumps(of_a_job).encode())
    made.produce(json.dumps({"eventTime": event["eventTime"], "dataset": event["outputs"][0]}).encode())
    made.emit("other", {"raw": {"id": "id"}})
    done = made.ingestion().run()
    assert (done.read, done.dead, made.letters()) == (1, 0, {})


def test_a_table_that_is_just_being_replaced_is_looked_for_again(made: Shop) -> None:
    made.emit("fresh", {"raw": {"id": "id"}})
    looks = []

    def columns_of(relations: object) -> dict[str, dict[str, str]]:
        looks.append(relations)
        return {"shop.dev.fresh": {"id": "integer"}} if len(looks) > 1 else {}

    assert made.ingestion(columns_of).run().verified == 1
    assert ("raw", "fresh") in made.edges()


def test_while_the_warehouse_is_away_an_event_waits_and_loses_no_attempt(made: Shop) -> None:
    made.emit("orders", {"unknown": {"id": "id"}})
    made.emit("other", {"raw": {"id": "id"}})

    def away(relations: object) -> dict[str, dict[str, str]]:
        raise WarehouseError("the warehouse is away")

    for _ in range(3):
        with pytest.raises(LineageUnverified, match=r"(?s)attempt 0.*the warehouse is away"):
            made.ingestion(away).run()
    assert ("raw", "other") in made.edges()
    made.warehouse["shop.dev.unknown"] = {"id": "integer"}
    assert made.ingestion(made.columns_of).run().dead == 0
    assert made.edges()["unknown", "orders"] == {("id", "id")}


# --- the order of facts


def test_an_older_event_that_arrives_later_changes_nothing(made: Shop) -> None:
    made.emit("orders", ORDERS, second=20)
    made.ingestion().run()
    before = made.details()
    made.emit("orders", {"other": {"id": "id"}}, second=10)
    done = made.ingestion().run()
    assert (done.superseded, done.changed) == (1, 0)
    assert made.details() == before


@pytest.mark.parametrize("newer_first", [True, False], ids=["newer first", "older first"])
def test_the_newest_counts_across_partitions(made: Shop, newer_first: bool) -> None:
    made.emit("orders", ORDERS, second=20, partition=0 if newer_first else 1)
    made.emit("orders", {"other": {"id": "id"}}, second=10, partition=1 if newer_first else 0)
    made.ingestion().run()
    assert made.edges() == {("raw", "orders"): {("id", "id"), ("cents", "amount")}}


def test_the_order_holds_after_the_group_and_the_ledger_are_lost(made: Shop) -> None:
    made.emit("orders", ORDERS, second=20)
    made.ingestion().run()
    made.emit("orders", {"other": {"id": "id"}}, second=10)
    Bookmarks(made.kafka, made.kafka.events_topic).delete_groups([made.name])
    made.ingestion().run(from_start=True)
    assert made.edges() == {("raw", "orders"): {("id", "id"), ("cents", "amount")}}


def test_a_model_that_is_made_from_nothing_now_loses_its_edges_and_an_older_event_brings_none(made: Shop) -> None:
    made.emit("orders", ORDERS, second=10)
    made.ingestion().run()
    made.emit("orders", {}, second=30)
    made.ingestion().run()
    assert made.edges() == {}
    made.emit("orders", {"other": {"id": "id"}}, second=20)
    assert made.ingestion().run().superseded == 1
    assert made.edges() == {}


def test_what_the_newest_event_does_not_say_any_more_is_taken_out(made: Shop) -> None:
    made.emit("orders", {**ORDERS, "other": {"id": "id"}}, second=1)
    made.ingestion().run()
    made.emit("orders", {"raw": {"id": "id"}}, second=2)
    made.ingestion().run()
    assert made.edges() == {("raw", "orders"): {("id", "id")}}


def test_a_second_copy_changes_nothing(made: Shop) -> None:
    event = json.dumps(made.event("orders", ORDERS)).encode()
    made.produce(event)
    made.produce(event)
    made.ingestion().run()
    made.produce(event)
    assert made.ingestion().run().changed == 0
    assert len(made.runs("orders")) == 1


# --- edges that others made


def test_an_edge_of_somebody_else_is_merged_with_and_given_back(made: Shop) -> None:
    theirs = {
        "source": "Manual",
        "description": "Drawn by a person.",
        "columnsLineage": [{"fromColumns": [made.fqn("raw.flag")], "toColumn": made.fqn("orders.id")}],
    }
    made.draw("raw", "orders", **theirs)
    made.emit("orders", ORDERS, second=1, sql="select 1", deciding=[("raw", "id", "JOIN")])
    made.ingestion().run()
    edge = made.details()["raw", "orders"]
    assert edge["source"] == "Manual"
    assert edge["description"].startswith("Drawn by a person.\n\nRows: join on id.")
    assert made.edges()["raw", "orders"] == {("flag", "id"), ("id", "id"), ("cents", "amount")}

    made.emit("orders", {"raw": {"id": "id"}}, second=2, sql="select 2")
    made.ingestion().run()
    assert made.edges()["raw", "orders"] == {("flag", "id"), ("id", "id")}
    assert made.details()["raw", "orders"]["sqlQuery"] == "select 2"

    made.emit("orders", {"other": {"id": "id"}}, second=3)
    made.ingestion().run()
    left = made.details()["raw", "orders"]
    kept = {name: left.get(name) for name in ("source", "description", "columnsLineage", "sqlQuery")}
    assert kept == {**theirs, "sqlQuery": None}


def test_two_jobs_that_write_one_edge_keep_their_own_parts(made: Shop) -> None:
    event = made.event("orders", {"raw": {"id": "id"}})
    event["job"]["name"] = "model.another"
    made.produce(json.dumps(event).encode())
    made.emit("orders", {"raw": {"amount": "cents"}})
    made.ingestion().run()
    assert made.edges()["raw", "orders"] == {("id", "id"), ("cents", "amount")}
    event["inputs"], event["eventTime"] = [], "2026-02-01T00:00:00+00:00"
    made.produce(json.dumps(event).encode())
    made.ingestion().run()
    assert made.edges()["raw", "orders"] == {("cents", "amount")}
    made.emit("orders", {"other": {"id": "id"}}, second=5)
    made.ingestion().run()
    assert made.edges() == {("other", "orders"): {("id", "id")}}


def test_what_the_connector_and_the_server_change_is_mended(made: Shop) -> None:
    made.emit("orders", ORDERS, sql="select 1", expressions={"id": "id"})
    made.ingestion().run()
    before = made.details()["raw", "orders"]
    ids = [made.get(f"tables/name/{made.fqn(table)}")["id"] for table in ("raw", "orders")]
    union = [{"fromColumns": each["fromColumns"], "toColumn": each["toColumn"]} for each in before["columnsLineage"]]
    patch = [{"op": "replace", "path": "/columnsLineage", "value": union}, {"op": "remove", "path": "/sqlQuery"}]
    path = f"/api/v1/lineage/table/{ids[0]}/table/{ids[1]}"
    made.checked(made.http.patch(path, json=patch, headers={"Content-Type": "application/json-patch+json"}))
    assert made.details()["raw", "orders"] != before
    ingestion = made.ingestion()
    done = ingestion.replay(newest_events(made.kafka, ingestion.warehouses).values())
    assert (done.verified, done.changed) == (1, 1)
    after = made.details()["raw", "orders"]
    for name in ("columnsLineage", "sqlQuery", "description", "source"):
        assert after[name] == before[name]
    assert ingestion.replay(newest_events(made.kafka, ingestion.warehouses).values()).changed == 0


def test_a_neighbour_that_is_hidden_is_described_anew(made: Shop) -> None:
    made.emit("orders", ORDERS, second=1)
    made.ingestion().run()
    hidden = made.get(f"tables/name/{made.fqn('raw')}")["id"]
    made.checked(made.http.delete(f"/api/v1/tables/{hidden}"))
    made.warehouse["shop.dev.raw"] = {"id": "integer", "cents": "integer"}
    made.emit("orders", ORDERS, second=2)
    assert made.ingestion(made.columns_of).run().verified == 1
    assert "raw" in made.tables()


# --- what is refused, and what is away


def test_what_is_refused_is_that_events_problem_alone(made: Shop) -> None:
    orders = made.get(f"tables/name/{made.fqn('orders')}")["id"]
    made.fail("GET", f"/lineage/table/{orders}$", status=400)
    refused = made.emit("orders", ORDERS)
    made.emit("totals", {"raw": {"amount": "cents"}})
    with pytest.raises(LineageUnverified, match=r"model\.orders.*attempt 1.*answered 400"):
        made.ingestion().run()
    assert made.edges() == {("raw", "totals"): {("cents", "amount")}}
    committed, ends = made.offsets()
    assert committed == ends
    assert made.told.offsets["verified"] != ends
    made.emit("other", {"raw": {"id": "id"}})
    assert made.ingestion().run().dead == 1
    assert set(made.letters()) == {refused}
    assert "answered 400: " in made.letters()[refused]
    assert made.told.dead.keys() == {refused}
    made.heal()
    assert made.edges().keys() == {("raw", "totals"), ("raw", "other")}
    assert made.told.offsets["verified"] == made.offsets()[1]


def test_a_refusal_that_passes_costs_no_event(made: Shop) -> None:
    orders = made.get(f"tables/name/{made.fqn('orders')}")["id"]
    made.fail("GET", f"/lineage/table/{orders}$", status=400, times=1)
    made.emit("orders", ORDERS)
    with pytest.raises(LineageUnverified):
        made.ingestion().run()
    assert made.ingestion().run().verified == 1
    assert made.letters() == {}


@pytest.mark.parametrize(
    ("break_it", "error", "said"),
    [
        (lambda shop: shop.behave(token="another"), CatalogueDenied, "answered 401.*renew OPENMETADATA_TOKEN"),
        (lambda shop: shop.fail("PUT", "lineage$", status=403), CatalogueDenied, "answered 403.*the right to do this"),
        (lambda shop: shop.fail("PUT", "lineage$", status=429), CatalogueUnavailable, "answered 429"),
        (lambda shop: shop.fail("PUT", "lineage$", status=503), CatalogueUnavailable, "answered 503"),
        (lambda shop: shop.fail("PUT", "lineage$", drop=True), CatalogueUnavailable, "failed"),
        (lambda shop: shop.behave(search_down=True), CatalogueUnavailable, "answered 500.*search engine"),
    ],
    ids=["token", "right", "limit", "away", "no answer", "search"],
)
def test_what_is_no_events_fault_ends_the_pass_and_costs_no_attempt(
    made: Shop, break_it: Callable[[Shop], None], error: type[Exception], said: str
) -> None:
    made.emit("orders", ORDERS)
    break_it(made)
    for _ in range(3):
        with pytest.raises(error, match=said):
            made.ingestion(timeout_seconds=0.3).run()
    # A pass that is at work would hold the next one back.
    notes = [each.note for each in Bookmarks(made.kafka, made.kafka.events_topic).read(made.name).values()]
    assert not [note for note in notes if BUSY in note]
    made.heal()
    assert made.letters() == {}
    assert made.ingestion().run().verified == 1
    assert made.edges() == {("raw", "orders"): {("id", "id"), ("cents", "amount")}}
    assert [run["executionStatus"] for run in made.runs("orders")] == ["Successful"]


def test_what_is_no_event_goes_to_the_dead_letters_at_once(made: Shop) -> None:
    wrong = made.produce(b"{")
    facet = made.event("orders", ORDERS)
    facet["outputs"][0]["facets"]["columnLineage"] = {"fields": {"id": {"inputFields": [{"field": "id"}]}}}
    odd = made.produce(json.dumps(facet).encode())
    assert made.ingestion().run().dead == 2
    reasons = made.letters()
    assert "not JSON" in reasons[wrong]
    assert "columnLineage of shop.dev.orders: fields.id.inputFields.0.namespace" in reasons[odd]


def test_the_ledger_is_told_of_letters_when_it_is_back(made: Shop) -> None:
    made.told.away = True
    wrong = made.produce(b"{")
    made.ingestion().run()
    assert made.told.dead == {}
    assert "verified" not in made.told.offsets
    made.told.away = False
    made.ingestion().run()
    assert made.told.dead.keys() == {wrong}


def test_nothing_is_called_verified_while_a_letter_is_hidden_by_a_transaction(made: Shop) -> None:
    kafka = made.kafka.model_copy(update={"timeout_seconds": 2})
    ingestion = replace(made.ingestion(), kafka=kafka)
    wrong = made.produce(b"{")
    other = clients.producer(kafka, {"transactional.id": f"other-{wrong}"})
    other.init_transactions(10)
    other.begin_transaction()
    for partition in Bookmarks(kafka, kafka.dlq_topic).partitions():
        other.produce(kafka.dlq_topic, b"", partition=partition)
    other.flush()
    assert ingestion.run().dead == 1
    assert made.told.dead == {}
    assert "verified" not in made.told.offsets
    other.abort_transaction(10)
    ingestion.run()
    assert made.told.dead.keys() == {wrong}
    assert "verified" in made.told.offsets


def test_user_text_in_reasons_is_as_it_is_and_bounded(made: Shop) -> None:
    orders = made.get(f"tables/name/{made.fqn('orders')}")["id"]
    made.fail("GET", f"/lineage/table/{orders}$", status=400)
    event = made.event("orders", ORDERS)
    event["job"]["name"] = "model.[red]%s{x}" + "y" * 5000
    made.produce(json.dumps(event).encode())
    with pytest.raises(LineageUnverified, match=r"\[red\]%s\{x\}"):
        made.ingestion().run()


# --- one pass at a time, and what Kafka no longer has


def test_a_pass_that_stalls_and_wakes_up_moves_nothing(made: Shop) -> None:
    made.emit("orders", ORDERS, second=1)
    with Fence(made.kafka, Bookmarks(made.kafka, made.kafka.events_topic), made.name, made.folder) as stalled:
        assert made.ingestion().run().verified == 1
        before = made.offsets()
        with pytest.raises(TakenOver):
            stalled.commit({0: Bookmark(0, "")}, ())
    assert made.offsets() == before


def test_a_pass_that_is_at_work_is_let_to_its_end(made: Shop) -> None:
    made.emit("orders", ORDERS, second=1)
    with (
        Fence(made.kafka, Bookmarks(made.kafka, made.kafka.events_topic), made.name, made.folder) as working,
        ThreadPoolExecutor() as threads,
    ):
        working.begin({0: Bookmark(0, "")})
        other = threads.submit(made.ingestion().run)
        ends = time.monotonic() + 1.5 * SILENT_SECONDS
        while time.monotonic() < ends:
            wait([other], timeout=0.5)
            assert not other.done()
            working.commit({0: Bookmark(0, "")}, ())
        working.commit({0: Bookmark(0, "")}, (), is_last=True)
        assert other.result(60).verified == 1


def test_a_pass_that_stalls_and_wakes_up_overwrites_nothing(made: Shop) -> None:
    """SIGSTOP while its first edge is on the way; meanwhile another pass brings what is newer."""
    made.emit("orders", {"raw": {"id": "id"}}, second=1)
    made.emit("other", {"raw": {"id": "id"}}, second=1)
    made.forget_requests()
    made.fail("GET", "/lineage/table/", delay=1, times=2)
    stalled = subprocess.Popen([sys.executable, "-c", PASS, made.name, made.kafka.events_topic, made.kafka.dlq_topic])
    made.await_request("GET", "/lineage/table/")
    stalled.send_signal(19)
    made.heal()
    for model in ("orders", "other"):
        made.emit(model, {"totals": {"amount": "amount"}}, second=2)
    made.ingestion().run()
    stalled.send_signal(18)
    assert stalled.wait(60) != 0
    assert made.edges() == {("totals", "orders"): {("amount", "amount")}, ("totals", "other"): {("amount", "amount")}}


def test_a_write_asks_again_at_the_moment_when_it_leaves(made: Shop) -> None:
    """A process may be stopped between being allowed to write and writing."""
    raw, orders = (made.get(f"tables/name/{made.fqn(table)}")["id"] for table in ("raw", "orders"))
    ends = {end: {"id": table, "type": "table"} for end, table in (("fromEntity", raw), ("toEntity", orders))}
    allowed = [True, False]

    def may() -> None:
        if not allowed.pop(0):
            raise TakenOver("another pass has begun")

    async def write() -> None:
        async with AsyncClient(made.openmetadata) as client:
            await client.call("PUT", "/lineage", json={"edge": ends}, may=may)

    with pytest.raises(TakenOver):
        asyncio.run(write())
    assert made.edges() == {}


PASS = """
import sys
from dbt_lineage.core import settings
from dbt_lineage.ingest.ingestion import Ingestion
from dbt_lineage.ingest.ledger_updates import LedgerProgress
from dbt_lineage.ingest.warehouses import CatalogueWarehouse, Warehouses
name, events, dlq = sys.argv[1:]
kafka = settings.kafka().model_copy(update={"events_topic": events, "dlq_topic": dlq})
services = {"database_service": name, "pipeline_service": name, "timeout_seconds": 20}
openmetadata = settings.openmetadata().model_copy(update=services)
warehouses = Warehouses([CatalogueWarehouse("postgres://here:5432", "shop", name, name)])
Ingestion(kafka, openmetadata, name, warehouses, LedgerProgress(None), settings.spool().dir).run()
"""


def test_events_that_kafka_deleted_before_they_were_verified_are_a_failure_once(made: Shop) -> None:
    made.emit("orders", ORDERS, partition=0)
    made.ingestion().run()
    made.emit("orders", ORDERS, second=1, partition=0)
    made.emit("orders", {"raw": {"id": "id"}}, second=2, partition=0)
    admin = AdminClient({"bootstrap.servers": made.kafka.bootstrap_servers})
    for deleted in admin.delete_records([TopicPartition(made.kafka.events_topic, 0, 2)]).values():
        deleted.result()
    with pytest.raises(LineageLost, match=r"events\[0\] 1 to 1\. .*KAFKA_RETENTION_DAYS"):
        made.ingestion().run()
    assert made.edges() == {("raw", "orders"): {("id", "id")}}
    made.ingestion().run()


def test_a_pass_that_is_killed_has_settled_the_slices_before(made: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "SLICE_FACTS", 1)
    made.emit("orders", ORDERS, partition=0)
    made.emit("totals", {"raw": {"amount": "cents"}}, partition=0)
    totals = made.get(f"tables/name/{made.fqn('totals')}")["id"]
    made.fail("GET", f"/lineage/table/{totals}$", status=503)
    with pytest.raises(CatalogueUnavailable):
        made.ingestion(timeout_seconds=0.3).run()
    assert made.offsets()[0][0] == 1
    made.heal()
    assert made.ingestion().run().read == 1


@dataclass(frozen=True)
class Message:
    """As much of a Kafka message as slices look at."""

    size: int

    def value(self) -> bytes:
        """Its body."""
        return b" " * self.size

    def headers(self) -> list:
        """Those of an event that says nothing."""
        return [("lineage", b"none")]


def test_a_slice_is_bounded() -> None:
    warehouses = Warehouses([CatalogueWarehouse("postgres://here:5432", "shop", "", "")])
    found = list(slices.slices([Message(10)] * 12_000, warehouses))
    assert [len(each) for each in found] == [5000, 5000, 2000]


# --- history and replay


def test_the_history_has_each_run_once_with_its_times_and_its_error(made: Shop) -> None:
    made.emit("orders", ORDERS, second=1, kind="START", run="11111111-1111-4111-8111-111111111111")
    made.emit("orders", ORDERS, second=3, run="11111111-1111-4111-8111-111111111111")
    failed = {"errorMessage": {"message": "division by zero"}}
    made.emit("orders", ORDERS, second=5, kind="FAIL", run_facets=failed)
    made.ingestion().run()
    made.ingestion().run(from_start=True)
    good, bad = made.runs("orders")
    assert (good["executionStatus"], good["parameters"]["startTime"]) == ("Successful", "2026-01-01T00:00:01+00:00")
    assert (bad["executionStatus"], bad["error"]["errorMessage"]) == ("Failed", "division by zero")
    assert made.edges() == {("raw", "orders"): {("id", "id"), ("cents", "amount")}}


def test_a_service_knows_when_a_long_run_began(made: Shop) -> None:
    ingestion, run = made.ingestion(), "11111111-1111-4111-8111-111111111111"
    made.emit("orders", ORDERS, second=1, kind="START", run=run, partition=0)
    ingestion.run()
    for second in range(150):
        made.emit("totals", {"orders": {"amount": "amount"}}, second=second, kind="RUNNING", partition=0)
    ingestion.run()
    made.emit("orders", ORDERS, second=200, run=run, partition=0)
    ingestion.run()
    [ended] = made.runs("orders")
    assert ended["parameters"]["startTime"] == "2026-01-01T00:00:01+00:00"


def test_a_rebuild_from_the_topic_gives_the_same_edges(made: Shop) -> None:
    made.emit("orders", {"other": {"id": "id"}}, second=1)
    made.emit("orders", ORDERS, second=2)
    made.emit("totals", {"orders": {"amount": "amount"}}, second=1)
    made.ingestion().run()
    before = made.edges()
    for ends in before:
        made.delete_edge(*ends)
    found = replayed(made.kafka, made.ingestion().warehouses, Selection.everything())
    assert found.count == 3
    assert made.ingestion().replay(found.events.values()).verified == 2
    assert made.edges() == before


def test_a_replay_of_one_job_takes_its_newest_event(made: Shop) -> None:
    made.emit("orders", {"other": {"id": "id"}}, second=1)
    made.emit("totals", {"orders": {"amount": "amount"}}, second=1)
    found = replayed(made.kafka, made.ingestion().warehouses, Selection.of(None, None, "model.orders"))
    assert [job.name for job in found.jobs.values()] == ["model.orders"]
    assert "model.orders" in found.table()

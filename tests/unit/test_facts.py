"""What an event says of lineage, as facts, and how an edge is marked, merged and taken apart."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from dbt_lineage.catalogue.marks import Mark, marks, without
from dbt_lineage.events.run_event import FACT, NOTHING, RUN, parsed, says
from dbt_lineage.ingest.edges import CatalogueTable, differs, wanted
from dbt_lineage.ingest.fact import ColumnLink, Fact, Table, facts_of, newest, table_of
from dbt_lineage.ingest.slices import Parked, Place
from dbt_lineage.ingest.warehouses import CatalogueWarehouse, Warehouses
from dbt_lineage.kafka.offsets import NOTE_BYTES, Bookmark
from dbt_lineage.warehouse.naming import ADAPTERS

WAREHOUSE = "postgres://here:5432"
JOB = ("shop", "model.p.orders")
ONE = Warehouses([CatalogueWarehouse(WAREHOUSE, "db", "", "")])


def source(field: str, *ways: str) -> dict[str, Any]:
    kinds = {way: "DIRECT" if way in ("IDENTITY", "TRANSFORMATION", "AGGREGATION") else "INDIRECT" for way in ways}
    told = [{"type": kind, "subtype": way} for way, kind in kinds.items()]
    return {"namespace": WAREHOUSE, "name": "db.dev.raw", "field": field, **({"transformations": told} if told else {})}


def event(**changed: Any) -> dict[str, Any]:
    facet = changed.pop("facet", {"fields": {"amount": {"inputFields": [source("cents")]}}})
    return {
        "eventType": "COMPLETE",
        "eventTime": "2026-11-22T12:00:00Z",
        "run": {"runId": "a-run"},
        "job": {"namespace": JOB[0], "name": JOB[1], "facets": {"jobType": {"jobType": "MODEL"}}},
        "inputs": [{"namespace": WAREHOUSE, "name": "db.dev.raw"}],
        "outputs": [{"namespace": WAREHOUSE, "name": "db.dev.Orders", "facets": {"columnLineage": facet}}],
        **changed,
    }


def fact(**changed: Any) -> Fact:
    [found] = facts_of(parsed(json.dumps(event(**changed)).encode()), ONE)
    return found


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("db.dev.raw", Table("db", "dev", "raw")),
        ("dev.raw", Table("main", "dev", "raw")),
        ("server.db.dev.raw", None),
        ("main.a.b.raw", Table("main", "a.b", "raw")),
        ("main.pr-123.größe 50%", Table("main", "pr-123", "größe 50%")),
        ("None.None.raw", None),
        (f"db.{'ö' * 40}.{'n' * 70}", Table("db", "ö" * 31, "n" * 63)),
        ("raw", None),
        ("table/sales/device", None),
        ("a..b", None),
    ],
)
def test_a_dataset_names_a_table_or_none(name: str, table: Table | None) -> None:
    assert table_of(name, "main", adapter=ADAPTERS["postgres"]) == table


def test_the_catalogue_names_a_relation_with_quotes_where_it_has_dots() -> None:
    table = Table("db", "a.b", 'the "raw"', "my.service")
    assert table.fqn == '"my.service".db."a.b".the __reserved__quote__raw__reserved__quote__'
    assert list(Table("db", "a.b", "c").with_other_parts()) == [Table("db", "a", "b.c")]
    assert Table("db", "dev", "sale").spelled("db.Dev.Sale") == Table("db", "Dev", "Sale")


@pytest.mark.parametrize(
    ("namespace", "is_one"),
    [
        (WAREHOUSE, True),
        ("warehouse", True),
        ("s3://lake", False),
        ("arn:aws:glue:eu:1", False),
        ("kafka://k:1", False),
    ],
)
def test_a_dataset_of_another_kind_of_system_is_no_table(namespace: str, is_one: bool) -> None:
    found = fact(inputs=[{"namespace": namespace, "name": "db.dev.clicks"}])
    assert found.not_tables == (() if is_one else ("db.dev.clicks",))
    assert list(found.edges) == (["db.dev.clicks"] if is_one else [])


def test_two_relations_that_differ_in_case_alone_stay_two() -> None:
    names = ("db.dev.Sale", "db.dev.sale", "db.dev.raw")
    sources = [{**source("cents"), "name": name} for name in names]
    found = fact(
        inputs=[{"namespace": WAREHOUSE, "name": name} for name in names],
        facet={"fields": {"amount": {"inputFields": sources[:1]}, "count": {"inputFields": sources[1:2]}}},
    )
    links = {key: [link.target for link in edge.links] for key, edge in found.edges.items()}
    assert links == {"db.dev.Sale": ["amount"], "db.dev.sale": ["count"], "db.dev.raw": []}


def test_what_decides_one_column_is_a_link_and_what_decides_rows_is_none() -> None:
    fields = {
        "amount": {"inputFields": [source("cents", "AGGREGATION", "CONDITIONAL"), source("flag", "CONDITIONAL")]},
        "rank": {"inputFields": [source("day", "WINDOW"), source("shop", "FILTER")]},
    }
    edge = fact(facet={"fields": fields, "dataset": [source("id", "JOIN")]}).edges["db.dev.raw"]
    assert edge.links == (
        ColumnLink("cents", "amount", ("AGGREGATION", "CONDITIONAL")),
        ColumnLink("day", "rank", ("WINDOW",)),
        ColumnLink("flag", "amount", ("CONDITIONAL",)),
        # Such as an aggregate's FILTER.
        ColumnLink("shop", "rank", ("FILTER",)),
    )
    assert edge.deciding == {"JOIN": ("id",)}


def test_what_decides_rows_and_is_told_at_every_column_is_no_link() -> None:
    told = {name: {"inputFields": [source("day", "FILTER"), source(name, "IDENTITY")]} for name in ("a", "b")}
    edge = fact(facet={"fields": told}).edges["db.dev.raw"]
    assert edge.links == (ColumnLink("a", "a", ("IDENTITY",)), ColumnLink("b", "b", ("IDENTITY",)))
    assert edge.deciding == {"FILTER": ("day",)}


def test_a_source_column_of_no_input_is_left_out() -> None:
    other = {**source("x"), "name": "db.dev.elsewhere"}
    assert fact(facet={"fields": {"amount": {"inputFields": [other]}}}).edges["db.dev.raw"].links == ()


def test_the_newest_by_time_and_then_by_run_counts_whatever_the_order() -> None:
    old, new = fact(), fact(eventTime="2026-11-22T13:00:00+00:00")
    same = fact(run={"runId": "b-run"})
    assert list(newest([new, old]).values()) == [new]
    assert list(newest([old, new]).values()) == [new]
    assert list(newest([same, old]).values()) == [same]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, FACT),
        ({"eventType": "START"}, RUN),
        ({"outputs": []}, RUN),
        ({"job": {"namespace": "a", "name": "b"}}, NOTHING),
        ({"job": {"namespace": "a", "name": "b", "facets": {"jobType": {"jobType": "TEST"}}}}, RUN),
        (
            {"eventType": "START", "job": {"namespace": "a", "name": "b", "facets": {"jobType": {"jobType": "TEST"}}}},
            NOTHING,
        ),
        ({"job": {"namespace": "a", "name": "b", "facets": {"jobType": 1}}}, NOTHING),
    ],
)
def test_the_relay_marks_what_an_event_is_good_for(changed: dict[str, Any], said: bytes) -> None:
    assert says(event(**changed)) == said


RAW = CatalogueTable("1", "s.db.dev.raw", {"cents": "s.db.dev.raw.cents", "flag": "s.db.dev.raw.flag"})
ORDERS = CatalogueTable("2", "s.db.dev.Orders", {"Amount": "s.db.dev.Orders.Amount"})


def edge_of(made: Fact, stored: dict[str, Any] | None = None) -> dict[str, Any]:
    return wanted(made, made.edges["db.dev.raw"], RAW, ORDERS, "p", stored).details


def test_a_column_that_a_table_lacks_is_named_and_not_written() -> None:
    fields = {"amount": {"inputFields": [source("cents"), source("gone")]}}
    made = fact(facet={"fields": fields})
    found = wanted(made, made.edges["db.dev.raw"], RAW, ORDERS, "p", None)
    assert found.absent == ["s.db.dev.raw has no column gone"]
    assert [entry["fromColumns"] for entry in found.details["columnsLineage"]] == [["s.db.dev.raw.cents"]]


def test_a_mark_is_read_back_whatever_a_job_is_called() -> None:
    mark = Mark(("a`b", 'c"} d'), datetime(2026, 1, 1, tzinfo=UTC), "r", frozenset({("x", "y`z")}), sql=True)
    assert marks({"description": f"Words.\n\n{mark}"}) == [mark]
    assert marks({"description": "`openlineage {broken`} and `openlineage {}`"}) == []


def test_what_others_put_into_an_edge_comes_out_as_it_went_in() -> None:
    theirs = {
        "source": "Manual",
        "sqlQuery": "select by hand",
        "description": "By hand.",
        "columnsLineage": [
            {"fromColumns": ["s.db.dev.raw.flag"], "toColumn": "s.db.dev.Orders.Amount", "function": "f"}
        ],
    }
    merged = edge_of(fact(), theirs)
    assert merged["sqlQuery"] == "select by hand"
    assert without(merged, JOB, "p") == theirs
    # And again, after our own part has changed.
    assert without(edge_of(fact(eventTime="2027-01-01T00:00:00Z"), merged), JOB, "p") == theirs


def test_an_edge_of_the_connector_for_our_pipeline_is_ours() -> None:
    connectors = {"source": "OpenLineage", "pipeline": {"id": "p", "type": "pipeline"}, "columnsLineage": []}
    assert without(connectors, JOB, "p") is None
    assert without({**connectors, "pipeline": {"id": "q", "type": "pipeline"}}, JOB, "p") is not None


@pytest.mark.parametrize("changed", ["source", "pipeline", "columnsLineage", "sqlQuery", "description"])
def test_whatever_an_edge_has_lost_is_seen(changed: str) -> None:
    facets = {"jobType": {"jobType": "MODEL"}, "sql": {"query": "select 1"}}
    details = edge_of(fact(job={"namespace": JOB[0], "name": JOB[1], "facets": facets}))
    assert differs(details, details) == ""
    assert changed in differs({**details, changed: None}, details)


def test_parked_events_are_kept_in_the_note_of_their_partition() -> None:
    parked = Parked({Place(0, 7): 1, Place(0, 3): 0, Place(1, 5): 2})
    kept = parked.bookmarks({0: 9, 1: 6})
    assert kept == {0: Bookmark(9, "3:0 7:1"), 1: Bookmark(6, "5:2")}
    assert Parked.read(kept) == parked
    assert parked.verified({0: 9, 1: 6, 2: 4}) == {0: 3, 1: 5, 2: 4}
    assert Parked.read({0: None, 1: Bookmark(3, "what a person wrote: 1")}).attempts == {}


def test_a_note_that_is_full_holds_the_partition_back() -> None:
    parked = Parked({Place(0, 10_000 + number): 1 for number in range(1000)})
    [bookmark] = parked.bookmarks({0: 20_000}).values()
    assert len(bookmark.note) <= NOTE_BYTES
    last = int(bookmark.note.split()[-1].split(":")[0])
    assert bookmark.offset == last + 1

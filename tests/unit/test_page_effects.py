"""What the page says of effects, receipts and health, from facts that the test writes down."""

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dbt_lineage.airflow.page.tasks import tasks_of
from dbt_lineage.core.levels import Level
from dbt_lineage.core.projects import Project, projects
from dbt_lineage.core.settings import SpoolSettings
from dbt_lineage.ledger.job_lineage import JobLineage, Said
from dbt_lineage.ledger.refreshes import DashboardRefresh
from dbt_lineage.ledger.run_events import EventRecord
from dbt_lineage.manifest.graph import Manifest
from dbt_lineage.page.effects import downstream_of_each, hit
from dbt_lineage.page.graph import Graph, graph_of
from dbt_lineage.page.health import health
from dbt_lineage.page.nodes import Kind
from dbt_lineage.page.receipts import Receipt, receipt, waiting_in_spool
from dbt_lineage.page.results import counted, outcomes
from dbt_lineage.page.what_if import CannotTell, of_column, of_sql
from dbt_lineage.spool.facts import EventFacts
from dbt_lineage.spool.spool import Spool
from dbt_lineage.watch.checks.alerts import Alert
from dbt_lineage.watch.checks.course import Made

AT = datetime(2026, 11, 20, 5, tzinfo=UTC)
SHOP = "model.jaffle_shop."
RUN = {"dag_id": "jaffle_shop", "run_id": "manual", "state": "success"}


@pytest.fixture
def shop(environment: pytest.MonkeyPatch, artifacts_dir: Path) -> Project:
    """The jaffle shop, with the dashboards of this repository."""
    environment.setenv("DBT_ARTIFACTS_DIR", str(artifacts_dir))
    return projects()[0]


@pytest.fixture
def manifest(shop: Project) -> Manifest:
    return Manifest.load(shop.dbt.manifest)


@pytest.fixture
def graph(shop: Project, manifest: Manifest) -> Graph:
    """Orders make customers' revenue; their status decides which orders count."""
    orders = manifest.relation(f"{SHOP}orders")
    said = Said(
        inputs=[("jaffle_postgres", orders)],
        columns=[("customer_id", "text", ""), ("total_revenue", "numeric", ""), ("customer_segment", "text", "")],
        links=[
            (0, "customer_id", "customer_id", ["IDENTITY"]),
            (0, "amount", "total_revenue", ["AGGREGATION"]),
            (0, "amount", "customer_segment", ["CONDITIONAL"]),
        ],
        deciding=[(0, "FILTER", ["status"])],
    )
    job = f"{SHOP}customer_lifetime_value"
    output = manifest.relation(job)
    one = JobLineage("jaffle_shop", job, output, "jaffle_postgres", "event", "run", AT, said, verified_at=AT)
    return graph_of({shop: manifest}, [one], frozenset(), tasks_of)


def place(graph: Graph, name: str) -> int:
    return next(at for at, node in enumerate(graph.nodes) if node.name == name)


# --- effects


def test_a_column_reaches_columns_by_value_and_by_condition_and_charts(graph: Graph) -> None:
    target = graph.nodes[place(graph, "customer_lifetime_value")].id
    told = of_column(graph, place(graph, "orders"), "amount")
    assert told["columns"] == [[target, "total_revenue"]]
    assert told["conditional"] == [[target, "customer_segment"]]
    assert "chart:jaffle-shop/Top 10 customers by revenue" in told["charts"]
    assert "dashboard:jaffle-shop" in told["nodes"]
    assert "Jaffle Shop Analytics <analytics@jaffle-shop.example>" in told["owners"]


def test_a_column_that_decides_rows_reaches_every_column_by_condition(graph: Graph) -> None:
    told = of_column(graph, place(graph, "orders"), "status")
    assert told["columns"] == []
    assert {name for _, name in told["conditional"]} >= {"customer_id", "total_revenue", "customer_segment"}


def test_a_column_that_is_not_there_is_named(graph: Graph) -> None:
    with pytest.raises(CannotTell, match=r"orders has no column 'nothing'; there are: .*amount"):
        of_column(graph, place(graph, "orders"), "nothing")


def test_other_sql_says_what_it_adds_and_takes_away(graph: Graph, manifest: Manifest) -> None:
    orders = graph.nodes[place(graph, "orders")].id
    target = place(graph, "customer_lifetime_value")
    sql = "select customer_id, sum(tax) as total_revenue, 1 as odd from {{ ref('orders') }} group by customer_id"
    graph.nodes[place(graph, "orders")].columns.setdefault("tax", graph.nodes[target].columns["customer_id"])
    told = of_sql(graph, target, sql, manifest)
    assert [orders, "tax", "total_revenue", "DIRECT/AGGREGATION"] in told["added"]
    assert [orders, "amount", "total_revenue", "DIRECT/AGGREGATION"] in told["removed"]
    assert "customer_segment" in told["gone_columns"]
    assert told["new_columns"] == ["odd"]
    assert "chart:jaffle-shop/Customers by segment" in told["charts"]


def test_sql_that_is_not_understood_is_said_to_be_so(graph: Graph, manifest: Manifest) -> None:
    target = place(graph, "customer_lifetime_value")
    told = of_sql(graph, target, "select from where", manifest)
    assert told["unresolved"]
    assert (told["added"], told["removed"], told["columns"]) == ([], [], [])
    with pytest.raises(CannotTell, match=r"Jinja other than ref and source, .*take the compiled SQL"):
        of_sql(graph, target, "select {{ var('x') }}", manifest)
    with pytest.raises(CannotTell, match="no such model"):
        of_sql(graph, target, "select * from {{ ref('nowhere') }}", manifest)


def test_what_is_behind_a_broken_model(graph: Graph) -> None:
    found = hit(graph, [f"{SHOP}orders", "test.unknown"])
    assert "customer_lifetime_value" in found.models
    assert found.dashboards == ["Jaffle Shop"]
    assert found.owners == ["Jaffle Shop Analytics <analytics@jaffle-shop.example>"]
    assert hit(graph, []) == type(found)([], [], [])


def test_the_dashboards_behind_each_node(graph: Graph) -> None:
    """Two ways down meet again, and one table is on two dashboards."""
    table = graph.nodes[place(graph, "orders")]
    board = next(node for node in graph.nodes if node.kind is Kind.DASHBOARD)
    nodes = [
        *(replace(table, id=f"table {number}") for number in range(4)),
        replace(board, id="a"),
        replace(board, id="b"),
    ]
    edges = [(0, 1), (0, 2), (1, 3), (2, 3), (3, 4), (1, 5)]
    found = downstream_of_each(replace(graph, nodes=nodes, edges=edges), Kind.DASHBOARD)
    assert found == {0: ["a", "b"], 1: ["a", "b"], 2: ["a"], 3: ["a"], 4: ["a"], 5: ["b"]}


# --- receipts


def event(model: str, **changed: Any) -> EventRecord:
    times = {name: AT + timedelta(seconds=number) for number, name in enumerate(("acknowledged_at", "ingested_at"), 1)}
    known = {
        **{"event_id": f"of {model}", "job_namespace": "jaffle_shop", "job_name": SHOP + model, "run_id": "run"},
        **{"root_run_id": "root", "event_type": "COMPLETE", "event_time": AT.isoformat(), "emitted_at": AT},
        **{"topic": "events", "partition": 0, "offset": 1, "reason": None, **times},
        "verified_at": AT + timedelta(seconds=3),
    }
    return EventRecord(**{**known, **changed})


def refresh(seconds: float, equal: bool = True) -> DashboardRefresh:
    return DashboardRefresh("jaffle-shop", AT + timedelta(seconds=seconds), 14, 14 if equal else 13, 0, 1.0, "", "")


def made(graph: Graph, *events: EventRecord, **more: Any) -> Receipt:
    given = {"tasks": {}, "waiting": {}, "refreshes": [refresh(10)], **more}
    return receipt(
        {**RUN, **more.pop("run", {})},
        "jaffle_shop",
        graph,
        events=events,
        **{k: v for k, v in given.items() if k != "run"},
    )


def rows(found: Receipt) -> dict[str, Any]:
    return {row.model: row for row in found.rows}


def test_a_receipt_is_whole_when_all_was_read_back_and_shown(graph: Graph) -> None:
    found = made(graph, event("orders"), event("customer_lifetime_value"))
    assert found.is_whole
    assert [row.model for row in found.rows] == ["customer_lifetime_value", "orders"]
    row = rows(found)["orders"]
    assert (row.ran, row.read_back) == (AT.isoformat(), (AT + timedelta(seconds=3)).isoformat())
    assert row.dashboards == ("dashboard:jaffle-shop",)
    assert row.dashboard_equal == (AT + timedelta(seconds=10)).isoformat()
    assert row.reason is None


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"acknowledged_at": None, "ingested_at": None, "verified_at": None}, "it waits for Kafka"),
        ({"ingested_at": None, "verified_at": None}, "it waits for the ingestion"),
        ({"verified_at": None}, "it waits to be read back"),
        ({"verified_at": None, "reason": "eventTime: no time"}, "dead letter: eventTime: no time"),
    ],
)
def test_a_receipt_says_what_an_event_waits_for(graph: Graph, changed: dict[str, Any], reason: str) -> None:
    found = made(graph, event("orders", **changed))
    assert not found.is_whole
    assert rows(found)["orders"].reason == reason


def test_dashboards_must_be_equal_since_the_model_ran(graph: Graph) -> None:
    early = made(graph, event("orders"), refreshes=[refresh(-10)])
    assert rows(early)["orders"].reason == "jaffle-shop was not refreshed since"
    wrong = made(graph, event("orders"), refreshes=[refresh(10, equal=False)])
    assert rows(wrong)["orders"].reason == "jaffle-shop differs from the warehouse"
    assert not early.is_whole
    assert not wrong.is_whole
    assert made(graph, event("orders"), refreshes=[]).is_whole


def test_of_a_model_that_was_tried_again_the_last_end_counts(graph: Graph) -> None:
    failed = event("orders", event_type="FAIL", verified_at=None)
    found = made(graph, failed, event("orders", event_id="second"))
    assert [(row.state, row.event_id) for row in found.rows] == [("COMPLETE", "second")]


def test_a_model_without_an_event_yet_stands_with_its_task(graph: Graph) -> None:
    tasks = {
        "models.orders": {"state": "success", "started_at": None, "ended_at": AT.isoformat()},
        "models.customers": {"state": "running", "started_at": AT.isoformat(), "ended_at": None},
        "models.products": {"state": "skipped", "started_at": None, "ended_at": None},
    }
    found = made(graph, tasks=tasks, run={"state": "running"})
    assert {name: (row.ran, row.reason) for name, row in rows(found).items()} == {
        "orders": (AT.isoformat(), "no event is known of it yet"),
        "customers": (None, "it is running"),
    }
    assert not found.is_whole


def test_an_event_that_waits_in_the_spool_is_on_disk(graph: Graph, tmp_path: Path) -> None:
    body = {
        "eventType": "COMPLETE",
        "eventTime": AT.isoformat(),
        "job": {"namespace": "jaffle_shop", "name": f"{SHOP}orders"},
        "run": {"runId": "run", "facets": {"parent": {"root": {"run": {"runId": "root"}}}}},
    }
    spool = SpoolSettings(dir=tmp_path / "spool")
    assert waiting_in_spool(spool, ["root"]) == {}
    assert not spool.dir.exists()
    Spool(spool.dir, spool.max_bytes).put(json.dumps(body).encode())
    assert waiting_in_spool(spool, ["another"]) == {}
    waiting: dict[str, EventFacts] = waiting_in_spool(spool, ["root"])
    row = rows(made(graph, waiting=waiting))["orders"]
    assert (row.ran, row.in_kafka, row.reason) == (
        "2026-11-20T05:00:00.000000+00:00",
        None,
        "it waits in the spool for the relay",
    )
    assert row.on_disk is not None


def test_a_receipt_as_a_table_holds_no_formula(graph: Graph) -> None:
    found = made(graph, event("orders", reason="=1+1", verified_at=None))
    lines = list(csv.DictReader(io.StringIO(found.as_csv())))
    assert [(line["model"], line["reason"]) for line in lines] == [("orders", "dead letter: =1+1")]
    assert lines[0]["in_kafka"] == (AT + timedelta(seconds=1)).isoformat()
    formula = made(graph, event("orders", event_id="=cmd()"))
    assert next(csv.DictReader(io.StringIO(formula.as_csv())))["event_id"] == "'=cmd()"


# --- results and health


def test_the_results_of_the_last_build(tmp_path: Path) -> None:
    assert outcomes(tmp_path) == {}
    results = [
        {
            "unique_id": "test.a",
            "status": "pass",
            "message": None,
            "timing": [{"completed_at": "2026-11-20T05:00:00Z"}],
        },
        {"unique_id": "test.b", "status": "fail", "message": "Got 3 results", "timing": []},
        {"unique_id": "test.c", "status": "warn", "message": "", "timing": []},
    ]
    (tmp_path / "run_results.json").write_text(json.dumps({"results": results}))
    found = outcomes(tmp_path)
    assert (found["test.a"].at, found["test.b"].message) == ("2026-11-20T05:00:00Z", "Got 3 results")
    assert counted(found, ["test.a", "test.b", "test.c", "test.d"]) == {"passed": 1, "failed": 1, "warned": 1}
    (tmp_path / "run_results.json").write_text("broken")
    assert outcomes(tmp_path) == {}


def test_health_has_each_promise_with_its_course() -> None:
    def check(name: str, minute: int, level: Level, value: float | None = None, is_made: bool = True) -> Made:
        at = AT + timedelta(minutes=minute)
        return Made("shop", name, f"run {minute}", at, level, value, "seconds", "seen", "at most 10 s", is_made)

    course = [
        check("latency", 0, Level.OK, 2),
        check("latency", 15, Level.FAIL, 20),
        check("coverage", 0, Level.OK),
        check("coverage", 15, Level.FAIL, is_made=False),
    ]
    alerts = [Alert(1, "latency", "verified", AT, "slow", "at most 10 s", project="shop")]
    told = health(course, alerts, {"shop": "docs/operations.md"})
    assert (told["state"], told["checked_at"]) == ("failed", (AT + timedelta(minutes=15)).isoformat())
    coverage, latency = told["promises"]
    assert (coverage["name"], coverage["state"]) == ("coverage", "unknown")
    assert (latency["state"], latency["value"], latency["unit"], latency["target"]) == (
        *("failed", 20, "seconds"),
        "at most 10 s",
    )
    assert latency["since"] == AT.isoformat()
    assert latency["runbook"] == "docs/operations.md#latency"
    assert [(point["value"], point["ok"]) for point in latency["course"]] == [(2, True), (20, False)]
    assert [each["title"] for each in told["alerts"]] == ["latency: verified: slow"]
    assert health([], [], {})["state"] == "unknown"
    shared = Made("", "lag", "run", AT, Level.OK, None, "", "seen", "soon", True)
    assert health([shared], [], {})["promises"][0]["runbook"] == "docs/operations.md#lag"

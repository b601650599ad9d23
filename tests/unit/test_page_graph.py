"""The lineage page's graph: nodes, edges, columns and layers, from manifests, dashboards' code and newest events."""

import json
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bench.page_fixtures import write
from bench.page_project import Made
from dbt_lineage.airflow.page.tasks import tasks_of
from dbt_lineage.core.projects import Project, projects
from dbt_lineage.dashboards.charts import columns_shown
from dbt_lineage.ledger.job_lineage import JobLineage, Said
from dbt_lineage.ledger.ledger import LedgerError
from dbt_lineage.manifest.graph import Manifest
from dbt_lineage.page.answers import Views
from dbt_lineage.page.graph import Graph, graph_of
from dbt_lineage.page.layers import layers, places
from dbt_lineage.page.nodes import Kind
from dbt_lineage.warehouse.naming import ADAPTERS

AT = datetime(2026, 11, 20, tzinfo=UTC)
SHOP = "model.jaffle_shop."


@pytest.fixture
def shop(environment: pytest.MonkeyPatch, artifacts_dir: Path) -> Project:
    """The jaffle shop, with the dashboards of this repository."""
    environment.setenv("DBT_ARTIFACTS_DIR", str(artifacts_dir))
    return projects()[0]


class Events:
    """The newest events, in place of the ledger's."""

    def __init__(self, *lineage: JobLineage) -> None:
        self.lineage = list(lineage)
        self.reads = 0
        self.away = False

    def version(self) -> str:
        """How many there are."""
        if self.away:
            raise LedgerError("no answer")
        return str(len(self.lineage))

    def all(self) -> list[JobLineage]:
        """All of them."""
        self.reads += 1
        return self.lineage


def lineage(shop: Project, model: str, said: Said, **more: Any) -> JobLineage:
    """What an event of a model says."""
    unique_id = model if "." in model else SHOP + model
    output = Manifest.load(shop.dbt.manifest).relation(unique_id)
    given = {"verified_at": AT, **more}
    return JobLineage("jaffle_shop", unique_id, output, "jaffle_postgres", "event", "run", AT, said, **given)


def relation(shop: Project, unique_id: str) -> str:
    return Manifest.load(shop.dbt.manifest).relation(unique_id)


def graph(shop: Project, *said: JobLineage, proved: frozenset[tuple[str, str]] = frozenset()) -> Graph:
    return graph_of({shop: Manifest.load(shop.dbt.manifest)}, said, proved, tasks_of)


def edges(found: Graph) -> set[tuple[str, str]]:
    return {(found.nodes[start].id, found.nodes[end].id) for start, end in found.edges}


def column_edges(found: Graph) -> set[tuple[str, str, str, str]]:
    said = found.columns.as_json()
    names = [f"{found.nodes[node].name}.{name}" for node, name in said["columns"]]
    return {
        (names[start], names[end], said["kinds"][kind], said["proofs"][proof])
        for start, end, kind, proof in said["edges"]
    }


def node_edges(found: Graph) -> set[tuple[str, str, str]]:
    said = found.columns.as_json()
    names = [f"{found.nodes[node].name}.{name}" for node, name in said["columns"]]
    return {(names[start], found.nodes[end].name, said["kinds"][kind]) for start, end, kind, _ in said["node_edges"]}


def test_without_events_the_graph_is_that_of_the_manifest(shop: Project) -> None:
    found = graph(shop)
    assert found.source == "manifest"
    manifest = Manifest.load(shop.dbt.manifest)
    assert {tuple(each) for each in manifest.edges()} <= edges(found)
    kinds = {each.kind for each in found.nodes}
    assert {Kind.SEED, Kind.SOURCE, Kind.MODEL, Kind.CHART, Kind.DASHBOARD} >= kinds >= {Kind.MODEL, Kind.CHART}


def test_what_a_model_had_in_another_schema_is_not_shown(shop: Project) -> None:
    here = relation(shop, f"{SHOP}stg_orders")
    elsewhere = here.replace("jaffle_shop_dev", "jaffle_shop_prod")
    said = Said(
        inputs=[("jaffle_postgres", elsewhere)], columns=[], links=[], deciding=[], expressions={}, unresolved=()
    )
    now = lineage(shop, "orders", replace(said, inputs=[("jaffle_postgres", here)]))
    before = replace(lineage(shop, "orders", said), output=now.output.replace("jaffle_shop_dev", "jaffle_shop_prod"))
    found = graph(shop, now, before)
    assert elsewhere not in {each.id for each in found.nodes}
    assert (here, relation(shop, f"{SHOP}orders")) in edges(found)


def test_a_node_says_what_it_is_and_where_it_is_seen(shop: Project) -> None:
    node = next(each for each in graph(shop).nodes if each.name == "customer_lifetime_value")
    said = node.as_json()
    assert (said["kind"], said["folder"], said["package"]) == ("model", "reports", "jaffle_shop")
    assert (said["dag_id"], said["task_id"]) == ("jaffle_shop", "models.customer_lifetime_value")
    assert said["links"]["airflow"] == "dags/jaffle_shop/tasks/models.customer_lifetime_value"
    assert said["links"]["openmetadata"].endswith(f"/table/jaffle_postgres.{node.id}")
    assert said["columns"] == len(node.columns) > 5
    assert node.columns["total_revenue"].type == "numeric(16, 2)"


def test_an_event_tells_columns_edges_and_what_is_unresolved(shop: Project) -> None:
    orders = relation(shop, f"{SHOP}orders")
    said = Said(
        inputs=[("jaffle_postgres", orders), ("jaffle_postgres", "jaffle_db.elsewhere.rates")],
        columns=[("customer_id", "text", ""), ("total_revenue", "numeric", ""), ("odd", "text", "")],
        links=[(0, "amount", "total_revenue", ["AGGREGATION"]), (1, "rate", "total_revenue", ["CONDITIONAL"])],
        deciding=[(0, "FILTER", ["status"])],
        unresolved=[("odd", "a function that is not known"), ("*", "the SQL is too long")],
    )
    target = relation(shop, f"{SHOP}customer_lifetime_value")
    proved = frozenset({(f"{orders}.amount", f"{target}.total_revenue")})
    found = graph(shop, lineage(shop, "customer_lifetime_value", said), proved=proved)
    assert found.source == "ledger"
    assert column_edges(found) == {
        ("orders.amount", "customer_lifetime_value.total_revenue", "DIRECT/AGGREGATION", "proved"),
        ("rates.rate", "customer_lifetime_value.total_revenue", "INDIRECT/CONDITIONAL", "sql"),
    }
    assert ("orders.status", "customer_lifetime_value", "INDIRECT/FILTER") in node_edges(found)
    at = found.place_of[target]
    node = found.nodes[at]
    # Those that the event does not have, but a chart shows, come last.
    assert list(node.columns)[:3] == ["customer_id", "total_revenue", "odd"]
    assert node.columns["total_revenue"] == ("numeric", "What the customer paid in all, in dollars.")
    assert node.verified_at == "2026-11-20T00:00:00+00:00"
    odd = found.columns.names.index((at, "odd"))
    assert found.columns.unresolved == [(at, odd, "a function that is not known"), (at, None, "the SQL is too long")]
    # What no manifest has is a table; and what a newer event says replaces what the manifest expects.
    assert next(each for each in found.nodes if each.name == "rates").kind is Kind.TABLE
    assert {start for start, end in edges(found) if end == target} == {orders, "jaffle_db.elsewhere.rates"}


def test_the_charts_show_the_columns_that_they_name(shop: Project, environment: pytest.MonkeyPatch) -> None:
    # Airflow's API server, which shows them, has no password of Superset's.
    environment.delenv("SUPERSET_PASSWORD")
    shows = node_edges(graph(shop))
    assert ("customer_lifetime_value.total_revenue", "Top 10 customers by revenue", "DIRECT/CHART") in shows
    assert not {each for each in shows if each[1] == "Customers by segment" and "revenue" in each[0]}


def test_a_dashboard_has_the_owner_that_its_exposure_names(shop: Project) -> None:
    boards = [each for each in graph(shop).nodes if each.kind is Kind.DASHBOARD]
    assert [(each.id, each.owner) for each in boards] == [
        ("dashboard:jaffle-shop", "Jaffle Shop Analytics <analytics@jaffle-shop.example>")
    ]


def test_an_exposure_without_code_is_a_dashboard_of_its_own(
    shop: Project, environment: pytest.MonkeyPatch, manifest_content: dict[str, Any], tmp_path: Path
) -> None:
    environment.setenv("SUPERSET_ASSETS_DIR", str(tmp_path / "none"))
    found = graph_of({shop: Manifest(manifest_content)}, (), frozenset(), tasks_of)
    board = next(each for each in found.nodes if each.kind is Kind.DASHBOARD)
    assert (board.id, board.name) == ("dashboard:jaffle_shop_dashboard", "Jaffle Shop")
    assert (relation(shop, f"{SHOP}customer_lifetime_value"), board.id) in edges(found)


def test_charts_of_tables_of_another_project_are_not_of_this_one(
    shop: Project, manifest_content: dict[str, Any]
) -> None:
    strange = json.loads(json.dumps(manifest_content).replace("customer_lifetime_value", "customer_worth"))
    found = graph_of({shop: Manifest(strange)}, (), frozenset(), tasks_of)
    shown = {each.name for each in found.nodes if each.kind is Kind.CHART}
    assert "Top 10 customers by revenue" not in shown
    assert shown


def test_broken_code_of_dashboards_costs_the_charts_alone(
    shop: Project, environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    environment.setenv("SUPERSET_ASSETS_DIR", str(tmp_path))
    found = graph(shop)
    assert not [each for each in found.nodes if each.kind is Kind.CHART]
    assert len(found.notes) == 1
    assert str(tmp_path) in found.notes[0]


def test_the_columns_of_a_chart_are_those_of_its_metrics_and_filters_too() -> None:
    dataset = {
        "table_name": "sales",
        "columns": [
            {"column_name": "Day"},
            {"column_name": "amount"},
            {"column_name": "tax"},
            {"column_name": "net", "expression": "amount - tax"},
            {"column_name": "unused"},
        ],
        "metrics": [{"metric_name": "turnover", "expression": "sum(AMOUNT)"}],
    }
    query = {"columns": ["Day"], "metrics": ["turnover"], "filters": [{"col": "net", "op": ">", "val": 0}]}
    chart = {"viz_type": "table", "queries": [query]}
    assert columns_shown(chart, dataset, ADAPTERS["postgres"]) == {"Day", "amount", "tax"}
    jinja = {"columns": [], "metrics": [{"label": "x", "sqlExpression": "{{ anything }}", "expressionType": "SQL"}]}
    assert columns_shown({"viz_type": "table", "queries": [jinja]}, dataset, ADAPTERS["postgres"]) == set()


@pytest.mark.parametrize(
    ("adapter", "sql", "shown"),
    [
        ("postgres", "sum(Amount)", {"amount"}),
        ("snowflake", "sum(amount)", {"AMOUNT"}),
        ("duckdb", 'sum("NET")', {"net"}),
        ("bigquery", "sum(`Tax`)", {"Tax"}),
    ],
)
def test_the_columns_of_a_chart_go_by_the_rules_of_the_warehouse(adapter: str, sql: str, shown: set[str]) -> None:
    dataset = {"columns": [{"column_name": each} for each in ("amount", "AMOUNT", "net", "Tax")]}
    query = {"metrics": [{"label": "x", "sqlExpression": sql, "expressionType": "SQL"}]}
    assert columns_shown({"viz_type": "table", "queries": [query]}, dataset, ADAPTERS[adapter]) == shown


def test_layers_are_the_longest_paths_and_a_circle_is_no_problem() -> None:
    assert layers(5, [(0, 1), (1, 2), (0, 2), (2, 3)]) == [0, 1, 2, 3, 0]
    circle = layers(4, [(0, 1), (1, 2), (2, 1), (2, 3), (3, 3)])
    assert circle == [0, 1, 2, 3]
    long = 5_000
    assert layers(long, [(each, each + 1) for each in range(long - 1)])[-1] == long - 1


def test_neighbours_are_placed_near_each_other() -> None:
    edges = [(0, 5), (1, 4), (2, 3)]
    layer_of = layers(6, edges)
    order = places(layer_of, edges)
    assert sorted(order[:3]) == sorted(order[3:]) == [0, 1, 2]
    assert [order[start] for start, _ in edges] == [order[end] for _, end in edges]


def test_a_view_is_made_once_for_each_state(shop: Project, tmp_path: Path) -> None:
    events = Events()
    views = Views(events, tmp_path / "proof.json", tasks_of)
    first = views.of([shop])
    assert views.of([shop]) is first
    said = Said(inputs=[("jaffle_postgres", relation(shop, f"{SHOP}orders"))])
    events.lineage.append(lineage(shop, "customer_lifetime_value", said))
    second = views.of([shop])
    assert second.version != first.version
    assert second.graph.source == "ledger"
    proof = {"proved": ["a.b.c.d -> e.f.g.h"]}
    (tmp_path / "proof.json").write_text(json.dumps(proof))
    assert views.of([shop]).version != second.version


def test_while_the_ledger_is_away_what_was_known_is_shown_and_why(shop: Project) -> None:
    said = Said(inputs=[("jaffle_postgres", relation(shop, f"{SHOP}orders"))])
    events = Events(lineage(shop, "customer_lifetime_value", said))
    views = Views(events, None, tasks_of)
    assert views.of([shop]).problem is None
    events.away = True
    view = views.of([shop])
    assert (view.problem, view.graph.source) == ("the ledger is away: no answer", "ledger")
    events.away = False
    assert views.of([shop]).problem is None
    assert events.reads == 1


def test_a_manifest_that_cannot_be_read_is_named(shop: Project, tmp_path: Path) -> None:
    broken = Project.of("broken", dbt=shop.dbt.model_copy(update={"artifacts_dir": tmp_path}))
    view = Views(Events(), None, tasks_of).of([shop, broken])
    assert view.problem is not None
    assert view.problem.startswith(f"project broken: {tmp_path / 'manifest.json'} is missing")
    assert view.graph.projects == [shop.name]


def test_two_servers_may_have_relations_of_the_same_name(shop: Project) -> None:
    elsewhere = shop.openmetadata.model_copy(update={"database_service": "other_postgres"})
    dbt = shop.dbt.model_copy(update={"dag_id": "other"})
    other = Project.of("other", dbt=dbt, openmetadata_without_token=elsewhere)
    manifest = Manifest.load(shop.dbt.manifest)
    found = graph_of({shop: manifest, other: manifest}, (), frozenset(), tasks_of)
    ids = [each.id for each in found.nodes]
    assert len(ids) == len(set(ids))
    orders = manifest.relation(f"{SHOP}orders")
    assert {f"{orders}@jaffle_postgres", f"{orders}@other_postgres"} <= set(ids)


def test_projects_of_one_database_share_their_tables(shop: Project) -> None:
    other = Project.of("other", dbt=shop.dbt.model_copy(update={"dag_id": "other"}))
    manifest = Manifest.load(shop.dbt.manifest)
    found = graph_of({shop: manifest, other: manifest}, (), frozenset(), tasks_of)
    assert len([each for each in found.nodes if each.name == "orders"]) == 1


def test_the_fixtures_of_a_made_up_project_hang_together(tmp_path: Path) -> None:
    write(tmp_path, 60)
    graph = json.loads((tmp_path / "graph.json").read_text())
    columns = json.loads((tmp_path / "columns.json").read_text())
    assert graph["version"] == columns["version"]
    assert len([each for each in graph["nodes"] if each["kind"] == "model"]) == 60
    assert len(columns["columns"]) == 66 * 20
    assert {columns["proofs"][proof] for *_, proof in columns["edges"]} == {"proved", "sql"}
    assert columns["unresolved"]
    assert os.listdir(tmp_path / "artifacts")
    assert Made(tmp_path / "again", 60).version() == "60x20"

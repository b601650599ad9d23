"""Answers of the page's API for the tests of its client: a small shop, and projects of any size."""

import random
from dataclasses import dataclass, field
from typing import Any

KINDS = ["DIRECT/IDENTITY", "DIRECT/AGGREGATION", "DIRECT/CHART", "INDIRECT/FILTER", "INDIRECT/JOIN"]
PROOFS = ["proved", "sql", "code"]
AT = "2026-11-29T10:{:02d}:{:02d}Z"
STATIONS = ("ran", "on_disk", "in_kafka", "in_catalogue", "read_back")


@dataclass
class Lineage:
    """A graph in the making; ``answers`` gives what the API would answer."""

    project: str
    nodes: list[dict[str, Any]] = field(default_factory=list)
    columns: list[tuple[int, str]] = field(default_factory=list)
    edges: list[tuple[int, int, int, int]] = field(default_factory=list)
    node_edges: list[tuple[int, int, int, int]] = field(default_factory=list)
    pairs: set[tuple[int, int]] = field(default_factory=set)
    unresolved: list[tuple[int, int | None, str]] = field(default_factory=list)
    index: dict[str, int] = field(default_factory=dict)

    def table(self, kind: str, name: str, columns: str = "", schema: str = "shop") -> int:
        """Add a table with columns, or a chart without."""
        index = len(self.nodes)
        ids = {"chart": f"chart:shop/{name}", "dashboard": f"dashboard:{name}"}
        node_id = ids.get(kind, f"warehouse.{schema}.{name}")
        names = columns.split()
        self.index[name] = index
        for column in names:
            self.index[f"{name}.{column}"] = len(self.columns)
            self.columns.append((index, column))
        dbt = kind in ("model", "seed", "snapshot")
        self.nodes.append(
            {
                "id": node_id,
                "kind": kind,
                "name": name,
                "schema": schema if kind not in ids else None,
                "database": "warehouse" if kind not in ids else None,
                "project": self.project,
                "package": self.project if dbt else None,
                "folder": "marts" if dbt else None,
                "tags": ["daily"] if dbt else [],
                "materialized": "table" if kind == "model" else None,
                "layer": 0,
                "order": index,
                "columns": len(names),
                "owner": "Finance" if dbt else None,
                "dag_id": self.project,
                "task_id": f"{name}.run" if dbt else None,
                "verified_at": AT.format(1, index % 60) if dbt else None,
                "links": {"openmetadata": f"http://catalogue.example/table/{node_id}"} if kind not in ids else {},
            }
        )
        return index

    def edge(self, source: str, target: str, kind: str = "DIRECT/IDENTITY", proof: str = "proved") -> None:
        """Add a column edge; a target without a column is a whole table or chart."""
        rest = (KINDS.index(kind), PROOFS.index(proof))
        into = self.edges if target in self.index and "." in target else self.node_edges
        into.append((self.index[source], self.index[target], *rest))
        self.pairs.add((self.index[source.split(".")[0]], self.index[target.split(".")[0]]))

    def graph(self) -> dict[str, Any]:
        """What ``/graph`` answers."""
        layers = [0] * len(self.nodes)
        for source, target in sorted(self.pairs, key=lambda pair: pair[1]):
            layers[target] = max(layers[target], layers[source] + 1)
        places: dict[int, int] = {}
        for node, layer in zip(self.nodes, layers, strict=True):
            node["layer"], node["order"] = layer, places.setdefault(layer, 0)
            places[layer] += 1
        return {
            "version": "1",
            "made_at": AT.format(5, 0),
            "projects": [self.project],
            "source": "ledger",
            "problem": None,
            "nodes": self.nodes,
            "edges": sorted(self.pairs),
        }

    def columns_answer(self) -> dict[str, Any]:
        """What ``/columns`` answers."""
        return {
            "version": "1",
            "problem": None,
            "columns": self.columns,
            "edges": self.edges,
            "node_edges": self.node_edges,
            "kinds": KINDS,
            "proofs": PROOFS,
            "unresolved": self.unresolved,
        }

    def node(self, node_id: str) -> dict[str, Any]:
        """What ``/nodes/…`` answers."""
        index = next(at for at, node in enumerate(self.nodes) if node["id"] == node_id)
        node = {key: value for key, value in self.nodes[index].items() if key not in ("layer", "order", "columns")}
        sql = "select customer_id, sum(amount) as total_revenue\nfrom warehouse.shop.stg_orders\ngroup by customer_id"
        return node | {
            "description": f"What the shop knows as {node['name']}.",
            "sql": sql if node["kind"] == "model" else None,
            "sql_hidden": False,
            "columns": [
                {
                    "name": name,
                    "type": "numeric(12, 2)",
                    "description": None,
                    "expression": "sum(amount)",
                    "tests": ["not_null"] if at == 0 else [],
                }
                for at, name in enumerate(name for of, name in self.columns if of == index)
            ],
            "tests": [
                {"name": "not_null", "column": "id", "state": "ok", "message": None, "at": AT.format(2, 0)},
                {
                    "name": "accepted_range",
                    "column": None,
                    "state": "fail",
                    "message": "2 rows of 90",
                    "at": AT.format(2, 1),
                },
            ],
            "runs": [run(1, "success")],
            "freshness": {
                "last_event_at": AT.format(0, 0),
                "warn_after": "1 day",
                "error_after": "2 days",
                "state": "pass",
            },
            "upstream": [self.nodes[a]["id"] for a, b in sorted(self.pairs) if b == index],
            "downstream": [self.nodes[b]["id"] for a, b in sorted(self.pairs) if a == index],
            "unresolved": [{"column": None, "reason": reason} for of, _, reason in self.unresolved if of == index],
            "event_id": "0190",
            "times": {
                "emitted": AT.format(1, 0),
                "acknowledged": AT.format(1, 1),
                "ingested": AT.format(1, 4),
                "verified": AT.format(1, 5),
            },
        }


def run(number: int, state: str) -> dict[str, Any]:
    """One run."""
    ended = None if state == "running" else AT.format(number + 1, 0)
    return {"run_id": f"manual__{number}", "state": state, "started_at": AT.format(number, 0), "ended_at": ended}


def shop() -> Lineage:
    """A shop of raw tables, models and charts: revenue flows from raw_orders into a chart, and much else does not."""
    made = Lineage("shop")
    made.table("source", "raw_orders", "id customer_id amount ordered_at", "raw")
    made.table("source", "raw_customers", "id name", "raw")
    made.table("source", "raw_products", "sku price", "raw")
    made.table("model", "stg_orders", "order_id customer_id amount ordered_at")
    made.table("model", "stg_customers", "customer_id customer_name")
    made.table("model", "stg_products", "sku price")
    made.table("model", "order_totals", "order_id customer_id revenue")
    made.table("model", "product_prices", "sku price price_with_tax")
    made.table("model", "customer_lifetime_value", "customer_id customer_name total_revenue first_order")
    made.table("chart", "Revenue")
    made.table("chart", "Prices")
    made.table("dashboard", "shop")
    for source, target in (
        ("raw_orders.id", "stg_orders.order_id"),
        ("raw_orders.customer_id", "stg_orders.customer_id"),
        ("raw_orders.amount", "stg_orders.amount"),
        ("raw_orders.ordered_at", "stg_orders.ordered_at"),
        ("raw_customers.id", "stg_customers.customer_id"),
        ("raw_customers.name", "stg_customers.customer_name"),
        ("raw_products.sku", "stg_products.sku"),
        ("raw_products.price", "stg_products.price"),
        ("stg_orders.order_id", "order_totals.order_id"),
        ("stg_orders.customer_id", "order_totals.customer_id"),
        ("stg_products.sku", "product_prices.sku"),
        ("stg_products.price", "product_prices.price"),
        ("stg_products.price", "product_prices.price_with_tax"),
        ("stg_customers.customer_id", "customer_lifetime_value.customer_id"),
        ("stg_customers.customer_name", "customer_lifetime_value.customer_name"),
    ):
        made.edge(source, target)
    made.edge("stg_orders.amount", "order_totals.revenue", "DIRECT/AGGREGATION")
    made.edge("order_totals.revenue", "customer_lifetime_value.total_revenue", "DIRECT/AGGREGATION", "sql")
    made.edge("stg_orders.ordered_at", "customer_lifetime_value.first_order", "DIRECT/AGGREGATION", "sql")
    made.edge("order_totals.customer_id", "customer_lifetime_value", "INDIRECT/JOIN", "sql")
    made.edge("stg_customers.customer_id", "customer_lifetime_value", "INDIRECT/JOIN", "sql")
    made.edge("customer_lifetime_value.total_revenue", "Revenue", "DIRECT/CHART")
    made.edge("customer_lifetime_value.customer_name", "Revenue", "DIRECT/CHART")
    made.edge("product_prices.price_with_tax", "Prices", "DIRECT/CHART")
    dashboard = made.index["shop"]
    made.pairs |= {(made.index["Revenue"], dashboard), (made.index["Prices"], dashboard)}
    made.unresolved.append((made.index["product_prices"], None, "a function of the warehouse is not known"))
    return made


def generated(models: int, columns: int, seed: int = 1) -> Lineage:
    """A project of some size: each model reads up to three of those before it, most of them near.

    Args:
        models: how many.
        columns: of each model.
        seed: of the choices.
    """
    chance = random.Random(seed)  # noqa: S311 - a fixture
    made = Lineage("generated")
    names = " ".join(f"column_{at:02d}" for at in range(columns))
    for number in range(models):
        name = f"model_{number:04d}"
        made.table("source" if number < models // 20 else "model", name, names, f"area_{number % 12}")
        if number < models // 20:
            continue
        near = range(max(0, number - models // 8), number)
        parents = {f"model_{one:04d}" for one in chance.sample(near, min(len(near), chance.randint(1, 3)))}
        for at in range(columns):
            parent = chance.choice(sorted(parents))
            made.edge(f"{parent}.column_{chance.randrange(columns):02d}", f"{name}.column_{at:02d}", proof="sql")
        for parent in sorted(parents):
            made.edge(f"{parent}.column_00", name, "INDIRECT/JOIN", "sql")
    return made


def receipt(done: int, number: int = 2) -> dict[str, Any]:
    """A receipt of which the first models are read back, and the others wait in Kafka."""
    models = [node["name"] for node in shop().nodes if node["kind"] == "model"]
    rows = []
    for at, model in enumerate(models):
        times = {station: AT.format(number, at) for station in STATIONS}
        if at >= done:
            times |= dict.fromkeys(STATIONS[2:])
        reason = None if at < done else "the relay has not sent it yet"
        rows.append(
            {"model": model, "unique_id": f"model.shop.{model}", "node": f"warehouse.shop.{model}"}
            | times
            | {"dashboard_equal": None, "dashboards": [], "reason": reason, "event_id": f"event-{at}"}
        )
    whole = done >= len(models)
    comparison = {"dashboard": "shop", "charts": 2, "problem": None, "at": AT.format(4, 0)}
    head = {"dag_id": "shop", "run_id": f"manual__{number}", "project": "shop", "state": "success"}
    return head | {
        "made_at": AT.format(5, 0),
        "whole": whole,
        "rows": rows,
        "dashboards": [comparison | {"equal": whole, "charts_equal": 2 if whole else 1}],
    }


def health() -> dict[str, Any]:
    """One promise that is broken, and two that are kept."""
    course = [{"at": AT.format(at, 0), "value": value, "ok": value < 60} for at, value in enumerate((4, 5, 4, 70, 82))]
    calm = [{"at": AT.format(at, 0), "value": 100, "ok": True} for at in range(12)]
    promise = {"since": None, "message": None, "runbook": None, "project": None, "unit": "%", "target": 100}
    return {
        "state": "failed",
        "checked_at": AT.format(5, 0),
        "promises": [
            promise
            | {
                "name": "complete",
                "title": "Every edge is in the catalogue",
                "value": 100,
                "state": "ok",
                "course": calm,
            },
            promise
            | {
                "name": "fresh",
                "title": "Lineage arrives within a minute",
                "target": 60,
                "value": 82,
                "unit": "s",
                "state": "failed",
                "since": AT.format(3, 0),
                "message": "shop.order_totals took 82 s",
                "runbook": "https://docs.example/operations.md#late",
                "course": course,
            },
            promise
            | {
                "name": "valid",
                "title": "No event is dead-lettered",
                "value": 0,
                "unit": "",
                "state": "ok",
                "course": [],
            },
        ],
        "alerts": [{"title": "Lineage arrives within a minute", "since": AT.format(3, 0), "project": "shop"}],
    }


def dead_letters() -> dict[str, Any]:
    """Two events that never arrived."""
    letters = [
        {
            "id": f"0-{at}",
            "at": AT.format(3, at),
            "reason": "eventTime is no time",
            "job": f"shop.model_{at}",
            "run_id": "manual__1",
            "project": "shop",
            "attempts": 3,
            "payload": '{"eventType": "COMPLETE", "eventTime": "soon"}',
        }
        for at in range(2)
    ]
    return {"total": 2, "may_replay": True, "letters": letters}

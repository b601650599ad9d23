"""Lineage edges: write, patch, read back and delete."""

from typing import Any
from urllib.parse import quote

import httpx
import pytest
from catalogue_under_test import Warehouse

JSON_PATCH = {"Content-Type": "application/json-patch+json"}


def put_edge(catalogue: httpx.Client, source: dict[str, Any], target: dict[str, Any], **details: Any) -> httpx.Response:
    edge = {
        "fromEntity": {"id": source["id"], "type": "table"},
        "toEntity": {"id": target["id"], "type": "table"},
        "lineageDetails": {"source": "OpenLineage"} | details,
    }
    return catalogue.put("/lineage", json={"edge": edge})


def columns(source: dict[str, Any], target: dict[str, Any], **mapping: str) -> list[dict[str, Any]]:
    """Column lineage: to-column = from-column, both by their short names."""
    return [
        {
            "fromColumns": [f"{source['fullyQualifiedName']}.{from_column}"],
            "toColumn": f"{target['fullyQualifiedName']}.{to_column}",
        }
        for to_column, from_column in mapping.items()
    ]


@pytest.fixture
def raw(warehouse: Warehouse) -> dict[str, Any]:
    return warehouse.table("raw", "id", "cents")


@pytest.fixture
def orders(warehouse: Warehouse) -> dict[str, Any]:
    return warehouse.table("orders", "order_id", "amount")


def test_edge_is_read_back_by_ids_and_by_names(
    catalogue: httpx.Client, raw: dict[str, Any], orders: dict[str, Any], pipeline: dict[str, Any]
) -> None:
    mapping = columns(raw, orders, order_id="id", amount="cents")
    maker = {"id": pipeline["id"], "type": "pipeline"}
    assert put_edge(catalogue, raw, orders, columnsLineage=mapping, pipeline=maker).status_code == 200
    by_id = catalogue.get(f"/lineage/getLineageEdge/{raw['id']}/{orders['id']}").json()["edge"]
    by_name = catalogue.get(
        f"/lineage/getLineageEdge/table/name/{raw['fullyQualifiedName']}/table/name/{orders['fullyQualifiedName']}"
    ).json()["edge"]
    assert by_id == by_name
    assert by_id["columnsLineage"] == mapping
    assert by_id["source"] == "OpenLineage"
    assert by_id["pipeline"]["fullyQualifiedName"] == pipeline["fullyQualifiedName"]


def test_missing_edge_and_missing_table(catalogue: httpx.Client, raw: dict[str, Any], orders: dict[str, Any]) -> None:
    assert catalogue.get(f"/lineage/getLineageEdge/{raw['id']}/{orders['id']}").status_code == 404
    nobody = {"id": "00000000-0000-4000-8000-000000000000"}
    assert put_edge(catalogue, raw, nobody).status_code == 404


def test_second_put_makes_no_second_edge(catalogue: httpx.Client, raw: dict[str, Any], orders: dict[str, Any]) -> None:
    for mapping in (columns(raw, orders, order_id="id"), columns(raw, orders, amount="cents")):
        assert put_edge(catalogue, raw, orders, columnsLineage=mapping).status_code == 200
    graph = catalogue.get(f"/lineage/table/{orders['id']}").json()
    assert [(edge["fromEntity"], edge["toEntity"]) for edge in graph["upstreamEdges"]] == [(raw["id"], orders["id"])]
    assert graph["upstreamEdges"][0]["lineageDetails"]["columnsLineage"] == mapping


def test_patch_changes_the_edge(catalogue: httpx.Client, raw: dict[str, Any], orders: dict[str, Any]) -> None:
    put_edge(catalogue, raw, orders, columnsLineage=columns(raw, orders, order_id="id"))
    (added,) = columns(raw, orders, amount="cents")
    patch = [
        {"op": "add", "path": "/columnsLineage/1", "value": added},
        {"op": "add", "path": "/sqlQuery", "value": "select id, cents from raw"},
    ]
    path = f"/lineage/table/{raw['id']}/table/{orders['id']}"
    assert catalogue.patch(path, json=patch, headers=JSON_PATCH).status_code == 200
    edge = catalogue.get(f"/lineage/getLineageEdge/{raw['id']}/{orders['id']}").json()["edge"]
    assert edge["columnsLineage"] == columns(raw, orders, order_id="id", amount="cents")
    assert edge["sqlQuery"] == "select id, cents from raw"


def test_patch_of_a_missing_edge(catalogue: httpx.Client, raw: dict[str, Any], orders: dict[str, Any]) -> None:
    path = f"/lineage/table/{raw['id']}/table/{orders['id']}"
    patch = [{"op": "add", "path": "/sqlQuery", "value": "select 1"}]
    assert catalogue.patch(path, json=patch, headers=JSON_PATCH).status_code == 404


@pytest.mark.parametrize(
    "mapping", [{"order_id": "nowhere"}, {"nowhere": "id"}, {"ORDER_ID": "id"}], ids=["from", "to", "letter case"]
)
def test_an_unknown_column_is_left_out_without_a_word(
    catalogue: httpx.Client, raw: dict[str, Any], orders: dict[str, Any], mapping: dict[str, str]
) -> None:
    known = columns(raw, orders, amount="cents")
    assert put_edge(catalogue, raw, orders, columnsLineage=columns(raw, orders, **mapping) + known).status_code == 200
    edge = catalogue.get(f"/lineage/getLineageEdge/{raw['id']}/{orders['id']}").json()["edge"]
    assert edge["columnsLineage"] == known


def test_a_mapping_without_a_source_is_no_edge(
    catalogue: httpx.Client, raw: dict[str, Any], orders: dict[str, Any]
) -> None:
    mapping = [{"toColumn": f"{orders['fullyQualifiedName']}.amount"}]
    assert put_edge(catalogue, raw, orders, columnsLineage=mapping).status_code >= 400
    assert catalogue.get(f"/lineage/getLineageEdge/{raw['id']}/{orders['id']}").status_code == 404


def test_an_edge_whose_source_is_not_told_is_drawn_by_hand(
    catalogue: httpx.Client, raw: dict[str, Any], orders: dict[str, Any]
) -> None:
    ends = {name: {"id": end["id"], "type": "table"} for name, end in (("fromEntity", raw), ("toEntity", orders))}
    assert catalogue.put("/lineage", json={"edge": ends}).status_code == 200
    assert catalogue.get(f"/lineage/getLineageEdge/{raw['id']}/{orders['id']}").json()["edge"]["source"] == "Manual"


def test_a_second_write_replaces_all_and_a_patch_keeps_the_source(
    catalogue: httpx.Client, raw: dict[str, Any], orders: dict[str, Any], pipeline: dict[str, Any]
) -> None:
    maker = {"id": pipeline["id"], "type": "pipeline"}
    mapping = columns(raw, orders, order_id="id")
    put_edge(catalogue, raw, orders, columnsLineage=mapping, pipeline=maker, sqlQuery="select 1")
    path = f"/lineage/table/{raw['id']}/table/{orders['id']}"
    patch = [{"op": "replace", "path": "/sqlQuery", "value": "select 2"}]
    assert catalogue.patch(path, json=patch, headers=JSON_PATCH).json()["source"] == "OpenLineage"
    assert put_edge(catalogue, raw, orders).status_code == 200
    edge = catalogue.get(f"/lineage/getLineageEdge/{raw['id']}/{orders['id']}").json()["edge"]
    assert {"columnsLineage", "pipeline", "sqlQuery"}.isdisjoint(edge)


def test_a_hidden_neighbour_stays_and_its_edge_can_be_deleted(
    catalogue: httpx.Client, raw: dict[str, Any], orders: dict[str, Any]
) -> None:
    put_edge(catalogue, raw, orders)
    catalogue.delete(f"/tables/{raw['id']}").raise_for_status()
    graph = catalogue.get(f"/lineage/table/{orders['id']}").json()
    assert [(node["id"], node["deleted"]) for node in graph["nodes"]] == [(raw["id"], True)]
    assert put_edge(catalogue, raw, orders).status_code == 404
    assert catalogue.delete(f"/lineage/table/{raw['id']}/table/{orders['id']}").status_code == 200
    assert catalogue.get(f"/lineage/table/{raw['id']}").status_code == 404


def test_a_name_is_one_segment_of_the_path(catalogue: httpx.Client, warehouse: Warehouse) -> None:
    table = warehouse.table("a/b #?%", "id")
    name = quote(table["fullyQualifiedName"], safe="")
    assert catalogue.get(f"/tables/name/{name}").json()["id"] == table["id"]
    assert catalogue.get(f"/lineage/table/name/{name}").status_code == 200
    assert catalogue.get(f"/tables/name/{name.replace('%2F', '/')}").status_code == 404


def test_the_graph_goes_three_steps_at_most(catalogue: httpx.Client, raw: dict[str, Any]) -> None:
    assert catalogue.get(f"/lineage/table/{raw['id']}", params={"upstreamDepth": 4}).status_code == 400


def test_dropped_column_leaves_the_edge(
    catalogue: httpx.Client, warehouse: Warehouse, raw: dict[str, Any], orders: dict[str, Any]
) -> None:
    mapping = columns(raw, orders, order_id="id", amount="cents")
    put_edge(catalogue, raw, orders, columnsLineage=mapping, sqlQuery="select id, cents from raw")
    warehouse.table("orders", "order_id")
    edge = catalogue.get(f"/lineage/getLineageEdge/{raw['id']}/{orders['id']}").json()["edge"]
    assert edge["columnsLineage"] == columns(raw, orders, order_id="id")
    # The definition of a plain table takes the place of the SQL: it has none.
    assert "sqlQuery" not in edge


def test_deleted_edge_is_gone(catalogue: httpx.Client, raw: dict[str, Any], orders: dict[str, Any]) -> None:
    put_edge(catalogue, raw, orders)
    path = f"/lineage/table/{raw['id']}/table/{orders['id']}"
    assert catalogue.delete(path).status_code == 200
    assert catalogue.get(f"/lineage/getLineageEdge/{raw['id']}/{orders['id']}").status_code == 404
    assert catalogue.delete(path).status_code == 404


def test_edge_by_names(catalogue: httpx.Client, raw: dict[str, Any], orders: dict[str, Any]) -> None:
    path = f"table/name/{raw['fullyQualifiedName']}/table/name/{orders['fullyQualifiedName']}"
    assert catalogue.put(f"/lineage/{path}", json={"source": "DbtLineage"}).status_code == 200
    patch = [{"op": "add", "path": "/sqlQuery", "value": "select 1"}]
    assert catalogue.patch(f"/lineage/{path}", json=patch, headers=JSON_PATCH).status_code == 200
    assert catalogue.get(f"/lineage/getLineageEdge/{path}").json()["edge"]["sqlQuery"] == "select 1"
    assert catalogue.delete(f"/lineage/{path}").status_code == 200
    assert catalogue.get(f"/lineage/getLineageEdge/{path}").status_code == 404


def test_graph_reaches_as_far_as_asked(catalogue: httpx.Client, warehouse: Warehouse) -> None:
    a, b, c, d = (warehouse.table(name, "id") for name in "abcd")
    for source, target in ((a, b), (b, c), (c, d)):
        put_edge(catalogue, source, target)

    def edges(upstream: int, downstream: int) -> tuple[set[str], set[str], set[str]]:
        graph = catalogue.get(
            f"/lineage/table/name/{b['fullyQualifiedName']}",
            params={"upstreamDepth": upstream, "downstreamDepth": downstream},
        ).json()
        assert graph["entity"]["id"] == b["id"]
        return (
            {edge["fromEntity"] for edge in graph["upstreamEdges"]},
            {edge["toEntity"] for edge in graph["downstreamEdges"]},
            {node["name"] for node in graph["nodes"]},
        )

    assert edges(1, 1) == ({a["id"]}, {c["id"]}, {"a", "c"})
    assert edges(0, 2) == (set(), {c["id"], d["id"]}, {"c", "d"})

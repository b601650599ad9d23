"""What the checks read of the catalogue: the project's own tables and what it once made, whatever others have beside it."""

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import httpx
import pytest
from catalogue_under_test import Standin, Warehouse
from pydantic import HttpUrl
from small_project import NAMESPACE, Ends, Shop, manifest

from dbt_lineage.catalogue.client import CatalogueUnavailable
from dbt_lineage.catalogue.ours import StoredLineage
from dbt_lineage.catalogue.reading import read
from dbt_lineage.manifest.graph import Manifest

TODAY = manifest(a="raw", b="a")
ONLY_HERE = pytest.mark.skipif("OPENMETADATA_URL" in os.environ, reason="a real server has no log of its requests")


@pytest.fixture
def shop(catalogue: httpx.Client, warehouse: Warehouse, tmp_path: Path) -> Iterator[Shop]:
    made = Shop(catalogue, warehouse, tmp_path)
    yield made
    made.close()


@pytest.fixture
def control(standin: Standin) -> Iterator[httpx.Client]:
    with standin.control() as client:
        yield client
        for route in ("faults", "requests"):
            client.delete(f"/{route}").raise_for_status()


def stored(shop: Shop, whole_schemas: bool = False) -> StoredLineage:
    return read(shop.openmetadata, Manifest(TODAY), NAMESPACE, "shop", whole_schemas)


def edges(found: StoredLineage) -> list[Ends]:
    """The edges between tables, by the names of the tables, in order."""
    names = (tuple(end.rpartition(".")[2] for end in each.edge) for each in found.edges)
    return sorted((start, end) for start, end in names)


THEIRS = "their_namespace-model.their_project.one"


def add_tables(shop: Shop, *names: str) -> None:
    shop.tables |= {name: shop.warehouse.table(name, "id") for name in names}


def test_each_edge_from_or_to_a_table_of_the_project_is_told_once(shop: Shop) -> None:
    add_tables(shop, "theirs")
    made = [shop.edge("raw", "a"), shop.edge("a", "b"), shop.edge("b", "theirs", job=THEIRS)]
    assert edges(stored(shop)) == sorted(made)


@ONLY_HERE
def test_nobody_asks_for_the_tables_of_others(shop: Shop, control: httpx.Client) -> None:
    add_tables(shop, "x", "y")
    shop.edge("raw", "a")
    shop.edge("a", "b")
    shop.edge("x", "y", job=THEIRS)
    control.delete("/requests")
    found = stored(shop)
    asked = [unquote(each["path"]).rpartition("/")[2] for each in control.get("/requests").json()]
    own = [f"{shop.warehouse.schema}.{name}" for name in ("a", "b", "raw")]
    assert sorted(asked) == sorted([*own, "pipelines", "pipelineServices"])
    assert edges(found) == [("a", "b"), ("raw", "a")]
    assert sorted(found.tables) == ["shop.dev.a", "shop.dev.b", "shop.dev.raw"]


def test_what_the_project_made_of_tables_that_are_gone_is_found_from_edge_to_edge(shop: Shop) -> None:
    add_tables(shop, "gone_too", "theirs")
    made = [shop.edge("raw", "gone"), shop.edge("gone", "gone_too"), shop.edge("gone_too", "theirs", job=THEIRS)]
    shop.edge("theirs", "empty", job=THEIRS)
    assert edges(stored(shop)) == sorted(made)


def test_what_a_model_that_is_gone_made_is_found_by_its_pipeline(shop: Shop) -> None:
    add_tables(shop, "old_1", "old_2")
    made = shop.edge("old_1", "old_2")
    assert edges(stored(shop)) == [made]


def test_whole_schemas_are_read_where_it_is_asked_for(shop: Shop) -> None:
    add_tables(shop, "x", "y")
    made = shop.edge("x", "y", job=THEIRS)
    assert edges(stored(shop)) == []
    assert edges(stored(shop, whole_schemas=True)) == [made]


def test_a_table_is_found_however_the_catalogue_spells_it(shop: Shop, warehouse: Warehouse) -> None:
    warehouse.catalogue.delete(f"/tables/{shop.tables['b']['id']}", params={"hardDelete": "true"}).raise_for_status()
    for name in ("B", "theirs"):
        add_tables(shop, name)
    shop.edge("a", "B", job=f"{NAMESPACE}-model.p.b")
    made = shop.edge("B", "theirs", job=THEIRS)
    assert edges(stored(shop)) == [("a", "b"), (made[0].lower(), made[1])]


def test_tables_that_differ_in_case_only_are_told_both_where_lineage_names_them(shop: Shop) -> None:
    add_tables(shop, "B")
    shop.edge("a", "b")
    shop.edge("a", "B", job=f"{NAMESPACE}-model.p.b")
    found = stored(shop)
    assert {"shop.dev.b", "shop.dev.B"} <= set(found.tables)
    assert edges(found) == [("a", "b"), ("a", "b")]


def test_a_table_that_is_hidden_or_not_there_has_no_lineage(shop: Shop, warehouse: Warehouse) -> None:
    shop.edge("raw", "a")
    shop.edge("a", "b")
    warehouse.catalogue.delete(f"/tables/{shop.tables['b']['id']}").raise_for_status()
    found = stored(shop)
    assert sorted(found.tables) == ["shop.dev.a", "shop.dev.raw"]
    # The edge is still there, as its other end tells.
    assert edges(found) == [("a", "b"), ("raw", "a")]


def test_pipelines_are_those_of_services_that_events_make(shop: Shop) -> None:
    made = {"serviceType": "DBTCloud", "name": f"{shop.service}_openlineage"}
    nightly = {"serviceType": "Airflow", "name": f"{shop.service}_nightly"}
    job = f"{NAMESPACE}-model.p.a"
    for service in (made, nightly):
        shop.http.put("/services/pipelineServices", json=service).raise_for_status()
        shop.http.put("/pipelines", json={"name": job, "service": service["name"]}).raise_for_status()
    shop.edge("raw", "a")
    try:
        found = {each.service for each in stored(shop).pipelines if each.name == job}
        assert found >= {shop.service, made["name"]}
        assert nightly["name"] not in found
    finally:
        shop.close(made["name"], nightly["name"])


@ONLY_HERE
def test_a_catalogue_that_is_busy_for_a_moment_is_asked_again(shop: Shop, control: httpx.Client) -> None:
    made = shop.edge("raw", "a")
    control.post("/faults", json={"method": "GET", "path": "/lineage/", "status": 503, "times": 2}).raise_for_status()
    assert edges(stored(shop)) == [made]


def test_a_catalogue_that_is_away_is_told_once_and_soon(shop: Shop) -> None:
    nowhere = shop.openmetadata.model_copy(update={"url": HttpUrl("http://127.0.0.1:9"), "timeout_seconds": 1})
    with pytest.raises(CatalogueUnavailable, match=r"OpenMetadata at http://127\.0\.0\.1:9: GET .* failed"):
        read(nowhere, Manifest(TODAY), NAMESPACE, "shop")

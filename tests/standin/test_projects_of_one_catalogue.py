"""Two projects in one catalogue, in the same schema: the lineage of both is whole, and neither takes what the other made."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from catalogue_under_test import Warehouse, make_warehouse
from pydantic import SecretStr
from small_project import NAMESPACE, Ends, Shop

from dbt_lineage.catalogue.async_client import AsyncClient
from dbt_lineage.catalogue.beside import beside
from dbt_lineage.catalogue.export import export
from dbt_lineage.catalogue.gone import GoneTables
from dbt_lineage.catalogue.verify import verified_lineage
from dbt_lineage.core import settings
from dbt_lineage.core.levels import Level
from dbt_lineage.core.projects import Project
from dbt_lineage.core.settings import (
    CheckSettings,
    DbtSettings,
    OpenLineageSettings,
    OpenMetadataSettings,
    WarehouseSettings,
)
from dbt_lineage.events.run_event import parsed
from dbt_lineage.ingest.catalogue_writer import CatalogueWriter, Outcome, Written
from dbt_lineage.ingest.fact import facts_of
from dbt_lineage.ingest.warehouses import CatalogueWarehouse, Warehouses
from dbt_lineage.manifest.graph import Manifest
from dbt_lineage.ops.removal import InCatalogue
from dbt_lineage.warehouse.postgres import PostgresWarehouse
from dbt_lineage.watch.checks import accuracy, stale
from dbt_lineage.watch.checks.sources import Sources

NEAR, FAR = "postgres://near:5432", "postgres://far:5432"
EPOCH = datetime(2026, 11, 22, tzinfo=UTC)
COLUMNS = {"id": "integer"}


def manifest(project: str, reads: str, **parents: str) -> dict[str, Any]:
    """The manifest of a project: what it reads and does not build, and its models, each with what it is made from."""
    node = {"database": "shop", "schema": "dev", "config": {"materialized": "table"}, "resource_type": "model"}
    sources = {name: f"source.{project}.{name}" for name in reads.split()}
    return {
        "metadata": {"project_name": project, "generated_at": "2026-11-22T10:00:00Z"},
        "nodes": {f"model.{project}.{model}": {**node, "alias": model} for model in parents},
        "sources": {key: {"database": "shop", "schema": "dev", "identifier": name} for name, key in sources.items()},
        "parent_map": {
            f"model.{project}.{model}": [sources.get(name, f"model.{project}.{name}") for name in names.split()]
            for model, names in parents.items()
        },
    }


# q makes c of p's a, and p makes b of q's c.
OF_P = manifest("p", "raw c", a="raw", b="a c")
OF_Q = manifest("q", "a", c="a")


@pytest.fixture
def shop(catalogue: httpx.Client, warehouse: Warehouse, tmp_path: Path) -> Iterator[Shop]:
    made = Shop(catalogue, warehouse, tmp_path)
    made.tables["c"] = warehouse.table("c", "id")
    yield made
    made.close()


@pytest.fixture
def ledger(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A setting that is needed, and a database that nobody asks."""
    monkeypatch.setenv("LEDGER_URL", "postgresql+psycopg2://nobody:secret@127.0.0.1:1/none")
    settings.ledger.cache_clear()
    yield
    settings.ledger.cache_clear()


def project(shop: Shop, name: str, content: dict[str, Any] | None, **services: str) -> Project:
    """A project with its manifest, or without one."""
    folder = shop.folder / name
    folder.mkdir(exist_ok=True)
    (folder / "dbt_project.yml").write_text(yaml.safe_dump({"name": name}))
    if content is not None:
        (folder / "manifest.json").write_text(json.dumps(content))
    return Project.of(
        name,
        dbt=DbtSettings().model_copy(update={"project_dir": folder, "artifacts_dir": folder}),
        warehouse=WarehouseSettings(
            host="near", database="shop", password=SecretStr("-"), reader_password=SecretStr("-")
        ),
        openlineage=OpenLineageSettings(namespace=NAMESPACE),
        openmetadata=shop.openmetadata.model_copy(update=services),
        superset=None,
        check=CheckSettings(),
    )


@pytest.fixture
def p(shop: Shop) -> Project:
    return project(shop, "p", OF_P)


@pytest.fixture
def q(shop: Shop) -> Project:
    return project(shop, "q", OF_Q)


def event(job: str, output: str, *inputs: str, second: int = 0) -> bytes:
    """An event of a model; datasets are named ``namespace/table`` or, of the near server, by their table alone."""

    def dataset(name: str, **facets: Any) -> dict[str, Any]:
        namespace, _, table = name.rpartition("/")
        return {"namespace": namespace or NEAR, "name": f"shop.dev.{table}", "facets": facets}

    fields = [{**dataset(each), "field": "id"} for each in inputs]
    return json.dumps(
        {
            "eventType": "COMPLETE",
            "eventTime": (EPOCH + timedelta(seconds=second)).isoformat(),
            "run": {"runId": f"run-{second}"},
            "job": {"namespace": NAMESPACE, "name": job, "facets": {"jobType": {"jobType": "MODEL"}}},
            "inputs": [dataset(each) for each in inputs],
            "outputs": [dataset(output, columnLineage={"fields": {"id": {"inputFields": fields}}})],
        }
    ).encode()


BOTH = (event("model.p.a", "a", "raw"), event("model.q.c", "c", "a"), event("model.p.b", "b", "a", "c"))
EDGES = {("raw", "a"), ("a", "c"), ("a", "b"), ("c", "b")}


def write(openmetadata: OpenMetadataSettings, warehouses: Warehouses, *events: bytes) -> list[Written]:
    """Write what events say, as the ingestion does."""

    async def written() -> list[Written]:
        async with AsyncClient(openmetadata) as client:
            facts = [fact for each in events for fact in facts_of(parsed(each), warehouses)]
            done = await CatalogueWriter(client, warehouses).write(facts)
            return [done[fact] for fact in facts]

    return asyncio.run(written())


def ingest(shop: Shop, projects: list[Project], *events: bytes) -> None:
    done = write(shop.openmetadata, Warehouses.of(projects), *events)
    assert {each.outcome for each in done} == {Outcome.VERIFIED}


def columns(shop: Shop, table: str) -> list[str]:
    """From where the columns of a table are, by the name of the table."""
    graph = shop.http.get(f"/lineage/table/{shop.tables[table]['id']}", params={"upstreamDepth": 1}).json()
    names = {node["id"]: node["name"] for node in graph["nodes"]}
    return sorted(
        names[each["fromEntity"]] for each in graph["upstreamEdges"] if each["lineageDetails"]["columnsLineage"]
    )


def unexpected(of: Project, *others: Project) -> set[Ends]:
    known = beside(of.openmetadata, of.warehouse.database, others)
    comparison = verified_lineage(of.dbt, PostgresWarehouse(of.warehouse), of.openmetadata, known)
    comparison.require_complete()
    return {(edge.upstream.rpartition(".")[2], edge.downstream.rpartition(".")[2]) for edge in comparison.unexpected}


# --- one lineage across both


def test_two_projects_that_read_each_other_have_one_lineage_and_find_nothing_wrong(
    shop: Shop, p: Project, q: Project, ledger: None
) -> None:
    ingest(shop, [p, q], *BOTH)
    assert shop.edges() == EDGES
    assert columns(shop, "b") == ["a", "c"]
    # Alone, each would take the other's edges from its tables for nobody's.
    assert unexpected(p) == {("a", "c")}
    assert unexpected(p, q) == unexpected(q, p) == set()
    for of, other in ((p, q), (q, p)):
        sources = Sources.of(of, other)
        results = [
            *accuracy.of_tables(
                sources.manifest, sources.stored_lineage, sources.ours, of.check, (), sources.beside.edges
            ),
            *stale.check(sources),
        ]
        assert [each for each in results if each.level is not Level.OK] == []


def test_an_edge_from_a_jobs_pipeline_to_its_table_is_none_between_tables(shop: Shop, p: Project, q: Project) -> None:
    """OpenMetadata's connector draws it if the catalogue has none of the job's inputs."""
    ingest(shop, [p, q], *BOTH)
    [pipeline] = [each for each in shop.http.get("/pipelines").json()["data"] if each["name"].endswith("model.p.a")]
    edge = {
        "fromEntity": {"id": pipeline["id"], "type": "pipeline"},
        "toEntity": {"id": shop.tables["a"]["id"], "type": "table"},
        "lineageDetails": {"source": "OpenLineage"},
    }
    assert shop.http.put("/lineage", json={"edge": edge}).status_code == 200
    assert len(shop.edges()) == len(EDGES) + 1
    assert unexpected(p, q) == set()
    # Into the table of another job it is not expected.
    edge["toEntity"]["id"] = shop.tables["b"]["id"]
    assert shop.http.put("/lineage", json={"edge": edge}).status_code == 200
    assert len(unexpected(p, q)) == 1


def test_each_project_exports_its_own_tables_with_the_edges_of_both(shop: Shop, p: Project, q: Project) -> None:
    ingest(shop, [p, q], *BOTH)
    file, count = export(q.dbt, q.openmetadata, "shop", shop.folder / "of_q")
    found = {(edge["from"], edge["to"]) for edge in json.loads(file.read_text())["edges"]}
    assert count == len(found)
    assert {("shop.dev.a", "shop.dev.c"), ("shop.dev.c", "shop.dev.b")} <= found


def test_the_pipelines_of_a_project_are_in_its_own_service(shop: Shop, p: Project) -> None:
    other = f"{shop.service}_other"
    ingest(shop, [p, project(shop, "q", OF_Q, pipeline_service=other)], *BOTH)
    assert shop.pipelines() == {"a", "b"}
    assert shop.pipelines(other) == {f"{NAMESPACE}-model.q.c"}


def test_a_dataset_finds_its_table_by_the_server_that_it_names(
    shop: Shop, catalogue: httpx.Client, warehouse: Warehouse
) -> None:
    """Two servers have databases, schemas and tables of the same names."""
    far = make_warehouse(catalogue)
    far.table("a", "id")
    ours, theirs = warehouse.service["name"], far.service["name"]
    try:
        warehouses = Warehouses(
            [
                CatalogueWarehouse(NEAR, "shop", ours, shop.service),
                CatalogueWarehouse(FAR, "shop", theirs, f"{shop.service}_other"),
            ]
        )
        done = write(
            shop.openmetadata,
            warehouses,
            event("model.p.b", "b", "a", f"{FAR}/a", "postgres://nowhere:1/a"),
            event("model.q.a", f"{FAR}/a", second=1),
        )
        assert [each.outcome for each in done] == [Outcome.VERIFIED] * 2
        assert done[0].absent == ("shop.dev.a of postgres://nowhere:1 is no table of this catalogue",)
        table = shop.tables["b"]["id"]
        graph = shop.http.get(f"/lineage/table/{table}", params={"upstreamDepth": 1, "downstreamDepth": 0}).json()
        upstream = sorted(node["fullyQualifiedName"] for node in graph["nodes"])
        assert upstream == sorted([f"{ours}.shop.dev.a", f"{theirs}.shop.dev.a"])
    finally:
        everything = {"recursive": "true", "hardDelete": "true"}
        catalogue.delete(f"/services/databaseServices/{far.service['id']}", params=everything).raise_for_status()


def described(table: str, namespace: str) -> dict[str, Any]:
    """A dataset whose event carries its columns."""
    fields = [{"name": "id", "type": "BIGINT"}, {"name": "paid", "type": "DECIMAL(16,2)"}]
    return {"namespace": namespace, "name": f"shop.main.{table}", "facets": {"schema": {"fields": fields}}}


def test_a_warehouse_without_a_connector_has_its_tables_from_events_and_lineage_to_another(
    shop: Shop, catalogue: httpx.Client, warehouse: Warehouse
) -> None:
    """DuckDB: nobody else could ask for its tables. What another project made on PostgreSQL is read there."""
    duck, file = f"{warehouse.service['name']}_duck", "duckdb:///srv/shop.duckdb"
    warehouses = Warehouses(
        [
            CatalogueWarehouse(file, "shop", duck, shop.service),
            CatalogueWarehouse(NEAR, "shop", warehouse.service["name"], shop.service),
        ]
    )
    made = json.loads(event("model.p.paid", "paid", "a"))
    made["outputs"] = [described("paid", file)]
    made["inputs"] = [described("raw", file), {"namespace": NEAR, "name": "shop.dev.a", "facets": {}}]
    try:
        [done] = write(shop.openmetadata, warehouses, json.dumps(made).encode())
        assert done.outcome == Outcome.VERIFIED, done
        service = catalogue.get(f"/services/databaseServices/name/{duck}").json()
        assert service["serviceType"] == "CustomDatabase"
        table = catalogue.get(f"/tables/name/{duck}.shop.main.paid", params={"fields": "columns"}).json()
        assert [(each["name"], each["dataType"]) for each in table["columns"]] == [
            ("id", "BIGINT"),
            ("paid", "DECIMAL"),
        ]
        graph = shop.http.get(f"/lineage/table/{table['id']}", params={"upstreamDepth": 1, "downstreamDepth": 0}).json()
        upstream = sorted(node["fullyQualifiedName"] for node in graph["nodes"])
        assert upstream == sorted([f"{duck}.shop.main.raw", f"{warehouse.service['name']}.shop.dev.a"])
    finally:
        found = catalogue.get(f"/services/databaseServices/name/{duck}")
        if found.status_code == 200:
            everything = {"recursive": "true", "hardDelete": "true"}
            catalogue.delete(f"/services/databaseServices/{found.json()['id']}", params=everything).raise_for_status()


# --- neither takes what the other made


def test_the_reaper_of_one_project_leaves_what_the_other_made(shop: Shop, p: Project, q: Project) -> None:
    ingest(
        shop,
        [p, q],
        *BOTH,
        event("model.p.gone", "gone", "raw"),
        # What q no longer has is q's to take, and it has a part in what p makes.
        event("model.q.old", "empty", "a"),
        event("model.q.old", "gone", "raw", second=1),
    )
    assert shop.reaper(OF_P).run(dry_run=False).counts()["edges"] == 1
    assert shop.edges() == EDGES | {("a", "empty"), ("raw", "gone")}
    assert shop.reaper(OF_P).run().counts()["edges"] == 0
    assert shop.reaper(OF_Q).run(dry_run=False).counts()["edges"] == 2
    assert shop.edges() == EDGES


def test_removing_one_project_leaves_the_other_whole(shop: Shop, p: Project, q: Project) -> None:
    ingest(shop, [p, q], *BOTH)
    part = InCatalogue(q)
    assert sorted(part.things()) == [
        "edge shop.dev.a -> shop.dev.c",
        f'pipeline {shop.service}."{NAMESPACE}-model.q.c"',
    ]
    part.remove()
    assert part.things() == []
    assert shop.edges() == EDGES - {("a", "c")}
    assert shop.pipelines() == {"a", "b"}
    ingest(shop, [p, q], *BOTH)
    InCatalogue(p).remove()
    assert shop.edges() == {("a", "c")}
    InCatalogue(q).remove()
    assert shop.edges() == set()
    assert shop.http.get(f"/services/pipelineServices/name/{shop.service}").status_code == 404


def test_what_the_connector_made_for_one_project_keeps_what_the_other_has_added(
    shop: Shop, p: Project, q: Project
) -> None:
    shop.edge("a", "c", job=f"{NAMESPACE}-model.p.c")
    ingest(shop, [p, q], event("model.q.c", "c", "a"))
    InCatalogue(p).remove()
    assert shop.edges() == {("a", "c")}
    assert columns(shop, "c") == ["a"]
    InCatalogue(q).remove()
    assert shop.edges() == set()


def test_a_table_that_the_other_project_is_just_building_is_not_hidden(shop: Shop, p: Project, q: Project) -> None:
    there = {f"shop.dev.{name}": COLUMNS for name in shop.tables if name not in ("c", "gone")}
    alone = Manifest(manifest("p", "raw", a="raw"))

    def hidden(*others: Project) -> list[str]:
        known = beside(shop.openmetadata, "shop", others)
        gone = GoneTables(shop.openmetadata, alone, "shop", lambda relations: there, known)
        gone.look()
        return gone.hide()

    # Of a project that was never parsed nobody knows what it builds.
    assert hidden(project(shop, "new", None)) == []
    assert hidden(q) == ["shop.dev.gone"]


def test_another_database_of_the_catalogue_says_nothing_of_this_one(shop: Shop, p: Project) -> None:
    elsewhere = project(shop, "q", OF_Q, database_service="another")
    assert beside(p.openmetadata, "shop", [elsewhere]).manifests == ()

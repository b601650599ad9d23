"""The expected graph: exactly the relations and edges that the project's SQL makes."""

import copy
from pathlib import Path
from typing import Any

import pytest
from jaffle_shop import EDGES, FINAL_MODELS, MODELS, RAW, SCHEMA, model_id

from dbt_lineage.core import settings
from dbt_lineage.manifest.graph import Edge, Manifest, ManifestError
from dbt_lineage.manifest.parse import ParseError, make_manifest


@pytest.fixture
def jaffle_shop(artifacts_dir: Path) -> Manifest:
    return Manifest.load(artifacts_dir / "manifest.json")


def test_every_model_of_the_project_is_found(jaffle_shop: Manifest) -> None:
    assert set(jaffle_shop.models) == {model_id(name) for name in MODELS}


def test_the_final_models_are_those_that_nothing_is_made_from(jaffle_shop: Manifest) -> None:
    assert set(jaffle_shop.final_models) == {model_id(name) for name in FINAL_MODELS}


def test_the_edges_are_those_of_the_sql(jaffle_shop: Manifest) -> None:
    assert jaffle_shop.edges() == EDGES


def test_the_schemas_are_those_that_the_project_reads_and_builds(jaffle_shop: Manifest) -> None:
    assert jaffle_shop.schemas() == {SCHEMA, RAW}


def test_another_target_moves_the_whole_graph(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment.setenv("DBT_TARGET", "prod")
    environment.setenv("DBT_ARTIFACTS_DIR", str(tmp_path))
    production = Manifest.load(make_manifest(settings.dbt()))
    assert production.schemas() == {"jaffle_db.jaffle_shop", "jaffle_db.jaffle_shop_raw"}
    assert len(production.edges()) == len(EDGES)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["manifest.json", "parsed"]


def test_a_project_that_dbt_cannot_parse_leaves_the_old_manifest(
    environment: pytest.MonkeyPatch, tmp_path: Path, artifacts_dir: Path
) -> None:
    project, artifacts = tmp_path / "project", tmp_path / "artifacts"
    (project / "models").mkdir(parents=True)
    (project / "dbt_project.yml").write_text("name: broken\nprofile: jaffle_shop\n")
    (project / "models" / "lost.sql").write_text("select * from {{ ref('nowhere') }}")
    artifacts.mkdir()
    kept = (artifacts_dir / "manifest.json").read_bytes()
    (artifacts / "manifest.json").write_bytes(kept)
    environment.setenv("DBT_PROJECT_DIR", str(project))
    environment.setenv("DBT_PROFILES_DIR", "dbt-jaffle-shop")
    environment.setenv("DBT_ARTIFACTS_DIR", str(artifacts))
    with pytest.raises(ParseError, match="nowhere") as failed:
        make_manifest(settings.dbt())
    assert str(project) in str(failed.value)
    assert (artifacts / "manifest.json").read_bytes() == kept
    assert [path.name for path in artifacts.iterdir()] == ["manifest.json"]


def node(unique_id: str, materialized: str = "table", **named: str) -> dict[str, Any]:
    kind, _, name = unique_id.split(".")
    return {
        "resource_type": kind,
        "database": "db",
        "schema": "dev",
        "name": name,
        "alias": name,
        "config": {"materialized": materialized},
        **named,
    }


def hand_made(
    nodes: dict[str, dict[str, Any]], parents: dict[str, list[str]], sources: dict[str, dict[str, Any]] | None = None
) -> Manifest:
    return Manifest({"nodes": nodes, "sources": sources or {}, "parent_map": {**{key: [] for key in nodes}, **parents}})


BASE, OTHER, RESULT = "model.p.base", "model.p.other", "model.p.result"
INNER, OUTER = "model.p.inner", "model.p.outer"


def through_ephemerals(parents: dict[str, list[str]]) -> Manifest:
    nodes = {name: node(name) for name in (BASE, OTHER, RESULT)}
    ephemeral = {name: node(name, "ephemeral") for name in (INNER, OUTER)}
    return hand_made({**nodes, **ephemeral}, parents)


EPHEMERAL_GRAPHS = pytest.mark.parametrize(
    ("parents", "made_from"),
    [
        pytest.param({RESULT: [OUTER], OUTER: [BASE]}, ["base"], id="one"),
        pytest.param({RESULT: [OUTER], OUTER: [INNER], INNER: [BASE]}, ["base"], id="a chain"),
        pytest.param({RESULT: [OUTER], OUTER: [BASE, OTHER]}, ["base", "other"], id="two parents"),
        pytest.param(
            {RESULT: [OUTER], OUTER: [INNER, OTHER], INNER: [BASE]}, ["base", "other"], id="a branching chain"
        ),
        pytest.param(
            {RESULT: [OUTER, INNER, BASE], OUTER: [BASE, OTHER], INNER: [OTHER]}, ["base", "other"], id="shared parents"
        ),
        pytest.param({RESULT: [OUTER], OUTER: []}, [], id="made from nothing"),
    ],
)


@EPHEMERAL_GRAPHS
def test_ephemeral_models_are_seen_through(parents: dict[str, list[str]], made_from: list[str]) -> None:
    manifest = through_ephemerals(parents)
    assert manifest.edges() == {Edge(f"db.dev.{name}", "db.dev.result") for name in made_from}
    assert manifest.models == [BASE, OTHER, RESULT]
    assert set(manifest.final_models) == {RESULT, *({BASE, OTHER} - {f"model.p.{name}" for name in made_from})}


@EPHEMERAL_GRAPHS
def test_the_resolved_parent_map_names_relations_only(parents: dict[str, list[str]], made_from: list[str]) -> None:
    manifest = through_ephemerals(parents)
    before = copy.deepcopy(manifest.content)
    resolved = manifest.in_relations()
    assert resolved["parent_map"][RESULT] == [f"model.p.{name}" for name in made_from]
    assert resolved["nodes"] == before["nodes"]
    assert manifest.content == before


def test_snapshots_are_made_from_something_and_tests_and_seeds_make_nothing() -> None:
    seed, snapshot, test = "seed.p.raw", "snapshot.p.history", "test.p.unique"
    manifest = hand_made(
        {
            seed: node(seed, "seed"),
            BASE: node(BASE),
            snapshot: node(snapshot, "snapshot"),
            test: node(test, "test", schema="dev_audit"),
        },
        {BASE: [seed], snapshot: [BASE], test: [BASE]},
    )
    assert manifest.edges() == {Edge("db.dev.raw", "db.dev.base"), Edge("db.dev.base", "db.dev.history")}
    assert manifest.models == [BASE]
    assert manifest.schemas() == {"db.dev"}


def test_parents_that_are_no_relation_are_left_out() -> None:
    manifest = hand_made({BASE: node(BASE), RESULT: node(RESULT)}, {RESULT: ["metric.p.revenue", BASE]})
    assert manifest.edges() == {Edge("db.dev.base", "db.dev.result")}


def test_relations_are_named_in_lower_case_by_alias_and_identifier() -> None:
    source = "source.p.shop.orders"
    manifest = hand_made(
        {RESULT: node(RESULT, database="DB", schema="Dev", alias="Result_V2")},
        {RESULT: [source]},
        {source: {"database": "DB", "schema": "Raw", "name": "orders", "identifier": "TBL_ORDERS"}},
    )
    assert manifest.edges() == {Edge("db.raw.tbl_orders", "db.dev.result_v2")}
    assert manifest.schemas() == {"db.raw", "db.dev"}


def test_a_model_of_another_project_is_read_and_not_built() -> None:
    shared, own = "model.elsewhere.shared", "model.p.own"
    manifest = hand_made(
        {
            shared: node(shared, "view", schema="theirs", path="", original_file_path=""),
            own: node(own, path="own.sql", original_file_path="models/own.sql"),
        },
        {own: [shared]},
    )
    assert manifest.edges() == {Edge("db.theirs.shared", "db.dev.own")}
    assert (manifest.models, manifest.final_models, manifest.nodes) == ([own], [own], {own})
    assert manifest.built_relations() == {"db.dev.own"}
    assert manifest.read_relations() == {"db.theirs.shared"}
    assert manifest.relations() == {"db.theirs.shared", "db.dev.own"}
    assert manifest.schemas() == {"db.theirs", "db.dev"}
    assert manifest.in_relations()["parent_map"][own] == [shared]


def test_two_relations_that_differ_in_case_alone_stay_two() -> None:
    upper, lower, raw = "model.p.Sale", "model.p.sale", "source.p.shop.Sale"
    manifest = hand_made(
        {upper: node(upper), lower: node(lower)},
        {upper: [raw], lower: [upper]},
        {raw: {"database": "db", "schema": "raw", "name": "Sale", "identifier": "Sale"}},
    )
    assert manifest.edges() == {Edge("db.raw.sale", "db.dev.Sale"), Edge("db.dev.Sale", "db.dev.sale")}
    assert manifest.relations() == {"db.raw.sale", "db.dev.Sale", "db.dev.sale"}
    # As the catalogue may spell them.
    names = ("db.dev.sale", "db.dev.Sale", "DB.dev.Sale", "db.raw.Sale")
    assert list(map(manifest.named, names)) == ["db.dev.sale", "db.dev.Sale", "db.dev.Sale", "db.raw.sale"]


@pytest.mark.parametrize(
    ("relation_name", "other_is_ours"), [('"db"."dev"."sale"', False), ("db.dev.sale", True), (None, True)]
)
def test_a_relation_that_differs_in_case_from_one_that_dbt_quotes_is_anothers(
    relation_name: str | None, other_is_ours: bool
) -> None:
    quoted = hand_made({BASE: {**node(BASE, alias="sale"), "relation_name": relation_name}}, {})
    assert quoted.named("db.dev.sale") == "db.dev.sale"
    assert (quoted.named("db.dev.Sale") in quoted.relations()) is other_is_ours


def test_of_a_name_that_is_too_long_postgresql_keeps_the_beginning() -> None:
    schema, alias = "ö" * 40, "n" * 70
    manifest = hand_made({BASE: node(BASE, schema=schema, alias=alias)}, {})
    manifest.content["metadata"] = {"adapter_type": "postgres"}
    assert manifest.places() == {f"db.{'ö' * 31}.{'n' * 63}": ("db", "ö" * 31, "n" * 63)}
    assert manifest.schema_names() == {"ö" * 31}
    assert manifest.address(BASE) == f"db.{schema}.{alias}"


@pytest.mark.parametrize("schema", ["pr-123", "a.b", "größe", "with blank", "50%"])
def test_a_schema_may_have_any_name(schema: str) -> None:
    manifest = hand_made({BASE: node(BASE, schema=schema)}, {})
    assert manifest.schemas() == {f"db.{schema}"}
    assert manifest.schema_names() == {schema}
    assert manifest.places() == {f"db.{schema}.base": ("db", schema, "base")}


def test_an_edge_is_printed_from_upstream_to_downstream() -> None:
    assert str(Edge("db.raw.orders", "db.dev.orders")) == "db.raw.orders -> db.dev.orders"


def test_a_missing_manifest_is_named_with_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(ManifestError) as refused:
        Manifest.load(tmp_path / "manifest.json")
    assert str(tmp_path / "manifest.json") in str(refused.value)
    assert "dbt-lineage manifest" in str(refused.value)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b'{"nodes": {"model.p', id="cut off"),
        pytest.param(b"{}", id="another object"),
        pytest.param(b'{"nodes": {}}', id="no parent_map"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b"7", id="a number"),
        pytest.param(b"\x1f\x8b\x08\xff", id="binary"),
    ],
)
def test_a_file_that_is_no_manifest_is_named(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "manifest.json"
    file.write_bytes(content)
    with pytest.raises(ManifestError) as refused:
        Manifest.load(file)
    assert str(refused.value).startswith(f"{file} is not a dbt manifest: ")

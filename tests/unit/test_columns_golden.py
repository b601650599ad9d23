"""The column lineage of dbt-jaffle-shop against the list that was written by hand, and the list's own judge."""

import dataclasses
import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from dbt_lineage.columns.compiled import CompileError, Project
from dbt_lineage.columns.lineage import column_lineage
from dbt_lineage.columns.model import DIRECT, IDENTITY, INDIRECT, TRANSFORMATION, Column, ColumnEdge, ColumnLineage
from prove.compare import compared, table
from prove.golden import Claim, GoldenError, agreement, claims, load_golden

DATA = Path(__file__).parent.parent / "data"
GOLDEN = DATA / "golden_columns.yml"
LATER_RUN = DATA / "compiled_models.json"
FIRST_RUN = DATA / "compiled_models_first_run.json"
Lineages = Mapping[str, ColumnLineage]


@cache
def golden(run: Path) -> Lineages:
    later = load_golden(GOLDEN)
    return later if run == LATER_RUN else {**later, **load_golden(GOLDEN, "first_run")}


@cache
def found(run: Path) -> Lineages:
    project = Project.load(run)
    return {
        relation: column_lineage(
            model.code,
            relation,
            {parent: project.columns.get(parent, {}) for parent in model.inputs},
            project.dialect,
        )
        for relation, model in project.models.items()
    }


def test_the_compiled_models_are_those_of_the_project(manifest_content: dict[str, Any]) -> None:
    written = {
        unique_id: hashlib.sha256(node["raw_code"].encode()).hexdigest()
        for unique_id, node in manifest_content["nodes"].items()
        if unique_id.startswith("model.")
    }
    for run in (LATER_RUN, FIRST_RUN):
        compiled = {model.unique_id: model.source_digest for model in Project.load(run).models.values()}
        assert compiled == written, f"{run.name} is of older models: docs/columns.md says how it is made"


@pytest.mark.parametrize("run", [LATER_RUN, FIRST_RUN], ids=["later run", "first run"])
@pytest.mark.parametrize("kind", [DIRECT, INDIRECT])
def test_every_edge_is_found_and_no_other(run: Path, kind: str) -> None:
    result = agreement(golden(run), found(run), kind)
    assert result.expected
    assert (list(map(str, result.missing)), list(map(str, result.wrong))) == ([], [])
    assert (result.precision, result.recall) == (1.0, 1.0)


@pytest.mark.parametrize("run", [LATER_RUN, FIRST_RUN], ids=["later run", "first run"])
def test_every_column_is_resolved_and_in_the_warehouse(run: Path) -> None:
    project = Project.load(run)
    for relation, lineage in found(run).items():
        assert lineage.unresolved == ()
        # Before the first run the incremental model's relation is not there yet.
        if relation in project.columns:
            assert lineage.columns == tuple(project.columns[relation])
        assert lineage.columns == golden(run)[relation].columns


def test_the_golden_list_names_columns_that_are_there() -> None:
    columns = Project.load(LATER_RUN).columns
    for lineage in golden(LATER_RUN).values():
        for claim in claims(lineage):
            assert claim.source.name in columns[claim.source.relation]


# --- the judge must see every single difference


def without(lineages: Lineages, claim: Claim) -> Lineages:
    lineage = lineages[claim.target.relation]
    changed = dataclasses.replace(
        lineage,
        edges=lineage.edges - {ColumnEdge(claim.source, claim.target, claim.kind, claim.subtype)},
        dataset_edges=lineage.dataset_edges - {(claim.source, claim.subtype)}
        if claim.target.name == "*"
        else lineage.dataset_edges,
    )
    return {**lineages, lineage.relation: changed}


def with_edge(lineages: Lineages, edge: ColumnEdge) -> Lineages:
    lineage = lineages[edge.target.relation]
    return {**lineages, lineage.relation: dataclasses.replace(lineage, edges=lineage.edges | {edge})}


def judged(claimed: Lineages) -> dict[str, tuple[list[Claim], list[Claim]]]:
    results = {kind: agreement(golden(LATER_RUN), claimed, kind) for kind in (DIRECT, INDIRECT)}
    return {kind: (result.missing, result.wrong) for kind, result in results.items()}


ALL_CLAIMS = sorted(claim for lineage in load_golden(GOLDEN).values() for claim in claims(lineage))


@pytest.mark.parametrize("claim", ALL_CLAIMS, ids=str)
def test_an_edge_that_is_taken_away_is_noticed(claim: Claim) -> None:
    result = agreement(golden(LATER_RUN), without(golden(LATER_RUN), claim), claim.kind)
    assert result.missing == [claim]
    assert result.recall < 1.0
    assert result.precision == 1.0


@pytest.mark.parametrize("relation", sorted(load_golden(GOLDEN)))
def test_an_edge_that_is_added_is_noticed(relation: str) -> None:
    right = golden(LATER_RUN)
    target = Column(relation, right[relation].columns[0])
    for source in sorted({Column(parent, "made_up") for parent in right} | {target}):
        for kind, subtype in ((DIRECT, IDENTITY), (INDIRECT, "FILTER")):
            edge = ColumnEdge(source, target, kind, subtype)
            missing, wrong = judged(with_edge(right, edge))[kind]
            assert (missing, wrong) == ([], [Claim(source, target, kind, subtype)])


def test_an_edge_of_another_subtype_is_noticed() -> None:
    right = golden(LATER_RUN)
    edge = min(edge for lineage in right.values() for edge in lineage.edges if edge.subtype == IDENTITY)
    claim = Claim(edge.source, edge.target, edge.kind, edge.subtype)
    changed = with_edge(without(right, claim), dataclasses.replace(edge, subtype=TRANSFORMATION))
    missing, wrong = judged(changed)[DIRECT]
    assert (missing, wrong) == ([claim], [dataclasses.replace(claim, subtype=TRANSFORMATION)])


def test_a_dependency_of_all_columns_is_not_one_of_a_single_column() -> None:
    right = golden(LATER_RUN)
    relation, lineage = next((name, each) for name, each in right.items() if each.dataset_edges)
    source, subtype = min(lineage.dataset_edges)
    claim = Claim(source, Column(relation, "*"), INDIRECT, subtype)
    edge = ColumnEdge(source, Column(relation, lineage.columns[0]), INDIRECT, subtype)
    missing, wrong = judged(with_edge(without(right, claim), edge))[INDIRECT]
    assert (missing, len(wrong)) == ([claim], 1)


def test_a_relation_that_is_left_out_is_noticed() -> None:
    right = golden(LATER_RUN)
    relation = next(name for name, lineage in right.items() if lineage.edges)
    claimed = {name: lineage for name, lineage in right.items() if name != relation}
    missing, _ = judged(claimed)[DIRECT]
    assert set(missing) == {claim for claim in claims(right[relation]) if claim.kind == DIRECT}


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        pytest.param({"columns": {"a": ["COPY raw.t.a"]}}, "COPY raw.t.a", id="no such subtype"),
        pytest.param({"columns": {"a": ["IDENTITY a"]}}, "IDENTITY a", id="no relation"),
        pytest.param({"columns": {}, "dataset": ["IDENTITY raw.t.a"]}, "INDIRECT sources only", id="direct for all"),
    ],
)
def test_an_entry_that_is_not_understood_is_named(tmp_path: Path, entry: dict[str, Any], problem: str) -> None:
    file = tmp_path / "golden.yml"
    file.write_text(yaml.safe_dump({"prefixes": {"raw": "db.raw"}, "models": {"raw.x": entry}}))
    with pytest.raises(GoldenError, match=problem):
        load_golden(file)


def test_a_missing_list_is_named(tmp_path: Path) -> None:
    with pytest.raises(GoldenError, match=r"nowhere\.yml"):
        load_golden(tmp_path / "nowhere.yml")


# --- the comparison of the docs


def test_the_comparison_counts_columns_by_the_golden_list() -> None:
    rows = compared(Project.load(LATER_RUN), golden(LATER_RUN))
    assert len(rows) == len(golden(LATER_RUN))
    for row in rows:
        sources = {claim.target.name for claim in claims(golden(LATER_RUN)[row.model])} - {"*"}
        assert row.columns == row.ours.resolved == row.ours.right == len(sources)
        assert row.dbt_ol.right is not None
        assert row.dbt_ol.right <= row.dbt_ol.resolved <= row.columns


def test_the_comparison_sees_what_dbt_ol_gets_right(tmp_path: Path) -> None:
    """On a model without a star, as a control: a parser that is never right would make any table look good."""
    content = Project.load(LATER_RUN)
    model = content.models["jaffle_db.jaffle_shop_dev.stg_order_items"]
    plain = dataclasses.replace(
        model,
        code="select id as order_item_id, order_id, sku as product_id from jaffle_db.jaffle_shop_dev_raw.raw_items",
    )
    project = dataclasses.replace(content, models={plain.relation: plain})
    (row,) = compared(project, golden(LATER_RUN))
    assert (row.columns, row.dbt_ol.right, row.ours.right) == (3, 3, 3)
    assert table([row]).splitlines()[-1] == "| **all** | 3 | 3 | 3 | 3 | 3 |"


def test_without_a_golden_list_nobody_is_said_to_be_right() -> None:
    lines = table(compared(Project.load(LATER_RUN), None)).splitlines()
    assert all("not known" in line for line in lines[2:])


def test_compiled_models_are_written_as_they_are_read(tmp_path: Path) -> None:
    Project.load(LATER_RUN).write(tmp_path / "folder" / "models.json")
    assert (tmp_path / "folder" / "models.json").read_text() == LATER_RUN.read_text()


@pytest.mark.parametrize("content", ["", "[]", '{"models": [{}]}'])
def test_a_file_that_holds_no_compiled_models_is_named(tmp_path: Path, content: str) -> None:
    file = tmp_path / "models.json"
    file.write_text(content)
    with pytest.raises(CompileError, match=r"models\.json"):
        Project.load(file)

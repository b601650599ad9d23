"""Column lineage on DuckDB against the data: the jaffle shop, the hard statements, and claims that are wrong."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from tiny_project import POOR, TINY

from dbt_lineage.columns.model import Column
from dbt_lineage.core import settings
from dbt_lineage.core.settings import DbtSettings
from dbt_lineage.manifest.graph import Manifest
from prove import on_duckdb
from prove.on_duckdb import built, proof


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Manifest, Path]:
    """The jaffle shop, built."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DBT_TARGET", "duckdb")
        settings.forget()
        made = built(settings.dbt(), tmp_path_factory.mktemp("shop") / "duckdb")
    settings.forget()
    return made


def test_what_the_data_shows_is_claimed_and_what_is_claimed_is_shown(shop: tuple[Manifest, Path]) -> None:
    manifest, file = shop
    found = proof(manifest, file)
    assert found.holds, str(found)
    assert found.columns == sum(len(manifest.content["nodes"][each]["columns"]) for each in manifest.models)


def test_an_edge_too_many_and_one_too_few_are_found(
    shop: tuple[Manifest, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest, file = shop
    right = on_duckdb.column_lineage

    def wrong(sql: str, relation: str, *others: object) -> object:
        told = right(sql, relation, *others)
        if not relation.endswith(".stg_supplies"):
            return told
        [edge] = [each for each in told.edges if each.target.name == "supply_name"]
        moved = replace(edge, target=Column(relation, "is_perishable"))
        return replace(told, edges=(told.edges - {edge}) | {moved})

    monkeypatch.setattr(on_duckdb, "column_lineage", wrong)
    copy = file.with_name("copy") / file.name
    copy.parent.mkdir()
    shutil.copy(file, copy)
    found = proof(manifest, copy, [each for each in manifest.models if each.endswith(".stg_supplies")])
    assert [each.rpartition(" -> ")[2].rpartition(".")[2] for each in found.not_claimed] == ["supply_name"]
    assert [each.rpartition(" -> ")[2].rpartition(".")[2] for each in found.not_seen] == ["is_perishable"]


@pytest.mark.long
def test_the_hard_statements_hold_on_duckdb_as_far_as_their_rows_can_show(tmp_path: Path) -> None:
    """All but the one with PostgreSQL's own types. Here nobody changes two columns at once, as `remarks` would need."""
    hard = DbtSettings(project_dir=TINY, profile="tiny", target="duckdb", seeds="*")
    found = proof(*built(hard, tmp_path / "duckdb"))
    assert found.not_claimed == found.unresolved == []
    assert found.seen == 110
    not_seen = {each.rpartition(" -> ")[2].split(".")[2] for each in found.not_seen}
    assert not_seen <= POOR | {"remarks"}
    assert len(found.not_seen) == 6

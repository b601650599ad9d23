"""The lineage of a project as a file: what the catalogue has of it, in an order and form that stay."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from catalogue_under_test import Warehouse
from small_project import NAMESPACE, Shop, manifest

from dbt_lineage.catalogue.export import export
from dbt_lineage.catalogue.marks import Mark
from dbt_lineage.core.settings import DbtSettings
from dbt_lineage.manifest.graph import ManifestError

PROJECT = manifest(a="raw", b="a")


@pytest.fixture
def shop(catalogue: httpx.Client, warehouse: Warehouse, tmp_path: Path) -> Iterator[Shop]:
    made = Shop(catalogue, warehouse, tmp_path)
    (tmp_path / "manifest.json").write_text(json.dumps(PROJECT))
    yield made
    made.close()


def dbt(shop: Shop) -> DbtSettings:
    """The project, with its manifest where the test wrote it."""
    return DbtSettings().model_copy(update={"artifacts_dir": shop.folder})


def exported(shop: Shop, folder: Path) -> dict[str, Any]:
    """What the file says after an export."""
    file, edges = export(dbt(shop), shop.openmetadata, "shop", folder)
    content = json.loads(file.read_text(encoding="utf-8"))
    assert edges == len(content["edges"])
    return content


def describe(shop: Shop, upstream: str, downstream: str, **details: Any) -> None:
    """Give an edge the details that an ingestion writes."""
    ends = [{"id": shop.tables[name]["id"], "type": "table"} for name in (upstream, downstream)]
    body = {
        "edge": {"fromEntity": ends[0], "toEntity": ends[1], "lineageDetails": {"source": "OpenLineage", **details}}
    }
    shop.http.put("/lineage", json=body).raise_for_status()


def test_it_has_every_edge_with_its_columns_and_how_they_are_made(shop: Shop, tmp_path: Path) -> None:
    shop.edge("a", "b")
    raw, a = (shop.tables[name]["fullyQualifiedName"] for name in ("raw", "a"))
    mark = Mark((NAMESPACE, "model.p.a"), datetime(2026, 11, 29, tzinfo=UTC), "a-run")
    columns = [{"fromColumns": [f"{raw}.id"], "toColumn": f"{a}.id", "function": "IDENTITY: id"}]
    describe(shop, "raw", "a", columnsLineage=columns, description=f"Rows: filter on id. {mark}", sqlQuery="select id")
    content = exported(shop, tmp_path / "lineage")
    assert [(edge["from"], edge["to"], edge["source"]) for edge in content["edges"]] == [
        ("shop.dev.a", "shop.dev.b", "OpenLineage"),
        ("shop.dev.raw", "shop.dev.a", "OpenLineage"),
    ]
    assert content["edges"][1]["columns"] == [{"from": ["id"], "to": "id", "function": "IDENTITY: id"}]
    assert content["edges"][1]["description"] == "Rows: filter on id."
    assert content["project"] == "p"


def test_what_did_not_change_is_the_same_file(shop: Shop, tmp_path: Path) -> None:
    shop.edge("raw", "a")
    exported(shop, tmp_path / "one")
    mark = Mark((NAMESPACE, "model.p.a"), datetime(2026, 11, 30, tzinfo=UTC), "a-later-run")
    describe(shop, "raw", "a", description=str(mark), pipeline=pipeline_of(shop, "a"))
    exported(shop, tmp_path / "two")
    assert (tmp_path / "one" / "lineage.json").read_bytes() == (tmp_path / "two" / "lineage.json").read_bytes()
    shop.edge("a", "b")
    assert len(exported(shop, tmp_path / "two")["edges"]) == 2


def pipeline_of(shop: Shop, model: str) -> dict[str, str]:
    """A reference to the pipeline of a model."""
    name = f'{shop.service}."{NAMESPACE}-model.p.{model}"'
    return {"id": shop.http.get(f"/pipelines/name/{name}").json()["id"], "type": "pipeline"}


def test_without_a_manifest_it_says_how_to_make_one_and_writes_nothing(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").unlink()
    with pytest.raises(ManifestError, match="manifest"):
        export(dbt(shop), shop.openmetadata, "shop", tmp_path / "lineage")
    assert not (tmp_path / "lineage").exists()

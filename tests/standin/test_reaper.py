"""What the reaper takes out of the catalogue, what it leaves, and when it refuses."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from catalogue_under_test import Warehouse
from small_project import NAMESPACE, Ends, Shop, manifest

from dbt_lineage.catalogue.reaper import ReapRefused


@pytest.fixture
def shop(catalogue: httpx.Client, warehouse: Warehouse, tmp_path: Path) -> Iterator[Shop]:
    made = Shop(catalogue, warehouse, tmp_path)
    yield made
    made.close()


TODAY = manifest(a="raw", b="a")


def reaped(shop: Shop, content: dict[str, Any], **options: Any) -> set[Ends]:
    """What a run for real took out of the catalogue, as the catalogue tells it."""
    before = shop.edges()
    assert shop.reaper(content).run(dry_run=False, **options).deleted
    return before - shop.edges()


def test_edges_of_a_model_that_is_no_more_are_taken_and_no_others(shop: Shop) -> None:
    stale = {shop.edge("raw", "gone"), shop.edge("gone", "b")}
    right = {shop.edge("raw", "a"), shop.edge("a", "b")}
    assert shop.edges() == stale | right
    assert reaped(shop, TODAY) == stale
    assert reaped(shop, TODAY) == set()


def test_a_dry_run_names_them_with_the_reason_and_deletes_nothing(shop: Shop) -> None:
    shop.edge("raw", "gone")
    shop.edge("raw", "a")
    found = shop.reaper(TODAY).run()
    assert (found.deleted, found.made, found.counts()) == (False, 2, {"edges": 1, "pipelines": 0})
    assert "shop.dev.raw -> shop.dev.gone" in found.table()
    assert "the manifest has no shop.dev.gone" in found.table()
    assert shop.edges() == {("raw", "gone"), ("raw", "a")}


@pytest.mark.parametrize(
    "other",
    [
        {"source": "Manual"},
        {"source": "DbtLineage"},
        {"job": f"{NAMESPACE}-model.another_project.gone"},
        {"job": "another_namespace-model.p.gone"},
        {"service": "other"},
    ],
    ids=lambda other: "-".join(other.values()),
)
def test_what_others_made_stays(shop: Shop, other: dict[str, str]) -> None:
    if "service" in other:
        other = {"service": f"{shop.service}_other"}
        shop.make_service(other["service"])
    shop.edge("raw", "gone", **other)
    assert reaped(shop, TODAY, prune_pipelines=True) == set()


def test_what_a_model_read_before_stays_until_its_next_run(shop: Shop) -> None:
    shop.edge("raw", "b")
    assert reaped(shop, TODAY) == set()


def test_a_model_that_is_made_from_nothing_has_no_next_event_that_would_correct_it(shop: Shop) -> None:
    edge = shop.edge("raw", "empty")
    assert reaped(shop, manifest(a="raw", empty="")) == {edge}


def test_a_pipeline_is_hidden_on_demand_and_comes_back_with_its_runs(shop: Shop) -> None:
    shop.edge("raw", "gone")
    shop.edge("raw", "a")
    fqn = f'{shop.service}."{NAMESPACE}-model.p.gone"'
    run = {"timestamp": 1_790_000_000_000, "executionStatus": "Successful", "taskStatus": []}
    shop.http.put(f"/pipelines/{quote(fqn, safe='')}/status", json=run).raise_for_status()
    assert shop.reaper(TODAY).run(prune_pipelines=True).counts() == {"edges": 1, "pipelines": 1}
    assert reaped(shop, TODAY, prune_pipelines=False) == {("raw", "gone")}
    assert shop.pipelines() == {"gone", "a"}
    assert shop.reaper(TODAY).run(dry_run=False, prune_pipelines=True).counts() == {"edges": 0, "pipelines": 1}
    assert shop.pipelines() == {"a"}

    shop.edge("raw", "gone")
    assert shop.pipelines() == {"gone", "a"}
    ever = {"startTs": 0, "endTs": 2**53}
    kept = shop.http.get(f"/pipelines/{quote(fqn, safe='')}/status", params=ever).json()["data"]
    assert [each["timestamp"] for each in kept] == [run["timestamp"]]


@pytest.mark.parametrize(("limit", "allowed"), [(1, "1"), (0.5, "1")])
def test_too_much_at_once_is_refused_and_a_dry_run_still_shows_it(shop: Shop, limit: float, allowed: str) -> None:
    stale = {shop.edge("raw", "gone"), shop.edge("gone", "b")}
    shop.edge("raw", "a")
    reaper = shop.reaper(TODAY, reap_limit=limit)
    with pytest.raises(
        ReapRefused, match=rf"2 of the 3 edges of p .*OPENMETADATA_REAP_LIMIT={limit:g} allows {allowed}"
    ):
        reaper.run(dry_run=False)
    assert shop.edges() == stale | {("raw", "a")}
    assert {tuple(each.stored.edge) for each in reaper.run().edges} == {
        tuple(f"shop.dev.{end}" for end in ends) for ends in stale
    }
    shop.reaper(TODAY, reap_limit=0.7).run(dry_run=False)
    assert shop.edges() == {("raw", "a")}


def test_a_manifest_that_lacks_what_a_later_build_had_is_refused(shop: Shop) -> None:
    stale = shop.edge("raw", "gone")
    last_run = shop.folder / "last_run"
    last_run.mkdir()
    build = last_run / "manifest.json"
    build.write_text(json.dumps(manifest("2026-11-22T11:00:00Z", a="raw", b="a", gone="raw")))
    with pytest.raises(ReapRefused, match=r"lacks model\.p\.gone, which the build of 2026-11-22 11:00:00 UTC had"):
        shop.reaper(TODAY).run()
    build.write_text(json.dumps(manifest("2026-11-22T09:00:00Z", a="raw", b="a", gone="raw")))
    assert reaped(shop, TODAY) == {stale}

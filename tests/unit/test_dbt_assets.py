"""Which assets a build updates, by what dbt told of its nodes."""

from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk import Asset, AssetAlias

from dbt_lineage.airflow.dbt_tasks import task_group as project
from dbt_lineage.airflow.dbt_tasks.model_assets import Assets
from dbt_lineage.airflow.dbt_tasks.reports import NodeProgress, Outcome, Progress
from dbt_lineage.core import settings

ASSETS = Assets(
    alias=AssetAlias("shop"),
    uris={name: f"postgres://here:5432/db/shop/{name}" for name in ("orders", "customers", "report")},
    last=frozenset({"customers", "report"}),
    built=Asset("dbt_built__shop"),
)


class Outlets:
    """What a task updates through an alias."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def add(self, asset: Asset) -> None:
        """One more."""
        self.names.append(asset.uri.rsplit("/", 1)[-1])


@pytest.fixture
def outlets() -> dict[Any, Outlets]:
    return defaultdict(Outlets)


def progress(**outcomes: Outcome | None) -> Progress:
    return Progress(1, True, {name: NodeProgress(outcome=outcome) for name, outcome in outcomes.items()}, True)


def updated(outlets: dict[Any, Outlets]) -> list[str]:
    return outlets[ASSETS.alias].names


def test_a_whole_build_updates_every_asset_and_that_of_the_project(outlets: dict[Any, Outlets]) -> None:
    told = progress(orders="success", customers="success", report="success", not_null="failed")
    ASSETS.of_build(told, {"outlet_events": outlets})  # type: ignore[typeddict-item]
    assert updated(outlets) == ["orders", "customers", "report", "dbt_built__shop"]


def test_a_build_of_a_part_updates_that_part(outlets: dict[Any, Outlets]) -> None:
    told = progress(orders="success", customers="failed", report="success")
    ASSETS.of_build(told, {"outlet_events": outlets})  # type: ignore[typeddict-item]
    assert updated(outlets) == ["orders", "report"]


def test_a_build_of_nothing_updates_nothing(outlets: dict[Any, Outlets]) -> None:
    nothing = Assets(ASSETS.alias, {}, frozenset(), ASSETS.built)
    nothing.of_build(progress(), {"outlet_events": outlets})  # type: ignore[typeddict-item]
    assert updated(outlets) == []


def test_a_model_that_is_built_alone_updates_its_asset_and_that_of_the_project(outlets: dict[Any, Outlets]) -> None:
    ASSETS.of_node("orders", {"outlet_events": outlets})  # type: ignore[typeddict-item]
    ASSETS.of_node("a_test", {"outlet_events": outlets})  # type: ignore[typeddict-item]
    assert updated(outlets) == ["orders", "dbt_built__shop"]


def test_a_warehouse_with_an_ipv6_address_has_assets(environment: pytest.MonkeyPatch, artifacts_dir: Path) -> None:
    environment.setenv("DBT_ARTIFACTS_DIR", str(artifacts_dir))
    environment.setenv("WAREHOUSE_HOST", "::1")
    uris = project.asset_uris(settings.dbt())
    assert {Asset(uri).uri.split("/jaffle_db/")[0] for uri in uris.values()} == {"postgres://[::1]:5432"}

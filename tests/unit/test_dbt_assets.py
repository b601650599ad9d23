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
from dbt_lineage.core.errors import SettingsError

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


@pytest.fixture
def with_dbts_filters(environment: pytest.MonkeyPatch, artifacts_dir: Path, tmp_path: Path) -> pytest.MonkeyPatch:
    """The settings of a project whose profile has dbt's own filters, as dbt's manual writes them."""
    (tmp_path / "profiles.yml").write_text("""
jaffle_shop:
  outputs:
    dev:
      type: postgres
      host: "{{ env_var('SHOP_HOST') | as_text }}"
      port: "{{ env_var('SHOP_PORT') | as_number }}"
      password: "{{ env_var('SHOP_PASSWORD') }}"
""")
    environment.setenv("DBT_ARTIFACTS_DIR", str(artifacts_dir))
    environment.setenv("DBT_PROFILES_DIR", str(tmp_path))
    environment.setenv("SHOP_HOST", "db.example.com")
    environment.setenv("SHOP_PORT", "6432")
    environment.delenv("SHOP_PASSWORD", raising=False)
    return environment


@pytest.mark.parametrize("mode", ["fast", "local"])
def test_a_profile_may_have_dbts_own_filters(with_dbts_filters: pytest.MonkeyPatch, mode: str) -> None:
    with_dbts_filters.setenv("DBT_EXECUTION_MODE", mode)
    uris = project.asset_uris(settings.dbt())
    assert {uri.split("/jaffle_db/")[0] for uri in uris.values()} == {"postgres://db.example.com:6432"}


def test_the_watcher_cannot_have_dbts_own_filters(with_dbts_filters: pytest.MonkeyPatch) -> None:
    """Cosmos would update no asset, and say nothing."""
    with_dbts_filters.setenv("DBT_EXECUTION_MODE", "watcher")
    with pytest.raises(
        SettingsError, match=r"DBT_EXECUTION_MODE=watcher: .*profiles\.yml, profile jaffle_shop, target dev"
    ):
        project.asset_uris(settings.dbt())


def test_a_profile_that_is_not_there_is_named(
    environment: pytest.MonkeyPatch, artifacts_dir: Path, tmp_path: Path
) -> None:
    (tmp_path / "dbt_project.yml").write_text("name: jaffle_shop\n")
    environment.setenv("DBT_ARTIFACTS_DIR", str(artifacts_dir))
    environment.setenv("DBT_PROJECT_DIR", str(tmp_path))
    with pytest.raises(SettingsError, match=r"profiles\.yml is missing"):
        project.asset_uris(settings.dbt())


def test_a_warehouse_with_an_ipv6_address_has_assets(environment: pytest.MonkeyPatch, artifacts_dir: Path) -> None:
    environment.setenv("DBT_ARTIFACTS_DIR", str(artifacts_dir))
    environment.setenv("WAREHOUSE_HOST", "::1")
    uris = project.asset_uris(settings.dbt())
    assert {Asset(uri).uri.split("/jaffle_db/")[0] for uri in uris.values()} == {"postgres://[::1]:5432"}

"""On an Airflow or Cosmos that has changed what the fast form needs, dbt runs by Cosmos' own tasks, and the log says so once."""

import importlib
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk import DAG

from dbt_lineage.airflow.dbt_tasks import compatibility, task_group
from dbt_lineage.airflow.dbt_tasks.internals import lineage_is_on
from dbt_lineage.airflow.operators.checks import _measure
from dbt_lineage.core import settings
from dbt_lineage.core.projects import projects

HERE = "dbt_lineage.airflow.dbt_tasks"


@pytest.fixture(autouse=True)
def nothing_said_yet() -> Iterator[None]:
    compatibility._log_once.cache_clear()
    yield
    compatibility._log_once.cache_clear()


@pytest.fixture
def shop(environment: pytest.MonkeyPatch, artifacts_dir: Path) -> settings.DbtSettings:
    environment.setenv("DBT_ARTIFACTS_DIR", str(artifacts_dir))
    return settings.dbt()


def tasks_of(shop: settings.DbtSettings) -> dict[str, str]:
    """The class of each task, as they are made now."""
    with DAG("shop", schedule=None, params=task_group.run_params()) as dag:
        task_group.dbt_tasks(shop)
    return {task.task_id: type(task).__name__ for task in dag.tasks}


def test_where_nothing_is_missing_the_fast_form_is_taken_and_nothing_is_said(
    shop: settings.DbtSettings, caplog: pytest.LogCaptureFixture
) -> None:
    tasks = tasks_of(shop)
    assert tasks["models.dbt_build"] == "DbtBuildOperator"
    assert tasks["models.orders"] == "NodeOperator"
    assert [each for each in caplog.records if each.name == compatibility.__name__] == []


BROKEN = [
    ("airflow.sdk.execution_time.xcom", "XCom.get_one"),
    ("airflow.sdk.execution_time.task_runner", "RuntimeTaskInstance.get_task_states"),
    ("cosmos.dbt.runner", "run_command"),
    ("cosmos.operators.local", "AbstractDbtLocalBase.handle_exception_dbt_runner"),
    ("cosmos.dataset", "make_dataset_uri_builder"),
]


@pytest.mark.parametrize(("module", "name"), BROKEN, ids=[name for _, name in BROKEN])
def test_a_name_that_is_gone_costs_the_fast_form_only(
    shop: settings.DbtSettings,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    module: str,
    name: str,
) -> None:
    *owners, last = name.split(".")
    owner: Any = importlib.import_module(module)
    for each in owners:
        owner = getattr(owner, each)
    monkeypatch.delattr(owner, last)
    assert_cosmos_runs_dbt(shop, caplog, name)


@pytest.mark.parametrize("module", ["fast", "model_assets", "producer", "running", "trigger"])
def test_an_import_that_fails_costs_the_fast_form_only(
    shop: settings.DbtSettings, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    monkeypatch.setitem(sys.modules, f"{HERE}.{module}", None)
    assert_cosmos_runs_dbt(shop, caplog, f"{HERE}.{module}")


@pytest.mark.parametrize("moved", [lambda: None, None], ids=["it takes something else", "it is no function"])
def test_a_name_that_takes_something_else_costs_the_fast_form_only(
    shop: settings.DbtSettings, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, moved: Any
) -> None:
    monkeypatch.setattr(importlib.import_module("cosmos.dbt.runner"), "run_command", moved)
    assert_cosmos_runs_dbt(shop, caplog, "cosmos.dbt.runner.run_command")


def assert_cosmos_runs_dbt(shop: settings.DbtSettings, caplog: pytest.LogCaptureFixture, said: str) -> None:
    with caplog.at_level(logging.WARNING):
        tasks = tasks_of(shop)
        assert tasks_of(shop) == tasks
    assert tasks["models.orders.run"] == "DbtRunLocalOperator"
    assert tasks["seeds"] == "DbtSeedLocalOperator"
    assert "models.dbt_build" not in tasks
    [told] = [each.getMessage() for each in caplog.records if each.name == compatibility.__name__]
    assert said in told


@pytest.mark.parametrize("needed", compatibility.NEEDED, ids=lambda each: f"{each.module}.{each.name}")
def test_each_name_is_missed_where_it_is_gone(needed: compatibility.Needed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, needed.module, None)
    problem = needed.problem()
    assert problem is not None
    assert f"{needed.module}.{needed.name}" in problem


def test_where_cosmos_does_not_say_how_it_names_assets_dashboards_wait_for_none(
    shop: settings.DbtSettings, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    [project] = projects()
    assert task_group.dashboard_assets(project) is not None
    monkeypatch.delattr("cosmos.dataset.make_dataset_uri_builder")
    with caplog.at_level(logging.WARNING):
        assert task_group.dashboard_assets(project) is None
    assert "names their assets differently" in caplog.text


def test_a_check_is_made_where_airflow_has_its_metrics_elsewhere(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "airflow.sdk.observability", None)
    with caplog.at_level(logging.WARNING):
        _measure("lag", [])
    assert "airflow.sdk.observability" in caplog.text


# --- the switches of the OpenLineage provider


@pytest.mark.parametrize(("disabled", "is_on"), [("False", True), ("True", False)])
@pytest.mark.parametrize("gone", ["utils.utils.is_operator_disabled", "conf.is_disabled"])
def test_of_a_provider_that_has_its_switches_elsewhere_only_disabled_counts(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, gone: str, disabled: str, is_on: bool
) -> None:
    monkeypatch.delattr(f"airflow.providers.openlineage.{gone}")
    monkeypatch.setenv("AIRFLOW__OPENLINEAGE__DISABLED", disabled)
    with caplog.at_level(logging.WARNING):
        assert lineage_is_on(None) is is_on
    assert "only disabled is read" in caplog.text

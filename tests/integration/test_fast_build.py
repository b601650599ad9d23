"""The fast form of the dbt DAG in the cases that a user meets."""

import os
import signal
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from tenacity import retry, retry_if_exception_type, retry_if_result, stop_after_delay, wait_fixed

from dbt_lineage.airflow.dbt_tasks.reports import FIRST_PIECE, Progress, piece_key
from dbt_lineage.core import settings
from dbt_lineage.manifest.graph import Manifest
from stack.airflow_api import AirflowApi
from stack.config import StackConfig, StackError
from stack.supervisor import Supervisor, kill_tree
from tests.support import BuiltProject, query

DAG = "jaffle_shop"
ORDERS = "models.orders"
BUILD = "models.dbt_build"


def states(api: AirflowApi, run_id: str) -> dict[str, str]:
    return {name: task["state"] for name, task in api.tasks(DAG, run_id).items()}


def assert_all_went_well(api: AirflowApi, run_id: str) -> None:
    assert set(states(api, run_id).values()) == {"success"}


def tries(api: AirflowApi, run_id: str) -> dict[str, int]:
    return {name: task["try_number"] for name, task in api.tasks(DAG, run_id).items()}


def filenode(table: str) -> int:
    """Which file holds a table: another one after each time that dbt built it."""
    return query(f"select pg_relation_filenode('jaffle_shop_dev.{table}')")[0][0]


def await_state(api: AirflowApi, run_id: str, task_id: str, *wanted: str) -> None:
    def reached() -> bool:
        return states(api, run_id).get(task_id) in wanted

    assert retry(retry=retry_if_result(lambda done: not done), stop=stop_after_delay(90), wait=wait_fixed(0.2))(
        reached
    )()


def await_progress(api: AirflowApi, run_id: str) -> None:
    """Wait until dbt has said something of a node: then nothing else is at work in the task."""
    retry(retry=retry_if_exception_type(StackError), stop=stop_after_delay(90), wait=wait_fixed(0.1))(api.xcom)(
        DAG, run_id, BUILD, piece_key(FIRST_PIECE)
    )


def updated(api: AirflowApi, run_id: str) -> set[str]:
    """The last part of the URI of each asset that a run updated."""
    return {uri.rsplit("/", 1)[-1] for uri in api.updated_assets(DAG, run_id)}


def told(api: AirflowApi, run_id: str) -> Progress:
    """All that the build of a run told."""

    def read(key: str) -> Any:
        try:
            return api.xcom(DAG, run_id, BUILD, key)
        except StackError:
            return None

    progress = Progress.told(read)
    assert progress is not None
    return progress


@pytest.fixture(scope="module")
def run_id(built: BuiltProject, api: AirflowApi) -> str:
    """A run that went well, of which the tests of this file clear tasks."""
    run = api.run_once(DAG)
    assert run["state"] == "success"
    return run["dag_run_id"]


def clear(api: AirflowApi, run_id: str, *task_ids: str, downstream: bool = False) -> set[str]:
    """Clear tasks of a run, or all, and await its end; which ran once more."""
    before = tries(api, run_id)
    api.clear(DAG, run_id, *task_ids, downstream=downstream)
    assert api.await_run(DAG, run_id)["state"] == "success"
    return {name for name, tried in tries(api, run_id).items() if tried > before[name]}


def test_the_log_of_a_task_holds_what_dbt_said_of_its_node(built: BuiltProject, api: AirflowApi) -> None:
    log = api.log(DAG, built.dbt_run["dag_run_id"], ORDERS)
    assert "OK created sql table model jaffle_shop_dev.orders" in log
    assert "model jaffle_shop_dev.customers" not in log
    assert "PASS unique_orders_order_id" in log


def test_a_failing_test_fails_the_task_of_its_model_and_the_run(
    built: BuiltProject, api: AirflowApi, project: Path
) -> None:
    model = project / "models" / "marts" / "products.sql"
    model.write_text(model.read_text() + "union all\nselect * from final\n")
    run = api.run_once(DAG)
    seen = states(api, run["dag_run_id"])
    assert (run["state"], seen[BUILD]) == ("failed", "failed")
    assert (seen["models.products"], seen["models.customer_lifetime_value"]) == ("failed", "success")
    log = api.log(DAG, run["dag_run_id"], "models.products")
    assert "OK created sql table model jaffle_shop_dev.products" in log
    assert "unique_products_product_id" in log
    assert {"products", "customer_lifetime_value"} <= updated(api, run["dag_run_id"]), "both were built"


def test_a_test_that_only_warns_fails_nothing(built: BuiltProject, api: AirflowApi, project: Path) -> None:
    stores = project / "seeds" / "raw" / "raw_stores.csv"
    stores.write_text(stores.read_text() + "b2b1c1f0-0000-4000-8000-000000000001,Atlantis,2020-01-01T00:00:00,0.05\n")
    run = api.run_once(DAG)
    assert run["state"] == "success"
    log = api.log(DAG, run["dag_run_id"], "models.locations")
    assert "WARN" in log
    assert "locations_without_place" in log


def test_a_cleared_model_is_built_alone(api: AirflowApi, run_id: str) -> None:
    before = {table: filenode(table) for table in ("products", "supplies")}
    assert clear(api, run_id, "models.products") == {"models.products"}
    assert filenode("products") != before["products"]
    assert filenode("supplies") == before["supplies"]
    attempt = tries(api, run_id)["models.products"]
    assert "PASS unique_products_product_id" in api.log(DAG, run_id, "models.products", attempt=attempt)
    assert_durations_make_sense(api, run_id)


def test_a_cleared_model_and_its_downstream_are_built_in_order(api: AirflowApi, run_id: str) -> None:
    again = clear(api, run_id, "models.customers", downstream=True)
    assert again == {"models.customers", "models.customer_lifetime_value"}
    tasks = api.tasks(DAG, run_id)
    assert tasks["models.customers"]["end_date"] <= tasks["models.customer_lifetime_value"]["end_date"]
    assert_durations_make_sense(api, run_id)


def test_a_cleared_run_is_built_once_more_by_one_dbt_process(api: AirflowApi, run_id: str) -> None:
    before = filenode("orders")
    assert ORDERS in clear(api, run_id)
    assert filenode("orders") != before
    assert_all_went_well(api, run_id)
    assert "Trying to run dbtRunner" not in api.log(DAG, run_id, ORDERS, attempt=tries(api, run_id)[ORDERS])
    assert_durations_make_sense(api, run_id)


def assert_durations_make_sense(api: AirflowApi, run_id: str) -> None:
    tasks = api.tasks(DAG, run_id)
    assert {name: task for name, task in tasks.items() if task["duration"] is not None and task["duration"] < 0} == {}


def test_the_duration_of_a_task_is_dbts(built: BuiltProject, api: AirflowApi) -> None:
    run_id = built.dbt_run["dag_run_id"]
    tasks = api.tasks(DAG, run_id)
    orders = "model.jaffle_shop.orders"
    tests = Manifest.load(settings.dbt().manifest).tests()[orders]
    times = told(api, run_id).times_of([orders, *tests])
    assert times is not None
    of_dbt = tuple(map(datetime.fromisoformat, times))
    of_airflow = tuple(
        datetime.fromisoformat(tasks[ORDERS][key].replace("Z", "+00:00")) for key in ("start_date", "end_date")
    )
    assert of_airflow == of_dbt
    assert tasks[ORDERS]["duration"] == pytest.approx((of_dbt[1] - of_dbt[0]).total_seconds())
    assert tasks["models.stg_orders"]["end_date"] <= tasks[ORDERS]["start_date"]


def test_a_run_builds_what_its_params_select(built: BuiltProject, api: AirflowApi) -> None:
    before = {table: filenode(table) for table in ("products", "customers", "customer_lifetime_value")}
    run = api.run_once(DAG, {"select": "customers+ products", "exclude": "customer_lifetime_value"})
    run_id = run["dag_run_id"]
    assert run["state"] == "success"
    seen = states(api, run_id)
    assert {seen["models.customers"], seen["models.products"]} == {"success"}
    # With a model dbt selects each test that reads it, also those of other models; none that reads neither.
    assert {seen["models.stg_supplies"], seen["models.customer_lifetime_value"], seen["seeds"]} == {"skipped"}
    assert filenode("products") != before["products"]
    assert filenode("customers") != before["customers"]
    assert filenode("customer_lifetime_value") == before["customer_lifetime_value"]
    assert updated(api, run_id) == {"customers", "products"}, "and not the project"


def test_a_selection_that_matches_nothing_is_an_error(built: BuiltProject, api: AirflowApi) -> None:
    run = api.run_once(DAG, {"select": "no_such_model"})
    assert run["state"] == "failed"
    log = api.log(DAG, run["dag_run_id"], BUILD)
    assert "select='no_such_model', exclude='': no node of the dbt project matches" in log


@pytest.mark.long
def test_a_run_that_is_paused_goes_on_when_it_is_unpaused(built: BuiltProject, api: AirflowApi) -> None:
    run_id = api.trigger(DAG)
    await_progress(api, run_id)
    api.unpause(DAG, paused=True)
    await_state(api, run_id, BUILD, "success")
    assert api.run(DAG, run_id)["state"] == "running"
    api.unpause(DAG)
    assert api.await_run(DAG, run_id)["state"] == "success"
    assert_all_went_well(api, run_id)


def test_a_producer_marked_as_success_ends_the_run(built: BuiltProject, api: AirflowApi) -> None:
    run_id = api.trigger(DAG)
    await_state(api, run_id, BUILD, "running")
    api.mark(DAG, run_id, BUILD, "success")
    assert api.await_run(DAG, run_id)["state"] == "success"
    assert states(api, run_id)[ORDERS] == "skipped"


@pytest.mark.parametrize("service", ["airflow-scheduler", pytest.param("airflow-triggerer", marks=pytest.mark.long)])
def test_a_run_ends_well_though_a_process_of_airflow_was_killed(
    built: BuiltProject, api: AirflowApi, stack: StackConfig, service: str
) -> None:
    run_id = api.trigger(DAG)
    await_state(api, run_id, BUILD, "running")
    kill_tree(Supervisor(stack).states()[service]["pid"])
    assert api.await_run(DAG, run_id)["state"] == "success"
    assert_all_went_well(api, run_id)


def test_a_build_whose_worker_was_killed_is_done_again(built: BuiltProject, api: AirflowApi) -> None:
    run_id = api.trigger(DAG)
    await_progress(api, run_id)
    os.kill(api.tasks(DAG, run_id)[BUILD]["pid"], signal.SIGKILL)
    assert api.await_run(DAG, run_id)["state"] == "success"
    assert_all_went_well(api, run_id)
    assert tries(api, run_id)[BUILD] == 2

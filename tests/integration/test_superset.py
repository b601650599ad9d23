"""The dashboards on the real Superset: refreshed and proved, and every way in which that fails named.

Each test leaves tables, dashboards and rights as it found them.
"""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
import psutil
import psycopg2
import pytest
import yaml

from dbt_lineage.catalogue.client import Catalogue as StoredCatalogue
from dbt_lineage.catalogue.stored import DATASET
from dbt_lineage.core import settings
from dbt_lineage.core.levels import Level
from dbt_lineage.core.projects import projects
from dbt_lineage.core.settings import SupersetSettings
from dbt_lineage.dashboards import account
from dbt_lineage.dashboards.client import Superset, SupersetError, SupersetRefused, SupersetUnavailable
from dbt_lineage.dashboards.folder import Assets, AssetsError, differences, write
from dbt_lineage.dashboards.import_export import export_assets, publish
from dbt_lineage.dashboards.proof import CheckError
from dbt_lineage.dashboards.refresh import ChartsDiffer, Refreshed, conclude, refresh
from dbt_lineage.ledger.refreshes import DashboardLedger, DashboardRefresh
from dbt_lineage.manifest.graph import Manifest
from dbt_lineage.warehouse.postgres import PostgresWarehouse
from dbt_lineage.watch.checks.runner import made
from dbt_lineage.watch.checks.sources import Sources
from stack import lifecycle
from stack.airflow_api import AirflowApi
from stack.config import HOST, StackConfig
from stack.supervisor import Supervisor
from tests.dashboards import chart, dataset_id, import_all, problems, redefine, refresh_all
from tests.support import BuiltProject, Catalogue, query

SCHEMA = "jaffle_shop_dev"
CUSTOMERS = f"{SCHEMA}.customer_lifetime_value"
ADD_A_CENT = f"update {CUSTOMERS} set total_revenue = total_revenue + 0.01 where customer_id = %s"
TAKE_A_CENT = f"update {CUSTOMERS} set total_revenue = total_revenue - 0.01 where customer_id = %s"


@pytest.fixture(scope="module", autouse=True)
def dashboards(built: BuiltProject) -> Assets:
    """The code of the dashboards, imported into a stack whose warehouse is built."""
    return import_all()


@pytest.fixture
def administrator(dashboards: Assets) -> Iterator[Superset]:
    with Superset.as_administrator(settings.superset()) as client:
        yield client


@pytest.fixture
def service() -> Iterator[Superset]:
    with Superset.as_service_account(settings.superset()) as client:
        yield client


@pytest.fixture(scope="module")
def fresh(dashboards: Assets) -> Refreshed:
    """The dashboards just refreshed."""
    refreshed = refresh_all()
    refreshed.require_equal()
    return refreshed


def shown_revenue(client: Superset) -> float:
    """What a person sees who opens the dashboard now."""
    rows, _ = client.chart_data(chart(client, "Revenue"), force=False)
    return rows[0]["revenue"]


def in_ledger() -> list[DashboardRefresh]:
    with DashboardLedger(settings.ledger()) as ledger:
        return ledger.refreshes()


# --- refreshed and proved


def test_a_dbt_run_refreshes_the_dashboards(built: BuiltProject, api: AirflowApi, dashboards: Assets) -> None:
    assert built.refresh["state"] == "success", api.tasks("superset_refresh", built.refresh["dag_run_id"])
    counts = api.xcom("superset_refresh", built.refresh["dag_run_id"], "refresh_and_prove")
    assert counts["charts"] == counts["charts_equal"] == len(dashboards.of_kind("charts"))


def test_the_ingestion_brings_the_dashboards_into_the_catalogue(built: BuiltProject, api: AirflowApi) -> None:
    counts = api.xcom("openmetadata_ingestion", built.ingestion["dag_run_id"], "superset_metadata")
    assert counts["edges_in_catalogue"] == counts["edges_expected"] > 0
    assert counts["edges_unexpected"] == 0


def test_an_edge_to_a_dashboard_that_is_gone_is_named_by_the_checks(built: BuiltProject, catalogue: Catalogue) -> None:
    openmetadata = settings.openmetadata()
    with StoredCatalogue(openmetadata) as stored:
        [dataset] = [
            each for each in stored.datasets(openmetadata.dashboard_service) if each.name == "geographic_performance"
        ]
        [edge], _ = stored.around(dataset.fully_qualified_name, DATASET)
    path = f"lineage/getLineageEdge/{edge.ids[0]}/{edge.ids[1]}"
    details = catalogue.get(path)["edge"]
    catalogue.delete(f"lineage/table/{edge.ids[0]}/{DATASET}/{edge.ids[1]}")
    try:
        failed = {each.subject for each in made("accuracy", Sources.of(*projects())) if each.level is Level.FAIL}
    finally:
        ends = [{"id": end, "type": kind} for end, kind in zip(edge.ids, ("table", DATASET), strict=True)]
        body = {"fromEntity": ends[0], "toEntity": ends[1], "lineageDetails": details}
        catalogue.put("lineage", {"edge": body})
    assert {"recall of dashboards", str(edge.edge)} <= failed
    assert "recall of tables" not in failed
    assert [each for each in made("accuracy", Sources.of(*projects())) if each.level is Level.FAIL] == []


def test_a_run_by_hand_imports_and_refreshes_what_its_params_say(api: AirflowApi, dashboards: Assets) -> None:
    with Superset.as_administrator(settings.superset()) as client:
        number = chart(client, "Orders")["id"]
        client.call("PUT", f"/api/v1/chart/{number}", json={"slice_name": "Changed by hand"})
        try:
            run = api.run_once("superset_refresh", {"import_first": True, "dashboards": dashboards.slugs})
        finally:
            api.unpause("superset_refresh", paused=True)
        assert run["state"] == "success", api.tasks("superset_refresh", run["dag_run_id"])
        assert client.get(f"/api/v1/chart/{number}")["result"]["slice_name"] == "Orders"
    log = api.log("superset_refresh", run["dag_run_id"], "refresh_and_prove")
    assert "jaffle-shop: Orders: equal, 1 rows" in log


def test_the_ledger_knows_when_a_dashboard_was_refreshed_and_that_it_was_equal(fresh: Refreshed) -> None:
    conclude(fresh, settings.ledger(), settings.spool(), "jaffle_shop")
    assert [(each.dashboard, each.refreshed_at, each.equal) for each in in_ledger()] == [
        ("jaffle-shop", fresh.began_at, True)
    ]


def test_with_unchanged_data_nothing_is_computed_anew(fresh: Refreshed) -> None:
    again = refresh_all()
    assert (again.changed, again.counts()["recomputed"]) == ([], 0)
    assert again.counts()["charts_equal"] == len(again.charts) == len(fresh.charts)


@dataclass(frozen=True)
class Change:
    """A customer paid a cent more; what a person saw before the refresh and after it, and the refresh."""

    true: float
    before: float
    with_filter_before: float
    refreshed: Refreshed
    after: float
    with_filter_after: float


@pytest.fixture(scope="module")
def one_cent_more(fresh: Refreshed) -> Iterator[Change]:
    """A customer of the highest segment has paid a cent more since the dashboards were refreshed."""
    [(customer,)] = query(f"select customer_id from {CUSTOMERS} where customer_segment = 'High' limit 1")
    with Superset.as_administrator(settings.superset()) as client:
        shown_revenue(client), filtered_revenue(client)
        query(ADD_A_CENT, customer)
        try:
            before, with_filter = shown_revenue(client), filtered_revenue(client)
            refreshed = refresh_all()
            true = float(query(f"select sum(total_revenue) from {CUSTOMERS}")[0][0])
            yield Change(true, before, with_filter, refreshed, shown_revenue(client), filtered_revenue(client))
        finally:
            query(TAKE_A_CENT, customer)
            refresh_all()


def filtered_revenue(client: Superset) -> float:
    """What a person sees who has set a filter."""
    context = json.loads(chart(client, "Revenue")["query_context"])
    context["queries"][0]["filters"] = [{"col": "customer_segment", "op": "IN", "val": ["High"]}]
    return client.json(client.call("POST", "/api/v1/chart/data", json=context))["result"][0]["data"][0]["revenue"]


def test_without_a_refresh_the_dashboard_stays_old(one_cent_more: Change) -> None:
    assert one_cent_more.before == pytest.approx(one_cent_more.true - 0.01, abs=0.001)


def test_after_a_refresh_a_person_sees_the_new_numbers(one_cent_more: Change) -> None:
    one_cent_more.refreshed.require_equal()
    assert one_cent_more.after == pytest.approx(one_cent_more.true, abs=0.001)


def test_only_charts_of_changed_tables_are_computed_anew(one_cent_more: Change) -> None:
    assert one_cent_more.refreshed.changed == ["customer_lifetime_value"]
    computed = {each.dataset for each in one_cent_more.refreshed.charts if each.recomputed}
    assert computed == {"customer_lifetime_value"}


def test_an_answer_that_only_a_filter_gets_is_dropped_too(one_cent_more: Change) -> None:
    now, before = one_cent_more.with_filter_after, one_cent_more.with_filter_before
    assert now == pytest.approx(before + 0.01, abs=0.001)


def test_a_dashboard_that_is_not_there_is_named() -> None:
    with pytest.raises(SupersetRefused, match=r"dashboard no-such: GET /api/v1/dashboard/no-such/charts answered 404"):
        refresh(settings.superset(), PostgresWarehouse(settings.warehouse()), ["no-such"])


# --- what is wrong with a chart is said of that chart


@contextmanager
def renamed(table: str, column: str) -> Iterator[None]:
    query(f"alter table {SCHEMA}.{table} rename {column} to renamed_by_a_test")
    try:
        yield
    finally:
        query(f"alter table {SCHEMA}.{table} rename renamed_by_a_test to {column}")


def test_columns_that_are_gone_are_named_though_answers_are_cached(fresh: Refreshed, administrator: Superset) -> None:
    table = chart(administrator, "Top 10 customers by revenue")
    with (
        renamed("customer_lifetime_value", "first_order_date"),
        renamed("monthly_business_summary", "new_customers"),
    ):
        assert administrator.chart_data(table, force=False)[1], "the answer from before is cached"
        refreshed = refresh_all()
        with pytest.raises(ChartsDiffer) as failed:
            conclude(refreshed, settings.ledger(), settings.spool(), "jaffle_shop")
        [kept] = in_ledger()
    import_all()
    assert problems(refreshed) == {
        "Top 10 customers by revenue": "there is no column first_order_date",
        "New customers by month": "there is no column new_customers of metric new_customers",
    }
    assert (
        "jaffle-shop: Top 10 customers by revenue (customer_lifetime_value): there is no column first_order_date"
        in str(failed.value).splitlines()
    )
    assert (kept.charts - kept.charts_equal, kept.equal) == (2, False)
    assert "there is no column first_order_date" in kept.problem
    conclude(refresh_all(), settings.ledger(), settings.spool(), "jaffle_shop")
    assert in_ledger()[0].equal


def test_what_was_changed_by_hand_is_found(administrator: Superset, dashboards: Assets, tmp_path: Path) -> None:
    """A dataset that was deleted, a metric that means something else, and a chart whose check is gone."""
    folder = Path(shutil.copytree(dashboards.folder, tmp_path / "assets"))
    (folder / "checks" / "kpi_orders.sql").unlink()
    changed = settings.superset().model_copy(update={"assets_dir": folder})
    administrator.call("DELETE", f"/api/v1/dataset/{dataset_id(administrator, 'geographic_performance')}")
    redefine(administrator, "monthly_business_summary", "orders", "SUM(new_customers)")
    try:
        found = problems(refresh(changed, PostgresWarehouse(settings.warehouse())))
    finally:
        import_all()
    gone = "dataset geographic_performance is not in Superset: import the dashboards again"
    wrong_metric = found.pop("Orders by month")
    assert found == {
        "Revenue by state": gone,
        "Orders by shop": gone,
        "Performance of each shop": gone,
        "Orders": "there is no checks/kpi_orders.sql that says what it should show",
    }
    assert wrong_metric.startswith("orders of ")
    assert " instead of " in wrong_metric
    refresh_all().require_equal()


@contextmanager
def without_login(stack: StackConfig, role: str) -> Iterator[None]:
    """PostgreSQL lets a role in no more."""
    administrator = {"user": "postgres", "password": stack.credentials.postgres_password, "dbname": "postgres"}
    connection = psycopg2.connect(host=HOST, port=stack.ports["postgres"], **administrator)
    connection.autocommit = True
    connection.cursor().execute(f"alter role {role} nologin")
    try:
        yield
    finally:
        connection.cursor().execute(f"alter role {role} login")
        connection.close()


def test_a_warehouse_that_is_away_under_superset_is_named(stack: StackConfig, dashboards: Assets) -> None:
    """Superset cannot get in, while the refresh itself can."""
    warehouse = settings.warehouse()
    ours = warehouse.model_copy(update={"reader_user": warehouse.user, "reader_password": warehouse.password})
    quick = settings.superset().model_copy(update={"attempts": 1})
    with without_login(stack, warehouse.reader_user):
        found = problems(refresh(quick, PostgresWarehouse(ours)))
    assert len(found) == len(dashboards.of_kind("charts"))
    said = r"dataset \w+: PUT /api/v1/dataset/\d+/refresh answered 422: Dataset could not be updated"
    assert [problem for problem in found.values() if not re.search(said, problem)] == []


def test_a_warehouse_that_is_away_is_named() -> None:
    away = PostgresWarehouse(settings.warehouse().model_copy(update={"port": 1}))
    with pytest.raises(CheckError, match=r"PostgreSQL at 127\.0\.0\.1:1 \(database jaffle_db\)"):
        refresh(settings.superset(), away)


# --- Superset itself


@contextmanager
def hanging(stack: StackConfig) -> Iterator[None]:
    """Superset takes connections and answers nothing."""
    server = psutil.Process(Supervisor(stack).states()["superset"]["pid"])
    processes = [server, *server.children(recursive=True)]
    for process in processes:
        process.suspend()
    try:
        yield
    finally:
        for process in processes:
            process.resume()


def test_a_superset_that_hangs_is_named_in_time(stack: StackConfig, dashboards: Assets) -> None:
    quick = settings.superset().model_copy(update={"timeout_seconds": 0.5, "attempts": 2})
    with hanging(stack), pytest.raises(SupersetUnavailable, match=r"POST /api/v1/security/login failed: ReadTimeout"):
        refresh(quick, PostgresWarehouse(settings.warehouse()))


def test_a_superset_that_is_away_is_named() -> None:
    away = settings.superset().model_copy(update={"url": f"http://{HOST}:1", "attempts": 2})
    with pytest.raises(
        SupersetUnavailable, match=r"Superset at http://127\.0\.0\.1:1: .*/security/login failed: Connect"
    ):
        refresh(away, PostgresWarehouse(settings.warehouse()))


def test_another_server_that_answers_with_pages_is_named(stack: StackConfig) -> None:
    """Airflow answers what it does not know with its own page."""
    other = settings.superset().model_copy(update={"url": f"http://{stack.address('airflow')}", "attempts": 1})
    with pytest.raises(SupersetError, match=r"/api/v1/security/login answered 40\d"):
        refresh(other, PostgresWarehouse(settings.warehouse()))


# --- the account and its rights


def test_a_wrong_password_is_named() -> None:
    wrong = SupersetSettings.model_validate({**settings.superset().model_dump(), "password": "not-this-one"})
    with pytest.raises(SupersetRefused, match=r"user lineage_refresh: POST /api/v1/security/login answered 401"):
        refresh(wrong, PostgresWarehouse(settings.warehouse()))


def rights(administrator: Superset) -> list[tuple[str, str]]:
    number = account.role_id(administrator)
    found = administrator.get(f"/api/v1/security/roles/{number}/permissions/")["result"]
    return [(each["permission_name"], each["view_menu_name"]) for each in found]


def test_the_account_has_no_other_right(administrator: Superset, dashboards: Assets) -> None:
    beyond = set(rights(administrator)) - set(account.RIGHTS)
    assert len(beyond) == len(dashboards.of_kind("databases"))
    assert {permission for permission, _ in beyond} == {"database_access"}


@pytest.mark.parametrize("number", range(len(account.RIGHTS) + 1))
def test_each_right_is_needed(administrator: Superset, number: int) -> None:
    role, before = account.role_id(administrator), rights(administrator)
    assert role is not None
    without = sorted(before)[number]
    account.set_rights(administrator, role, [right for right in before if right != without])
    # As if its rows had changed, so that all is done that may have to be done.
    path = f"/api/v1/dataset/{dataset_id(administrator, 'geographic_performance')}"
    administrator.call("PUT", path, json={"extra": "{}"})
    try:
        with pytest.raises((SupersetRefused, ChartsDiffer), match=r"answered (401|403|404)"):
            refresh_all().require_equal()
    finally:
        account.set_rights(administrator, role, before)


def test_the_account_must_own_a_dataset(administrator: Superset) -> None:
    path = f"/api/v1/dataset/{dataset_id(administrator, 'geographic_performance')}"
    owners = [owner["id"] for owner in administrator.get(path)["result"]["owners"]]
    [mine] = [
        each["id"] for each in administrator.pages("/api/v1/security/users/") if each["username"] == "lineage_refresh"
    ]
    administrator.call("PUT", path, json={"owners": [owner for owner in owners if owner != mine]})
    try:
        found = problems(refresh_all())
        assert found.keys() == {"Revenue by state", "Orders by shop", "Performance of each shop"}
        said = r"dataset geographic_performance: PUT .*/refresh answered 403"
        assert [problem for problem in found.values() if not re.search(said, problem)] == []
    finally:
        administrator.call("PUT", path, json={"owners": owners})


def test_an_expired_token_is_renewed(service: Superset, stack: StackConfig) -> None:
    service.get("/api/v1/chart/")
    headers = service._http.headers
    token = headers["Authorization"].removeprefix("Bearer ")
    key = stack.credentials.superset_secret_key
    claims = jwt.decode(token, key, algorithms=["HS256"], options={"verify_sub": False})
    headers["Authorization"] = f"Bearer {jwt.encode({**claims, 'exp': claims['iat'] - 1}, key, algorithm='HS256')}"
    assert service.get("/api/v1/chart/")["count"] > 0
    assert headers["Authorization"].removeprefix("Bearer ") != token


def test_a_call_without_the_csrf_token_is_not_taken_for_done(service: Superset) -> None:
    number = dataset_id(service, "geographic_performance")
    service._http.headers.pop("X-CSRFToken")
    with pytest.raises(SupersetError, match=rf"PUT /api/v1/dataset/{number}/refresh answered (302|400)"):
        service.call("PUT", f"/api/v1/dataset/{number}/refresh")


# --- the code and what runs


def test_what_runs_is_what_the_code_says(administrator: Superset, dashboards: Assets, fresh: Refreshed) -> None:
    assert differences(dashboards.files, export_assets(administrator, dashboards, dashboards.slugs)) == []


def test_an_import_keeps_every_number(administrator: Superset) -> None:
    def numbers() -> dict[str, dict[str, int]]:
        return {
            kind: {each["uuid"]: each["id"] for each in administrator.pages(f"/api/v1/{kind}/") if "uuid" in each}
            for kind in ("database", "dataset", "chart", "dashboard")
        }

    before = numbers()
    import_all()
    assert numbers() == before
    assert len(before["dataset"]) == 3


def test_a_change_made_in_superset_is_told_and_brought_back(
    administrator: Superset, dashboards: Assets, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(dashboards.folder, tmp_path / "assets"))
    number = chart(administrator, "Orders")["id"]
    administrator.call("PUT", f"/api/v1/chart/{number}", json={"slice_name": "All orders"})
    try:
        running = export_assets(administrator, dashboards, dashboards.slugs)
        told = differences(dashboards.files, running)
        assert told == ["charts/kpi_orders.yaml:slice_name is 'Orders' in the code, 'All orders' in Superset"]
        assert write(folder, running) == ["charts/kpi_orders.yaml"]
        assert differences(Assets.load(folder).files, running) == []
    finally:
        administrator.call("PUT", f"/api/v1/chart/{number}", json={"slice_name": "Orders"})


@pytest.mark.parametrize(
    ("path", "how", "said"),
    [
        ("charts/kpi_orders.yaml", lambda c: c.update(cache_timeout="soon"), "cache_timeout"),
        ("datasets/geographic_performance.yaml", lambda c: c.update(offset="far"), "offset"),
        ("dashboards/jaffle_shop.yaml", lambda c: c.update(published="perhaps"), "published"),
    ],
)
def test_what_only_superset_finds_wrong_is_named_with_its_file(
    dashboards: Assets, tmp_path: Path, path: str, how: Callable[[dict[str, Any]], None], said: str
) -> None:
    folder = Path(shutil.copytree(dashboards.folder, tmp_path / "assets"))
    content = yaml.safe_load((folder / path).read_text())
    how(content)
    (folder / path).write_text(yaml.safe_dump(content))
    broken = settings.superset().model_copy(update={"assets_dir": folder})
    with pytest.raises(AssetsError) as refused:
        publish(broken, PostgresWarehouse(settings.warehouse()), Manifest.load(settings.dbt().manifest))
    assert path in str(refused.value)
    assert said in str(refused.value)


def test_a_table_that_dbt_does_not_make_is_named(dashboards: Assets, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(dashboards.folder, tmp_path / "assets"))
    file = folder / "datasets" / "geographic_performance.yaml"
    file.write_text(file.read_text().replace("table_name: geographic_performance", "table_name: no_such"))
    broken = settings.superset().model_copy(update={"assets_dir": folder})
    with pytest.raises(AssetsError, match=r"datasets/geographic_performance\.yaml: table_name: .* no table no_such"):
        publish(broken, PostgresWarehouse(settings.warehouse()), Manifest.load(settings.dbt().manifest))


# --- the service


def test_starting_it_again_changes_nothing(stack: StackConfig, administrator: Superset) -> None:
    before = {each["uuid"]: each["id"] for each in administrator.pages("/api/v1/chart/")}
    lifecycle.up(stack, "superset")
    assert {each["uuid"]: each["id"] for each in administrator.pages("/api/v1/chart/")} == before


def test_its_map_tiles_are_its_own(administrator: Superset) -> None:
    answer = administrator.call("GET", "/basemap/3/2/3.png")
    assert answer.headers["content-type"] == "image/png"
    assert answer.content.startswith(b"\x89PNG")

"""The dashboards on the real Superset: refreshed and proved, and every way in which that fails named.

Each test leaves tables, dashboards and rights as it found them.
"""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jwt
import pytest
import yaml
from support import BuiltProject, query

from include import settings
from include.dbt.manifest import Manifest
from include.settings import SupersetSettings
from include.superset import account
from include.superset.assets import Assets, AssetsError, differences, write
from include.superset.client import Superset, SupersetError, SupersetRefused
from include.superset.dashboards import export_assets, publish
from include.superset.proof import CheckError
from include.superset.refresh import ChartsDiffer, Refreshed, refresh
from stack import lifecycle
from stack.config import StackConfig

SCHEMA = "jaffle_shop_dev"
CUSTOMERS = f"{SCHEMA}.customer_lifetime_value"
ADD_A_CENT = f"update {CUSTOMERS} set total_revenue = total_revenue + 0.01 where customer_id = %s"
TAKE_A_CENT = f"update {CUSTOMERS} set total_revenue = total_revenue - 0.01 where customer_id = %s"


@pytest.fixture(scope="module", autouse=True)
def dashboards(built: BuiltProject) -> Assets:
    """The code of the dashboards, imported into a stack whose warehouse is built."""
    return publish(settings.superset(), settings.warehouse(), Manifest.load(settings.dbt().manifest))


@pytest.fixture
def administrator(dashboards: Assets) -> Iterator[Superset]:
    with Superset.as_administrator(settings.superset()) as client:
        yield client


@pytest.fixture
def service() -> Iterator[Superset]:
    with Superset.as_service_account(settings.superset()) as client:
        yield client


@pytest.fixture
def fresh() -> Refreshed:
    """The dashboards just refreshed."""
    refreshed = refresh_all()
    refreshed.require_equal()
    return refreshed


@pytest.fixture
def one_cent_more(fresh: Refreshed) -> Iterator[None]:
    """A customer has paid a cent more since the dashboards were refreshed."""
    [(customer,)] = query(f"select customer_id from {CUSTOMERS} order by total_revenue desc limit 1")
    query(ADD_A_CENT, customer)
    yield
    query(TAKE_A_CENT, customer)
    refresh_all()


def refresh_all() -> Refreshed:
    return refresh(settings.superset(), settings.warehouse())


def chart(client: Superset, name: str) -> dict[str, Any]:
    [found] = [each for each in client.pages("/api/v1/chart/") if each["slice_name"] == name]
    return {**client.get(f"/api/v1/chart/{found['id']}")["result"], "id": found["id"]}


def shown_revenue(client: Superset) -> float:
    """What a person sees who opens the dashboard now."""
    rows, _ = client.chart_data(chart(client, "Revenue"), force=False)
    return rows[0]["revenue"]


def true_revenue() -> float:
    return float(query(f"select sum(total_revenue) from {CUSTOMERS}")[0][0])


def dataset_id(client: Superset, table: str) -> int:
    return next(each["id"] for each in client.pages("/api/v1/dataset/") if each["table_name"] == table)


# --- refreshed and proved


def test_every_chart_is_equal_to_the_warehouse(dashboards: Assets) -> None:
    counts = refresh_all().counts()
    assert counts["charts"] == counts["charts_equal"] == len(dashboards.of_kind("charts"))


def test_with_unchanged_data_nothing_is_computed_anew(fresh: Refreshed) -> None:
    again = refresh_all()
    assert (again.changed, again.counts()["recomputed"]) == ([], 0)
    assert again.counts()["charts_equal"] == len(again.charts)


def test_without_a_refresh_the_dashboard_stays_old(one_cent_more: None, administrator: Superset) -> None:
    assert shown_revenue(administrator) == pytest.approx(true_revenue() - 0.01, abs=0.001)


def test_after_a_refresh_a_person_sees_the_new_numbers(one_cent_more: None, administrator: Superset) -> None:
    refreshed = refresh_all()
    assert refreshed.changed == ["customer_lifetime_value"]
    refreshed.require_equal()
    assert shown_revenue(administrator) == pytest.approx(true_revenue(), abs=0.001)


def test_only_charts_of_changed_tables_are_computed_anew(one_cent_more: None) -> None:
    computed = {each.dataset for each in refresh_all().charts if each.recomputed}
    assert computed == {"customer_lifetime_value"}


def test_an_answer_that_only_a_filter_gets_is_dropped_too(fresh: Refreshed, administrator: Superset) -> None:
    def with_filter() -> tuple[float, bool]:
        context = json.loads(chart(administrator, "Revenue")["query_context"])
        context["queries"][0]["filters"] = [{"col": "customer_segment", "op": "IN", "val": ["High"]}]
        answer = administrator.json(administrator.call("POST", "/api/v1/chart/data", json=context))["result"][0]
        return answer["data"][0]["revenue"], answer["is_cached"]

    [(customer,)] = query(f"select customer_id from {CUSTOMERS} where customer_segment = 'High' limit 1")
    before, _ = with_filter()
    query(ADD_A_CENT, customer)
    try:
        assert with_filter() == (before, True)
        refresh_all().require_equal()
        now, cached = with_filter()
        assert not cached
        assert now == pytest.approx(before + 0.01, abs=0.001)
    finally:
        query(TAKE_A_CENT, customer)
        refresh_all()


def test_one_dashboard_can_be_refreshed_and_one_that_is_not_there_is_named() -> None:
    refresh(settings.superset(), settings.warehouse(), ["jaffle-shop"]).require_equal()
    with pytest.raises(SupersetRefused, match=r"dashboard no-such: GET /api/v1/dashboard/no-such/charts answered 404"):
        refresh(settings.superset(), settings.warehouse(), ["no-such"])


# --- what is wrong with a chart is said of that chart


@contextmanager
def renamed(table: str, column: str) -> Iterator[None]:
    query(f"alter table {SCHEMA}.{table} rename {column} to renamed_by_a_test")
    try:
        yield
    finally:
        query(f"alter table {SCHEMA}.{table} rename renamed_by_a_test to {column}")
        publish(settings.superset(), settings.warehouse(), Manifest.load(settings.dbt().manifest))
        refresh_all().require_equal()


def test_a_column_that_is_gone_is_named_though_an_answer_is_cached(fresh: Refreshed, administrator: Superset) -> None:
    table = chart(administrator, "Top 10 customers by revenue")
    with renamed("customer_lifetime_value", "first_order_date"):
        assert administrator.chart_data(table, force=False)[1], "the answer from before is cached"
        with pytest.raises(ChartsDiffer) as failed:
            refresh_all().require_equal()
        lines = [line for line in str(failed.value).splitlines() if "Top 10 customers by revenue" in line]
        assert lines == [
            "jaffle-shop: Top 10 customers by revenue (customer_lifetime_value): there is no column first_order_date"
        ]


def test_a_column_that_is_gone_is_named_where_a_metric_uses_it() -> None:
    with renamed("monthly_business_summary", "new_customers"):
        problems = {each.chart: each.problem for each in refresh_all().charts if each.problem}
        assert problems == {
            "New customers by month": "there is no column new_customers of metric new_customers",
        }


def test_a_metric_that_means_something_else_is_found(administrator: Superset) -> None:
    path = f"/api/v1/dataset/{dataset_id(administrator, 'geographic_performance')}"
    metrics = administrator.get(path)["result"]["metrics"]
    kept = ("id", "metric_name", "expression", "verbose_name", "description", "d3format")
    bodies = [{key: metric[key] for key in kept} for metric in metrics]
    next(each for each in bodies if each["metric_name"] == "orders")["expression"] = "SUM(unique_customers)"
    administrator.call("PUT", path, json={"metrics": bodies})
    try:
        problems = {each.chart: each.problem or "" for each in refresh_all().charts if each.problem}
        assert list(problems) == ["Orders by shop"]
        assert problems["Orders by shop"].startswith("orders of ")
    finally:
        publish(settings.superset(), settings.warehouse(), Manifest.load(settings.dbt().manifest))


def test_a_chart_without_a_check_is_not_proved(tmp_path: Path, dashboards: Assets) -> None:
    folder = Path(shutil.copytree(dashboards.folder, tmp_path / "assets"))
    (folder / "checks" / "kpi_orders.sql").unlink()
    changed = settings.superset().model_copy(update={"assets_dir": folder})
    problems = {each.chart: each.problem for each in refresh(changed, settings.warehouse()).charts if each.problem}
    assert problems == {"Orders": "there is no checks/kpi_orders.sql that says what it should show"}


def test_a_dataset_that_was_deleted_by_hand_is_named_and_comes_back(administrator: Superset) -> None:
    number = dataset_id(administrator, "geographic_performance")
    administrator.call("DELETE", f"/api/v1/dataset/{number}")
    try:
        problems = {each.chart: each.problem for each in refresh_all().charts if each.problem}
        gone = "dataset geographic_performance is not in Superset: import the dashboards again"
        assert problems == dict.fromkeys(["Revenue by state", "Orders by shop", "Performance of each shop"], gone)
    finally:
        publish(settings.superset(), settings.warehouse(), Manifest.load(settings.dbt().manifest))
    refresh_all().require_equal()


def test_a_warehouse_that_is_away_is_named() -> None:
    away = settings.warehouse().model_copy(update={"port": 1})
    with pytest.raises(CheckError, match=r"PostgreSQL at 127\.0\.0\.1:1 \(database jaffle_db\)"):
        refresh(settings.superset(), away)


# --- the account and its rights


def test_a_wrong_password_is_named() -> None:
    wrong = SupersetSettings.model_validate({**settings.superset().model_dump(), "password": "not-this-one"})
    with pytest.raises(SupersetRefused, match=r"user lineage_refresh: POST /api/v1/security/login answered 401"):
        refresh(wrong, settings.warehouse())


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
        with pytest.raises(SupersetRefused, match=r"dataset geographic_performance: PUT .*/refresh answered 403"):
            refresh_all()
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
    publish(settings.superset(), settings.warehouse(), Manifest.load(settings.dbt().manifest))
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
        publish(broken, settings.warehouse(), Manifest.load(settings.dbt().manifest))
    assert path in str(refused.value)
    assert said in str(refused.value)


def test_a_table_that_dbt_does_not_make_is_named(dashboards: Assets, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(dashboards.folder, tmp_path / "assets"))
    file = folder / "datasets" / "geographic_performance.yaml"
    file.write_text(file.read_text().replace("table_name: geographic_performance", "table_name: no_such"))
    broken = settings.superset().model_copy(update={"assets_dir": folder})
    with pytest.raises(AssetsError, match=r"datasets/geographic_performance\.yaml: table_name: .* no table no_such"):
        publish(broken, settings.warehouse(), Manifest.load(settings.dbt().manifest))


# --- the service


def test_starting_it_again_changes_nothing(stack: StackConfig, administrator: Superset) -> None:
    before = {each["uuid"]: each["id"] for each in administrator.pages("/api/v1/chart/")}
    lifecycle.up(stack, "superset")
    assert {each["uuid"]: each["id"] for each in administrator.pages("/api/v1/chart/")} == before


def test_its_map_tiles_are_its_own(administrator: Superset) -> None:
    answer = administrator.call("GET", "/basemap/3/2/3.png")
    assert answer.headers["content-type"] == "image/png"
    assert answer.content.startswith(b"\x89PNG")

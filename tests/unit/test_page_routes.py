"""The lineage page's routes in Airflow's own API server: who may ask what, and what is answered."""

import gzip
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute

from dbt_lineage.airflow.page import app
from dbt_lineage.core import settings
from tests.airflow_page import API, PREFIX, RUN, AirflowPage, airflow_page

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def page(
    tmp_path_factory: pytest.TempPathFactory, artifacts_dir: Path, secrets: dict[str, str]
) -> Iterator[AirflowPage]:
    folder = tmp_path_factory.mktemp("airflow")
    with airflow_page(folder, artifacts_dir, secrets) as made:
        yield made


@pytest.fixture(autouse=True)
def settings_of_the_page(environment: pytest.MonkeyPatch, artifacts_dir: Path) -> None:
    environment.setenv("DBT_ARTIFACTS_DIR", str(artifacts_dir))


def routes(page: AirflowPage) -> list[tuple[str, str]]:
    """Method and path of every route, with something in place of each parameter."""
    found = []
    for route in page.page.routes:
        assert isinstance(route, APIRoute), f"{route} is no route with the application's dependencies"
        path = route.path
        for name in route.param_convertors:
            path = path.replace(f"{{{name}:path}}", "x").replace(f"{{{name}}}", "x")
        found += [(method, path) for method in sorted(route.methods)]
    return found


def test_without_a_login_no_route_answers(page: AirflowPage) -> None:
    assert len(routes(page)) >= 7
    answered = {each: page.http.request(each[0], PREFIX + each[1], json={}).status_code for each in routes(page)}
    assert {each: status for each, status in answered.items() if status != 401} == {}


def test_a_token_of_somebody_else_is_refused(page: AirflowPage) -> None:
    bad = {"Authorization": "Bearer eyJhbGciOiJIUzUxMiJ9.e30.AAAA"}  # pragma: allowlist secret
    assert {
        page.http.request(method, PREFIX + path, json={}, headers=bad).status_code for method, path in routes(page)
    } == {403}


def test_a_viewer_reads_every_route(page: AirflowPage) -> None:
    for method, path in routes(page):
        if method == "GET":
            status = page.http.get(PREFIX + path, headers=page.login("viewer")).status_code
            assert status not in (401, 403, 500), path


def test_the_cookie_of_airflows_own_page_is_a_login(page: AirflowPage) -> None:
    page.http.cookies.set("_token", page.tokens["viewer"])
    try:
        assert page.http.get(f"{API}/projects").status_code == 200
    finally:
        page.http.cookies.clear()


def test_outside_of_the_page_nothing_is_shadowed(page: AirflowPage) -> None:
    assert page.http.get(f"{PREFIX}/elsewhere", headers=page.login("viewer")).status_code == 404
    assert page.http.get("/api/v2/version").status_code == 200


def test_airflow_lists_the_entries_of_the_page(page: AirflowPage) -> None:
    plugins = page.http.get("/api/v2/plugins", headers=page.login("viewer")).json()["plugins"]
    ours = next(each for each in plugins if each["name"] == "dbt_lineage")
    shown = {each["destination"]: (each["name"], each["url_route"]) for each in ours["react_apps"]}
    assert shown == {
        "nav": ("Lineage", "dbt-lineage"),
        "dag": ("Lineage", "dbt-lineage-dag"),
        "dag_run": ("Lineage", "dbt-lineage-run"),
    }
    assert {each["bundle_url"] for each in ours["react_apps"]} == {"dbt-lineage/static/lineage-page.js"}
    errors = page.http.get("/api/v2/plugins/importErrors", headers=page.login("viewer")).json()
    assert errors["import_errors"] == []


def test_the_plugin_imports_nothing_heavy() -> None:
    code = (
        "import sys, airflow.plugins_manager\nbefore = set(sys.modules)\nimport dbt_lineage.airflow.page.mounted\n"
        "print(sorted(each for each in set(sys.modules) - before if not each.startswith('dbt_lineage')))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert found.stdout.strip().splitlines()[-1] == "[]"


def test_a_client_that_was_not_built_is_said_to_be_missing(
    page: AirflowPage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(app, "STATIC", tmp_path)
    answer = page.http.get(f"{PREFIX}/static/lineage-page.js", headers=page.login("viewer"))
    assert (answer.status_code, "build it with" in answer.json()["detail"]) == (404, True)


def test_projects_and_their_last_run(page: AirflowPage) -> None:
    (project,) = page.get("/projects").json()
    assert (project["name"], project["dag_id"], project["dashboards"]) == ("jaffle_shop", "jaffle_shop", 1)
    assert project["models"] > 10
    assert project["lineage_on"] is True
    # The ledger is away, which the graph says. The project itself can be read.
    assert project["problem"] is None
    assert (project["last_run"]["run_id"], project["last_run"]["state"]) == (RUN, "failed")


def test_the_graph_is_the_manifests_while_the_ledger_is_away(page: AirflowPage) -> None:
    graph = page.get("/graph").json()
    assert graph["source"] == "manifest"
    assert "the ledger is away" in graph["problem"]
    names = {place: node["id"] for place, node in enumerate(graph["nodes"])}
    edges = {(names[start], names[end]) for start, end in graph["edges"]}
    assert ("dashboard:jaffle-shop") in names.values()
    assert any(start.endswith(".orders") and end.endswith(".customer_lifetime_value") for start, end in edges)
    assert all(graph["nodes"][start]["layer"] < graph["nodes"][end]["layer"] for start, end in graph["edges"])


def test_graph_and_columns_are_packed_once_and_asked_for_anew(page: AirflowPage) -> None:
    for path in ("/graph", "/columns"):
        packed = page.get(path, headers={"Accept-Encoding": "gzip"})
        assert packed.headers["Content-Encoding"] == "gzip"
        plain = page.get(path, headers={"Accept-Encoding": "identity"})
        assert "Content-Encoding" not in plain.headers
        assert plain.json() == packed.json()
        again = page.get(path, headers={"If-None-Match": packed.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert page.get(path, headers={"If-None-Match": f"W/{packed.headers['ETag']}"}).status_code == 304


def test_a_project_that_is_not_there_is_named(page: AirflowPage) -> None:
    answer = page.get("/graph", params={"project": "nowhere"})
    assert (answer.status_code, answer.json()["detail"]) == (
        404,
        "there is no project 'nowhere' that you may see; there are: jaffle_shop",
    )


def test_the_state_of_the_last_run(page: AirflowPage) -> None:
    state = page.get("/state").json()
    assert [(each["project"], each["run_id"], each["state"]) for each in state["runs"]] == [
        ("jaffle_shop", RUN, "failed")
    ]
    by_name: dict[str, Any] = {each.rpartition(".")[2]: said for each, said in state["nodes"].items()}
    assert by_name["orders"]["state"] == "failed"
    assert by_name["customers"]["state"] == "none"
    assert by_name["raw_orders"]["state"] == "success"
    assert page.get("/state", params={"run_id": "nowhere"}).json()["runs"] == []


def test_the_documentation_names_the_routes(page: AirflowPage) -> None:
    assert page.get("/docs").status_code == 200
    assert "/api/v1/graph" in page.get("/openapi.json").json()["paths"]
    assert page.http.get(f"{PREFIX}/openapi.json", headers=page.login("viewer")).status_code == 404


def test_packed_is_what_was_made() -> None:
    from dbt_lineage.page.answers import Compressed

    packed = Compressed.of({"name": "Ümlaut"}, "1")
    assert json.loads(gzip.decompress(packed.packed)) == json.loads(packed.plain) == {"name": "Ümlaut"}


def node_id(page: AirflowPage, name: str) -> str:
    return next(each["id"] for each in page.get("/graph").json()["nodes"] if each["name"] == name)


def test_one_node_has_everything_that_is_known_of_it(page: AirflowPage) -> None:
    node = page.get(f"/nodes/{node_id(page, 'customer_lifetime_value')}").json()
    assert "customer" in node["description"]
    assert node["sql"]
    columns = {each["name"]: each for each in node["columns"]}
    assert columns["total_revenue"]["type"] == "numeric(16, 2)"
    assert any("total_equals" in name for name in columns["total_revenue"]["tests"])
    assert {each["state"] for each in node["tests"]} == {None}
    assert any(each.endswith(".orders") for each in node["upstream"])
    orders = page.get(f"/nodes/{node_id(page, 'orders')}").json()
    assert [(run["run_id"], run["state"]) for run in orders["runs"]] == [(RUN, "failed")]
    board = page.get("/nodes/chart:jaffle-shop/Top 10 customers by revenue").json()
    assert (board["kind"], board["downstream"]) == ("chart", ["dashboard:jaffle-shop"])
    absent = page.get("/nodes/no.such.table")
    assert (absent.status_code, absent.json()["detail"]) == (404, "there is no node 'no.such.table' that you may see")


def test_a_change_is_thought_of_and_nothing_else(page: AirflowPage) -> None:
    node = node_id(page, "customer_lifetime_value")
    told = page.post("/what-if", json={"node": node, "column": "total_revenue"}).json()
    assert "chart:jaffle-shop/Top 10 customers by revenue" in told["charts"]
    changed = page.post("/what-if", json={"node": node, "sql": "select 1 as total_revenue"}).json()
    assert "customer_id" in changed["gone_columns"]
    for wrong, problem in (
        ({"node": node}, "give either column or sql"),
        ({"node": node, "column": "x", "sql": "y"}, "give either column or sql"),
        ({"node": node, "column": "nothing"}, "has no column 'nothing'"),
        ({"node": node, "sql": "x" * 1_000_001}, "at most 1000000 characters"),
    ):
        answer = page.post("/what-if", json=wrong)
        assert (answer.status_code, problem in answer.json()["detail"]) == (422, True), answer.json()


@pytest.mark.parametrize("path", ["/receipts", f"/receipts/jaffle_shop/{RUN}", "/health", "/events/x"])
def test_while_the_ledger_is_away_what_needs_it_says_so(page: AirflowPage, path: str) -> None:
    answer = page.get(path)
    assert (answer.status_code, answer.json()["part"]) == (503, "ledger")
    assert "PostgreSQL at 127.0.0.1" in answer.json()["detail"]
    assert "dummy-password" not in answer.text


def test_a_dag_that_is_no_projects_has_no_receipts(page: AirflowPage) -> None:
    for path in ("/receipts/lineage_checks/x", "/receipts?dag_id=nowhere", "/events?dag_id=lineage_checks&run_id=x"):
        answer = page.get(path)
        assert (answer.status_code, "dbt DAG" in answer.json()["detail"]) == (404, True)


def test_receipts_are_signed_only_with_a_key(
    page: AirflowPage, environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    answer = page.get(f"/receipts/jaffle_shop/{RUN}/statement")
    assert (answer.status_code, "PAGE_RECEIPT_KEY" in answer.json()["detail"]) == (409, True)
    environment.setenv("PAGE_RECEIPT_KEY", str(tmp_path / "none.pem"))
    settings.forget()
    answer = page.get(f"/receipts/jaffle_shop/{RUN}/statement")
    assert (answer.status_code, "none.pem is no private key" in answer.json()["detail"]) == (503, True)


def test_a_viewer_starts_no_replay(page: AirflowPage) -> None:
    answer = page.post("/dead-letters/replay", json={})
    assert (answer.status_code, answer.json()["detail"]) == (403, "you may not start run of DAG lineage_replay")


def test_who_may_start_the_dag_starts_a_replay(page: AirflowPage) -> None:
    started = page.post("/dead-letters/replay", role="user", json={"dry_run": True}).json()
    assert started["dag_id"] == "lineage_replay"
    run = page.http.get(f"/api/v2/dags/lineage_replay/dagRuns/{started['run_id']}", headers=page.login("viewer")).json()
    assert (run["conf"], run["triggering_user_name"]) == ({"dead_letters": True, "dry_run": True}, "user")


def test_a_replay_that_would_wait_is_not_started(page: AirflowPage) -> None:
    paused = "/api/v2/dags/lineage_replay"
    for is_paused, status in ((True, 409), (False, 200)):
        page.http.patch(paused, json={"is_paused": is_paused}, headers=page.login("user")).raise_for_status()
        assert page.post("/dead-letters/replay", role="user", json={}).status_code == status


def test_a_time_without_a_zone_is_refused(page: AirflowPage) -> None:
    answer = page.get("/receipts", params={"before": "2026-11-20T05:00:00"})
    assert (answer.status_code, "timezone" in answer.json()["detail"]) == (422, True)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded"])
def test_a_form_of_another_site_starts_nothing(page: AirflowPage, kind: str) -> None:
    sent = {"content": b'{"dry_run": false}', "headers": {"Content-Type": kind}}
    assert page.post("/dead-letters/replay", role="user", **sent).status_code == 422


def test_a_broken_project_takes_none_of_the_others_away(
    environment: pytest.MonkeyPatch, tmp_path: Path, artifacts_dir: Path
) -> None:
    from dbt_lineage.airflow.page.rights import Reader

    (tmp_path / "lineage.yml").write_text(
        "projects:\n"
        f"  - {{name: shop, dbt: {{project_dir: {ROOT / 'dbt-jaffle-shop'}, artifacts_dir: {artifacts_dir}}}}}\n"
        "  - {name: broken, dbt: {project_dir: nowhere, dag_id: broken}}\n"
    )
    environment.setenv("LINEAGE_CONFIG", str(tmp_path / "lineage.yml"))
    environment.delenv("DBT_ARTIFACTS_DIR")
    settings.forget()
    reader = Reader(None)
    reader.dag_ids = {"shop", "broken"}
    assert [each.name for each in reader.projects] == ["shop"]

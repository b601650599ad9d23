"""Two dbt projects in one stack: their own DAGs, mails, checks and dashboards, one set of topics, one lineage across both.

On a stack of its own, since the file of the projects is there from its start. Run it alone: the variables of another
stack would win.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dbt_lineage.core import settings
from dbt_lineage.core.projects import project
from dbt_lineage.dashboards.folder import Assets
from dbt_lineage.manifest.graph import Edge, Manifest
from stack import lifecycle
from stack.airflow_api import AirflowApi, await_condition
from stack.config import StackConfig, StackSettings
from tests.second_project import LINEAGE, PROJECT, SOURCES
from tests.stacks import running
from tests.support import Catalogue, Event, Inbox, Topic, query, text_of

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / ".stack-two"
FILE = """\
projects:
  - name: shop
    owner: sales
    dbt: {project_dir: project/shop}
    superset: {assets_dir: project/dashboards}
    mail: {mail_to: shop@example.com}
  - name: books
    dbt: {project_dir: project/books, profile: finance, target: night}
    mail: {mail_to: books@example.com}
defaults:
  # The checks run when a test wants them to.
  check: {schedule: 0 0 1 * *}
  dbt: {schedule: 0 0 1 * *}
"""
SHOP_SOURCE = """\
version: 2
sources:
  - name: shop
    schema: jaffle_shop_dev
    tables:
      - name: customers
"""
READER = """\
select customer_id, count(*) as customers from {{ source('shop', 'customers') }} group by customer_id
"""
SERVICE = "jaffle_postgres"
CUSTOMERS, READ_BY_BOOKS = "jaffle_db.jaffle_shop_dev.customers", "jaffle_db.facts.shop_customers"
# The project spells its schema with a capital letter, and so does the catalogue.
IN_CATALOGUE = f"{SERVICE}.jaffle_db.Facts.shop_customers"
CROSSING = Edge(CUSTOMERS, READ_BY_BOOKS)
IGNORED = shutil.ignore_patterns("target", "logs", ".user.yml")
Runs = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def two() -> Iterator[StackConfig]:
    """A running stack with the file of both projects, whose second one reads a table of the first."""
    config = StackConfig(StackSettings(home=HOME, well_known_ports=False))
    lifecycle.clean(config)
    shutil.copytree(ROOT / "dbt-jaffle-shop", HOME / "project" / "shop", ignore=IGNORED)
    shutil.copytree(ROOT / "superset" / "assets", HOME / "project" / "dashboards")
    shutil.copytree(PROJECT, HOME / "project" / "books", ignore=IGNORED)
    facts = HOME / "project" / "books" / "models" / "facts"
    (facts / "shop.yml").write_text(SHOP_SOURCE)
    (facts / "shop_customers.sql").write_text(READER)
    (HOME / "lineage.yml").write_text(FILE)
    with running(config, LINEAGE_CONFIG=str(HOME / "lineage.yml")):
        query(SOURCES)
        yield config


@pytest.fixture(scope="module")
def two_api(two: StackConfig) -> AirflowApi:
    """Airflow's REST API, once every DAG of both projects has been read."""
    api = AirflowApi(two)
    of_each = ("lineage_checks", "lineage_reaper", "openmetadata_ingestion")
    names = {f"{dag}__{name}" for dag in of_each for name in ("shop", "books")}
    api.await_dags(
        {"shop", "books", "kafka_topics", "lineage_ingestion", "lineage_replay", "superset_refresh__shop", *names}
    )
    return api


@pytest.fixture(scope="module")
def runs(two_api: AirflowApi) -> Runs:
    """A build of each project, and what it started; the shop's first, whose table the other one reads."""
    assert two_api.run_once("kafka_topics")["state"] == "success"
    done: Runs = {}
    for name, followers in {
        "shop": ("openmetadata_ingestion__shop", "superset_refresh__shop"),
        "books": ("openmetadata_ingestion__books",),
    }.items():
        for dag_id in followers:
            two_api.unpause(dag_id)
        done[name] = two_api.run_once(name)
        done |= {dag_id: two_api.await_new_run(dag_id, set()) for dag_id in followers}
    return done


@pytest.fixture
def two_inbox(two: StackConfig) -> Inbox:
    """The mails that arrive from now on."""
    return Inbox(two.mail / "inbox")


@pytest.fixture(scope="module")
def rest(two: StackConfig) -> Iterator[Catalogue]:
    """The catalogue's REST API."""
    with Catalogue(project("shop").openmetadata) as client:
        yield client


def manifest(name: str) -> Manifest:
    return Manifest.load(project(name).dbt.manifest)


def test_each_project_is_built_described_and_verified_by_its_own_dags(runs: Runs, two_api: AirflowApi) -> None:
    assert {name: run["state"] for name, run in runs.items()} == dict.fromkeys(runs, "success"), {
        name: two_api.tasks(name, run["dag_run_id"]) for name, run in runs.items() if run["state"] != "success"
    }
    assert query('select count(*) > 0 from "Facts".shop_customers') == [(True,)]


def test_no_dag_is_broken_and_only_the_shop_has_dashboards(runs: Runs, two_api: AirflowApi) -> None:
    assert two_api.import_errors() == []
    assert "superset_refresh__books" not in two_api.dags()


def test_the_events_of_both_are_in_one_topic(runs: Runs, two: StackConfig) -> None:
    events: list[Event] = Topic(settings.kafka().events_topic).since(
        dict.fromkeys(range(settings.kafka().partitions), 0)
    )
    completed = {event["job"]["name"] for event in events if event["eventType"] == "COMPLETE"}
    assert {*manifest("shop").models, *manifest("books").models} <= completed


def test_the_lineage_crosses_from_one_project_to_the_other(runs: Runs, rest: Catalogue) -> None:
    assert manifest("books").edges() == {*LINEAGE, CROSSING}
    edge = rest.edge(f"{SERVICE}.{CUSTOMERS}", IN_CATALOGUE)
    columns = edge["edge"]["lineageDetails"]["columnsLineage"]
    assert {each["toColumn"].rsplit(".", 1)[1] for each in columns} >= {"customer_id"}


def test_each_verifies_its_own_edges_and_takes_none_of_the_other_for_unexpected(
    runs: Runs, two_api: AirflowApi
) -> None:
    for name in ("shop", "books"):
        dag_id = f"openmetadata_ingestion__{name}"
        counts = two_api.xcom(dag_id, runs[dag_id]["dag_run_id"], "verify_catalogue")
        assert counts["edges_expected"] == counts["edges_in_catalogue"] == len(manifest(name).edges())
        assert counts["edges_unexpected"] == 0


def test_the_dashboards_of_the_shop_are_equal_to_the_warehouse(runs: Runs, two_api: AirflowApi) -> None:
    counts = two_api.xcom("superset_refresh__shop", runs["superset_refresh__shop"]["dag_run_id"], "refresh_and_prove")
    superset = project("shop").superset
    assert superset is not None
    assert counts["charts"] == counts["charts_equal"] == len(Assets.load(superset.assets_dir).of_kind("charts"))


def test_a_broken_promise_of_one_project_is_found_and_mailed_for_it_alone(
    runs: Runs, two_api: AirflowApi, rest: Catalogue, two_inbox: Inbox
) -> None:
    rest.delete_edge(f"{SERVICE}.{CUSTOMERS}", IN_CATALOGUE)
    states = {}
    for name in ("books", "shop"):
        run = two_api.run_once(f"lineage_checks__{name}")
        tasks = two_api.tasks(f"lineage_checks__{name}", run["dag_run_id"])
        states[name] = {task_id: tasks[task_id]["state"] for task_id in ("accuracy", "alerts")}
    assert states == {
        "books": {"accuracy": "failed", "alerts": "success"},
        "shop": {"accuracy": "success", "alerts": "success"},
    }
    mail = two_inbox.await_mail("[Lineage] broken")
    assert mail["To"] == "books@example.com"
    assert str(CROSSING).split(" ")[-1] in text_of(mail)
    assert [each["To"] for each in two_inbox.new() if "shop_customers" in text_of(each)] == ["books@example.com"]


def test_a_build_that_fails_is_mailed_to_its_own_people(runs: Runs, two_api: AirflowApi, two_inbox: Inbox) -> None:
    query("alter table raw_hr.people rename to persons")
    try:
        run = two_api.run_once("books")
    finally:
        query("alter table raw_hr.persons rename to people")
    assert run["state"] == "failed"
    assert two_inbox.await_mail("books.models.dbt_build failed")["To"] == "books@example.com"


def test_a_project_whose_folder_is_gone_leaves_the_other_ones_dags(runs: Runs, two_api: AirflowApi) -> None:
    folder, elsewhere = HOME / "project" / "books", HOME / "project" / "moved"
    shutil.move(folder, elsewhere)
    try:

        def error_of_the_project() -> dict[str, Any] | None:
            """A file that was being read as the folder went has an error too, until it is read again."""
            errors = two_api.import_errors()
            return errors[0] if [Path(each["filename"]).name for each in errors] == ["project_errors.py"] else None

        error = await_condition(
            error_of_the_project, 180, "project_errors.py is not the only file with an import error"
        )
        assert "project books: " in error["stack_trace"]
        assert {"shop", "openmetadata_ingestion__shop", "lineage_checks__books"} <= two_api.dags()
    finally:
        shutil.move(elsewhere, folder)

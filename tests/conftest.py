"""A local stack of the tests' own, with a copy of the dbt project that tests may break.

One for all folders whose tests need it: it is started once, by the first test that asks for it.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from dbt_lineage.core import settings
from dbt_lineage.manifest.graph import Manifest
from stack import lifecycle
from stack.airflow_api import AirflowApi
from stack.checkout import PROJECT_ROOT
from stack.config import StackConfig, StackSettings
from tests.stacks import running
from tests.support import BuiltProject, Catalogue, Inbox, Topic, dbt_by_hand, query

HOME = PROJECT_ROOT / ".stack-test"
PROJECT = HOME / "project" / "dbt-jaffle-shop"
TRIGGERS = 50
INGESTION, REFRESH = "openmetadata_ingestion", "superset_refresh"


@pytest.fixture(scope="session")
def stack() -> Iterator[StackConfig]:
    """A running stack, whole."""
    config = StackConfig(StackSettings(home=HOME, dags_dir=HOME / "dags"))
    lifecycle.clean(config)
    # A copy, so that a test can add a DAG.
    shutil.copytree(PROJECT_ROOT / "dags", config.settings.dags_dir, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(
        PROJECT_ROOT / "dbt-jaffle-shop", PROJECT, ignore=shutil.ignore_patterns("target", "logs", ".user.yml")
    )
    # Fewer triggers than a project of the tests has models.
    (HOME / "airflow").mkdir()
    (HOME / "airflow" / "airflow.cfg").write_text(f"[triggerer]\ncapacity = {TRIGGERS}\n")
    # Monthly, so that a backfill of three months is three runs; and the checks run when a test wants them to.
    chosen = {"DBT_PROJECT_DIR": str(PROJECT), "DBT_SCHEDULE": "0 0 1 * *", "CHECK_SCHEDULE": "0 0 1 * *"}
    with running(config, **chosen):
        yield config


@pytest.fixture(scope="session")
def api(stack: StackConfig) -> AirflowApi:
    """Airflow's REST API, once every DAG has been read."""
    client = AirflowApi(stack)
    client.await_dags(
        {
            *("kafka_topics", "jaffle_shop", "lineage_ingestion", "lineage_replay", "lineage_checks"),
            *("lineage_reaper", INGESTION, REFRESH),
        }
    )
    return client


@pytest.fixture(scope="session")
def topics(api: AirflowApi) -> str:
    """The topics, made by their DAG; its run id."""
    run = api.run_once("kafka_topics")
    assert run["state"] == "success"
    return run["dag_run_id"]


@pytest.fixture(scope="session")
def built(api: AirflowApi, topics: str) -> BuiltProject:
    """One run of the dbt project, and the ingestion and the refresh of the dashboards that its assets started."""
    events = Topic(settings.kafka().events_topic)
    before = events.ends()
    api.unpause(INGESTION)
    api.unpause(REFRESH)
    dbt_run = api.run_once("jaffle_shop")
    assert dbt_run["state"] == "success", api.tasks("jaffle_shop", dbt_run["dag_run_id"])
    ingestion = api.await_new_run(INGESTION, set())
    refresh = api.await_new_run(REFRESH, set())
    # Other tests build often, and few of them look at dashboards, or at what OpenMetadata's workflows read.
    api.pause(REFRESH)
    api.pause(INGESTION)
    return BuiltProject(dbt_run, ingestion, refresh, events.since(before))


@pytest.fixture
def inbox(stack: StackConfig) -> Inbox:
    """The mails that arrive from now on."""
    return Inbox(stack.mail / "inbox")


@pytest.fixture(scope="session")
def catalogue(stack: StackConfig) -> Iterator[Catalogue]:
    """The catalogue's REST API. A route that the stand-in does not know fails the test that met it."""
    with Catalogue(settings.openmetadata()) as client:
        yield client


@pytest.fixture
def project(stack: StackConfig) -> Iterator[Path]:
    """The dbt project that the DAG runs; what a test changes in it is undone.

    A run that fails leaves views out: dbt drops them with the tables that it builds anew. They are made again, since
    other tests look at all relations.
    """
    kept = HOME / "project" / "kept"
    shutil.copytree(PROJECT, kept)
    yield PROJECT
    shutil.rmtree(PROJECT)
    shutil.move(kept, PROJECT)
    dbt = settings.dbt()
    tables = "select table_catalog || '.' || table_schema || '.' || table_name from information_schema.tables"
    missing = Manifest.load(dbt.manifest).built_relations() - {name for (name,) in query(tables)}
    if missing:
        names = [name.rsplit(".", 1)[1] for name in missing]
        assert dbt_by_hand(dbt, "run", "--select", *names).wait(timeout=300) == 0

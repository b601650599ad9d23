"""Another dbt project, by settings alone: its manifest as a graph, and its DAG."""

from pathlib import Path

import pytest
from test_dags import Facts, load

from dbt_lineage.core import settings
from dbt_lineage.manifest.graph import Manifest
from dbt_lineage.manifest.parse import make_manifest
from tests.second_project import INVOICE, LINEAGE, SETTINGS


@pytest.fixture(scope="module")
def artifacts(tmp_path_factory: pytest.TempPathFactory, secrets: dict[str, str]) -> Path:
    """The project's manifest, made by our own code from its settings."""
    folder = tmp_path_factory.mktemp("second")
    with pytest.MonkeyPatch.context() as environment:
        for name, value in {**secrets, **SETTINGS, "DBT_ARTIFACTS_DIR": str(folder)}.items():
            environment.setenv(name, value)
        make_manifest(settings.read(settings.DbtSettings))
    return folder


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory, artifacts: Path, secrets: dict[str, str]) -> Facts:
    return load(tmp_path_factory.mktemp("dags"), artifacts, **secrets, **SETTINGS)


def test_its_graph_sees_through_ephemeral_models_and_goes_by_alias_schema_and_identifier(artifacts: Path) -> None:
    manifest = Manifest.load(artifacts / "manifest.json")
    assert manifest.edges() == LINEAGE.keys()
    assert manifest.relation("model.book_keeping.invoices") == INVOICE
    assert {schema.rpartition(".")[2] for schema in manifest.schemas()} >= {"facts", "rawbooks", "book_history"}


def test_its_dag_is_there_with_a_task_for_each_model_and_snapshot(facts: Facts) -> None:
    assert facts["import_errors"] == {}
    dag = facts["dags"]["books"]
    assert SETTINGS["DBT_SCHEDULE"] in (dag["time"], dag["expression"])
    nodes = {task.removeprefix("models.") for task in dag["tasks"] if task.startswith("models.")}
    assert {"invoices", "people", "revenue", "people_now", "people_history"} <= nodes


def test_an_ephemeral_model_without_tests_is_an_empty_task(facts: Facts) -> None:
    tasks = facts["dags"]["books"]["tasks"]
    assert {tasks[f"models.{name}"]["operator"] for name in ("booked", "booked_in_euro")} == {"EmptyOperator"}
    assert tasks["models.revenue"]["operator"] == "NodeOperator"


def test_its_build_starts_the_ingestion(facts: Facts) -> None:
    assert facts["dags"]["openmetadata_ingestion"]["assets"] == ["dbt_built__books"]

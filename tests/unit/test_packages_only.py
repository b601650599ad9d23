"""A dbt project that only runs packages, one of which reads a model of another project: its manifest, and its DAG."""

from pathlib import Path

import pytest
from test_dags import Facts, load

from dbt_lineage.core import settings
from dbt_lineage.manifest.graph import Edge, Manifest
from dbt_lineage.manifest.parse import make_manifest
from stack.checkout import PROJECT_ROOT

# A plugin of dbt that knows the other project's model.
MESH = PROJECT_ROOT / "tests" / "data" / "node_types" / "mesh"
FILES = {
    "dbt_project.yml": "name: hub\nprofile: hub\n",
    "profiles.yml": "hub: {target: dev, outputs: {dev: {type: postgres, host: h, port: 1, user: u, password: p, "
    "dbname: jaffle_db, schema: hub, threads: 1}}}\n",
    "dbt_packages/inner/dbt_project.yml": "name: inner\n",
    "dbt_packages/inner/models/first.sql": "select id from {{ ref('elsewhere', 'shared') }}",
    "dbt_packages/inner/models/second.sql": "select id from {{ ref('first') }}",
}


@pytest.fixture(scope="module")
def variables(tmp_path_factory: pytest.TempPathFactory, secrets: dict[str, str]) -> dict[str, str]:
    """The settings of the project, whose manifest is made."""
    project = tmp_path_factory.mktemp("hub")
    for name, text in FILES.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text)
    of_project = {
        "DBT_PROJECT_DIR": str(project),
        "DBT_PROFILE": "hub",
        "DBT_DAG_ID": "hub",
        "DBT_SEEDS": "",
        "DBT_ARTIFACTS_DIR": str(project / "artifacts"),
    }
    with pytest.MonkeyPatch.context() as environment:
        for name, value in {**secrets, **of_project, "PYTHONPATH": str(MESH)}.items():
            environment.setenv(name, value)
        make_manifest(settings.read(settings.DbtSettings))
    return {**secrets, **of_project}


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory, variables: dict[str, str]) -> Facts:
    return load(
        tmp_path_factory.mktemp("dags"),
        Path(variables["DBT_ARTIFACTS_DIR"]),
        **{name: value for name, value in variables.items() if name != "DBT_ARTIFACTS_DIR"},
    )


def test_a_project_without_a_folder_of_models_has_a_task_for_each_model_of_its_packages(facts: Facts) -> None:
    assert facts["import_errors"] == {}
    tasks = {task.removeprefix("models.") for task in facts["dags"]["hub"]["tasks"]}
    assert {"first", "second"} <= tasks


def test_a_model_of_another_project_is_no_task_and_nothing_waits_for_it(
    facts: Facts, variables: dict[str, str]
) -> None:
    assert not [task for task in facts["dags"]["hub"]["tasks"] if "shared" in task]
    manifest = Manifest.load(Path(variables["DBT_ARTIFACTS_DIR"]) / "manifest.json")
    assert Edge("jaffle_db.elsewhere.shared", "jaffle_db.hub.first") in manifest.edges()
    assert manifest.final_models == ["model.inner.second"]
    assert manifest.read_relations() == {"jaffle_db.elsewhere.shared"}

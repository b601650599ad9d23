"""The command dbt-lineage: its help imports nothing heavy, and each command is the one of its room."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from dbt_lineage.cli import columns, new_project
from dbt_lineage.cli.app import ROOMS, app
from dbt_lineage.columns.compiled import Project
from dbt_lineage.core.configuration.file import load
from dbt_lineage.core.errors import ExpectedError
from stack.checkout import PROJECT_ROOT

COMPILED = PROJECT_ROOT / "tests" / "data" / "compiled_models.json"
HEAVY = (
    "airflow",
    "alembic",
    "confluent_kafka",
    "cosmos",
    "dbt",
    "httpx",
    "openlineage",
    "psycopg2",
    "pydantic",
    "sqlglot",
)


def run(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "dbt_lineage", *words],
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(PROJECT_ROOT / "include"), "COLUMNS": "200", **variables},
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
    )


def test_the_help_names_every_command_and_imports_nothing_of_what_they_need() -> None:
    script = (
        "import sys; from dbt_lineage.__main__ import main; sys.argv = ['dbt-lineage', '--help']\n"
        "try: main()\n"
        f"finally: print('imported:', sorted({set(HEAVY)} & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONPATH": str(PROJECT_ROOT / "include"), "COLUMNS": "200"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    *help_, imported = done.stdout.splitlines()
    assert imported == "imported: []"
    for name in (*ROOMS, "columns", "dbt", "init"):
        assert any(line.strip("│ ").startswith(f"{name} ") for line in help_), name


@pytest.mark.parametrize("name", ROOMS)
def test_what_follows_a_command_is_its_own(name: str) -> None:
    shown = CliRunner().invoke(app, [name, "--help"])
    assert shown.exit_code == 0, shown.output
    assert f"Usage: dbt-lineage {name}" in shown.output


def test_a_command_runs_with_its_words_and_options(tmp_path: Path) -> None:
    done = run("relay", "status", "--json", SPOOL_DIR=str(tmp_path))
    assert json.loads(done.stdout)["spool"]["waiting"] == 0
    assert run("status", SPOOL_DIR=str(tmp_path)).stdout.startswith("lineage is on\n")


def test_an_error_is_one_sentence_with_exit_code_1(tmp_path: Path) -> None:
    file = tmp_path / "lineage.yml"
    file.write_text("projects: [{name: shop}]\n")
    done = run("topics", KAFKA_PARTITIONS="none", LINEAGE_CONFIG=str(file))
    assert done.returncode == 1
    assert done.stderr.startswith("dbt-lineage: KAFKA_PARTITIONS=none (partitions of each topic): ")
    assert f"traceback in {tmp_path}/build/errors/dbt-lineage.log" in done.stderr


def test_a_word_too_many_is_refused_by_the_command_itself() -> None:
    done = run("relay", "fly")
    assert done.returncode == 2
    assert "dbt-lineage relay" in done.stderr


def test_dbt_gets_its_words_as_they_are_and_gives_back_its_exit_code(tmp_path: Path) -> None:
    place = {"DBT_ARTIFACTS_DIR": str(tmp_path), "WAREHOUSE_PASSWORD": "x", "SPOOL_DIR": str(tmp_path / "spool")}
    done = run("dbt", "--quiet", "ls", "--select", "orders", "--resource-type", "model", **place)
    assert done.stdout.split() == ["jaffle_shop.marts.orders"], done.stderr
    assert run("dbt", "ls", "--no-such-option", **place).returncode == 2


# --- columns


@pytest.fixture(scope="module")
def project() -> Project:
    return Project.load(COMPILED)


def test_columns_tells_of_each_column_what_it_is_made_from(project: Project) -> None:
    [model] = columns.chosen(project, "orders")
    told = columns.as_plain(columns.lineage_of(model, project))
    assert told["columns"]["order_id"]["direct"] == ["jaffle_db.jaffle_shop_dev.stg_orders.order_id (IDENTITY)"]
    assert told["unresolved"] == {}


def test_columns_takes_a_name_a_unique_id_or_all_models(project: Project) -> None:
    assert columns.chosen(project, "orders") == columns.chosen(project, "model.jaffle_shop.orders")
    assert len(columns.chosen(project, None)) == len(project.models)
    with pytest.raises(columns.UnknownModel, match=r"no SQL model 'order' in the project; there are: .*\borders\b"):
        columns.chosen(project, "order")


def test_columns_is_asked_for_one_of_several_projects_by_name() -> None:
    done = run("columns", "--project", "nobody")
    assert done.returncode == 1
    assert done.stderr.startswith("dbt-lineage: no project 'nobody'; there are: jaffle_shop\n")


# --- init


def test_init_writes_a_dag_file_that_dbt_does_not_take_for_a_plugin_of_its_own(tmp_path: Path) -> None:
    new_project.write(tmp_path)
    files = list((tmp_path / "dags").iterdir())
    assert len(files) == 2
    for file in files:
        # dbt imports each module on the path whose name starts so, and Airflow puts the folder of DAG files there.
        assert not file.name.startswith("dbt_")
        compile(file.read_text(encoding="utf-8"), file.name, "exec")


def test_init_writes_a_configuration_that_is_whole_as_it_is_and_with_all_that_is_commented_out(tmp_path: Path) -> None:
    new_project.write(tmp_path)
    text = (tmp_path / "lineage.yml").read_text(encoding="utf-8")
    said = yaml.safe_load(text)
    assert list(said) == ["projects", "defaults", "shared"]
    assert [each["name"] for each in said["projects"]] == ["finance"]
    assert "password" not in str(said["defaults"]["warehouse"]["password"]).replace("PASSWORD", "")
    whole = tmp_path / "whole.yml"
    # Of the comments those that are settings; the first three lines are prose.
    lines = [re.sub(r"^( *)# ( *(- )?\w+:(\s|$))", r"\1\2", line) for line in text.splitlines()[3:]]
    whole.write_text("\n".join(lines), encoding="utf-8")
    assert {"owner", "mail"} <= yaml.safe_load(whole.read_text(encoding="utf-8"))["projects"][0].keys()
    for each in (tmp_path / "lineage.yml", whole):
        load(each)


def test_init_leaves_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "lineage.yml").write_text("projects: []\n")
    said = new_project.write(tmp_path)
    assert (tmp_path / "lineage.yml").read_text() == "projects: []\n"
    assert f"left as it is: {tmp_path / 'lineage.yml'}" in said
    assert f"wrote {tmp_path / 'dags' / 'lineage_dags.py'}" in said


def test_init_refuses_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ExpectedError, match="absent: there is no such folder"):
        new_project.write(tmp_path / "absent")

"""The DAGs load without any service, look after themselves, and are wired as the project's manifest asks."""

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk.definitions.context import _AIRFLOW_PARSING_CONTEXT_DAG_ID
from jaffle_shop import MODELS

from dbt_lineage.airflow.dags import UnknownDag, make_dags
from dbt_lineage.core import settings
from dbt_lineage.core.setting_types import OWN_DAGS
from dbt_lineage.watch.checks import CHECKS
from stack.checkout import PROJECT_ROOT
from stack.config import PYTHON_PATH

DAGS = PROJECT_ROOT / "dags"
DAG_FILES = sorted(DAGS.glob("*.py"))
# Holds none: it fails where one of several dbt projects cannot become one.
WITHOUT_DAG = "project_errors.py"
DAG_IDS = (
    "jaffle_shop",
    "kafka_topics",
    "lineage_checks",
    "lineage_ingestion",
    "lineage_reaper",
    "lineage_replay",
    "openmetadata_ingestion",
    "superset_refresh",
)
# What Airflow gives a task that says nothing: no task may be found with it.
UNSAID_RETRIES = 77

Facts = dict[str, Any]


def load(folder: Path, artifacts_dir: Path, **changed: str) -> Facts:
    """What the DAG files declare, found out by a process with an Airflow home of its own."""
    facts = folder / "facts.json"
    known = {variable for group in settings.GROUPS for variable in settings.variables(group).values()}
    environment = {
        **{name: value for name, value in os.environ.items() if name not in known and not name.startswith("AIRFLOW")},
        "HOME": str(folder),
        "AIRFLOW_HOME": str(folder / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJECT_ROOT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DEFAULT_TASK_RETRIES": str(UNSAID_RETRIES),
        "AIRFLOW__COSMOS__ENABLE_TELEMETRY": "False",
        "AIRFLOW__COSMOS__CACHE_DIR": str(folder / "cosmos"),
        "PYTHONPATH": PYTHON_PATH,
        "DBT_ARTIFACTS_DIR": str(artifacts_dir),
        **changed,
    }
    script = Path(__file__).with_name("dag_facts.py")
    done = subprocess.run(
        [sys.executable, str(script), str(DAGS), str(facts)],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        pytest.fail(f"{script} ended with exit code {done.returncode}:\n{done.stderr[-3000:]}", pytrace=False)
    return json.loads(facts.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory, artifacts_dir: Path, secrets: dict[str, str]) -> Facts:
    return load(tmp_path_factory.mktemp("dags"), artifacts_dir, **secrets)


@pytest.fixture(params=DAG_IDS)
def dag(request: pytest.FixtureRequest, facts: Facts) -> Facts:
    return facts["dags"][request.param]


# --- loading


def test_every_file_loads_and_holds_one_dag(facts: Facts) -> None:
    assert facts["import_errors"] == {}
    assert sorted(dag["file"] for dag in facts["dags"].values()) == [
        file.name for file in DAG_FILES if file.name != WITHOUT_DAG
    ]
    assert sorted(facts["dags"]) == sorted(DAG_IDS)


def test_no_dbt_project_can_take_the_name_of_another_dag() -> None:
    assert {*OWN_DAGS, settings.dbt().dag_id} == set(DAG_IDS)


def test_loading_touches_no_network_and_starts_no_process(facts: Facts) -> None:
    assert facts["attempts"] == []
    assert facts["connections"] == []


def test_loading_does_not_import_what_only_a_running_task_needs(facts: Facts) -> None:
    assert facts["heavy_modules"] == []


def test_wrong_settings_and_a_missing_manifest_are_import_errors_that_say_so(
    tmp_path: Path, secrets: dict[str, str]
) -> None:
    (tmp_path / "empty").mkdir()
    errors = load(tmp_path, tmp_path / "empty", **secrets, KAFKA_PARTITIONS="none")["import_errors"]
    messages = {Path(file).name: message for file, message in errors.items()}
    # These ask for what they look at when they look; the checks are what tells of the rest.
    when_they_run = ("lineage_checks.py", "lineage_ingestion.py", "lineage_reaper.py", WITHOUT_DAG)
    assert sorted(messages) == [file.name for file in DAG_FILES if file.name not in when_they_run]
    assert "KAFKA_PARTITIONS=none (partitions of each topic): " in messages["kafka_topics.py"]
    assert "dbt-lineage manifest" in messages["openmetadata_ingestion.py"]


@pytest.mark.parametrize("file", DAG_FILES, ids=lambda file: file.name)
def test_a_dag_file_is_short(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= 10


@pytest.mark.parametrize("wanted", DAG_IDS)
def test_for_a_task_of_a_dag_no_other_one_is_made(
    environment: pytest.MonkeyPatch, artifacts_dir: Path, wanted: str
) -> None:
    environment.setenv("DBT_ARTIFACTS_DIR", str(artifacts_dir))
    assert set(make_dags()) == set(DAG_IDS)
    environment.setenv(_AIRFLOW_PARSING_CONTEXT_DAG_ID, wanted)
    assert set(make_dags()) == {wanted}


def test_a_dag_that_the_package_has_not_is_refused_by_name() -> None:
    with pytest.raises(UnknownDag, match=r"there is no DAG kafka_topic; there are: .*\bkafka_topics\b"):
        make_dags("kafka_topic")


# --- what every DAG and task has


def test_a_dag_explains_itself(dag: Facts) -> None:
    assert dag["doc_md"].strip().startswith("## ")
    assert dag["description"]
    assert "lineage" in dag["tags"]


def test_a_dag_runs_once_at_a_time_and_does_not_catch_up(dag: Facts) -> None:
    assert dag["catchup"] is False
    assert dag["max_active_runs"] == 1


def test_the_reference_has_every_dag_with_its_params(facts: Facts) -> None:
    text = (PROJECT_ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    sections = dict(part.split("\n", 1) for part in text.split("\n### ")[1:])
    for dag_id, dag in facts["dags"].items():
        section = sections[dag_id].split("\n## ")[0]
        named = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`.*?) \|", section, re.MULTILINE))))
        assert named == set(dag["params"]), dag_id


def test_every_param_has_a_type_and_a_description(dag: Facts) -> None:
    assert dag["params"]
    assert {name: param for name, param in dag["params"].items() if not (param["type"] and param["description"])} == {}


def test_airflows_form_can_be_sent_as_it_opens(dag: Facts) -> None:
    """A text that may not be null must not be empty either there: the button stays grey."""
    empty = {name: param for name, param in dag["params"].items() if param["default"] in ("", None)}
    assert {name: param for name, param in empty.items() if "null" not in param["type"]} == {}


def test_every_task_has_an_owner_retries_and_a_timeout_unless_it_runs_dbt(dag: Facts) -> None:
    assert dag["tasks"]
    for task_id, task in dag["tasks"].items():
        assert task["owner"] not in ("", "airflow"), task_id
        assert task["retries"] != UNSAID_RETRIES, task_id
        assert task["execution_timeout"] or dag["doc_md"].startswith("\n## The dbt project"), task_id


def test_the_limits_of_a_build_are_the_users(
    tmp_path: Path, artifacts_dir: Path, secrets: dict[str, str], facts: Facts
) -> None:
    def limits(of: Facts) -> set[tuple[Any, ...]]:
        tasks = {name: of["dags"]["jaffle_shop"]["tasks"][name] for name in ("models.dbt_build", "models.orders")}
        return {(task["execution_timeout"], task["pool"], task["priority_weight"]) for task in tasks.values()}

    assert limits(facts) == {(None, "default_pool", 1)}
    chosen = {"DBT_TIMEOUT_SECONDS": "7200", "DBT_POOL": "dbt", "DBT_PRIORITY_WEIGHT": "5"}
    assert limits(load(tmp_path, artifacts_dir, **secrets, **chosen)) == {(7200, "dbt", 5)}


def test_every_task_mails_when_it_fails(dag: Facts) -> None:
    for task_id, task in dag["tasks"].items():
        assert task["mails_to"] == ["data-team@example.com"], task_id


# --- the dbt project's DAG


@pytest.fixture
def dbt_dag(facts: Facts) -> Facts:
    return facts["dags"]["jaffle_shop"]


def test_each_model_has_one_task(dbt_dag: Facts) -> None:
    others = {"seeds", "models.dbt_build", "models.assets_of_failed_build"}
    assert dbt_dag["tasks"].keys() - others == {f"models.{model}" for model in MODELS}


def test_the_seeds_come_before_everything_else(dbt_dag: Facts) -> None:
    assert dbt_dag["tasks"]["seeds"]["upstream"] == []
    assert [model for model in MODELS if "seeds" not in dbt_dag["tasks"][f"models.{model}"]["ancestors"]] == []


@pytest.mark.parametrize("model", MODELS)
def test_a_model_comes_after_the_models_that_it_is_made_from(dbt_dag: Facts, model: str) -> None:
    before = [parent.rsplit(".", 1)[1] for parent in MODELS[model] if parent.rsplit(".", 1)[1] in MODELS]
    ancestors = dbt_dag["tasks"][f"models.{model}"]["ancestors"]
    assert [parent for parent in before if f"models.{parent}" not in ancestors] == []


def test_a_failed_model_is_not_tried_again_outside_of_the_one_dbt_process(dbt_dag: Facts) -> None:
    assert {dbt_dag["tasks"][f"models.{model}"]["retries"] for model in MODELS} == {0}


def test_the_dbt_dag_is_scheduled_by_data_intervals(dbt_dag: Facts) -> None:
    assert dbt_dag["timetable"] == "CronDataIntervalTimetable"
    assert dbt_dag["expression"] == "0 5 * * *"
    assert dbt_dag["start_date"] == "2016-09-01T00:00:00+00:00"


def test_the_settings_reach_the_dbt_dag(tmp_path: Path, artifacts_dir: Path, secrets: dict[str, str]) -> None:
    changed = {
        "DBT_DAG_ID": "shop",
        "DBT_SCHEDULE": "30 2 1 * *",
        "DBT_CATCHUP": "true",
        "DBT_SEEDS": "",
        "DBT_EXECUTION_MODE": "local",
        "ALERT_MAIL_TO": "someone@example.com",
    }
    without_superset = {name: value for name, value in secrets.items() if name != "SUPERSET_PASSWORD"}
    loaded = load(tmp_path, artifacts_dir, **without_superset, **changed)
    assert loaded["import_errors"] == {}
    assert "superset_metadata" not in loaded["dags"]["openmetadata_ingestion"]["tasks"]
    assert loaded["dags"]["superset_refresh"]["assets"] == []
    shop = loaded["dags"]["shop"]
    assert shop["tasks"]["built"]["updates"] == ["dbt_built__shop"]
    assert (shop["expression"], shop["catchup"]) == ("30 2 1 * *", True)
    assert "seeds" not in shop["tasks"]
    assert not [task_id for task_id in shop["tasks"] if "watcher" in task_id]
    assert {f"models.{model}.run" for model in MODELS} <= shop["tasks"].keys()
    assert all(task["mails_to"] == ["someone@example.com"] for task in shop["tasks"].values())


def test_a_project_whose_dbt_is_a_program_has_the_same_tasks_where_airflow_has_no_dbt(
    tmp_path: Path, artifacts_dir: Path, secrets: dict[str, str], dbt_dag: Facts, without_dbt: str
) -> None:
    chosen = {"DBT_EXECUTABLE": "/srv/dbt/bin/dbt", "PYTHONPATH": without_dbt}
    loaded = load(tmp_path, artifacts_dir, **secrets, **chosen)
    assert loaded["import_errors"] == {}
    assert loaded["attempts"] == []

    def but_for_the_program(dag: Facts) -> Facts:
        tasks = {name: {**task, "program": None} for name, task in dag["tasks"].items()}
        return {**dag, "tasks": tasks}

    found = loaded["dags"]["jaffle_shop"]
    assert but_for_the_program(found) == but_for_the_program(dbt_dag)
    assert found["tasks"]["models.dbt_build"]["program"] == "/srv/dbt/bin/dbt InvocationMode.SUBPROCESS"


@pytest.mark.parametrize("mode", ["watcher", "local"])
def test_cosmos_own_modes_take_the_program_too(
    tmp_path: Path, artifacts_dir: Path, secrets: dict[str, str], without_dbt: str, mode: str
) -> None:
    chosen = {"DBT_EXECUTABLE": "/srv/dbt/bin/dbt", "PYTHONPATH": without_dbt, "DBT_EXECUTION_MODE": mode}
    loaded = load(tmp_path, artifacts_dir, **secrets, **chosen)
    assert loaded["import_errors"] == {}
    programs = {task["program"] for task in loaded["dags"]["jaffle_shop"]["tasks"].values() if task["program"]}
    assert programs == {"/srv/dbt/bin/dbt InvocationMode.SUBPROCESS"}


# --- the others


def test_the_ingestion_waits_for_the_whole_project_and_for_nothing_that_grows_with_it(facts: Facts) -> None:
    assert facts["dags"]["openmetadata_ingestion"]["assets"] == ["dbt_built__jaffle_shop"]


def test_the_lineage_is_verified_before_dbt_artifacts_can_hide_a_gap(facts: Facts) -> None:
    tasks = facts["dags"]["openmetadata_ingestion"]["tasks"]
    assert tasks["verify_lineage"]["upstream"] == ["lineage"]
    assert "verify_lineage" in tasks["dbt_artifacts"]["ancestors"]
    assert "warehouse_metadata" in tasks["lineage"]["ancestors"]


def test_the_connector_is_run_by_one_dag_alone_so_that_it_never_runs_twice_at_once(facts: Facts) -> None:
    runs_it = [
        (dag_id, task_id)
        for dag_id, dag in facts["dags"].items()
        for task_id, task in dag["tasks"].items()
        if task["operator"] == "OpenLineageConnectorOperator"
    ]
    assert runs_it == [("openmetadata_ingestion", "openlineage_connector")]
    assert facts["dags"]["lineage_ingestion"]["max_active_runs"] == 1
    starts_it = facts["dags"]["openmetadata_ingestion"]["tasks"]["lineage"]
    assert starts_it["starts"] == "lineage_ingestion"


def test_what_waits_for_a_run_is_tried_again_when_airflow_takes_its_waiting_for_its_end(facts: Facts) -> None:
    waiting = {
        (dag_id, task_id): (task["operator"], task["retries"])
        for dag_id, dag in facts["dags"].items()
        for task_id, task in dag["tasks"].items()
        if task["starts"]
    }
    assert waiting == {
        ("openmetadata_ingestion", "lineage"): ("AwaitedRunOperator", 1),
        ("lineage_replay", "ingest"): ("AwaitedRunOperator", 1),
    }


def test_a_run_that_was_waited_for_and_failed_is_not_started_again(tmp_path: Path) -> None:
    script = """
from airflow.sdk.exceptions import AirflowFailException
from dbt_lineage.airflow.operators.runs import AwaitedRunOperator

task = AwaitedRunOperator(task_id="t", trigger_dag_id="other")
task.execute_complete({}, ("", {"run_ids": ["r"], "r": "success"}))
try:
    task.execute_complete({}, ("", {"run_ids": ["r"], "r": "failed"}))
except AirflowFailException as failed:
    print(failed)
"""
    environment = {**os.environ, "AIRFLOW_HOME": str(tmp_path), "PYTHONPATH": PYTHON_PATH}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True)
    assert "other failed with failed states" in done.stdout, done.stderr


def test_lineage_is_ingested_when_a_burst_of_it_has_arrived(
    tmp_path: Path, artifacts_dir: Path, secrets: dict[str, str]
) -> None:
    chosen = {"INGESTION_QUIET_SECONDS": "3", "INGESTION_MAX_WAIT_SECONDS": "20", "INGESTION_RETRY_SECONDS": "90"}
    dags = load(tmp_path, artifacts_dir, **secrets, **chosen, DBT_DEADLINE_SECONDS="7200")["dags"]
    dag = dags["lineage_ingestion"]
    assert dag["watchers"] == [
        [
            "dbt_lineage.airflow.arrival_trigger.LineageArrivesTrigger",
            {"quiet_seconds": 3, "max_wait_seconds": 20, "retry_seconds": 90},
        ]
    ]
    assert dag["paused_at_first"] is False
    assert {dag_id: dag["deadlines"] for dag_id, dag in dags.items() if dag["deadlines"]} == {
        "jaffle_shop": [["DagRunQueuedAtDeadline", 7200, "dbt_lineage.airflow.notifications.mail_missed_deadline"]],
        "lineage_ingestion": [
            ["DagRunQueuedAtDeadline", 1800, "dbt_lineage.airflow.notifications.mail_missed_deadline"]
        ],
        "openmetadata_ingestion": [
            ["DagRunQueuedAtDeadline", 1800, "dbt_lineage.airflow.notifications.mail_missed_deadline"]
        ],
    }


def test_bursts_start_no_run_where_a_service_ingests(
    tmp_path: Path, artifacts_dir: Path, secrets: dict[str, str]
) -> None:
    dag = load(tmp_path, artifacts_dir, **secrets, INGESTION_BY="service")["dags"]["lineage_ingestion"]
    assert dag["watchers"] == []


def test_the_dashboards_are_described_and_verified_before_the_checks_start(facts: Facts) -> None:
    tasks = facts["dags"]["openmetadata_ingestion"]["tasks"]
    assert "warehouse_metadata" in tasks["superset_metadata"]["ancestors"]
    assert "superset_metadata" in tasks["verify_catalogue"]["upstream"]


def test_the_dashboards_are_refreshed_when_any_table_that_they_show_was_built(facts: Facts) -> None:
    dag = facts["dags"]["superset_refresh"]
    assert dag["asset_kind"] == "AssetAny"
    shown = ("customer_lifetime_value", "geographic_performance", "monthly_business_summary")
    assert dag["assets"] == [f"postgres://127.0.0.1:5432/jaffle_db/jaffle_shop_dev/{model}" for model in shown]


def test_a_refresh_without_an_import_is_not_skipped(facts: Facts) -> None:
    refresh = facts["dags"]["superset_refresh"]["tasks"]["refresh_and_prove"]
    assert refresh["upstream"] == ["import_dashboards"]
    assert refresh["trigger_rule"] == "none_failed"


def test_each_topic_has_a_task(facts: Facts) -> None:
    assert sorted(facts["dags"]["kafka_topics"]["tasks"]) == ["curated_lineage", "dead_letters", "events"]


def test_each_check_has_a_task_and_the_alerts_come_after_all_of_them(facts: Facts) -> None:
    tasks = facts["dags"]["lineage_checks"]["tasks"]
    assert sorted(tasks) == sorted([*CHECKS, "alerts"])
    assert tasks["alerts"]["upstream"] == sorted(CHECKS)
    assert {tuple(tasks[check]["upstream"]) for check in CHECKS} == {()}


def test_the_alerts_are_sent_however_the_checks_ended_and_do_not_hide_it(facts: Facts) -> None:
    alerts = facts["dags"]["lineage_checks"]["tasks"]["alerts"]
    assert (alerts["trigger_rule"], alerts["decides_the_run"]) == ("all_done_setup_success", False)


def test_the_checks_run_every_quarter_of_an_hour_and_after_each_ingestion(facts: Facts) -> None:
    dag = facts["dags"]["lineage_checks"]
    assert (dag["timetable"], dag["time"]) == ("AssetOrTimeSchedule", "*/15 * * * *")
    assert dag["assets"] == facts["dags"]["openmetadata_ingestion"]["tasks"]["verify_catalogue"]["updates"]


# --- who may import whom


def imported(file: Path) -> Iterator[str]:
    """Every module that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")


def test_dag_files_and_plugins_import_nothing_but_airflow_and_the_project() -> None:
    """The other imports are held by the contracts in pyproject.toml."""
    files = [*DAG_FILES, *sorted((PROJECT_ROOT / "plugins").rglob("*.py"))]
    allowed = {"airflow", "dbt_lineage", *sys.stdlib_module_names}
    others = {file.name: {module.split(".")[0] for module in imported(file)} - allowed for file in files}
    assert {file: names for file, names in others.items() if names} == {}

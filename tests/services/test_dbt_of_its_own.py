"""A task whose dbt is a program of its own ends as one whose dbt is in its process, and dbt ends with it."""

import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg2
import pytest
import yaml
from tenacity import retry, retry_if_result, stop_after_delay, wait_fixed

from dbt_lineage.core.settings import WarehouseSettings
from dbt_lineage.spool.spool import Spool
from prove.postgres import own_postgres
from stack.checkout import PROJECT_ROOT
from stack.config import PYTHON_PATH
from tests.support import path_without_dbt

DBT = Path(sys.executable).with_name("dbt")
MARK = "of the kill tests"
AT_WORK = f"select count(*) from pg_stat_activity where query like '%{MARK}%' and state = 'active' and pid <> pg_backend_pid()"
# As Airflow's process of a task does: SIGTERM calls the operator's `on_kill`, and nothing else.
TASK = """
import os, signal, sys
from pathlib import Path
from dbt_lineage.events.dbt_process import DbtProcess

process = DbtProcess(lambda message: None)
signal.signal(signal.SIGTERM, lambda *_: process.stop())
signal.signal(signal.SIGINT, signal.SIG_DFL)
print(process.run(sys.argv[2:], os.environ, Path(sys.argv[1])).error)
"""
# The build of a project as Airflow runs it, without Airflow's services; what became of it, as JSON.
BUILD = """
import json
from collections import defaultdict
from datetime import UTC, datetime
from types import SimpleNamespace

from airflow.sdk import DAG

from dbt_lineage.airflow.dbt_tasks.reports import Progress
from dbt_lineage.airflow.dbt_tasks.task_group import dbt_tasks, run_params
from dbt_lineage.core import settings

with DAG("project", schedule=None, params=run_params()) as dag:
    dbt_tasks(settings.dbt())
task = dag.get_task("models.dbt_build")
nothing = dict.fromkeys(("data_interval_start", "data_interval_end", "logical_date"))
run = SimpleNamespace(run_id="run", conf={}, clear_number=0, run_after=datetime(2026, 1, 1, tzinfo=UTC), **nothing)
told, updated = {}, defaultdict(list)
ids = {"dag_id": "project", "task_id": task.task_id, "run_id": "run", "map_index": -1, "try_number": 1, "max_tries": 0}
ti = SimpleNamespace(**ids, task=task, xcom_push=lambda key, value: told.update({key: value}))
params = {"select": None, "exclude": None, "full_refresh": False}
outlets = defaultdict(lambda: SimpleNamespace(add=lambda asset: updated["assets"].append(asset.uri)))
context = {"ti": ti, "task_instance": ti, "task": task, "dag": dag, "dag_run": run, "run_id": "run", "params": params}
ti.get_template_context = lambda: context
context["outlet_events"] = outlets
error = None
task.render_template_fields(context)
try:
    task.execute(context)
except Exception as failed:
    error = [type(failed).__name__, str(failed)]
progress = Progress.told(told.get)
outcomes = {name: node.outcome for name, node in progress.nodes.items()}
print(json.dumps({"error": error, "outcomes": outcomes, "finished": progress.is_finished, **updated}))
"""

until = retry(retry=retry_if_result(lambda seen: not seen), stop=stop_after_delay(60), wait=wait_fixed(0.05))


@pytest.fixture(scope="module")
def warehouse() -> Iterator[WarehouseSettings]:
    """A warehouse of its own."""
    with own_postgres(PROJECT_ROOT / ".stack-dbt-killed") as settings:
        yield settings


@pytest.fixture
def project(tmp_path: Path, warehouse: WarehouseSettings) -> Path:
    """A dbt project without models."""
    output = {
        **{"type": "postgres", "host": warehouse.host, "port": warehouse.port, "user": warehouse.user},
        **{"dbname": warehouse.database, "schema": "own", "threads": 1},
        "password": warehouse.password.get_secret_value(),
    }
    (tmp_path / "models").mkdir()
    (tmp_path / "dbt_project.yml").write_text("name: own\nversion: '1.0.0'\nprofile: own\n")
    profile = {"own": {"target": "dev", "outputs": {"dev": output}}}
    (tmp_path / "profiles.yml").write_text(yaml.safe_dump(profile))
    return tmp_path


def queries(warehouse: WarehouseSettings) -> int:
    """How many queries of the model are at work in the warehouse."""
    connection = psycopg2.connect(
        host=warehouse.host,
        port=warehouse.port,
        dbname=warehouse.database,
        user=warehouse.user,
        password=warehouse.password.get_secret_value(),
    )
    with connection, connection.cursor() as cursor:
        cursor.execute(AT_WORK)
        [(found,)] = cursor.fetchall()
    connection.close()
    return found


def processes_of(folder: Path) -> list[psutil.Process]:
    """Those that a project is named to."""
    return [
        process
        for process in psutil.process_iter(["cmdline", "status"])
        if str(folder) in (process.info["cmdline"] or []) and process.info["status"] != psutil.STATUS_ZOMBIE
    ]


@pytest.mark.parametrize(
    ("number", "way"),
    [
        (signal.SIGTERM, "program"),
        (signal.SIGKILL, "script"),
        pytest.param(signal.SIGTERM, "script", marks=pytest.mark.long),
        pytest.param(signal.SIGINT, "program", marks=pytest.mark.long),
        pytest.param(signal.SIGINT, "script", marks=pytest.mark.long),
        pytest.param(signal.SIGKILL, "program", marks=pytest.mark.long),
    ],
    ids=lambda each: getattr(each, "name", each),
)
def test_dbt_ends_with_its_task_and_its_query_with_it(
    project: Path, warehouse: WarehouseSettings, tmp_path: Path, number: signal.Signals, way: str
) -> None:
    sql = f"{{{{ config(materialized='table') }}}} select pg_sleep(600)::text as slept /* {MARK} */"
    (project / "models" / "slow.sql").write_text(sql)
    program = DBT
    if way == "script":
        program = tmp_path / "our-dbt"
        program.write_text(f'#!/bin/sh\n{shlex.quote(str(DBT))} "$@"\n')
        program.chmod(0o755)
    places = ["--project-dir", str(project), "--profiles-dir", str(project)]
    task = subprocess.Popen(
        [sys.executable, "-c", TASK, str(project), str(program), "build", *places],
        env={**os.environ, "PYTHONPATH": PYTHON_PATH, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"},
        cwd=PROJECT_ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    until(lambda: queries(warehouse))()
    task.send_signal(number)
    said, _ = task.communicate(timeout=60)
    until(lambda: not queries(warehouse))()
    until(lambda: not processes_of(project))()
    assert said == ("dbt was told to end before it was done\n" if number == signal.SIGTERM else "")


def built(project: Path, home: Path, **chosen: str) -> tuple[dict[str, object], list[tuple[str, str]]]:
    """What became of a build as Airflow runs it, and the jobs and types of the events that it left."""
    variables = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "DBT_"))},
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__COSMOS__ENABLE_TELEMETRY": "False",
        "PYTHONPATH": PYTHON_PATH,
        "DBT_PROJECT_DIR": str(project),
        "DBT_PROFILE": "own",
        "DBT_ARTIFACTS_DIR": str(home / "artifacts"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "OPENLINEAGE__TRANSPORT__TYPE": "dbt_lineage.spool.transport.SpoolTransport",
        "AIRFLOW__OPENLINEAGE__TRANSPORT": '{"type": "dbt_lineage.spool.transport.SpoolTransport"}',
        "SPOOL_DIR": str(home / "spool"),
        **chosen,
    }
    for command in (["-m", "dbt_lineage", "manifest"], ["-c", BUILD]):
        done = subprocess.run([sys.executable, *command], env=variables, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    spool = Spool(home / "spool", 1 << 30)
    events = [json.loads(each.body) for each in spool.waiting(1000, 1 << 30)]
    spool.close()
    return json.loads(done.stdout.splitlines()[-1]), [(event["job"]["name"], event["eventType"]) for event in events]


@pytest.mark.parametrize(
    "fails", [pytest.param(False, marks=pytest.mark.long), True], ids=["all is well", "a model fails"]
)
def test_a_build_ends_the_same_where_airflow_has_no_dbt(project: Path, tmp_path: Path, fails: bool) -> None:
    (project / "seeds").mkdir()
    (project / "seeds" / "numbers.csv").write_text("id\n1\n2\n")
    (project / "models" / "first.sql").write_text("select id from {{ ref('numbers') }}")
    (project / "models" / "second.sql").write_text(
        f"{{{{ config(materialized='table') }}}} select id / {0 if fails else 1} as id from {{{{ ref('first') }}}}"
    )
    (project / "models" / "third.sql").write_text("select id from {{ ref('second') }}")
    here, events_here = built(project, tmp_path / "here")
    without_dbt = path_without_dbt(tmp_path / "without_dbt")
    there, events_there = built(project, tmp_path / "there", DBT_EXECUTABLE=str(DBT), PYTHONPATH=without_dbt)
    assert there == here
    assert sorted(events_there) == sorted(events_here)
    assert (here["error"] is not None) is fails
    assert here["outcomes"] == {
        **{"seed.own.numbers": "success", "model.own.first": "success"},
        "model.own.second": "failed" if fails else "success",
        "model.own.third": "skipped" if fails else "success",
    }

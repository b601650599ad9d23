"""What each kind of node and each command of dbt makes of events: docs/node-types.md says it, a real dbt shows it."""

import json
import re
import shlex
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from types import SimpleNamespace
from typing import Any

import psycopg2
import pytest
from dbt.cli.main import dbtRunner

from dbt_lineage.airflow.dbt_tasks.producer import Reporter
from dbt_lineage.catalogue.absent import absent_sources
from dbt_lineage.core.settings import WarehouseSettings
from dbt_lineage.events.dbt_command import main
from dbt_lineage.manifest.graph import Manifest
from dbt_lineage.spool.spool import Spool
from prove.postgres import own_postgres
from stack.checkout import PROJECT_ROOT
from stack.rollback import forget_settings
from tests.openlineage_spec import validate_event

DATA = PROJECT_ROOT / "tests" / "data" / "node_types"
PAGE = PROJECT_ROOT / "docs" / "node-types.md"
SOURCES = """
    create schema shop;
    create table shop.visits as select 1 as id, now()::timestamp as at;
    create schema elsewhere;
    create table elsewhere.shared as select 1 as id;
"""
ALL = 1 << 30

# The first command builds all, in three batches. Each of the others is run once, in this order.
BUILD = "build --event-time-start 2026-01-01 --event-time-end 2026-01-04"
FAILING = "run --select a_microbatch+ --event-time-start 2026-01-01 --event-time-end 2026-01-04"
COMMANDS = {
    "build": BUILD,
    "seed": "seed",
    "run": "run --select a_view",
    "snapshot": "snapshot",
    "test": "test --select a_table",
    "run, a node of which fails": FAILING,
    "retry": "retry",
    "run --empty": "run --empty --select a_view",
    "build --sample": "build --sample '3 days' --select a_view",
    "compile": "compile --select a_view",
    "docs generate": "docs generate --select a_view",
    "source freshness": "source freshness",
    "list": "list",
    "show": "show --select a_view",
    "parse": "parse",
    "run-operation": "run-operation an_operation",
    "deps": "deps",
    "debug": "debug",
    "clean": "clean",
    "run, with an argument that dbt does not know": "run --no-such-argument",
    "run --defer": "run --defer --state {state} --select a_table",
    "clone": "clone --state {state} --select a_table",
}
FAILING_COMMANDS = ("run, a node of which fails", "run, with an argument that dbt does not know")
# Another environment, in which nothing was built before.
IN_OTHER_TARGET = ("run --defer", "clone")

# Each kind of node: the command, and the beginning of the node's unique id.
NODES = {
    "seed": ("build", "seed.node_types.sales"),
    "view": ("build", "model.node_types.a_view"),
    "table": ("build", "model.node_types.a_table"),
    "ephemeral model": ("build", "model.node_types.an_ephemeral"),
    "incremental model": ("build", "model.node_types.an_incremental"),
    "materialized view": ("build", "model.node_types.a_materialized_view"),
    "microbatch model": ("build", "model.node_types.a_microbatch"),
    "microbatch model, a batch fails": ("run, a node of which fails", "model.node_types.a_microbatch"),
    "microbatch model, retried": ("retry", "model.node_types.a_microbatch"),
    "model that dbt skips": ("run, a node of which fails", "model.node_types.reads_a_microbatch"),
    "version of a model": ("build", "model.node_types.prices.v1"),
    "snapshot": ("build", "snapshot.node_types.a_snapshot"),
    "generic data test": ("build", "test.node_types.not_null_a_table_id"),
    "singular data test": ("build", "test.node_types.a_singular_test"),
    "unit test": ("build", "unit_test.node_types.an_incremental.the_amount_is_kept"),
    "function": ("build", "function.node_types.doubled"),
    "model that calls a function": ("build", "model.node_types.calls_a_function"),
    "source": ("build", "source.node_types.shop.visits"),
    "model that reads a source": ("build", "model.node_types.reads_a_source"),
    "model whose source is absent": ("build", "model.node_types.reads_an_absent_source"),
    "model of another project": ("build", "model.elsewhere.shared"),
    "model that reads another project": ("build", "model.node_types.reads_another_project"),
    "model that reads another environment": ("run --defer", "model.node_types.a_table"),
    "hook, operation": ("build", "operation.node_types."),
    "exposure": ("build", "exposure.node_types.a_report"),
}

Event = dict[str, Any]


@dataclass(frozen=True)
class Ran:
    """A command of dbt that has ended.

    Args:
        exit_code: its.
        events: what was emitted, by the job's name.
        command: the events of the command itself.
    """

    exit_code: int
    events: Mapping[str, list[Event]]
    command: list[Event]


@pytest.fixture(scope="module")
def warehouse() -> Iterator[WarehouseSettings]:
    """A warehouse with the sources; nothing of it is left."""
    with own_postgres(PROJECT_ROOT / ".stack-node-types") as settings:
        connection = psycopg2.connect(
            host=settings.host,
            port=settings.port,
            dbname=settings.database,
            user=settings.user,
            password=settings.password.get_secret_value(),
        )
        with connection, connection.cursor() as cursor:
            cursor.execute(SOURCES)
        connection.close()
        yield settings


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project: some commands write into it."""
    return Path(shutil.copytree(DATA, tmp_path_factory.mktemp("node_types") / "project"))


@pytest.fixture(scope="module")
def ran(project: Path, warehouse: WarehouseSettings) -> Iterator[dict[str, Ran]]:
    """Every command, once."""
    artifacts, spool, state = (project.parent / name for name in ("artifacts", "spool", "state"))
    variables = {
        "DBT_PROJECT_DIR": str(project),
        "DBT_PROFILE": "node_types",
        "DBT_ARTIFACTS_DIR": str(artifacts),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "OPENLINEAGE__TRANSPORT__TYPE": "dbt_lineage.spool.transport.SpoolTransport",
        "PYTHONPATH": str(DATA / "mesh"),
        **{f"WAREHOUSE_{name.upper()}": str(getattr(warehouse, name)) for name in ("host", "port", "database", "user")},
        "WAREHOUSE_PASSWORD": warehouse.password.get_secret_value(),
    }
    found: dict[str, Ran] = {}
    with pytest.MonkeyPatch.context() as environment:
        for name, value in variables.items():
            environment.setenv(name, value)
        for number, (name, command) in enumerate(COMMANDS.items()):
            environment.setenv("SPOOL_DIR", str(spool / str(number)))
            environment.setenv("DBT_TARGET", "other" if name in IN_OTHER_TARGET else "dev")
            environment.setenv("FAILING_BATCH", "20260102" if command == FAILING else "")
            forget_settings()
            found[name] = run(shlex.split(command.format(state=state)), spool / str(number))
            if name == "build":
                shutil.copytree(artifacts / "by_hand" / "dev" / "target", state)
        yield found
    forget_settings()


def run(arguments: list[str], folder: Path) -> Ran:
    """Run dbt by hand, with a spool of its own."""
    exit_code = main(arguments)
    spool = Spool(folder, ALL)
    waiting = spool.waiting(ALL, ALL)
    spool.close()
    events: dict[str, list[Event]] = {}
    for each in waiting:
        event = json.loads(each.body)
        validate_event(event)
        events.setdefault(event["job"]["name"], []).append(event)
    return Ran(exit_code, events, events.pop("dbt-run-node_types", []))


def rows(heading: str) -> dict[str, list[str]]:
    """A table of the page: the other cells of each row by its first one, without marks of code."""
    _, section = PAGE.read_text(encoding="utf-8").split(f"\n## {heading}\n")
    lines = re.findall(r"^\| (.+) \|$", section.split("\n## ")[0], re.MULTILINE)[2:]
    cells = ([cell.strip().replace("`", "") for cell in line.split(" | ")] for line in lines)
    return {name: rest for name, *rest in cells}


def kinds(events: list[Event]) -> str:
    """The types of events, each once, in their order."""
    return ", ".join(dict.fromkeys(event["eventType"] for event in events)) or "none"


def relations(datasets: list[Event]) -> str:
    """Their names, without database and usual schema."""
    return ", ".join(sorted(each["name"].removeprefix("jaffle_db.").removeprefix("node_types.") for each in datasets))


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_the_events_of_the_docs(ran: dict[str, Ran], name: str) -> None:
    found = ran[name]
    of_nodes = [event for events in found.events.values() for event in events]
    assert rows("Commands")[name] == [kinds(of_nodes), kinds(found.command)]
    assert (found.exit_code != 0) is (name in FAILING_COMMANDS)
    # One run for each node and command.
    assert all([event["eventType"] for event in events][:1] == ["START"] for events in found.events.values())
    assert {len(events) for events in found.events.values()} <= {2}


@pytest.mark.parametrize("name", NODES)
def test_a_node_has_the_events_of_the_docs(ran: dict[str, Ran], name: str, project: Path) -> None:
    command, begin = NODES[name]
    state = json.loads((project.parent / "state" / "manifest.json").read_text(encoding="utf-8"))
    parts = ("nodes", "sources", "exposures", "functions", "unit_tests")
    [unique_id] = [each for part in parts for each in state[part] if each.startswith(begin)]
    events = ran[command].events.get(unique_id, [])
    cells = [kinds(events), "", "", ""]
    if events:
        end = events[-1]
        sql = "yes" if "sql" in end["job"]["facets"] else "no"
        cells = [kinds(events), relations(end["inputs"]), relations(end["outputs"]), sql]
    assert rows("Nodes")[name] == cells


def test_the_docs_have_these_rows_and_no_other() -> None:
    assert list(rows("Commands")) == list(COMMANDS)
    assert list(rows("Nodes")) == list(NODES)


def test_a_microbatch_model_tells_the_sql_of_its_last_batch(ran: dict[str, Ran]) -> None:
    for command in ("build", "run, a node of which fails", "retry"):
        end = ran[command].events["model.node_types.a_microbatch"][-1]
        assert "2026-01-03" in end["job"]["facets"]["sql"]["query"]


def test_a_command_that_could_not_begin_tells_nothing_of_an_earlier_one(ran: dict[str, Ran]) -> None:
    failed = ran["run, with an argument that dbt does not know"]
    assert failed.events == {}
    assert failed.exit_code == 2


def test_the_task_of_a_microbatch_model_hears_of_one_end(
    ran: dict[str, Ran], project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(DATA / "mesh")
    monkeypatch.setenv("FAILING_BATCH", "20260102")
    ti: Any = SimpleNamespace(try_number=1, max_tries=0, xcom_push=lambda **_: None)
    reporter, lock = Reporter(ti), Lock()
    outcomes = []

    def hear(message: Any) -> None:
        with lock:
            reporter.hear(message)
            reporter._tell()
            outcomes.append(reporter.progress.outcome_of(["model.node_types.a_microbatch"]))

    places = ["--project-dir", project, "--profiles-dir", project, "--target-path", tmp_path, "--log-path", tmp_path]
    result = dbtRunner(callbacks=[hear]).invoke([*shlex.split(FAILING), "--target", "dev", *map(str, places)])
    assert not result.success
    assert list(dict.fromkeys(outcomes)) == [None, "failed"]


def test_the_absent_source_is_found_and_no_other(
    ran: dict[str, Ran], project: Path, warehouse: WarehouseSettings
) -> None:
    manifest = Manifest.load(project.parent / "state" / "manifest.json")
    assert absent_sources(manifest, manifest.edges(), warehouse) == {"jaffle_db.shop.not_there"}

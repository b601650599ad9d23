"""What each kind of node and each command of dbt makes of events: docs/node-types.md says it, a real dbt shows it."""

import json
import os
import re
import shlex
import shutil
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from types import SimpleNamespace
from typing import Any

import psycopg2
import pytest
from dbt.cli.main import dbtRunner
from dbt_common.events.functions import msg_to_json
from openlineage.common.provider.dbt.facets import ParentRunMetadata

from dbt_lineage.airflow.dbt_tasks.producer import Reporter
from dbt_lineage.airflow.dbt_tasks.running import Way, WithProgram, in_this_process
from dbt_lineage.catalogue.absent import absent_sources
from dbt_lineage.core import settings
from dbt_lineage.core.settings import WarehouseSettings
from dbt_lineage.events.dbt_command import main
from dbt_lineage.events.dbt_messages import CommandEnd, Message, of_callback, of_line
from dbt_lineage.events.live import EmittingProcess, Invocation, LiveLineage
from dbt_lineage.manifest.graph import Manifest
from dbt_lineage.spool.spool import Spool
from dbt_lineage.warehouse.postgres import PostgresWarehouse
from prove.postgres import own_postgres
from stack.checkout import PROJECT_ROOT
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
PARENT = ParentRunMetadata(run_id="0193f1b4-0000-7000-8000-000000000001", job_name="a task", job_namespace="airflow")

# The first command builds all, in three batches. Each of the others is run once, when a test asks for it.
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
# Each is a dbt process that starts anew, so most are for `make test-long`.
SHORT_COMMANDS = (
    "build",
    "test",
    "run, a node of which fails",
    "retry",
    "source freshness",
    "run, with an argument that dbt does not know",
    "run --defer",
)
# A command that goes on from what another left.
AFTER = {"retry": "run, a node of which fails"}
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


class Commands(dict[str, Ran]):
    """What each command did. A command runs when it is first looked up.

    Args:
        environment: the variables of dbt's processes.
        folder: what they leave.
    """

    def __init__(self, environment: pytest.MonkeyPatch, folder: Path) -> None:
        super().__init__()
        self._environment = environment
        self._folder = folder

    def __missing__(self, name: str) -> Ran:
        """Run it, after the command that it needs."""
        if name in AFTER:
            self[AFTER[name]]
        command, spool = COMMANDS[name], self._folder / "spool" / str(len(self))
        self._environment.setenv("SPOOL_DIR", str(spool))
        self._environment.setenv("DBT_TARGET", "other" if name in IN_OTHER_TARGET else "dev")
        self._environment.setenv("FAILING_BATCH", "20260102" if command == FAILING else "")
        settings.forget()
        self[name] = run(shlex.split(command.format(state=self._folder / "state")), spool)
        return self[name]


@pytest.fixture(scope="module")
def ran(project: Path, warehouse: WarehouseSettings) -> Iterator[Commands]:
    """The commands; the first has run."""
    folder = project.parent
    variables = {
        "DBT_PROJECT_DIR": str(project),
        "DBT_PROFILE": "node_types",
        "DBT_ARTIFACTS_DIR": str(folder / "artifacts"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "OPENLINEAGE__TRANSPORT__TYPE": "dbt_lineage.spool.transport.SpoolTransport",
        "PYTHONPATH": str(DATA / "mesh"),
        **{f"WAREHOUSE_{name.upper()}": str(getattr(warehouse, name)) for name in ("host", "port", "database", "user")},
        "WAREHOUSE_PASSWORD": warehouse.password.get_secret_value(),
    }
    with pytest.MonkeyPatch.context() as environment:
        for name, value in variables.items():
            environment.setenv(name, value)
        commands = Commands(environment, folder)
        assert commands["build"].exit_code == 0
        shutil.copytree(folder / "artifacts" / "by_hand" / "dev" / "target", folder / "state")
        yield commands
    settings.forget()


def run(arguments: list[str], folder: Path) -> Ran:
    """Run dbt by hand, with a spool of its own."""
    exit_code = main(arguments)
    events = emitted(folder)
    return Ran(exit_code, events, events.pop("dbt-run-node_types", []))


def emitted(folder: Path) -> dict[str, list[Event]]:
    """The events in a spool, by the job's name."""
    spool = Spool(folder, ALL)
    waiting = spool.waiting(ALL, ALL)
    spool.close()
    events: dict[str, list[Event]] = {}
    for each in waiting:
        event = json.loads(each.body)
        validate_event(event)
        events.setdefault(event["job"]["name"], []).append(event)
    return events


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


@pytest.mark.parametrize(
    "name", [pytest.param(each, marks=() if each in SHORT_COMMANDS else pytest.mark.long) for each in COMMANDS]
)
def test_a_command_has_the_events_of_the_docs(ran: Commands, name: str) -> None:
    found = ran[name]
    of_nodes = [event for events in found.events.values() for event in events]
    assert rows("Commands")[name] == [kinds(of_nodes), kinds(found.command)]
    assert (found.exit_code != 0) is (name in FAILING_COMMANDS)
    # One run for each node and command.
    assert all([event["eventType"] for event in events][:1] == ["START"] for events in found.events.values())
    assert {len(events) for events in found.events.values()} <= {2}


@pytest.mark.parametrize("name", NODES)
def test_a_node_has_the_events_of_the_docs(ran: Commands, name: str, project: Path) -> None:
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


def test_a_microbatch_model_tells_the_sql_of_its_last_batch(ran: Commands) -> None:
    for command in ("build", "run, a node of which fails", "retry"):
        end = ran[command].events["model.node_types.a_microbatch"][-1]
        assert "2026-01-03" in end["job"]["facets"]["sql"]["query"]


def test_a_command_that_could_not_begin_tells_nothing_of_an_earlier_one(ran: Commands) -> None:
    failed = ran["run, with an argument that dbt does not know"]
    assert failed.events == {}
    assert failed.exit_code == 2


def test_the_task_of_a_microbatch_model_hears_of_one_end(
    ran: Commands, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(DATA / "mesh")
    monkeypatch.setenv("FAILING_BATCH", "20260102")
    ti: Any = SimpleNamespace(try_number=1, max_tries=0, xcom_push=lambda **_: None)
    reporter, lock = Reporter(ti), Lock()
    outcomes = []

    def hear(message: Message) -> None:
        with lock:
            reporter.hear(message)
            reporter._tell()
            outcomes.append(reporter.progress.outcome_of(["model.node_types.a_microbatch"]))

    command = ["dbt", *shlex.split(FAILING), *places(project, tmp_path)]
    assert not in_this_process(command, os.environ, str(project), hear).success
    assert list(dict.fromkeys(outcomes)) == [None, "failed"]


def test_the_absent_source_is_found_and_no_other(ran: Commands, project: Path, warehouse: WarehouseSettings) -> None:
    manifest = Manifest.load(project.parent / "state" / "manifest.json")
    assert absent_sources(manifest, manifest.edges(), PostgresWarehouse(warehouse)) == {"jaffle_db.shop.not_there"}


# --- dbt in this process, and as a program of its own


@dataclass(frozen=True)
class Live:
    """A command of dbt that was heard as it ran.

    Args:
        end: how it ended.
        messages: what dbt said.
        live: the jobs whose events left as their nodes finished.
        events: what was emitted in all, by the job's name.
    """

    end: CommandEnd
    messages: list[Message]
    live: set[str]
    events: dict[str, list[Event]]


def places(project: Path, target: Path) -> list[str]:
    """Where dbt finds what it needs and leaves what it makes."""
    where = ("--project-dir", project, "--profiles-dir", project, "--target", "dev", "--target-path", target)
    return [*map(str, where), "--log-path", str(target)]


def heard(way: Way, program: Path, command: str, folder: Path) -> Live:
    """Run a command of dbt on a project of its own, and emit its lineage as its nodes finish."""
    project = Path(shutil.copytree(DATA, folder / "project"))
    words = [str(program), *shlex.split(command), *places(project, Path("target"))]
    messages: list[Message] = []
    with pytest.MonkeyPatch.context() as environment:
        environment.syspath_prepend(DATA / "mesh")
        environment.setenv("SPOOL_DIR", str(folder / "spool"))
        environment.setenv("FAILING_BATCH", "20260102" if command == FAILING else "")
        settings.forget()
        invocation = Invocation(project, project, "dev", words, PARENT, "jobs")
        with EmittingProcess() as process, LiveLineage(invocation, process) as lineage:

            def hear(message: Message) -> None:
                messages.append(message)
                lineage.hear(message)

            end = way(words, dict(os.environ), str(project), hear)
        live = set(emitted(folder / "spool"))
        lineage.finish(end.nodes)
        return Live(end, messages, live, emitted(folder / "spool"))


@pytest.fixture(
    scope="module", params=[pytest.param(BUILD, marks=pytest.mark.long), FAILING], ids=["build", "a node fails"]
)
def both(request: pytest.FixtureRequest, ran: Commands, tmp_path_factory: pytest.TempPathFactory) -> tuple[Live, Live]:
    """The same command by dbt in this process, and by a script in another folder that runs dbt as a program."""
    script = tmp_path_factory.mktemp("a folder") / "our-dbt"
    script.write_text(f'#!/bin/sh\n"{Path(sys.executable).with_name("dbt")}" "$@"\n')
    script.chmod(0o755)
    here = heard(in_this_process, Path("dbt"), request.param, tmp_path_factory.mktemp("here"))
    return here, heard(WithProgram().as_program, script, request.param, tmp_path_factory.mktemp("there"))


def without_times_and_ids(value: Any) -> Any:
    """An event, but for what no two runs have in common."""
    if isinstance(value, dict):
        own = ("eventTime", "runId", "invocation_id")
        return {key: "" if key in own else without_times_and_ids(each) for key, each in value.items()}
    return [without_times_and_ids(each) for each in value] if isinstance(value, list) else value


def test_a_dbt_of_its_own_leaves_the_same_events(both: tuple[Live, Live]) -> None:
    here, there = both
    assert here.events.keys() == there.events.keys()
    for name, events in here.events.items():
        assert without_times_and_ids(there.events[name]) == without_times_and_ids(events), name


def test_a_dbt_of_its_own_leaves_them_as_soon(both: tuple[Live, Live]) -> None:
    here, there = both
    assert there.live == here.live
    # What dbt tells only at its end: snapshots and microbatch models.
    late = {name for name in here.events if "a_snapshot" in name or "a_microbatch" in name}
    assert here.events.keys() - here.live <= late


def test_a_dbt_of_its_own_says_the_same(both: tuple[Live, Live]) -> None:
    def said(live: Live) -> Counter[tuple[Any, ...]]:
        return Counter(
            (each.name, each.level, each.unique_id, each.end and (each.end.status, each.end.failures))
            for each in live.messages
            # These are of the machine, or of dbt's first start here.
            if each.name not in ("Note", "Formatting")
        )

    here, there = both
    assert said(there) == said(here)
    assert there.end.success is here.end.success
    assert sorted((node.unique_id, node.status) for node in there.end.nodes) == sorted(
        (node.unique_id, node.status) for node in here.end.nodes
    )


def test_every_message_is_the_same_as_a_line(ran: Commands, project: Path, tmp_path: Path) -> None:
    pairs: list[tuple[Message | None, Message | None]] = []

    def hear(said: Any) -> None:
        pairs.append((of_callback(said), of_line(json.loads(msg_to_json(said)))))

    with pytest.MonkeyPatch.context() as environment:
        environment.syspath_prepend(DATA / "mesh")
        result = dbtRunner(callbacks=[hear]).invoke([*shlex.split(BUILD), *places(project, tmp_path)])
    assert result.success
    assert [pair for pair in pairs if pair[0] != pair[1]] == []
    ends = {message.unique_id.split(".")[0] for message, _ in pairs if message is not None and message.end is not None}
    assert {"model", "seed", "snapshot", "test", "unit_test"} <= ends

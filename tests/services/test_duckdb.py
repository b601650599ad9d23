"""The jaffle shop on DuckDB: dbt in this process, live events, the relay's columns, and the edges that are right."""

import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dbt_lineage.airflow.dbt_tasks.running import Way, WithProgram, in_this_process
from dbt_lineage.columns.facet import PRODUCER, UNRESOLVED
from dbt_lineage.columns.model import DIRECT, INDIRECT, Column, ColumnEdge, ColumnLineage
from dbt_lineage.core.settings import SpoolSettings
from dbt_lineage.events.columns_of_run import ColumnsOfRun
from dbt_lineage.events.dbt_messages import CommandEnd
from dbt_lineage.events.live import EmittingProcess, Invocation, LiveLineage
from dbt_lineage.events.run_event import Dataset
from dbt_lineage.ingest.fact import table_of_dataset
from dbt_lineage.ingest.warehouses import CatalogueWarehouse, Warehouses
from dbt_lineage.manifest.graph import Edge, Manifest
from dbt_lineage.relay.completion import Completion
from dbt_lineage.spool.spool import Spool
from dbt_lineage.warehouse.by_dbt import AdapterWarehouse
from dbt_lineage.warehouse.port import WarehouseError
from dbt_lineage.warehouse.profile import target_of
from prove.golden import agreement, load_golden
from stack.checkout import PROJECT_ROOT
from stack.rollback import forget_settings
from tests.openlineage_spec import validate_event
from tests.services.test_node_types import PARENT

SHOP = PROJECT_ROOT / "dbt-jaffle-shop"
GOLDEN = PROJECT_ROOT / "tests" / "data" / "golden_columns.yml"
ALL = 1 << 30
Event = dict[str, Any]


@dataclass(frozen=True)
class Ran:
    """Commands of dbt that have ended, and what was sent of them.

    Args:
        project: the folder.
        file: DuckDB's.
        emitted: events as they were emitted, in order.
        sent: events as the relay sends them.
        live: how many were emitted before dbt had ended.
    """

    project: Path
    file: Path
    emitted: list[Event]
    sent: list[Event]
    live: int

    @property
    def manifest(self) -> Manifest:
        """That of the last command."""
        return Manifest.load(self.project / "target" / "manifest.json")

    @property
    def outputs(self) -> Mapping[str, tuple[Event, Event]]:
        """The newest complete event of each output, and the output."""
        return {
            output["name"]: (event, output)
            for event in self.sent
            if event["eventType"] == "COMPLETE"
            for output in event["outputs"]
        }


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as changed:
        # The database is called after its file, as the one of the list of edges.
        file = tmp_path_factory.mktemp("duckdb") / "jaffle_db.duckdb"
        changed.setenv("DUCKDB_PATH", str(file))
        changed.setenv("DBT_TARGET", "duckdb")
        changed.setenv("DBT_SEND_ANONYMOUS_USAGE_STATS", "false")
        changed.setenv("OPENLINEAGE__TRANSPORT__TYPE", "dbt_lineage.spool.transport.SpoolTransport")
        yield changed
    forget_settings()


def warehouse(project: Path) -> AdapterWarehouse:
    target = target_of(project / "profiles.yml", "jaffle_shop", "duckdb")
    assert target is not None
    return AdapterWarehouse(target)


def run(command: str, way: Way, program: str, project: Path) -> int:
    """Run a command of dbt, and emit its lineage. Returns how many events were out before dbt had ended."""
    where = ("--project-dir", str(project), "--profiles-dir", str(project), "--target", "duckdb")
    words = [program, *command.split(), *where, "--target-path", "target", "--log-path", str(project / "target")]
    columns = ColumnsOfRun.of(project / "profiles.yml", "jaffle_shop", "duckdb", way is in_this_process)
    assert columns is not None
    invocation = Invocation(project, project, "duckdb", words, PARENT, "jobs")
    with EmittingProcess() as process, LiveLineage(invocation, process, columns) as lineage:
        end: CommandEnd = way(words, dict(os.environ), str(project), lineage.hear)
    assert end.success, (end.error, end.nodes)
    live = len(emitted())
    lineage.finish(end.nodes)
    return live


def emitted() -> list[Event]:
    spool = Spool(Path(os.environ["SPOOL_DIR"]), ALL)
    waiting = spool.waiting(ALL, ALL)
    spool.close()
    return [json.loads(each.body) for each in waiting]


def ran(environment: pytest.MonkeyPatch, way: Way, program: str, folder: Path, *commands: str) -> Ran:
    """A copy of the project, commands of dbt on it, and what the relay makes of their events."""
    project = folder / "project"
    if not project.exists():
        shutil.copytree(SHOP, project, ignore=shutil.ignore_patterns("target", "logs"))
    environment.setenv("SPOOL_DIR", str(folder / f"spool of {commands[0]}"))
    forget_settings()
    live = 0
    for command in commands:
        live += run(command, way, program, project) - live
    events = emitted()
    completion = Completion([warehouse(project)], SpoolSettings(dir=folder / "columns"))
    assert all(completion.needs(event) == {} for event in events)
    sent = [json.loads(completion.of(json.dumps(event).encode(), {})) for event in events]
    return Ran(project, Path(os.environ["DUCKDB_PATH"]), events, sent, live)


@pytest.fixture(scope="module")
def first(environment: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """The seeds, and a first build."""
    folder = tmp_path_factory.mktemp("shop")
    return ran(environment, in_this_process, "dbt", folder, "seed", "build --exclude resource_type:seed")


@pytest.fixture(scope="module")
def later(first: Ran, environment: pytest.MonkeyPatch) -> Ran:
    """A second build, in which an incremental model reads itself."""
    return ran(environment, in_this_process, "dbt", first.project.parent, "build --exclude resource_type:seed")


def lineage(ran: Ran) -> dict[str, ColumnLineage]:
    """What events say of the columns of models."""
    found = {}
    for name, (event, output) in ran.outputs.items():
        if not event["job"]["name"].startswith("model."):
            continue
        facet = output["facets"]["columnLineage"]
        edges = {
            ColumnEdge(Column(source["name"], source["field"]), Column(name, column), way["type"], way["subtype"])
            for column, field in facet["fields"].items()
            for source in field["inputFields"]
            for way in source["transformations"]
        }
        dataset = {
            (Column(source["name"], source["field"]), way["subtype"])
            for source in facet.get("dataset") or []
            for way in source["transformations"]
        }
        columns = tuple(field["name"] for field in output["facets"]["schema"]["fields"])
        found[name] = ColumnLineage(name, columns, frozenset(edges), frozenset(dataset), ())
    return found


def test_every_event_is_one_that_openlineage_allows(first: Ran) -> None:
    for event in first.sent:
        validate_event(event)


def test_events_leave_as_nodes_finish(first: Ran) -> None:
    assert first.live == len(first.emitted)


def test_the_edges_are_those_of_the_manifest(first: Ran) -> None:
    named = first.manifest.named
    edges = {
        Edge(named(each["name"]), named(output))
        for output, (event, _) in first.outputs.items()
        for each in event["inputs"]
    }
    assert edges == first.manifest.edges()


@pytest.mark.parametrize("kind", [DIRECT, INDIRECT])
@pytest.mark.parametrize("which", ["first", "later"])
def test_the_columns_are_those_that_were_written_by_hand(which: str, kind: str, request: pytest.FixtureRequest) -> None:
    golden = load_golden(GOLDEN)
    if which == "first":
        golden = {**golden, **load_golden(GOLDEN, "first_run")}
    result = agreement(golden, lineage(request.getfixturevalue(which)), kind)
    assert (list(map(str, result.missing)), list(map(str, result.wrong))) == ([], [])
    assert result.expected


def test_nothing_is_unresolved(first: Ran, later: Ran) -> None:
    for each in (first, later):
        assert [name for name, (_, output) in each.outputs.items() if UNRESOLVED in output["facets"]] == []


def test_an_event_carries_all_columns_of_what_it_reads_and_writes(first: Ran) -> None:
    """The catalogue has no connector for DuckDB: tables are described by these."""
    for event, output in first.outputs.values():
        for dataset in (*event["inputs"], output):
            schema = dataset["facets"]["schema"]
            assert schema["_producer"] == PRODUCER
            assert all(field["name"] and field["type"] for field in schema["fields"])


def test_what_is_documented_keeps_its_description(first: Ran) -> None:
    _, output = first.outputs["jaffle_db.jaffle_shop_dev.customers"]
    described = {field["name"]: field.get("description") for field in output["facets"]["schema"]["fields"]}
    node = first.manifest.content["nodes"]["model.jaffle_shop.customers"]
    assert described == {name: column["description"] for name, column in node["columns"].items()}


def test_each_dataset_is_a_table_of_the_catalogues_service(first: Ran) -> None:
    ours = warehouse(first.project)
    warehouses = Warehouses([CatalogueWarehouse(ours.namespace, ours.database, "duck", "runs")])
    for event, output in first.outputs.values():
        for each in (*event["inputs"], output):
            table = table_of_dataset(Dataset(namespace=each["namespace"], name=each["name"]), warehouses)
            assert table is not None
            assert table.fqn == f"duck.{each['name']}"


def test_a_dbt_of_its_own_leaves_the_same_columns(
    first: Ran, later: Ran, environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """They are read when it has ended: until then it has the file."""
    program = str(Path(sys.executable).with_name("dbt"))
    environment.setenv("DUCKDB_PATH", str(tmp_path / "jaffle_db.duckdb"))
    there = ran(environment, WithProgram().as_program, program, tmp_path, "seed", "build --exclude resource_type:seed")
    environment.setenv("DUCKDB_PATH", str(first.file))
    assert lineage(there) == lineage(first)


# --- nobody but dbt opens the file


def test_others_do_not_open_it(first: Ran) -> None:
    ours = warehouse(first.project)
    with pytest.raises(
        WarehouseError, match=r"is a file that only one process can open, and that is dbt: columns cannot"
    ):
        ours.columns(["jaffle_db.jaffle_shop_dev.orders"])
    with pytest.raises(WarehouseError, match=r"is a file that only one process can open"), ours.reader(10):
        pass
    assert ours.superset_address() is None
    assert str(first.file) in ours.ping(1)


def test_a_file_that_is_not_there_yet_is_no_trouble(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as changed:
        changed.setenv("DUCKDB_PATH", str(tmp_path / "none.duckdb"))
        assert warehouse(SHOP).ping(1) == f"{tmp_path / 'none.duckdb'} does not exist yet: dbt creates it"


def test_an_event_that_does_not_carry_its_columns_says_why(first: Ran, tmp_path: Path) -> None:
    event = next(event for event, _ in first.outputs.values() if event["job"]["name"] == "model.jaffle_shop.customers")
    bare = json.loads(json.dumps(event))
    for each in (*bare["inputs"], *bare["outputs"]):
        each["facets"] = {}
    bare["job"]["facets"]["sql"]["query"] = "select * from jaffle_db.jaffle_shop_dev.stg_customers"
    completion = Completion([warehouse(first.project)], SpoolSettings(dir=tmp_path))
    [output] = json.loads(completion.of(json.dumps(bare).encode(), {}))["outputs"]
    reasons = [field["reason"] for field in output["facets"][UNRESOLVED]["fields"]]
    assert any("only dbt's process can read" in each and "does not carry all columns" in each for each in reasons)

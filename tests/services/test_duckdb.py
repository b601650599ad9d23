"""The jaffle shop on DuckDB: dbt in this process, live events, the relay's columns, and the edges that are right."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dbt_lineage.columns.facet import PRODUCER, UNRESOLVED
from dbt_lineage.columns.model import DIRECT, INDIRECT
from dbt_lineage.core import settings
from dbt_lineage.core.settings import SpoolSettings
from dbt_lineage.events.run_event import Dataset
from dbt_lineage.ingest.fact import table_of_dataset
from dbt_lineage.ingest.warehouses import CatalogueWarehouse, Warehouses
from dbt_lineage.relay.completion import Completion
from dbt_lineage.warehouse.port import WarehouseError
from prove.golden import agreement, load_golden
from stack.checkout import PROJECT_ROOT
from tests.openlineage_spec import validate_event
from tests.services.embedded import SHOP, WAYS, Ran, lineage, run, sent, warehouse

GOLDEN = PROJECT_ROOT / "tests" / "data" / "golden_columns.yml"
BUILD = "build --exclude resource_type:seed"


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
    settings.forget()


def ran(environment: pytest.MonkeyPatch, way: str, folder: Path, *commands: str) -> Ran:
    """Commands of dbt on a copy of the project, and what the relay makes of their events."""
    environment.setenv("SPOOL_DIR", str(folder / f"spool of {commands[0]}"))
    settings.forget()
    dbt = str(Path(sys.executable).with_name("dbt"))
    return sent("duckdb", folder, run(WAYS[way], dbt, "duckdb", folder, commands))


@pytest.fixture(scope="module")
def first(environment: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """The seeds, and a first build."""
    return ran(environment, "process", tmp_path_factory.mktemp("shop"), "seed", BUILD)


@pytest.fixture(scope="module")
def later(first: Ran, environment: pytest.MonkeyPatch) -> Ran:
    """A second build, in which an incremental model reads itself."""
    return ran(environment, "process", first.project.parent, BUILD)


def test_every_event_is_one_that_openlineage_allows(first: Ran) -> None:
    for event in first.sent:
        validate_event(event)


def test_events_leave_as_nodes_finish(first: Ran) -> None:
    assert first.live == len(first.emitted)


def test_the_edges_are_those_of_the_manifest(first: Ran) -> None:
    assert first.edges == first.manifest.edges()


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
    ours = warehouse(first.project, "duckdb")
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
    with pytest.MonkeyPatch.context() as changed:
        changed.setenv("DUCKDB_PATH", str(tmp_path / "jaffle_db.duckdb"))
        there = ran(environment, "program", tmp_path, "seed", BUILD)
    assert lineage(there) == lineage(first)


# --- nobody but dbt opens the file


def test_others_do_not_open_it(first: Ran) -> None:
    ours = warehouse(first.project, "duckdb")
    with pytest.raises(
        WarehouseError, match=r"only one process can open duckdb at .*, and that is dbt: columns cannot"
    ):
        ours.columns(["jaffle_db.jaffle_shop_dev.orders"])
    with pytest.raises(WarehouseError, match=r"only one process can open"), ours.reader(10):
        pass
    assert ours.superset_address() is None
    assert os.environ["DUCKDB_PATH"] in ours.ping(1)


def test_a_file_that_is_not_there_yet_is_no_trouble(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as changed:
        changed.setenv("DUCKDB_PATH", str(tmp_path / "none.duckdb"))
        assert warehouse(SHOP, "duckdb").ping(1) == f"{tmp_path / 'none.duckdb'} does not exist yet: dbt creates it"


def test_an_event_that_does_not_carry_its_columns_says_why(first: Ran, tmp_path: Path) -> None:
    event = next(event for event, _ in first.outputs.values() if event["job"]["name"] == "model.jaffle_shop.customers")
    bare = json.loads(json.dumps(event))
    for each in (*bare["inputs"], *bare["outputs"]):
        each["facets"] = {}
    bare["job"]["facets"]["sql"]["query"] = "select * from jaffle_db.jaffle_shop_dev.stg_customers"
    completion = Completion([warehouse(first.project, "duckdb")], SpoolSettings(dir=tmp_path))
    [output] = json.loads(completion.of(json.dumps(bare).encode(), {}))["outputs"]
    reasons = [field["reason"] for field in output["facets"][UNRESOLVED]["fields"]]
    said = "only dbt's process can read duckdb at "
    assert any(each.startswith(said) and each.endswith("its event does not carry all columns") for each in reasons)

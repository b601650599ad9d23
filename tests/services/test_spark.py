"""The jaffle shop on a session of Spark: live events, the relay's columns without Spark, and the edges that are right."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

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
from stack import spark
from stack.checkout import PROJECT_ROOT
from stack.config import StackError
from stack.java import NoJava
from tests.openlineage_spec import validate_event
from tests.services.embedded import Ran, lineage, sent, warehouse

GOLDEN = PROJECT_ROOT / "tests" / "data" / "golden_columns.yml"


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[pytest.MonkeyPatch]:
    try:
        of_spark = spark.environment()
    except (StackError, NoJava) as error:
        pytest.skip(str(error))
    with pytest.MonkeyPatch.context() as changed:
        for name, value in of_spark.items():
            changed.setenv(name, value)
        changed.setenv("SPARK_WAREHOUSE_DIR", str(tmp_path_factory.mktemp("spark")))
        changed.setenv("DBT_TARGET", "spark")
        changed.setenv("DBT_SEND_ANONYMOUS_USAGE_STATS", "false")
        changed.setenv("OPENLINEAGE__TRANSPORT__TYPE", "dbt_lineage.spool.transport.SpoolTransport")
        yield changed
    settings.forget()


def test_the_packages_find_what_they_need_in_airflows_environment(environment: pytest.MonkeyPatch) -> None:
    """They are installed without what they depend on."""
    paths = [*os.environ["PYTHONPATH"].split(os.pathsep), *sys.path]
    for name in ("dbt-spark", "pyspark"):
        [ours] = distributions(name=name, path=paths)
        for needed in map(Requirement, ours.requires or ()):
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                found = next(iter(distributions(name=needed.name, path=paths)), None)
                assert found is not None, f"{name} needs {needed}"
                assert needed.specifier.contains(found.version), f"{name} needs {needed}, there is {found.version}"


def ran(environment: pytest.MonkeyPatch, way: str, folder: Path, *commands: str) -> Ran:
    """Commands of dbt in a process that has Spark, and what the relay makes of their events in this one, which has not."""
    environment.setenv("SPOOL_DIR", str(folder / "spool"))
    settings.forget()
    words = [sys.executable, "-m", "tests.services.embedded", way, "spark", str(folder), *commands]
    done = subprocess.run(words, cwd=PROJECT_ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    # Spark logs a question about a relation that is not there as an error.
    assert "TABLE_OR_VIEW_NOT_FOUND" not in done.stdout + done.stderr
    return sent("spark", folder, int((folder / "live").read_text()))


@pytest.fixture(scope="module")
def shop(environment: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """The seeds, and a build with the singular tests: the generic ones and the unit tests take minutes on Spark."""
    build = "build --exclude resource_type:seed test_type:generic test_type:unit"
    return ran(environment, "process", tmp_path_factory.mktemp("shop"), "seed", build)


def test_every_event_is_one_that_openlineage_allows(shop: Ran) -> None:
    for event in shop.sent:
        validate_event(event)


def test_events_leave_as_nodes_finish(shop: Ran) -> None:
    assert shop.live == len(shop.emitted)


def test_the_edges_are_those_of_the_manifest(shop: Ran) -> None:
    assert shop.edges == shop.manifest.edges()


@pytest.mark.parametrize("kind", [DIRECT, INDIRECT])
def test_the_columns_are_those_that_were_written_by_hand(shop: Ran, kind: str) -> None:
    """No model is incremental there, so each run is as a first one. Names of relations have no database."""
    golden = {**load_golden(GOLDEN), **load_golden(GOLDEN, "first_run")}
    result = agreement(golden, lineage(shop, "jaffle_db."), kind)
    assert (list(map(str, result.missing)), list(map(str, result.wrong))) == ([], [])
    assert result.expected


def test_nothing_is_unresolved(shop: Ran) -> None:
    assert [name for name, (_, output) in shop.outputs.items() if UNRESOLVED in output["facets"]] == []


def test_an_event_carries_all_columns_of_what_it_reads_and_writes(shop: Ran) -> None:
    for event, output in shop.outputs.values():
        for dataset in (*event["inputs"], output):
            schema = dataset["facets"]["schema"]
            assert schema["_producer"] == PRODUCER
            assert all(field["name"] and field["type"] for field in schema["fields"])


def test_what_is_documented_keeps_its_description(shop: Ran) -> None:
    _, output = shop.outputs["jaffle_shop_dev.customers"]
    described = {field["name"]: field.get("description") for field in output["facets"]["schema"]["fields"]}
    node = shop.manifest.content["nodes"]["model.jaffle_shop.customers"]
    assert described == {name: column["description"] for name, column in node["columns"].items()}


def test_each_dataset_is_a_table_of_the_catalogues_service(shop: Ran) -> None:
    ours = warehouse(shop.project, "spark")
    warehouses = Warehouses([CatalogueWarehouse(ours.namespace, ours.database, "of spark", "runs")])
    for event, output in shop.outputs.values():
        for each in (*event["inputs"], output):
            table = table_of_dataset(Dataset(namespace=each["namespace"], name=each["name"]), warehouses)
            assert table is not None
            assert table.fqn == f"of spark.default.{each['name']}"


@pytest.mark.long
def test_a_dbt_of_its_own_leaves_the_same_columns(shop: Ran, environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """They are read when it has ended: until then it has the metastore. The next dbt can open that."""
    with pytest.MonkeyPatch.context() as changed:
        changed.setenv("SPARK_WAREHOUSE_DIR", str(tmp_path / "spark"))
        there = ran(environment, "program", tmp_path, "seed", "run")
    assert lineage(there) == lineage(shop)


def test_others_do_not_open_it(shop: Ran) -> None:
    ours = warehouse(shop.project, "spark")
    with pytest.raises(WarehouseError, match=r"only one process can open spark at .*, and that is dbt: columns cannot"):
        ours.columns(["default.jaffle_shop_dev.orders"])
    assert ours.ping(1) == "a session in dbt's process, by profile jaffle_shop; nothing to connect to"


@pytest.mark.parametrize("carried", [True, False])
def test_an_unresolved_event_says_whether_it_carries_its_columns(shop: Ran, tmp_path: Path, carried: bool) -> None:
    event = json.loads(json.dumps(shop.outputs["jaffle_shop_dev.customers"][0]))
    event["job"]["facets"]["sql"]["query"] = "select * from another_table"
    for each in (*event["inputs"], *event["outputs"]):
        each["facets"] = {"schema": each["facets"]["schema"]} if carried else {}
    completion = Completion([warehouse(shop.project, "spark")], SpoolSettings(dir=tmp_path))
    [output] = json.loads(completion.of(json.dumps(event).encode(), {}))["outputs"]
    reasons = [field["reason"] for field in output["facets"][UNRESOLVED]["fields"]]
    assert any(each.startswith("only dbt's process can read spark at ") for each in reasons) is not carried

"""Several projects in one installation: which warehouse, service and consumer group is whose, and what each check says."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from dbt_lineage.core import settings
from dbt_lineage.core.levels import Level
from dbt_lineage.core.projects import Project
from dbt_lineage.core.settings import OpenLineageSettings, SettingsError, SpoolSettings
from dbt_lineage.events.run_event import Dataset
from dbt_lineage.ingest.from_settings import project_ingestion
from dbt_lineage.ingest.warehouses import CatalogueWarehouse, Warehouses
from dbt_lineage.ingest.workflows import WorkflowError, Workflows, connector_group
from dbt_lineage.manifest.project_file import Jobs
from dbt_lineage.ops.removal import parts_of, parts_of_one
from dbt_lineage.ops.uncovered import table, uncovered
from dbt_lineage.relay.completion import Completion, Database
from dbt_lineage.spool.aside import Aside
from dbt_lineage.warehouse.postgres import PostgresWarehouse
from dbt_lineage.watch.checks import CHECKS, checks_of
from dbt_lineage.watch.checks import command_line as checks_command
from dbt_lineage.watch.checks.results import Result
from dbt_lineage.watch.checks.runner import all_made
from tests.openlineage_events import body, run_event

NEAR, FAR = "postgres://near:5432", "postgres://far:5432"


def project(folder: Path, name: str, content: dict[str, Any] | None = None, **changes: dict[str, Any]) -> Project:
    """One that has what the environment says but for its folder and these changes of groups."""
    own = folder / name
    own.mkdir(exist_ok=True)
    (own / "dbt_project.yml").write_text(yaml.safe_dump({"name": name}))
    if content is not None:
        (own / "manifest.json").write_text(json.dumps(content))
    groups = {group: getattr(settings, group)().model_copy(update=change) for group, change in changes.items()}
    dbt = settings.dbt().model_copy(update={"project_dir": own, "artifacts_dir": own, "dag_id": name})
    return Project.of(name, dbt=dbt, superset=None, **groups)


def dataset(namespace: str, name: str = "db.dev.a") -> Dataset:
    return Dataset(namespace=namespace, name=name)


# --- which warehouse


def test_an_event_needs_columns_of_the_warehouse_whose_namespace_it_names(tmp_path: Path) -> None:
    known = settings.warehouse()
    places = [("near", "db"), ("near", "DB2"), ("far", "db"), ("near", "db")]
    warehouses = [
        PostgresWarehouse(known.model_copy(update={"host": host, "database": database})) for host, database in places
    ]
    completion = Completion(warehouses, SpoolSettings(dir=tmp_path))
    assert list(completion.places) == [Database(NEAR, "db"), Database(NEAR, "DB2"), Database(FAR, "db")]
    names = [(NEAR, "db.s.a"), (NEAR, "db2.s.b"), (FAR, "db.s.a"), (FAR, "other.s.c"), ("postgres://no:1", "db.s.d")]
    datasets = [{"namespace": namespace, "name": name} for namespace, name in names]
    assert completion.needs(run_event(1, inputs=datasets[1:], outputs=datasets[:1])) == {
        Database(NEAR, "db"): {"db.s.a"},
        Database(NEAR, "DB2"): {"db2.s.b"},
        Database(FAR, "db"): {"db.s.a", "other.s.c"},
    }


def test_the_columns_of_two_servers_are_not_mixed_up(tmp_path: Path) -> None:
    known = settings.warehouse()
    warehouses = [
        PostgresWarehouse(known.model_copy(update={"host": host, "database": "db"})) for host in ("near", "far")
    ]
    completion = Completion(warehouses, SpoolSettings(dir=tmp_path))
    event = run_event(1, outputs=[{"namespace": FAR, "name": "db.s.a"}])
    columns = {Database(NEAR, "db"): {"db.s.a": {"id": "int"}}, Database(FAR, "db"): {"db.s.a": {"key": "text"}}}
    told = json.loads(completion.of(json.dumps(event).encode(), columns))
    assert told["outputs"][0]["facets"]["schema"]["fields"] == [{"name": "key", "type": "text"}]


def test_a_dataset_is_in_the_warehouse_of_its_namespace_and_in_an_only_one_whatever_it_names() -> None:
    near, other, far = (
        CatalogueWarehouse(namespace, database, service, "runs")
        for namespace, database, service in ((NEAR, "db", "one"), (NEAR, "other", "two"), (FAR, "db", "three"))
    )
    several = Warehouses([near, other, far])
    assert several.of_dataset(dataset(NEAR)) is near
    assert several.of_dataset(dataset(NEAR, "OTHER.dev.a")) is other
    assert several.of_dataset(dataset(NEAR, "dev.a")) is near
    assert several.of_dataset(dataset("postgresql://far:5432/")) is far
    for nowhere in ("postgres://elsewhere:5432", "s3://lake", "near"):
        assert several.of_dataset(dataset(nowhere)) is None
    assert Warehouses([near]).of_dataset(dataset("postgres://elsewhere:5432")) is near
    assert Warehouses([near], alone=False).of_dataset(dataset("postgres://elsewhere:5432")) is None


def test_a_table_has_one_place_in_the_catalogue_and_a_place_one_table(tmp_path: Path) -> None:
    one = project(tmp_path, "sales", openmetadata={"database_service": "one"})
    with pytest.raises(SettingsError, match=r"sales and finance build in the same database.*it is one and two"):
        Warehouses.of([one, project(tmp_path, "finance", openmetadata={"database_service": "two"})])
    far = project(tmp_path, "finance", warehouse={"host": "far"}, openmetadata={"database_service": "one"})
    with pytest.raises(
        SettingsError, match=r"DATABASE_SERVICE=one has the database jaffle_db of two servers.*far:5432"
    ):
        Warehouses.of([one, far])
    with pytest.raises(SettingsError, match=r"sales and stock name different catalogues"):
        project_ingestion([one, project(tmp_path, "stock", openmetadata={"url": "http://other:8585"})])


def test_projects_of_one_warehouse_share_it_and_keep_their_pipeline_services(tmp_path: Path) -> None:
    there = [
        project(tmp_path, name, openmetadata={"pipeline_service": f"{name}_runs"}) for name in ("sales", "finance")
    ]
    [warehouse] = Warehouses.of(there).all
    namespace = settings.openlineage().namespace
    warehouses = Warehouses([warehouse])
    for name in ("sales", "finance"):
        assert warehouses.job((namespace, f"model.{name}.orders"), None).service == f"{name}_runs"
    # A model of a package is in the first one's: its name does not tell whose it is.
    assert warehouses.job((namespace, "model.package.orders"), None).service == "sales_runs"


# --- OpenMetadata's workflows


def manifest(name: str) -> dict[str, Any]:
    return {"metadata": {"project_name": name}, "nodes": {}, "sources": {}, "parent_map": {}}


def test_the_connector_of_a_project_has_a_group_of_its_own_and_only_its_own_jobs(tmp_path: Path) -> None:
    sales, finance = (project(tmp_path, name, manifest(name)) for name in ("sales", "finance"))
    group = settings.openmetadata().consumer_group
    assert connector_group(sales, ()) == group
    assert connector_group(sales, [finance]) == f"{group}-sales"
    own = project(tmp_path, "finance", openmetadata={"consumer_group": "its-own"})
    assert connector_group(own, [sales]) == "its-own"
    alone = Workflows.of(sales, [sales]).connector_environment()
    assert (alone["OPENMETADATA_CONSUMER_GROUP"], alone["OPENMETADATA_PIPELINES"]) == (group, ".*")
    pattern = Workflows.of(finance, [sales, finance]).connector_environment()["OPENMETADATA_PIPELINES"]
    namespace = settings.openlineage().namespace
    assert re.match(pattern, f"{namespace}-model.finance.orders")
    assert not re.match(pattern, f"{namespace}-model.sales.orders")


def test_two_supersets_in_one_dashboard_service_are_refused(tmp_path: Path) -> None:
    superset = settings.superset()
    sales, finance = (project(tmp_path, name, manifest(name)) for name in ("sales", "finance"))
    for each, url in ((sales, superset.url), (finance, "http://other:8088/")):
        vars(each)["superset"] = superset.model_copy(update={"url": url})
    with pytest.raises(WorkflowError, match="DASHBOARD_SERVICE=jaffle_superset is that of project finance, too"):
        Workflows.of(sales, [sales, finance]).command("superset")


# --- checks


def test_what_is_wrong_with_one_project_is_told_of_it_alone(tmp_path: Path) -> None:
    sales, finance = project(tmp_path, "sales", manifest("sales")), project(tmp_path, "finance")
    both = [sales, finance]
    results = all_made(["dashboards"], both, both)
    assert [(each.project, each.level, each.made) for each in results] == [
        ("sales", Level.OK, True),
        ("finance", Level.FAIL, False),
    ]
    assert "manifest.json is missing" in results[1].seen


def test_a_project_whose_settings_are_missing_hides_no_other(tmp_path: Path) -> None:
    class Unread(Project):
        @property
        def warehouse(self) -> Any:  # type: ignore[override]
            raise SettingsError("WAREHOUSE_PASSWORD is not set")

    there = [Unread("stock"), project(tmp_path, "sales", manifest("sales"))]
    results = all_made(["dashboards"], there, there)
    assert [(each.project, each.level) for each in results] == [("stock", Level.FAIL), ("sales", Level.OK)]
    assert "WAREHOUSE_PASSWORD is not set" in results[0].seen


def test_what_all_share_is_looked_after_by_the_first_one_alone() -> None:
    assert checks_of("sales", "sales") == CHECKS
    assert CHECKS.keys() - checks_of("finance", "sales").keys() == {"validity", "lag"}


def shown(monkeypatch: pytest.MonkeyPatch, there: list[Project], *arguments: str) -> Any:
    monkeypatch.setattr(checks_command, "projects", lambda: tuple(there))
    monkeypatch.setattr(checks_command, "named", lambda name: next(each for each in there if each.name == name))
    return CliRunner().invoke(checks_command.app, ["dashboards", *arguments])


def test_the_command_says_the_project_where_there_are_several(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = [project(tmp_path, name, manifest(name)) for name in ("sales", "finance")]
    found = json.loads(shown(monkeypatch, there, "--json").stdout)
    assert [each["project"] for each in found] == ["sales", "finance"]
    found = json.loads(shown(monkeypatch, there, "--json", "--project", "finance").stdout)
    assert [each["project"] for each in found] == ["finance"]
    assert "finance" in shown(monkeypatch, there).stdout
    [only] = json.loads(shown(monkeypatch, there[:1], "--json").stdout)
    assert list(only) == list(Result("dashboards", "", Level.OK, "").as_json())
    assert "project" not in only
    assert "sales" not in shown(monkeypatch, there[:1]).stdout


# --- removal, and what ran while the lineage was off


def test_one_project_is_removed_without_what_it_shares(tmp_path: Path) -> None:
    there = [project(tmp_path, name, manifest(name)) for name in ("sales", "finance")]
    assert [part.name for part in parts_of(there)] == [
        "catalogue sales",
        "catalogue finance",
        "Kafka",
        "ledger",
        "spool",
    ]
    assert [part.name for part in parts_of(there[:1])] == ["catalogue", "Kafka", "ledger", "spool"]
    kinds = [type(part).__name__ for part in parts_of_one(there[1], there)]
    assert kinds == ["InCatalogue", "ConnectorGroup", "RecordsOfProject"]


def test_what_is_not_covered_is_told_by_project(tmp_path: Path) -> None:
    jobs = {name: Jobs(frozenset({"tests"}), name, f"{name}_dag") for name in ("sales", "finance")}
    aside = Aside(tmp_path, 1 << 24)
    for number, job in enumerate(("model.sales.a", "finance_dag.dbt_build", "finance_dag", "finance_dag_2", "other")):
        aside.keep(body(number, job=job))
    found = uncovered(aside, jobs)
    assert [(each.project, each.name) for each in found] == [
        ("", "finance_dag_2"),
        ("", "other"),
        ("finance", "finance_dag"),
        ("finance", "finance_dag.dbt_build"),
        ("sales", "model.sales.a"),
    ]
    shown = table(found, by_project=True)
    [row] = [line for line in shown.splitlines() if "finance_dag.dbt_build" in line]
    assert [cell.strip() for cell in row.split("│")][1:3] == ["finance", "finance_dag.dbt_build"]
    assert "project" not in table(found)
    assert {each.project for each in uncovered(aside)} == {""}


def test_the_namespace_of_jobs_tells_two_targets_of_one_dbt_project_apart(tmp_path: Path) -> None:
    there = [project(tmp_path, "sales", openmetadata={"pipeline_service": service}) for service in ("one", "two")]
    for each, namespace in zip(there, ("dev", "prod"), strict=True):
        vars(each)["openlineage"] = OpenLineageSettings(namespace=namespace)
    warehouses = Warehouses.of(there)
    assert [warehouses.job((namespace, "model.sales.a"), None).service for namespace in ("dev", "prod")] == [
        "one",
        "two",
    ]

"""A small dbt project that changes, with topics, catalogue services and schemas of its own on the shared stack."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from dbt_lineage.core import settings
from dbt_lineage.core.levels import Level
from dbt_lineage.core.projects import Project, projects
from dbt_lineage.core.settings import SpoolSettings
from dbt_lineage.ingest.ingestion import Ingested, Ingestion
from dbt_lineage.ingest.ledger_updates import LedgerProgress
from dbt_lineage.ingest.warehouses import Warehouses
from dbt_lineage.ingest.workflows import Workflows, artifacts_without_lineage
from dbt_lineage.relay.completion import Completion
from dbt_lineage.relay.relay import Relay
from dbt_lineage.spool.spool import Spool
from dbt_lineage.warehouse.postgres import PostgresWarehouse
from dbt_lineage.watch.checks.runner import made
from dbt_lineage.watch.checks.sources import Sources
from stack.checkout import PROJECT_ROOT
from tests.support import Catalogue, query

NAME = "shifting"
TARGETS = ("one", "two")
RAW = f"{NAME}_raw"

# Columns by table and column: which is made from which.
Edges = dict[tuple[str, str], set[tuple[str, str]]]

BEFORE = {
    "staged": "select id, amount, note from {{ source('raw', 'payments') }}",
    "other": "select id, label from {{ source('raw', 'labels') }}",
    "rewritten": "select id, amount from {{ ref('staged') }}",
    "old_name": "select id from {{ ref('staged') }}",
    "dropped": "select id, label from {{ source('raw', 'labels') }}",
    "grown": """
        {{ config(materialized='incremental', unique_key='id', on_schema_change='sync_all_columns') }}
        select id, amount from {{ ref('staged') }}
    """,
    "tested": "select id, note from {{ ref('staged') }}",
    "failing": "select id, amount from {{ ref('staged') }}",
    "below": "select id, amount from {{ ref('failing') }}",
}
# A source's column has another name, a model another parent, a model another name, one has a new column, one is new,
# one is gone, and one fails, on what it did not read before.
AFTER = {
    **{name: sql for name, sql in BEFORE.items() if name not in ("old_name", "dropped")},
    "staged": "select id, amount, memo as note from {{ source('raw', 'payments') }}",
    "rewritten": "select id, label as amount from {{ ref('other') }}",
    "new_name": BEFORE["old_name"],
    "grown": BEFORE["grown"].replace("id, amount", "id, amount, note"),
    "fresh": "select other.id, staged.amount from {{ ref('other') }} join {{ ref('staged') }} using (id)",
    "failing": "select id, 1 / (id - id) as amount from {{ ref('other') }}",
}
PROPERTIES = {
    "sources": [{"name": "raw", "schema": RAW, "tables": [{"name": "payments"}, {"name": "labels"}]}],
    "models": [{"name": "tested", "columns": [{"name": "note", "data_tests": ["not_null"]}]}],
}


@dataclass
class Shifting:
    """The project, and everything that its lineage goes through.

    Args:
        folder: where the project, its spool and its artifacts are.
        catalogue: the catalogue's REST API.
    """

    folder: Path
    catalogue: Catalogue

    def __post_init__(self) -> None:
        topics = {f"{what}_topic": f"{NAME}.{what}" for what in ("events", "lineage", "dlq")}
        services = {"database_service": NAME, "pipeline_service": f"{NAME}-runs", "consumer_group": NAME}
        self.kafka = settings.kafka().model_copy(update=topics)
        self.openmetadata = settings.openmetadata().model_copy(update=services)
        self.openlineage = settings.openlineage().model_copy(update={"namespace": NAME})
        self.dbt = settings.dbt().model_copy(
            update={
                "project_dir": self.folder / "one",
                "profiles_dir": None,
                "profile": NAME,
                "target": "one",
                "artifacts_dir": self.folder / "artifacts",
            }
        )
        self.spool = SpoolSettings(dir=self.folder / "spool")

    # --- the warehouse and dbt

    def make_sources(self) -> None:
        """The raw tables, as they are before."""
        query(
            f"create schema {RAW};"
            f"create table {RAW}.payments (id int, amount int, note text);"
            f"create table {RAW}.labels (id int, label text);"
            f"insert into {RAW}.payments values (1, 10, 'a'), (2, 20, 'b');"
            f"insert into {RAW}.labels values (1, 'x'), (2, 'y')"
        )

    def change_sources(self) -> None:
        """A column gets another name, and a row comes that a test does not allow."""
        query(f"alter table {RAW}.payments rename note to memo; insert into {RAW}.payments values (3, 30, null)")

    def write(self, target: str, models: dict[str, str]) -> None:
        """Bring the folder of a target to these models."""
        folder = self.folder / target
        shutil.rmtree(folder / "models", ignore_errors=True)
        (folder / "models").mkdir(parents=True)
        for name, sql in models.items():
            (folder / "models" / f"{name}.sql").write_text(sql)
        written = {
            "models/properties.yml": PROPERTIES,
            "dbt_project.yml": {
                "name": NAME,
                "version": "1.0.0",
                "profile": NAME,
                "flags": {"send_anonymous_usage_stats": False},
                "models": {NAME: {"+materialized": "table"}},
            },
            "profiles.yml": {NAME: {"target": "one", "outputs": {each: _output(each) for each in TARGETS}}},
        }
        for name, content in written.items():
            (folder / name).write_text(yaml.safe_dump(content))

    def build(self, *targets: str) -> list[int]:
        """Build targets at the same time, each from a folder of its own, and send what they emitted to Kafka.

        Returns:
            dbt's exit codes.
        """
        with ExitStack() as running:
            command = [sys.executable, "-m", "dbt_lineage", "dbt", "build"]
            started = [
                running.enter_context(subprocess.Popen(command, env=self._environment(target), cwd=PROJECT_ROOT))
                for target in targets
            ]
            codes = [process.wait() for process in started]
        completion = Completion([PostgresWarehouse(settings.warehouse())], self.spool)
        relayed = Relay(Spool(self.spool.dir, self.spool.max_bytes), self.kafka, completion=completion).drain()
        assert (relayed.dead, relayed.left) == (0, 0)
        shutil.copyfile(self._left_by_dbt / "manifest.json", self.dbt.manifest)
        return codes

    def drop(self) -> None:
        """Take everything out of the warehouse and the catalogue."""
        self.catalogue.delete_service("databaseServices", self.openmetadata.database_service)
        self.catalogue.delete_service("pipelineServices", self.openmetadata.pipeline_service)
        schemas = [RAW, *(f"{NAME}_{target}" for target in TARGETS)]
        query("; ".join(f"drop schema if exists {schema} cascade" for schema in schemas))

    # --- the ingestion

    def describe(self) -> None:
        """The tables of both targets into the catalogue."""
        self._workflow("postgres", self.folder)

    def ingest(self, from_start: bool = False) -> Ingested:
        """One pass of the ingestion."""
        project = Project.of(NAME, warehouse=settings.warehouse(), openmetadata=self.openmetadata)
        warehouses = Warehouses.of([project])
        ingestion = Ingestion(self.kafka, self.openmetadata, NAME, warehouses, LedgerProgress(None), self.spool.dir)
        return ingestion.run(from_start)

    def ingest_tests(self) -> None:
        """The tests of the last build, and their results."""
        with artifacts_without_lineage(self._left_by_dbt) as artifacts:
            self._workflow("dbt", artifacts)

    def command(self, *arguments: str) -> str:
        """What ``dbt-lineage catalogue`` with these words says."""
        done = subprocess.run(
            [sys.executable, "-m", "dbt_lineage", "catalogue", *arguments],
            env=self._environment("one") | {"COLUMNS": "200"},
            cwd=PROJECT_ROOT,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def stale(self) -> set[str]:
        """What the check finds stale."""
        mine = {name: getattr(self, name) for name in ("dbt", "kafka", "openlineage", "openmetadata", "spool")}
        results = made("stale", replace(Sources.of(*projects()), **mine))
        return {result.subject for result in results if result.level is Level.FAIL}

    # --- what the catalogue has

    def edges(self, target: str = "one") -> Edges:
        """The edges into the tables of a target, with their columns, by the tables' names without the target's schema.

        Tables of other schemas keep theirs.
        """
        found: Edges = {}
        schema = f"{NAME}.{settings.warehouse().database}.{NAME}_{target}"
        for table in self._all("tables", databaseSchema=schema):
            graph = self.catalogue.get(
                f"lineage/table/name/{table['fullyQualifiedName']}", upstreamDepth=1, downstreamDepth=0
            )
            names = {node["id"]: node["fullyQualifiedName"] for node in [graph["entity"], *graph["nodes"]]}
            for edge in graph["upstreamEdges"]:
                ends = (_short(names[edge["fromEntity"]], schema), _short(names[edge["toEntity"]], schema))
                assert ends not in found, "an edge is there twice"
                found[ends] = {
                    (source.rsplit(".", 1)[1], column["toColumn"].rsplit(".", 1)[1])
                    for column in edge["lineageDetails"].get("columnsLineage") or []
                    for source in column["fromColumns"]
                }
        return found

    def pipelines(self) -> set[str]:
        """The names of the models that have a pipeline."""
        found = self._all("pipelines", service=self.openmetadata.pipeline_service)
        return {pipeline["name"].removeprefix(f"{NAME}-model.{NAME}.") for pipeline in found}

    def runs(self, model: str) -> list[dict[str, Any]]:
        """The history of a model's runs, the oldest first."""
        name = f'{self.openmetadata.pipeline_service}."{NAME}-model.{NAME}.{model}"'
        ever = {"startTs": 0, "endTs": 2**53}
        return self.catalogue.get(f"pipelines/{name}/status", **ever)["data"][::-1]

    def tests(self) -> dict[str, dict[str, Any]]:
        """The last result of each test."""
        link = f"{NAME}.{settings.warehouse().database}.{NAME}_one.tested"
        found = self._all("dataQuality/testCases", fields="testCaseResult")
        return {each["name"]: each["testCaseResult"] for each in found if each["entityFQN"].startswith(link)}

    def draw(self, upstream: str, downstream: str, source: str) -> None:
        """An edge that somebody else made."""
        schema = f"{NAME}.{settings.warehouse().database}.{NAME}_one"
        path = "/".join(f"table/name/{schema}.{table}" for table in (upstream, downstream))
        self.catalogue.put(f"lineage/{path}", {"source": source})

    def _all(self, path: str, **params: Any) -> Iterable[dict[str, Any]]:
        return self.catalogue.get(path, limit=1000, **params)["data"]

    # --- how it is run

    def _workflows(self) -> Workflows:
        return Workflows(self.openmetadata, PostgresWarehouse(settings.warehouse()), self.kafka, self.dbt)

    def _workflow(self, name: str, artifacts: Path) -> None:
        workflows = self._workflows()
        variables = workflows.environment(artifacts)
        variables["WAREHOUSE_SCHEMAS"] = f"^({RAW}|{'|'.join(f'{NAME}_{target}' for target in TARGETS)})$"
        done = subprocess.run(
            workflows.command(name), env={**os.environ, **variables}, capture_output=True, text=True, cwd=PROJECT_ROOT
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]

    @property
    def _left_by_dbt(self) -> Path:
        """The artifacts of the last build of the target that the project is seen by."""
        return self.dbt.artifacts_dir / "by_hand" / "one" / "target"

    def _environment(self, target: str) -> dict[str, str]:
        return {
            **os.environ,
            "DBT_PROJECT_DIR": str(self.folder / target),
            "DBT_PROFILE": NAME,
            "DBT_TARGET": target,
            "DBT_ARTIFACTS_DIR": str(self.dbt.artifacts_dir),
            "SPOOL_DIR": str(self.spool.dir),
            "OPENLINEAGE_NAMESPACE": NAME,
            "KAFKA_EVENTS_TOPIC": self.kafka.events_topic,
            "KAFKA_LINEAGE_TOPIC": self.kafka.lineage_topic,
            "KAFKA_DLQ_TOPIC": self.kafka.dlq_topic,
            "OPENMETADATA_DATABASE_SERVICE": self.openmetadata.database_service,
            "OPENMETADATA_PIPELINE_SERVICE": self.openmetadata.pipeline_service,
            "OPENMETADATA_CONSUMER_GROUP": self.openmetadata.consumer_group,
            "INGESTION_CONSUMER_GROUP": NAME,
        }


def _output(target: str) -> dict[str, Any]:
    return {
        "type": "postgres",
        "host": "{{ env_var('WAREHOUSE_HOST') }}",
        "port": "{{ env_var('WAREHOUSE_PORT') | int }}",
        "user": "{{ env_var('WAREHOUSE_USER') }}",
        "password": "{{ env_var('WAREHOUSE_PASSWORD') }}",
        "dbname": "{{ env_var('WAREHOUSE_DATABASE') }}",
        "schema": f"{NAME}_{target}",
        "threads": 4,
    }


def _short(name: str, schema: str) -> str:
    return name.removeprefix(f"{schema}.").removeprefix(f"{schema.rsplit('.', 1)[0]}.")

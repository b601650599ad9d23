"""How long the checks take for a large project, and what tables of others in the same catalogue add to that."""

import json
import statistics
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from bench import generated
from bench.parts import part
from bench.stack import of_services
from dbt_lineage.core import settings
from dbt_lineage.core.levels import Level
from dbt_lineage.core.projects import projects
from dbt_lineage.events.run_event import SAYS, says
from dbt_lineage.ingest.ingestion import Ingestion
from dbt_lineage.ingest.ledger_updates import LedgerProgress
from dbt_lineage.ingest.warehouses import CatalogueWarehouse, Warehouses
from dbt_lineage.kafka.writer import Writer
from dbt_lineage.ledger.ledger import Ledger
from dbt_lineage.manifest.graph import Manifest
from dbt_lineage.relay.validation import job_key
from dbt_lineage.spool.facts import Acknowledgement, event_facts
from dbt_lineage.watch.checks import CHECKS
from dbt_lineage.watch.checks.runner import made
from dbt_lineage.watch.checks.sources import Sources
from stack.config import StackError

SERVICES = ("postgres", "kafka", "openmetadata-standin")
MODELS = 1000
OTHERS = 10_000
COLUMNS = ("id", "amount")
_BULK = 500


@part("checks", by_default=False)
def checks(rounds: int) -> dict[str, Any]:
    """Every check of a project that is well, then with tables of others beside it: half of them in its own schema."""
    with of_services("checks", *SERVICES):
        sources = _prepared()
        alone = _rounds(sources, rounds)
        _add_others(sources)
        beside = _rounds(sources, rounds)
    return {
        "models": MODELS,
        "tests": 2 * MODELS,
        "edges": len(sources.manifest.edges()),
        "all_checks_s": alone["all"],
        "all_checks_s_beside_others": beside["all"],
        "tables_of_others": OTHERS,
        "seconds_by_check": alone,
        "seconds_by_check_beside_others": beside,
        "ways": {},
        "ratios": {},
    }


def _rounds(sources: Sources, rounds: int) -> dict[str, float]:
    """Seconds of each check and of all together, the medians."""
    took: dict[str, list[float]] = {name: [] for name in (*CHECKS, "all")}
    for _ in range(rounds):
        # Each round reads everything anew, as each call of the command does.
        fresh = replace(sources, now=datetime.now(UTC))
        begun = time.monotonic()
        for name in CHECKS:
            started = time.monotonic()
            results = made(name, fresh)
            took[name].append(time.monotonic() - started)
            # No relay and no ingestion is at work here.
            wrong = [
                each for each in results if each.level is Level.FAIL and each.subject not in ("relay", "ingestion")
            ]
            if wrong:
                raise StackError(f"{name} is broken: {wrong[0]}")
        took["all"].append(time.monotonic() - begun)
    return {name: round(statistics.median(each), 3) for name, each in took.items()}


def _prepared() -> Sources:
    """A project that has just been built: its events in the topic and the ledger, its lineage in the catalogue."""
    name = "checked"
    dbt = generated.make(MODELS)
    services = {"database_service": name, "pipeline_service": f"{name}_runs"}
    sources = replace(
        Sources.of(*projects()),
        dbt=dbt,
        openlineage=settings.openlineage().model_copy(update={"namespace": name}),
        openmetadata=settings.openmetadata().model_copy(update=services),
        superset=None,
    )
    kafka = sources.kafka
    events = list(_events(sources))
    bodies = [json.dumps(event).encode() for event in events]
    with Writer(kafka) as writer:
        for event, body in zip(events, bodies, strict=True):
            headers = [("event_id", str(uuid.uuid4()).encode()), (SAYS, says(event))]
            writer.write(kafka.events_topic, body, job_key(event), headers)
    _note(sources, bodies)
    group, warehouse, openmetadata = sources.ingestion.consumer_group, sources.warehouse, sources.openmetadata
    service = (openmetadata.database_service, openmetadata.pipeline_service)
    warehouses = Warehouses([CatalogueWarehouse(warehouse.namespace, warehouse.database, *service)])
    Ingestion(kafka, openmetadata, group, warehouses, LedgerProgress(None), sources.spool.dir).run()
    with Ledger(sources.ledger) as ledger:
        ledger.verified("noted", {0: len(bodies)})
    return sources


def _note(sources: Sources, bodies: Sequence[bytes]) -> None:
    """What the ledger knows of events that have just been acknowledged."""
    now = datetime.now(UTC)
    facts = [event_facts(str(uuid.uuid4()), body, now) for body in bodies]
    with Ledger(sources.ledger) as ledger:
        ledger.emitted(facts)
        ledger.acknowledged(
            [Acknowledgement(each.event_id, "noted", 0, at, now, None) for at, each in enumerate(facts)]
        )


def _events(sources: Sources) -> Iterator[dict[str, Any]]:
    """START and COMPLETE of every model and test."""
    manifest, now = sources.manifest, datetime.now(UTC)
    tests = [unique_id for found in manifest.tests().values() for unique_id in found]
    for number, unique_id in enumerate([*manifest.models, *tests]):
        run, at = str(uuid.uuid4()), now - timedelta(seconds=60) + timedelta(milliseconds=number)
        yield _event(sources, unique_id, "START", run, at)
        yield _event(sources, unique_id, "COMPLETE", run, at + timedelta(milliseconds=500))


def _event(sources: Sources, unique_id: str, kind: str, run: str, at: datetime) -> dict[str, Any]:
    manifest: Manifest = sources.manifest
    is_model = unique_id.startswith("model.")
    event: dict[str, Any] = {
        "eventType": kind,
        "eventTime": at.isoformat(),
        "producer": "https://example.com/bench",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": run, "facets": {}},
        "job": {
            "namespace": sources.openlineage.namespace,
            "name": unique_id,
            "facets": {"jobType": _facet(jobType="MODEL" if is_model else "TEST", integration="DBT")},
        },
        "inputs": [],
        "outputs": [],
    }
    if is_model and kind == "COMPLETE":
        parents = sorted(set(manifest.content["parent_map"][unique_id]))
        event["job"]["facets"]["sql"] = _facet(query="select " + "x, " * 300)
        event["inputs"] = [_dataset(sources, parent) for parent in parents]
        fields = {
            column: {"inputFields": [{**_named(sources, parent), "field": column} for parent in parents]}
            for column in COLUMNS
        }
        event["outputs"] = [_dataset(sources, unique_id, columnLineage=_facet(fields=fields))]
    return event


def _dataset(sources: Sources, unique_id: str, **facets: Any) -> dict[str, Any]:
    schema = _facet(fields=[{"name": column, "type": "integer"} for column in COLUMNS])
    return {**_named(sources, unique_id), "facets": {"schema": schema, **facets}}


def _named(sources: Sources, unique_id: str) -> dict[str, str]:
    return {"namespace": sources.warehouse.namespace, "name": sources.manifest.relation(unique_id)}


def _facet(**content: Any) -> dict[str, Any]:
    return {
        "_producer": "https://example.com/bench",
        "_schemaURL": "https://example.com/schema#/$defs/Facet",
        **content,
    }


def _add_others(sources: Sources) -> None:
    """Tables and pipelines of others: half of the tables in a schema of their own, half in that of the project."""
    openmetadata, database = sources.openmetadata, sources.warehouse.database
    service = openmetadata.database_service
    [own] = sources.manifest.schemas()
    headers = {"Authorization": f"Bearer {openmetadata.token.get_secret_value()}"}
    columns = [{"name": f"c{number}", "dataType": "INT"} for number in range(10)]
    with httpx.Client(base_url=f"{str(openmetadata.url).rstrip('/')}/api/v1", headers=headers, timeout=120) as http:
        made = http.put("/databaseSchemas", json={"name": "others", "database": f"{service}.{database}"})
        made.raise_for_status()
        for start in range(0, OTHERS, _BULK):
            schema = "others" if start < OTHERS // 2 else own.rpartition(".")[2]
            tables = [
                {"name": f"other_{number}", "databaseSchema": f"{service}.{database}.{schema}", "columns": columns}
                for number in range(start, start + _BULK)
            ]
            http.put("/tables/bulk", json=tables).raise_for_status()
        nightly = {"name": "nightly", "serviceType": "Airflow"}
        http.put("/services/pipelineServices", json=nightly).raise_for_status()
        for number in range(OTHERS // 10):
            http.put("/pipelines", json={"name": f"job_{number}", "service": "nightly"}).raise_for_status()

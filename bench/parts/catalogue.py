"""How fast prepared events come into the catalogue: by our writer, and by OpenMetadata's connector with its describing."""

import json
import statistics
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from bench.parts import part
from bench.stack import make_tables, of_services
from bench.statistics import growth_exponent
from dbt_lineage.core import settings
from dbt_lineage.core.settings import KafkaSettings, OpenMetadataSettings
from dbt_lineage.events.run_event import FACT, SAYS
from dbt_lineage.ingest.connector import run_connector, run_workflow
from dbt_lineage.ingest.ingestion import Ingested, Ingestion
from dbt_lineage.ingest.ledger_updates import LedgerProgress
from dbt_lineage.ingest.warehouses import CatalogueWarehouse, Warehouses
from dbt_lineage.ingest.workflows import Workflows
from dbt_lineage.kafka.topics import TopicAdmin, TopicSpec
from dbt_lineage.kafka.writer import Writer
from dbt_lineage.warehouse.postgres import PostgresWarehouse
from stack.config import StackError

SERVICES = ("postgres", "kafka", "openmetadata-standin")
SIZES = (100, 1000, 5000)
BESIDE = 1000
COLUMNS = tuple(f"c{number}" for number in range(20))
DELAY_SECONDS = 0.02
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


@part("catalogue", by_default=False)
def catalogue(rounds: int) -> dict[str, Any]:
    """Events with two inputs and twenty columns each, until all are read back; the connector on the same, once."""
    with of_services("catalogue", *SERVICES):
        return _measured(rounds)


def _measured(rounds: int) -> dict[str, Any]:
    took: dict[int, list[float]] = {size: [] for size in SIZES}
    requests = 0.0
    for size in SIZES:
        for _ in range(rounds if size == BESIDE else 1):
            with _Case.made() as case:
                case.send(size)
                seconds, done = case.write()
                took[size].append(seconds)
                requests = done.requests / size if size == BESIDE else requests
    with _Case.made() as case:
        case.send(BESIDE)
        case.delay(DELAY_SECONDS)
        with_delay, _ = case.write()
    with _Case.made() as case:
        make_tables(case.name, [f"m{number}" for number in range(BESIDE + 2)], COLUMNS)
        case.send(BESIDE)
        describing, connecting, edges = case.connect(BESIDE)
    writer_s, connector_s = statistics.median(took[BESIDE]), describing + connecting
    by_size = {size: round(statistics.median(each), 2) for size, each in took.items()}
    return {
        "writer_s": round(writer_s, 2),
        "connector_s": round(connector_s, 2),
        "connector_describing_s": round(describing, 2),
        "connector_edges_found": edges,
        "ratio": round(writer_s / connector_s, 4),
        "seconds_by_events": by_size,
        "events_per_s": {size: round(size / seconds, 1) for size, seconds in by_size.items()},
        "growth_exponent": growth_exponent(by_size),
        "requests_per_event": round(requests, 2),
        "writer_s_with_20_ms_of_delay": round(with_delay, 2),
        "writer_samples_s": [round(each, 2) for each in took[BESIDE]],
        "ways": {},
        "ratios": {},
    }


@dataclass(frozen=True)
class _Case:
    """Topics, services and a schema of their own.

    Args:
        name: of all of them.
        kafka: the topics.
        openmetadata: the services.
    """

    name: str
    kafka: KafkaSettings
    openmetadata: OpenMetadataSettings

    @classmethod
    @contextmanager
    def made(cls) -> Iterator["_Case"]:
        """A case; the stand-in is well again afterwards."""
        name = f"case_{uuid.uuid4().hex[:8]}"
        topics = {f"{what}_topic": f"{name}.{what}" for what in ("events", "lineage", "dlq")}
        kafka = settings.kafka().model_copy(update=topics)
        services = {"database_service": name, "pipeline_service": f"{name}_runs", "consumer_group": f"{name}_connector"}
        admin = TopicAdmin.of(kafka)
        for topic in kafka.topics.values():
            admin.ensure(TopicSpec.as_set(topic, kafka))
        case = cls(name, kafka, settings.openmetadata().model_copy(update=services))
        try:
            yield case
        finally:
            with case._control() as control:
                control.delete("/standin/faults").raise_for_status()

    def send(self, count: int) -> None:
        """Put events into the topic, as the relay does."""
        with Writer(self.kafka) as writer:
            for number in range(2, count + 2):
                body = json.dumps(self._event(number)).encode()
                headers = [("event_id", str(uuid.uuid4()).encode()), (SAYS, FACT)]
                writer.write(self.kafka.events_topic, body, f"bench/m{number}".encode(), headers)

    def write(self) -> tuple[float, Ingested]:
        """Seconds of one pass of ours, and what it did. Raises StackError when an event was not verified."""
        warehouse, openmetadata = settings.warehouse(), self.openmetadata
        services = (openmetadata.database_service, openmetadata.pipeline_service)
        warehouses = Warehouses([CatalogueWarehouse(warehouse.namespace, warehouse.database, *services)])
        ledger, spool = LedgerProgress(None), settings.spool().dir
        ingestion = Ingestion(self.kafka, openmetadata, self.name, warehouses, ledger, spool)
        started = time.monotonic()
        done = ingestion.run()
        seconds = time.monotonic() - started
        if done.verified != done.read or not done.read:
            raise StackError(f"not all events were verified: {done}")
        return seconds, done

    def connect(self, count: int) -> tuple[float, float, int]:
        """Seconds of describing the tables, those of the connector, and how many edges are there then."""
        workflows = Workflows(self.openmetadata, PostgresWarehouse(settings.warehouse()), self.kafka, settings.dbt())
        warehouse, of_warehouse = settings.warehouse(), workflows.warehouse.workflow_variables()
        variables = {
            **workflows.connector_environment(),
            **of_warehouse.texts,
            **of_warehouse.json,
            "WAREHOUSE_DATABASE": warehouse.database,
            "WAREHOUSE_SCHEMAS": f"^{self.name}$",
        }
        started = time.monotonic()
        run_workflow(workflows, "postgres", variables, 1800)
        described = time.monotonic()
        run_connector(workflows, variables, 1800)
        connected = time.monotonic()
        edges = 0
        with self._control() as http:
            for number in range(2, count + 2):
                name = f"{self.name}.{warehouse.database}.{self.name}.m{number}"
                answer = http.get(f"/api/v1/lineage/table/name/{name}", params={"downstreamDepth": 0})
                edges += len(answer.json().get("upstreamEdges") or []) if answer.status_code == 200 else 0
        return described - started, connected - described, edges

    def delay(self, seconds: float) -> None:
        """Let the stand-in wait before each answer."""
        with self._control() as control:
            for method in ("GET", "PUT"):
                fault = {"method": method, "path": ".", "delay": seconds, "times": 1_000_000}
                control.post("/standin/faults", json=fault).raise_for_status()

    def _control(self) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.openmetadata.token.get_secret_value()}"}
        return httpx.Client(base_url=str(self.openmetadata.url), headers=headers, timeout=60)

    def _event(self, number: int) -> dict[str, Any]:
        """An event of a model that reads two others, as a tree has them."""
        first, second = (number - 1) // 2, (number - 2) // 2
        fields = {
            column: {
                "inputFields": [self._field(second if place == 0 else first, column)],
                "transformationDescription": f"{column} + 1",
            }
            for place, column in enumerate(COLUMNS)
        }
        return {
            "eventType": "COMPLETE",
            "eventTime": (_EPOCH + timedelta(seconds=number)).isoformat(),
            "producer": "urn:bench",
            "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
            "run": {"runId": str(uuid.uuid4())},
            "job": {
                "namespace": "bench",
                "name": f"m{number}",
                "facets": {"jobType": {"jobType": "MODEL"}, "sql": {"query": "select " + "x, " * 700}},
            },
            "inputs": [self._dataset(each) for each in sorted({first, second})],
            "outputs": [self._dataset(number, columnLineage={"fields": fields})],
        }

    def _dataset(self, number: int, **facets: Any) -> dict[str, Any]:
        schema = {"fields": [{"name": column, "type": "integer"} for column in COLUMNS]}
        return {**self._named(number), "facets": {"schema": schema, **facets}}

    def _field(self, number: int, column: str) -> dict[str, Any]:
        return {
            **self._named(number),
            "field": column,
            "transformations": [{"type": "DIRECT", "subtype": "TRANSFORMATION"}],
        }

    def _named(self, number: int) -> dict[str, str]:
        warehouse = settings.warehouse()
        return {"namespace": warehouse.namespace, "name": f"{warehouse.database}.{self.name}.m{number}"}

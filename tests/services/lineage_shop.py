"""A shop of a test's own, whose lineage goes through Kafka into the catalogue, with topics and services that are its own."""

import json
import tempfile
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
from confluent_kafka import Message, Producer
from confluent_kafka.admin import AdminClient
from tenacity import retry, retry_if_result, stop_after_delay, wait_fixed

from dbt_lineage.core import settings
from dbt_lineage.core.settings import KafkaSettings, OpenMetadataSettings
from dbt_lineage.ingest.fact import Fact
from dbt_lineage.ingest.ingestion import Ingestion
from dbt_lineage.ingest.warehouses import CatalogueWarehouse, ColumnsOf, Warehouses
from dbt_lineage.kafka.offsets import Bookmarks
from dbt_lineage.kafka.reader import headers, messages
from dbt_lineage.kafka.topics import TopicAdmin, TopicSpec

NAMESPACE = "shop"
# The events of a test happened after this, at the second that it says.
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
Edges = dict[tuple[str, str], set[tuple[str, str]]]


@dataclass
class Told:
    """Keeps what the ingestion tells the ledger, in place of the ledger's database."""

    offsets: dict[str, dict[int, int]] = field(default_factory=dict)
    dead: dict[str, str] = field(default_factory=dict)
    facts: dict[str, Fact] = field(default_factory=dict)
    away: bool = False

    def given_up(self, reasons: Mapping[str, str]) -> bool:
        """Keep it, unless it is away."""
        if not self.away:
            self.dead.update(reasons)
        return not self.away

    def ingested(self, topic: str, offsets: Mapping[int, int]) -> None:
        """Keep it."""
        self.offsets["ingested"] = dict(offsets)

    def verified(self, topic: str, offsets: Mapping[int, int]) -> None:
        """Keep it."""
        self.offsets["verified"] = dict(offsets)

    def lineage(self, facts: Mapping[Fact, str]) -> None:
        """Keep it, by the event's id."""
        self.facts |= {event_id: fact for fact, event_id in facts.items()}

    def unverified(self, topic: str, offsets: Mapping[int, int]) -> int:
        """It hears of everything."""
        return 0


@dataclass
class Shop:
    """The shop.

    Args:
        name: of its services and its consumer group.
        kafka: its topics.
        openmetadata: its services.
        http: of the catalogue.
        folder: of its spool.
        warehouse: columns and types by ``database.schema.table``, for an ingestion that asks the warehouse.
    """

    name: str
    kafka: KafkaSettings
    openmetadata: OpenMetadataSettings
    http: httpx.Client
    folder: Path
    warehouse: dict[str, dict[str, str]] = field(default_factory=dict)
    told: Told = field(default_factory=Told)

    # --- the ingestion

    def ingestion(self, columns_of: ColumnsOf | None = None, **changed: Any) -> Ingestion:
        """The ingestion; without a warehouse to ask unless one is given."""
        openmetadata = self.openmetadata.model_copy(update=changed)
        warehouses = Warehouses([CatalogueWarehouse(self._namespace, "shop", self.name, self.name, columns_of)])
        return Ingestion(self.kafka, openmetadata, self.name, warehouses, self.told, self.folder)

    def columns_of(self, relations: Any) -> dict[str, dict[str, str]]:
        """What the shop's warehouse has."""
        return {name: self.warehouse[name] for name in relations if name in self.warehouse}

    # --- the catalogue

    def make_tables(self, **columns: str) -> None:
        """Tables by name, with the names of their columns."""
        for table, names in columns.items():
            self.make_table(table, names.split())

    def make_table(self, table: str, columns: Sequence[str]) -> None:
        """A table."""
        self.put("services/databaseServices", name=self.name, serviceType="Postgres")
        self.put("databases", name="shop", service=self.name)
        self.put("databaseSchemas", name="dev", database=f"{self.name}.shop")
        described = [{"name": name, "dataType": "INT"} for name in columns]
        self.put("tables", name=table, databaseSchema=f"{self.name}.shop.dev", columns=described)

    def tables(self) -> dict[str, list[str]]:
        """The names of the columns of each table."""
        found = self.get("tables", database=f"{self.name}.shop", limit=100, fields="columns")["data"]
        return {each["name"]: [column["name"] for column in each["columns"]] for each in found}

    def edges(self) -> Edges:
        """The edges, with their columns, by the last parts of their names."""
        return {ends: _pairs(details) for ends, details in self.details().items()}

    def details(self) -> dict[tuple[str, str], dict[str, Any]]:
        """The edges, with all that they say."""
        found: dict[tuple[str, str], dict[str, Any]] = {}
        for table in self.get("tables", database=f"{self.name}.shop", limit=100)["data"]:
            name = quote(table["fullyQualifiedName"], safe="")
            graph = self.get(f"lineage/table/name/{name}", upstreamDepth=1, downstreamDepth=0)
            names = {node["id"]: node["name"] for node in [graph["entity"], *graph["nodes"]]}
            for edge in graph["upstreamEdges"]:
                ends = (names[edge["fromEntity"]], names[edge["toEntity"]])
                assert ends not in found, "an edge is there twice"
                found[ends] = edge["lineageDetails"]
        return found

    def draw(self, upstream: str, downstream: str, **details: Any) -> None:
        """An edge that somebody else makes."""
        path = "/".join(f"table/name/{self.fqn(table)}" for table in (upstream, downstream))
        self.checked(self.http.put(f"/api/v1/lineage/{path}", json=details))

    def delete_edge(self, upstream: str, downstream: str) -> None:
        """Delete an edge."""
        path = "/".join(f"table/name/{self.fqn(table)}" for table in (upstream, downstream))
        self.checked(self.http.delete(f"/api/v1/lineage/{path}"))

    def fqn(self, table: str) -> str:
        """The full name of a table or, as ``table.column``, of a column."""
        return f"{self.name}.shop.dev.{table}"

    def runs(self, model: str) -> list[dict[str, Any]]:
        """The history of a model's runs, the oldest first."""
        name = quote(f'{self.name}."{NAMESPACE}-model.{model}"', safe="")
        return self.get(f"pipelines/{name}/status", startTs=0, endTs=2**53)["data"][::-1]

    def fail(self, method: str, path: str, **effect: Any) -> None:
        """Let requests fail as told."""
        self.checked(self.http.post("/standin/faults", json={"method": method, "path": path, "times": 1000} | effect))

    def behave(self, **options: Any) -> None:
        """Let the stand-in behave otherwise."""
        self.checked(self.http.put("/standin/options", json=options))

    def heal(self) -> None:
        """The catalogue is well again."""
        for route in ("faults", "options"):
            self.checked(self.http.delete(f"/standin/{route}"))

    def requests(self, method: str, path: str) -> int:
        """How many requests were of this form, since ``forget_requests``."""
        found = self.checked(self.http.get("/standin/requests")).json()
        return sum(each["method"] == method and path in each["path"] for each in found)

    def forget_requests(self) -> None:
        """Empty the log of requests."""
        self.checked(self.http.delete("/standin/requests"))

    def await_request(self, method: str, path: str) -> None:
        """Wait until the catalogue has been asked this, since ``forget_requests``."""
        retry(retry=retry_if_result(lambda count: not count), stop=stop_after_delay(60), wait=wait_fixed(0.01))(
            self.requests
        )(method, path)

    # --- Kafka

    def event(
        self,
        model: str,
        inputs: Mapping[str, Mapping[str, Any]],
        second: float = 0,
        kind: str = "COMPLETE",
        **more: Any,
    ) -> dict[str, Any]:
        """An event of a model.

        Args:
            model: the model, which is also its output.
            inputs: by table, which of the output's columns is made from which of its columns; a pair is a column and how.
            second: when it happened.
            kind: its type.
            more: ``sql``, ``job_type``, ``expressions``, ``deciding`` (dataset-wide sources), ``schemas``, ``run``.
        """
        fields: dict[str, Any] = {}
        for table, columns in inputs.items():
            for column, told in columns.items():
                for source in told if isinstance(told, list) else [told]:
                    name, *ways = source if isinstance(source, tuple) else (source,)
                    described = {"namespace": self._namespace, "name": f"shop.dev.{table}", "field": name}
                    if ways:
                        described["transformations"] = [_transformation(way) for way in ways]
                    fields.setdefault(column, {"inputFields": []})["inputFields"].append(described)
        for column, text in more.get("expressions", {}).items():
            fields[column]["transformationDescription"] = text
        decided = [
            {
                "namespace": self._namespace,
                "name": f"shop.dev.{table}",
                "field": column,
                "transformations": [_transformation(way)],
            }
            for table, column, way in more.get("deciding", ())
        ]
        facet = {"fields": fields, **({"dataset": decided} if decided else {})}
        job_facets = {"jobType": {"jobType": more.get("job_type", "MODEL")}}
        if "sql" in more:
            job_facets["sql"] = {"query": more["sql"]}
        return {
            "eventType": kind,
            "eventTime": (EPOCH + timedelta(seconds=second)).isoformat(),
            "run": {"runId": more.get("run", str(uuid.uuid4())), "facets": more.get("run_facets", {})},
            "job": {"namespace": NAMESPACE, "name": f"model.{model}", "facets": job_facets},
            "inputs": [self._dataset(table, more) for table in inputs],
            "outputs": [self._dataset(model, more, columnLineage=facet)],
        }

    def emit(self, model: str, inputs: Mapping[str, Mapping[str, Any]], second: float = 0, **more: Any) -> str:
        """An event of a model, in the events topic. Returns its id."""
        partition = more.pop("partition", -1)
        event = self.event(model, inputs, second, **more)
        return self.produce(json.dumps(event).encode(), f"{NAMESPACE}/model.{model}", partition=partition)

    def produce(self, value: bytes, key: str = "", partition: int = -1) -> str:
        """A message in the events topic. Returns its event id."""
        event_id = str(uuid.uuid4())
        self._producer.produce(
            self.kafka.events_topic, value, key.encode(), headers=[("event_id", event_id.encode())], partition=partition
        )
        assert self._producer.flush(self.kafka.timeout_seconds) == 0
        return event_id

    def letters(self) -> dict[str, str]:
        """The reason of each dead letter, by the event's id."""
        found = (dict(headers(letter)) for letter in self.in_topic(self.kafka.dlq_topic))
        return {each["event_id"].decode(): each["reason"].decode() for each in found}

    def in_topic(self, topic: str) -> list[Message]:
        """All messages of a topic."""
        ends = Bookmarks(self.kafka, topic).ends()
        return list(messages(self.kafka, topic, dict.fromkeys(ends, 0), ends))

    def offsets(self) -> tuple[dict[int, int], dict[int, int]]:
        """Where the ingestion stands, and where the events topic ends."""
        bookmarks = Bookmarks(self.kafka, self.kafka.events_topic)
        return bookmarks.committed(self.name), bookmarks.ends()

    def _dataset(self, table: str, more: Mapping[str, Any], **facets: Any) -> dict[str, Any]:
        schema = more.get("schemas", {}).get(table)
        described = {"schema": {"fields": [{"name": n, "type": t} for n, t in schema.items()]}} if schema else {}
        return {"namespace": self._namespace, "name": f"shop.dev.{table}", "facets": {**described, **facets}}

    @cached_property
    def _producer(self) -> Producer:
        return Producer({"bootstrap.servers": self.kafka.bootstrap_servers, "acks": "all"})

    @property
    def _namespace(self) -> str:
        return settings.warehouse().namespace

    # --- requests

    def put(self, path: str, **body: Any) -> Any:
        """PUT /api/v1/path."""
        return self.checked(self.http.put(f"/api/v1/{path}", json=body)).json()

    def get(self, path: str, **params: Any) -> Any:
        """GET /api/v1/path."""
        return self.checked(self.http.get(f"/api/v1/{path}", params=params)).json()

    def checked(self, answer: httpx.Response) -> httpx.Response:
        """The answer, if it is one of success."""
        answer.raise_for_status()
        return answer

    def close(self) -> None:
        """Take its services out of the catalogue."""
        self.heal()
        for kind in ("databaseServices", "pipelineServices"):
            found = self.http.get(f"/api/v1/services/{kind}/name/{self.name}")
            if found.status_code == 200:
                everything = {"recursive": "true", "hardDelete": "true"}
                self.checked(self.http.delete(f"/api/v1/services/{kind}/{found.json()['id']}", params=everything))


def _transformation(way: str) -> dict[str, str]:
    direct = way in ("IDENTITY", "TRANSFORMATION", "AGGREGATION")
    return {"type": "DIRECT" if direct else "INDIRECT", "subtype": way}


def _pairs(details: Mapping[str, Any]) -> set[tuple[str, str]]:
    return {
        (source.rsplit(".", 1)[1], entry["toColumn"].rsplit(".", 1)[1])
        for entry in details.get("columnsLineage", [])
        for source in entry["fromColumns"]
    }


@contextmanager
def new_shop() -> Iterator[Shop]:
    """A shop with topics and services of its own; afterwards they are gone."""
    name = f"shop_{uuid.uuid4().hex[:8]}"
    topics = {f"{what}_topic": f"{name}.{what}" for what in ("events", "lineage", "dlq")}
    kafka = settings.kafka().model_copy(update={**topics, "partitions": 2})
    services = {"database_service": name, "pipeline_service": name, "consumer_group": f"{name}-connector"}
    openmetadata = settings.openmetadata().model_copy(update={**services, "attempts": 2, "timeout_seconds": 2})
    client = AdminClient({"bootstrap.servers": kafka.bootstrap_servers})
    admin = TopicAdmin(client, kafka.bootstrap_servers, kafka.timeout_seconds)
    for topic in kafka.topics.values():
        admin.ensure(TopicSpec.kept_for_days(topic, kafka.partitions, 1, 1))
    authorization = {"Authorization": f"Bearer {openmetadata.token.get_secret_value()}"}
    with (
        httpx.Client(base_url=str(openmetadata.url), headers=authorization, timeout=30) as http,
        tempfile.TemporaryDirectory() as folder,
    ):
        made = Shop(name, kafka, openmetadata, http, Path(folder))
        yield made
        made.close()
    for deleted in client.delete_topics(list(kafka.topics.values())).values():
        deleted.result()

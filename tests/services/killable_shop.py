"""A shop of a test's own, whose lineage goes through Kafka into the catalogue, and whose ingestion can be hit."""

import json
import os
import re
import signal
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from multiprocessing import get_context
from typing import Any

import httpx
import psutil
from confluent_kafka import Message, Producer
from confluent_kafka.admin import AdminClient
from tenacity import retry, retry_if_result, stop_after_delay, wait_fixed

from include import settings
from include.kafka.offsets import Bookmarks
from include.kafka.reader import headers, messages
from include.kafka.topics import TopicAdmin, TopicSpec
from include.openmetadata.ingest import LineageIngestion
from include.openmetadata.runs import Connector, WarmParent
from include.openmetadata.workflows import Workflows
from include.settings import KafkaSettings, OpenMetadataSettings

NAMESPACE = "killable"
Columns = Mapping[str, str]
Edges = dict[tuple[str, str], set[tuple[str, str]]]


@dataclass
class Told:
    """Keeps what the ingestion tells the ledger, in place of the ledger's database."""

    offsets: dict[str, dict[int, int]] = field(default_factory=dict)
    dead: dict[str, str] = field(default_factory=dict)
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


@dataclass
class Shop:
    """A warehouse in the catalogue, with topics, a consumer group and services of its own."""

    name: str
    kafka: KafkaSettings
    openmetadata: OpenMetadataSettings
    http: httpx.Client
    parent: WarmParent
    told: Told = field(default_factory=Told)

    # --- the catalogue

    def make_tables(self, **columns: str) -> None:
        """Tables by name, with the names of their columns."""
        self._put("services/databaseServices", name=self.name, serviceType="Postgres")
        self._put("databases", name="shop", service=self.name)
        self._put("databaseSchemas", name="dev", database=f"{self.name}.shop")
        for table, names in columns.items():
            described = [{"name": name, "dataType": "INT"} for name in names.split()]
            self._put("tables", name=table, databaseSchema=f"{self.name}.shop.dev", columns=described)

    def edges(self, source: str = "OpenLineage") -> Edges:
        """The edges that came from a source, with their columns, by the last parts of their names."""
        found: Edges = {}
        for table in self._get("tables", database=f"{self.name}.shop", limit=100)["data"]:
            graph = self._get(f"lineage/table/name/{table['fullyQualifiedName']}", upstreamDepth=1, downstreamDepth=0)
            names = {node["id"]: node["name"] for node in [graph["entity"], *graph["nodes"]]}
            for edge in graph["upstreamEdges"]:
                if edge["lineageDetails"]["source"] == source:
                    ends = (names[edge["fromEntity"]], names[edge["toEntity"]])
                    assert ends not in found, "an edge is there twice"
                    found[ends] = {
                        (_last(column), _last(entry["toColumn"]))
                        for entry in edge["lineageDetails"].get("columnsLineage", [])
                        for column in entry["fromColumns"]
                    }
        return found

    def pipelines(self) -> set[str]:
        """The names of the pipelines in the service that the settings name."""
        return {each["name"] for each in self._get("pipelines", service=self.name, limit=100)["data"]}

    def draw_by_hand(self, upstream: str, downstream: str) -> None:
        """An edge as a person draws it."""
        path = "/".join(f"table/name/{self.name}.shop.dev.{table}" for table in (upstream, downstream))
        self._checked(self.http.put(f"/api/v1/lineage/{path}", json={"source": "Manual"}))

    def delete_edges(self) -> None:
        """Delete all edges of the warehouse."""
        for upstream, downstream in self.edges():
            path = "/".join(f"table/name/{self.name}.shop.dev.{table}" for table in (upstream, downstream))
            self._checked(self.http.delete(f"/api/v1/lineage/{path}"))

    def fail(self, method: str, path: str, **effect: Any) -> None:
        """Let requests fail as told."""
        self._checked(self.http.post("/standin/faults", json={"method": method, "path": path, **effect}))

    def heal(self) -> None:
        """No request fails any more."""
        self._checked(self.http.delete("/standin/faults"))

    def await_request(self, method: str, path: str) -> None:
        """Wait until the catalogue has been asked this, since the last call of ``forget_requests``."""
        seen = retry(
            retry=retry_if_result(lambda found: not found),
            stop=stop_after_delay(60),
            wait=wait_fixed(0.01),
            retry_error_callback=lambda _: False,
        )(self._was_asked)(method, path)
        assert seen, f"no {method} {path}"

    def forget_requests(self) -> None:
        """Empty the log of requests."""
        self._checked(self.http.delete("/standin/requests"))

    def _was_asked(self, method: str, path: str) -> bool:
        requests = self._checked(self.http.get("/standin/requests")).json()
        return any((each["method"], each["path"]) == (method, path) for each in requests)

    # --- Kafka

    def emit(self, model: str, inputs: Mapping[str, Columns], kind: str = "COMPLETE", job_type: str = "MODEL") -> str:
        """An event of a model: its inputs, and which of its columns is drawn from which of theirs. Returns its id."""
        fields: dict[str, Any] = {}
        for table, columns in inputs.items():
            for column, source in columns.items():
                described = {"namespace": self._namespace, "name": f"shop.dev.{table}", "field": source}
                fields.setdefault(column, {"inputFields": []})["inputFields"].append(described)
        dataset = {"namespace": self._namespace, "name": f"shop.dev.{model}"}
        event = {
            "eventType": kind,
            "eventTime": datetime.now(UTC).isoformat(),
            "run": {"runId": str(uuid.uuid4())},
            "job": {"namespace": NAMESPACE, "name": f"model.{model}", "facets": {"jobType": {"jobType": job_type}}},
            "inputs": [{"namespace": self._namespace, "name": f"shop.dev.{table}"} for table in inputs],
            "outputs": [dataset | {"facets": {"columnLineage": {"fields": fields}}}],
        }
        return self.produce(json.dumps(event).encode(), f"{NAMESPACE}/model.{model}")

    def produce(self, value: bytes, key: str, event_id: str | None = None) -> str:
        """A message in the events topic, as the relay writes them. Returns its event id."""
        event_id = event_id or str(uuid.uuid4())
        self._producer.produce(self.kafka.events_topic, value, key.encode(), headers=[("event_id", event_id.encode())])
        assert self._producer.flush(self.kafka.timeout_seconds) == 0
        return event_id

    @cached_property
    def _producer(self) -> Producer:
        return Producer({"bootstrap.servers": self.kafka.bootstrap_servers, "acks": "all"})

    def verified(self) -> tuple[dict[int, int], dict[int, int]]:
        """The verified offsets, and the ends of the curated topic."""
        bookmarks = Bookmarks(self.kafka, self.kafka.lineage_topic)
        return bookmarks.committed(self.openmetadata.consumer_group), bookmarks.ends()

    def in_topic(self, topic: str) -> list[Message]:
        """All messages of a topic."""
        ends = Bookmarks(self.kafka, topic).ends()
        return list(messages(self.kafka, topic, dict.fromkeys(ends, 0), ends))

    def event_offsets(self) -> dict[int, int]:
        """The ends of the events topic."""
        return Bookmarks(self.kafka, self.kafka.events_topic).ends()

    # --- the ingestion

    def ingestion(self, connector: Connector | None = None) -> LineageIngestion:
        """The ingestion, with the real connector unless told otherwise."""
        return LineageIngestion(self.kafka, self.openmetadata, "shop", connector or self.connector(), self.told)

    def connector(self) -> Connector:
        """The real connector."""
        return self.parent.connector(self.workflows())

    def workflows(self) -> Workflows:
        """How the connector is run."""
        return Workflows(self.openmetadata, settings.warehouse(), self.kafka, settings.dbt())

    def killed_connector(self, group: str, seconds: float) -> int:
        """The connector, killed when it has written its first edge."""
        self.forget_requests()
        with self.parent.start(self.workflows(), group) as run:
            self.await_request("PUT", "/api/v1/lineage")
            os.kill(run.process_id, signal.SIGKILL)
            return run.wait(60)

    def poison(self, model: str) -> None:
        """The catalogue does not answer for a long time when the connector asks for the pipeline of this model's job."""
        self.fail("GET", f"pipelines/name/{NAMESPACE}.model.{model}$", delay=20, times=1000)

    def hanging_connector(self, group: str, seconds: float) -> int:
        """The real connector, whose deadline begins when it comes to what is poisonous.

        What it does before takes its time on a busy machine.
        """
        self.forget_requests()
        with self.parent.start(self.workflows(), group) as started:
            return started.wait(seconds if self._meets_poison(started.process_id) else 60)

    def quick_connector(self, *deadly: str, met: list[str] | None = None) -> Connector:
        """In place of the real one where many runs are needed: it handles the events alike, and dies of deadly models.

        Args:
            deadly: the models, or the ids of their events.
            met: gets the models whose events it came to.
        """

        def run(group: str, seconds: float) -> int:
            bookmarks = Bookmarks(self.kafka, self.kafka.lineage_topic)
            start, ends = bookmarks.unread(group)
            for message in messages(self.kafka, self.kafka.lineage_topic, start, ends):
                event = json.loads(message.value() or b"")
                model = event["job"]["name"].removeprefix("model.")
                if met is not None:
                    met.append(model)
                if {model, letter_id(message)} & set(deadly):
                    return -signal.SIGSEGV
                self._write(model, event)
            bookmarks.move(group, ends)
            return 0

        return run

    def killed_pass(self, openmetadata: OpenMetadataSettings, *deadly: str) -> int:
        """A pass in a process of its own, which the quick connector takes with it when it dies; returns its exit code.

        So ends a container whose memory is used up.

        Args:
            openmetadata: its settings.
            deadly: as the quick connector has them.
        """
        process = get_context("spawn").Process(target=_pass, args=(self.name, self.kafka, openmetadata, deadly))
        process.start()
        process.join()
        assert process.exitcode is not None
        return process.exitcode

    def _write(self, model: str, event: Mapping[str, Any]) -> None:
        """As the connector does it; what the catalogue refuses is passed over."""
        self._put("services/pipelineServices", name=self.name, serviceType="OpenLineage")
        self._put("pipelines", name=f"{NAMESPACE}-model.{model}", service=self.name)
        (output,), here = event["outputs"], f"{self.name}.shop.dev"
        fields = output.get("facets", {}).get("columnLineage", {}).get("fields", {})
        for each in event["inputs"]:
            source = _last(each["name"])
            columns = [
                {"fromColumns": [f"{here}.{source}.{one['field']}" for one in told["inputFields"]], "toColumn": column}
                for column, told in ((f"{here}.{model}.{name}", told) for name, told in fields.items())
            ]
            path = f"/api/v1/lineage/table/name/{here}.{source}/table/name/{here}.{model}"
            self.http.put(path, json={"source": "OpenLineage", "columnsLineage": columns})

    def _meets_poison(self, process_id: int) -> bool:
        """Whether the connector comes to it before it ends."""
        patterns = [fault["path"] for fault in self._checked(self.http.get("/standin/faults")).json()]

        def met() -> bool | None:
            asked = [each["path"] for each in self._checked(self.http.get("/standin/requests")).json()]
            if any(re.search(pattern, path) for pattern in patterns for path in asked):
                return True
            return None if psutil.pid_exists(process_id) else False

        return retry(retry=retry_if_result(lambda answer: answer is None), wait=wait_fixed(0.02))(met)()

    @property
    def _namespace(self) -> str:
        return settings.warehouse().namespace

    def _put(self, path: str, **body: Any) -> None:
        self._checked(self.http.put(f"/api/v1/{path}", json=body))

    def _get(self, path: str, **params: Any) -> Any:
        return self._checked(self.http.get(f"/api/v1/{path}", params=params)).json()

    def _checked(self, answer: httpx.Response) -> httpx.Response:
        answer.raise_for_status()
        return answer

    def close(self) -> None:
        """Take its services out of the catalogue."""
        self.heal()
        for kind in ("databaseServices", "pipelineServices"):
            found = self.http.get(f"/api/v1/services/{kind}/name/{self.name}")
            if found.status_code == 200:
                everything = {"recursive": "true", "hardDelete": "true"}
                self._checked(self.http.delete(f"/api/v1/services/{kind}/{found.json()['id']}", params=everything))


def _pass(name: str, kafka: KafkaSettings, openmetadata: OpenMetadataSettings, deadly: Sequence[str]) -> None:
    with _client(openmetadata) as http:
        # It starts no real connector, so it needs none of what that is started from.
        connector = Shop(name, kafka, openmetadata, http, WarmParent(openmetadata.python)).quick_connector(*deadly)

        def killing(group: str, seconds: float) -> int:
            code = connector(group, seconds)
            if code < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return code

        LineageIngestion(kafka, openmetadata, "shop", killing, Told()).run()


def _client(openmetadata: OpenMetadataSettings) -> httpx.Client:
    authorization = {"Authorization": f"Bearer {openmetadata.token.get_secret_value()}"}
    return httpx.Client(base_url=str(openmetadata.url), headers=authorization, timeout=30)


def letter_id(message: Message) -> str:
    """The event id of a message."""
    return dict(headers(message))["event_id"].decode()


def _last(name: str) -> str:
    return name.rsplit(".", 1)[1]


@contextmanager
def new_shop(parent: WarmParent) -> Iterator[Shop]:
    """A shop with topics and services of its own; afterwards they are gone.

    Args:
        parent: starts its connector.
    """
    name = f"killable_{uuid.uuid4().hex[:8]}"
    kafka = settings.kafka().model_copy(
        update={
            "events_topic": f"{name}.events",
            "lineage_topic": f"{name}.lineage",
            "dlq_topic": f"{name}.dlq",
            "partitions": 2,
        }
    )
    openmetadata = settings.openmetadata().model_copy(
        update={
            "database_service": name,
            "pipeline_service": name,
            "consumer_group": name,
            "attempts": 2,
            "timeout_seconds": 2,
        }
    )
    client = AdminClient({"bootstrap.servers": kafka.bootstrap_servers})
    topics = TopicAdmin(client, kafka.bootstrap_servers, kafka.timeout_seconds)
    for topic in kafka.topics.values():
        topics.ensure(TopicSpec.kept_for_days(topic, kafka.partitions, 1, 1))
    with _client(openmetadata) as http:
        made = Shop(name, kafka, openmetadata, http, parent)
        yield made
        made.close()
    for deleted in client.delete_topics(list(kafka.topics.values())).values():
        deleted.result()

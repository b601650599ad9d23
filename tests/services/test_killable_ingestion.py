"""No kill and no failure of the catalogue loses or doubles an edge: the real connector, killed and refused."""

import json
import os
import signal
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import httpx
import pytest
from confluent_kafka import Message
from confluent_kafka.admin import AdminClient
from tenacity import retry, retry_if_result, stop_after_delay, wait_fixed

from include import settings
from include.kafka.offsets import Bookmarks
from include.kafka.reader import headers, messages
from include.kafka.topics import TopicAdmin, TopicSpec
from include.kafka.writer import Writer
from include.lineage.replay import Selection, replay
from include.openmetadata.catalogue import CatalogueUnavailable
from include.openmetadata.ingest import LineageIngestion, LineageUnverified
from include.openmetadata.runs import Connector, WarmParent
from include.openmetadata.workflows import WorkflowError, Workflows
from include.settings import KafkaSettings, OpenMetadataSettings
from tests.support import Catalogue

NAMESPACE = "killable"
Columns = Mapping[str, str]
Edges = dict[tuple[str, str], set[tuple[str, str]]]


@dataclass
class Told:
    """Keeps what the ingestion tells the ledger, in place of the ledger's database."""

    offsets: dict[str, dict[int, int]] = field(default_factory=dict)
    dead: dict[str, str] = field(default_factory=dict)

    def given_up(self, reasons: Mapping[str, str]) -> None:
        """Keep it."""
        self.dead.update(reasons)

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
        with Writer(self.kafka) as writer:
            writer.write(self.kafka.events_topic, value, key.encode(), [("event_id", event_id.encode())])
        return event_id

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

    def killed_connector(self, group: str) -> int:
        """The connector, killed when it has written its first edge."""
        self.forget_requests()
        with self.parent.start(self.workflows(), group) as run:
            self.await_request("PUT", "/api/v1/lineage")
            os.kill(run.process_id, signal.SIGKILL)
            return run.wait(60)

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


def _id(message: Message) -> str:
    return dict(headers(message))["event_id"].decode()


def _last(name: str) -> str:
    return name.rsplit(".", 1)[1]


@pytest.fixture
def shop(parent: WarmParent, catalogue: Catalogue) -> Iterator[Shop]:
    """A shop of the test's own."""
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
    authorization = {"Authorization": f"Bearer {openmetadata.token.get_secret_value()}"}
    with httpx.Client(base_url=str(openmetadata.url), headers=authorization, timeout=30) as http:
        made = Shop(name, kafka, openmetadata, http, parent)
        yield made
        made.close()
    for deleted in client.delete_topics(list(kafka.topics.values())).values():
        deleted.result()


def test_wherever_the_connector_or_the_catalogue_dies_the_next_run_brings_the_rest(shop: Shop) -> None:
    shop.make_tables(raw="id cents", orders="id amount", totals="amount", customers="id", reports="id amount")
    shop.emit("orders", {"raw": {"id": "id", "amount": "cents"}})
    shop.emit("totals", {"orders": {"amount": "amount"}})
    shop.emit("customers", {"raw": {"id": "id"}})
    shop.emit("reports", {"orders": {"amount": "amount"}, "customers": {"id": "id"}})
    shop.emit("customers", {"reports": {"id": "id"}}, kind="FAIL")
    shop.emit("customers", {"totals": {}}, job_type="TEST")
    expected: Edges = {
        ("raw", "orders"): {("id", "id"), ("cents", "amount")},
        ("orders", "totals"): {("amount", "amount")},
        ("raw", "customers"): {("id", "id")},
        ("orders", "reports"): {("amount", "amount")},
        ("customers", "reports"): {("id", "id")},
    }

    with pytest.raises(LineageUnverified, match=r"model\.reports.*try 0 of 2"):
        shop.ingestion(shop.killed_connector).run()
    assert len(shop.edges()) < len(expected)
    assert "ingested" not in shop.told.offsets
    assert shop.told.offsets["verified"] != shop.event_offsets()

    def and_then_the_catalogue_is_away(group: str) -> int:
        shop.fail("PUT", "^/api/v1/lineage$", status=500, applied=True)
        shop.fail("PUT", "^/api/v1/lineage$", drop=True)
        shop.fail("PUT", "^/api/v1/lineage$", status=503)
        code = shop.connector()(group)
        shop.fail("GET", "^/api/v1/lineage/table/name/", status=503, times=1000)
        return code

    before = shop.verified()
    with pytest.raises(CatalogueUnavailable, match=r"lineage/table/name.* answered 503"):
        shop.ingestion(and_then_the_catalogue_is_away).run()
    assert shop.verified() == before
    shop.heal()

    done = shop.ingestion().run()
    assert done.dead == 0
    assert shop.edges() == expected
    assert shop.pipelines() == {f"{NAMESPACE}-model.{model}" for model in ("orders", "totals", "customers", "reports")}
    verified, ends = shop.verified()
    assert verified == ends == done.offsets
    assert shop.told.offsets == {"ingested": shop.event_offsets(), "verified": shop.event_offsets()}
    assert shop.in_topic(shop.kafka.dlq_topic) == []


def test_what_the_catalogue_does_not_know_yet_is_described_first_and_costs_no_try(shop: Shop) -> None:
    shop.make_tables(raw="id cents", orders="id")
    shop.emit("orders", {"raw": {"id": "id", "amount": "cents"}})
    shop.emit("totals", {"orders": {"amount": "amount"}})
    asked: list[str] = []

    def warehouse_is_away() -> None:
        raise WorkflowError("the warehouse is away")

    def describe() -> None:
        asked.append("once")
        shop.make_tables(orders="id amount", totals="amount")

    for _ in range(shop.openmetadata.attempts):
        with pytest.raises(WorkflowError, match="the warehouse is away"):
            replace(shop.ingestion(), describe=warehouse_is_away).run()
    done = replace(shop.ingestion(), describe=describe).run()
    assert (done.read, done.verified, done.dead) == (2, 2, 0)
    assert shop.edges() == {
        ("raw", "orders"): {("id", "id"), ("cents", "amount")},
        ("orders", "totals"): {("amount", "amount")},
    }

    # What is known is not described again: that would take longer than the lineage itself.
    shop.emit("totals", {"orders": {"amount": "amount"}})
    assert replace(shop.ingestion(), describe=describe).run().verified == 1
    assert asked == ["once"]


def test_what_never_arrives_goes_to_the_dead_letters_and_the_rest_is_verified(shop: Shop) -> None:
    shop.make_tables(raw="id cents", orders="id amount", totals="amount", customers="id")
    poisonous = shop.emit("orders", {"raw": {"id": "no_such_column"}})
    shop.emit("totals", {"raw": {"amount": "cents"}})
    shop.emit("customers", {"raw": {"id": "id"}})
    malformed = shop.produce(b"{not json", "anything")
    shop.produce(b"{not json", "anything", malformed)

    with pytest.raises(LineageUnverified, match=r"1 events .*\n  killable\.model\.orders, .*try 1 of 2"):
        shop.ingestion().run()
    good: Edges = {("raw", "totals"): {("cents", "amount")}, ("raw", "customers"): {("id", "id")}}
    assert shop.edges() == good
    verified, ends = shop.verified()
    assert sum(ends.values()) - sum(verified.values()) >= 1

    assert shop.ingestion().run().dead == 1
    assert shop.edges() == good
    verified, ends = shop.verified()
    assert verified == ends
    assert shop.told.offsets["verified"] == shop.event_offsets()
    letters = {_id(each): each for each in shop.in_topic(shop.kafka.dlq_topic)}
    assert set(letters) == {poisonous, malformed}
    why = dict(headers(letters[poisonous]))
    assert why["reason"].decode().startswith("not in the catalogue after 2 tries: ")
    assert shop.told.dead == {poisonous: why["reason"].decode()}
    assert why["source"].decode().startswith(f"{shop.kafka.events_topic}[")
    (emitted,) = [each for each in shop.in_topic(shop.kafka.events_topic) if _id(each) == poisonous]
    assert letters[poisonous].value() == emitted.value()

    shop.make_tables(orders="id no_such_column", raw="id cents no_such_column")
    shop.produce(letters[poisonous].value() or b"", f"{NAMESPACE}/model.orders", poisonous)
    assert shop.ingestion().run().dead == 0
    assert shop.edges() == good | {("raw", "orders"): {("no_such_column", "id")}}


def test_the_catalogue_shows_what_the_newest_events_say_and_can_be_rebuilt_from_them(shop: Shop) -> None:
    shop.make_tables(raw="id cents", other="id", orders="id amount", totals="amount")
    shop.draw_by_hand("other", "orders")
    shop.emit("orders", {"raw": {"id": "id", "amount": "cents"}, "totals": {}})
    shop.emit("totals", {"raw": {"amount": "cents"}})
    shop.ingestion().run()
    assert shop.edges()["raw", "orders"] == {("id", "id"), ("cents", "amount")}

    # The older of the two has the columns that are gone, and stands in the same range.
    shop.emit("orders", {"raw": {"id": "id", "amount": "cents"}})
    shop.emit("orders", {"raw": {"id": "id"}})
    shop.ingestion().run()
    newest: Edges = {("raw", "orders"): {("id", "id")}, ("raw", "totals"): {("cents", "amount")}}
    assert shop.edges() == newest
    assert shop.edges("Manual") == {("other", "orders"): set()}

    shop.delete_edges()
    assert shop.edges() == {}
    shown = replay(shop.kafka, Selection.everything(), dry_run=True)
    assert {job.name: job.count for job in shown.jobs.values()} == {"model.orders": 3, "model.totals": 1}
    verified, ends = shop.verified()
    assert verified == ends, "a dry run sent something"
    replay(shop.kafka, Selection.everything(), dry_run=False)
    shop.ingestion().run()
    assert shop.edges() == newest
    assert shop.edges("Manual") == {("other", "orders"): set()}


def test_a_replay_takes_a_range_of_time_and_a_pattern(shop: Shop) -> None:
    for model in ("orders", "totals"):
        shop.emit(model, {"raw": {"id": "id"}})
    (first,) = {each.timestamp()[1] for each in shop.in_topic(shop.kafka.events_topic)[:1]}
    beyond = datetime.fromtimestamp(first / 1000 + 3600, UTC)
    start = datetime.fromtimestamp(first / 1000 - 3600, UTC)
    select = partial(replay, shop.kafka, dry_run=True)
    assert select(Selection.of(beyond, None, "*")).count == 0
    assert select(Selection.of(None, start, "*")).count == 0
    assert select(Selection.of(start, beyond, "*")).count == 2
    assert select(Selection.of(start, beyond, "*.orders")).jobs.keys() == {(NAMESPACE, "model.orders")}

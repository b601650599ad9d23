"""The columns that the relay adds to events: nothing waits long for a warehouse that is away, and what it lacks follows."""

import json
import random
import socket
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from confluent_kafka import Message
from lineage_shop import Shop
from psycopg2.extensions import connection
from pydantic import SecretStr
from test_relay import arrived, awaited, header, process, running

from dbt_lineage.core import settings
from dbt_lineage.core.settings import SpoolSettings, WarehouseSettings
from dbt_lineage.events.run_event import FACT, FOLLOW_UP, SAYS
from dbt_lineage.ingest.curate import curate
from dbt_lineage.relay import letters, status
from dbt_lineage.relay.completion import Completion
from dbt_lineage.relay.relay import Relay
from dbt_lineage.spool.spool import Spool
from dbt_lineage.spool.switch import Switch
from dbt_lineage.warehouse.postgres import PostgresWarehouse
from stack.config import StackConfig
from stack.supervisor import Supervisor
from tests.openlineage_events import PRODUCER
from tests.spools import set_aside

READER = "columns_reader"
DATABASE = "shop"
SQL = "select id, amount * 2 as doubled from shop.dev.raw"
FACETS = {"_producer": PRODUCER, "_schemaURL": f"{PRODUCER}/schema.json"}
NEVER = 3600.0


@dataclass
class Store:
    """The shop's database, with a reader that can be locked out.

    Args:
        stack: the server's credentials.
        settings: how the reader gets in.
    """

    stack: StackConfig
    settings: WarehouseSettings

    def execute(self, statement: str, database: str = DATABASE) -> None:
        """Do something as the server's owner."""
        with closing(self._connect(database)) as connected, connected.cursor() as cursor:
            connected.autocommit = True
            cursor.execute(statement)

    @contextmanager
    def closed(self) -> Iterator[None]:
        """The reader's role is revoked."""
        self.execute(f"alter role {READER} nologin")
        self.disconnect()
        try:
            yield
        finally:
            self.execute(f"alter role {READER} login")

    def disconnect(self) -> None:
        """End all connections of the reader."""
        self.execute(f"select pg_terminate_backend(pid) from pg_stat_activity where usename = '{READER}'")

    def connections(self) -> int:
        """How many the reader has to this database."""
        with closing(self._connect(DATABASE)) as connected, connected.cursor() as cursor:
            of_reader = "select count(*) from pg_stat_activity where usename = %s and datname = %s"
            cursor.execute(of_reader, (READER, self.settings.database))
            [count] = cursor.fetchone() or (0,)
            return count

    def _connect(self, database: str) -> connection:
        password = self.stack.credentials.postgres_password
        server = {"host": self.settings.host, "port": self.settings.port}
        return psycopg2.connect(dbname=database, user="postgres", password=password, **server)


@pytest.fixture(scope="module")
def store(stack: StackConfig) -> Iterator[Store]:
    """A database of the shop's own."""
    known = settings.warehouse()
    reader = {"reader_user": READER, "reader_password": SecretStr("let me in"), "database": DATABASE}
    made = Store(stack, known.model_copy(update=reader))
    made.execute(f"create database {DATABASE}", "postgres")
    made.execute(
        f"""
        create role {READER} login password 'let me in';
        create schema dev;
        create table dev.raw (id int, amount numeric(16, 2));
        create table dev.orders (id int, doubled numeric);
        """
    )
    yield made
    made.execute(f"drop database {DATABASE} with (force)", "postgres")
    made.execute(f"drop role {READER}", "postgres")


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool", 1 << 30)


def completion(warehouse: WarehouseSettings, spool: Spool) -> Completion:
    return Completion([PostgresWarehouse(warehouse)], SpoolSettings(dir=spool.folder))


def event(shop: Shop, model: str = "orders", second: float = 0, kind: str = "COMPLETE", **more: Any) -> bytes:
    """An event of a model as dbt-ol says it: what it reads and writes, its SQL, no columns."""
    made = shop.event(model, {"raw": {}}, second, kind, sql=more.pop("sql", SQL), **more)
    made["outputs"][0]["facets"] = {}
    if kind == "START":
        made["inputs"] = made["outputs"] = []
    for facet in made["job"]["facets"].values():
        facet |= FACETS
    return json.dumps(made | {"producer": PRODUCER, "schemaURL": f"{PRODUCER}#/$defs/RunEvent"}).encode()


def documents(found: Iterable[Message]) -> list[dict[str, Any]]:
    return [json.loads(message.value() or b"") for message in found]


def kinds(shop: Shop) -> list[str]:
    return [each["eventType"] for each in documents(arrived(shop.kafka, shop.kafka.events_topic))]


def unresolved(document: dict[str, Any]) -> list[str]:
    facet = document["outputs"][0]["facets"].get("lineageUnresolved", {"fields": []})
    return [each["reason"] for each in facet["fields"]]


def told(spool: Spool) -> dict[str, Any]:
    return status.read(spool.folder) or {}


def test_an_event_that_needs_no_columns_never_waits_for_the_warehouse(shop: Shop, store: Store, spool: Spool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        away = store.settings.model_copy(update={"port": hanging.getsockname()[1]})
        ours, theirs = settings.warehouse().namespace, away.namespace
        spool.put(event(shop, "orders").replace(ours.encode(), theirs.encode()))
        spool.put(event(shop, "customers", kind="START"))
        spool.put(event(shop, "payments", kind="FAIL"))
        with running(spool, shop.kafka, completion=completion(away, spool), columns_wait_seconds=NEVER):
            assert awaited(lambda: sorted(kinds(shop)) == ["FAIL", "START"])
            spool.put(event(shop, "suppliers", kind="START"))
            assert awaited(lambda: kinds(shop).count("START") == 2)
            assert spool.usage().waiting == 1


def test_a_job_keeps_its_order_while_its_event_waits(shop: Shop, store: Store, spool: Spool) -> None:
    wrong = store.settings.model_copy(update={"reader_password": SecretStr("wrong")})
    spool.put(event(shop, second=1))
    spool.put(event(shop, second=2, kind="START"))
    spool.put(event(shop, "customers", second=2, kind="START"))
    with running(spool, shop.kafka, completion=completion(wrong, spool), columns_wait_seconds=NEVER):
        assert awaited(lambda: told(spool).get("warehouse_error") is not None)
        assert awaited(lambda: len(kinds(shop)) == 1)
        assert spool.usage().waiting == 2
    spool.put(event(shop, second=3))
    assert Relay(spool, shop.kafka, completion=completion(store.settings, spool)).drain().left == 0
    jobs = [(each["job"]["name"], each["eventType"]) for each in documents(shop.in_topic(shop.kafka.events_topic))]
    assert [kind for job, kind in jobs if job == "model.orders"] == ["COMPLETE", "START", "COMPLETE"]


@pytest.mark.parametrize("trouble", ["wrong password", "no such role", "stopped", "hangs"])
def test_events_go_on_without_columns_and_are_named(shop: Shop, store: Store, spool: Spool, trouble: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        changes: dict[str, dict[str, Any]] = {
            "wrong password": {"reader_password": SecretStr("a wrong secret")},
            "no such role": {"reader_user": "nobody"},
            "stopped": {"port": 1},
            "hangs": {"port": hanging.getsockname()[1]},
        }
        away = store.settings.model_copy(update=changes[trouble])
        spool.put(event(shop).replace(settings.warehouse().namespace.encode(), away.namespace.encode()))
        with running(spool, shop.kafka, completion=completion(away, spool), columns_wait_seconds=0):
            assert awaited(lambda: kinds(shop) == ["COMPLETE"])
            assert awaited(lambda: told(spool).get("follow_ups") == 1)
            reason = told(spool)["warehouse_error"]
    [sent] = documents(arrived(shop.kafka, shop.kafka.events_topic))
    assert f"PostgreSQL at {away.host}:{away.port} (database {DATABASE})" in reason
    assert unresolved(sent) == [f"{reason}; they follow in an event of type OTHER of the same run"]
    assert "secret" not in json.dumps(sent)
    assert [each["name"] for each in (*sent["inputs"], *sent["outputs"])] == ["shop.dev.raw", "shop.dev.orders"]


def test_the_status_that_counts_a_follow_up_gives_its_reason(shop: Shop, store: Store, spool: Spool) -> None:
    wrong = store.settings.model_copy(update={"reader_password": SecretStr("wrong")})
    nowhere = shop.kafka.model_copy(update={"bootstrap_servers": "127.0.0.1:1"})
    spool.put(event(shop))
    with running(spool, nowhere, completion=completion(wrong, spool), columns_wait_seconds=0):
        assert awaited(lambda: told(spool).get("follow_ups") == 1)
        assert "password authentication failed" in told(spool)["warehouse_error"]


def test_a_warehouse_that_is_back_in_time_is_waited_for(shop: Shop, store: Store, spool: Spool) -> None:
    with store.closed(), running(spool, shop.kafka, completion=completion(store.settings, spool)):
        spool.put(event(shop))
        assert awaited(lambda: told(spool).get("warehouse_error") is not None)
        store.execute(f"alter role {READER} login")
        assert awaited(lambda: kinds(shop) == ["COMPLETE"])
        assert awaited(lambda: told(spool)["warehouse_error"] is None)
    [sent] = documents(arrived(shop.kafka, shop.kafka.events_topic))
    assert [field["name"] for field in sent["outputs"][0]["facets"]["schema"]["fields"]] == ["id", "doubled"]
    assert spool.usage().follow_ups == 0


def test_the_columns_follow_and_the_catalogue_ends_right(shop: Shop, store: Store, spool: Spool) -> None:
    shop.make_tables(raw="id amount", orders="id doubled")
    with running(spool, shop.kafka, completion=completion(store.settings, spool), columns_wait_seconds=0):
        with store.closed():
            first = spool.put(event(shop))
            assert awaited(lambda: kinds(shop) == ["COMPLETE"])
            assert shop.ingestion().run().verified == 1
            assert shop.edges() == {("raw", "orders"): set()}
        assert awaited(lambda: kinds(shop) == ["COMPLETE", "OTHER"])
        assert awaited(lambda: told(spool).get("follow_ups") == 0)
    messages = arrived(shop.kafka, shop.kafka.events_topic)
    started, follow_up = documents(messages)
    assert follow_up["run"]["facets"][FOLLOW_UP]["eventId"] == first == header(messages[0], "event_id")
    assert header(messages[1], SAYS).encode() == FACT
    assert (started["run"]["runId"], started["job"]) == (follow_up["run"]["runId"], follow_up["job"])
    assert unresolved(follow_up) == []
    done = shop.ingestion().run()
    assert (done.verified, done.runs, done.parked, done.dead) == (1, 0, 0, 0)
    assert shop.edges() == {("raw", "orders"): {("id", "id"), ("amount", "doubled")}}
    assert len(shop.runs("orders")) == 1
    # In whatever order, and however often: what lacks its columns never takes the place of what has them.
    assert shop.ingestion().run(from_start=True).verified == 1
    assert shop.edges() == {("raw", "orders"): {("id", "id"), ("amount", "doubled")}}
    assert curate(shop.kafka, shop.openmetadata.consumer_group).passed_on == 2
    curated = documents(shop.in_topic(shop.kafka.lineage_topic))[-1]
    assert curated["eventType"] == "COMPLETE"
    assert curated["outputs"][0]["facets"]["columnLineage"]["fields"].keys() == {"id", "doubled"}


def test_an_event_without_columns_that_is_tried_late_does_not_overwrite_them(
    shop: Shop, store: Store, spool: Spool
) -> None:
    shop.make_tables(raw="id amount", orders="id doubled")
    with running(spool, shop.kafka, completion=completion(store.settings, spool), columns_wait_seconds=0):
        with store.closed():
            spool.put(event(shop))
            assert awaited(lambda: kinds(shop) == ["COMPLETE"])
        assert awaited(lambda: kinds(shop) == ["COMPLETE", "OTHER"])
    assert shop.ingestion().run().superseded == 1
    [late] = [each for each in shop.in_topic(shop.kafka.events_topic) if b"they follow" in (each.value() or b"")]
    shop.produce(late.value() or b"")
    assert shop.ingestion().run().superseded == 1
    assert shop.edges() == {("raw", "orders"): {("id", "id"), ("amount", "doubled")}}


def test_a_newer_run_is_never_overwritten_by_what_follows_an_older_one(shop: Shop, store: Store, spool: Spool) -> None:
    shop.make_tables(raw="id amount", orders="id doubled")
    newer = event(shop, second=9, sql="select id, id as doubled from shop.dev.raw")
    with (
        store.closed(),
        running(spool, shop.kafka, completion=completion(store.settings, spool), columns_wait_seconds=0),
    ):
        spool.put(event(shop, second=1))
        assert awaited(lambda: told(spool).get("follow_ups") == 1)
    elsewhere = Spool(spool.folder.parent / "elsewhere", 1 << 30)
    elsewhere.put(newer)
    # Another machine's relay brings the newer run; this one brings what follows the older one after it.
    for each in (elsewhere, spool):
        Relay(each, shop.kafka, completion=completion(store.settings, each)).drain()
    assert shop.ingestion().run().read == 3
    assert shop.edges() == {("raw", "orders"): {("id", "id"), ("id", "doubled")}}


def test_of_the_runs_of_one_job_only_the_newest_is_followed_up(shop: Shop, store: Store, spool: Spool) -> None:
    with running(spool, shop.kafka, completion=completion(store.settings, spool), columns_wait_seconds=0):
        with store.closed():
            for second in (1, 3, 2):
                spool.put(event(shop, second=second))
            spool.put(event(shop, "customers"))
            assert awaited(lambda: len(kinds(shop)) == 4)
            assert spool.usage().follow_ups == 2
        assert awaited(lambda: kinds(shop).count("OTHER") == 2)
    follow_ups = [each for each in documents(shop.in_topic(shop.kafka.events_topic)) if each["eventType"] == "OTHER"]
    assert sorted((each["job"]["name"], each["eventTime"][17:]) for each in follow_ups) == [
        ("model.customers", "00.000001+00:00"),
        ("model.orders", "03.000001+00:00"),
    ]


def test_while_the_lineage_is_off_nothing_follows(shop: Shop, store: Store, spool: Spool) -> None:
    with running(spool, shop.kafka, completion=completion(store.settings, spool), columns_wait_seconds=0):
        with store.closed():
            spool.put(event(shop))
            assert awaited(lambda: told(spool).get("follow_ups") == 1)
            Switch(spool.folder).turn_off()
            assert awaited(lambda: told(spool).get("off_since") is not None)
        Switch(spool.folder).turn_on()
        assert awaited(lambda: kinds(shop) == ["COMPLETE", "OTHER"])


def test_what_follows_survives_a_spool_that_is_damaged(shop: Shop, store: Store, spool: Spool) -> None:
    with (
        store.closed(),
        running(spool, shop.kafka, completion=completion(store.settings, spool), columns_wait_seconds=0),
    ):
        spool.put(event(shop))
        assert awaited(lambda: told(spool).get("follow_ups") == 1)
    set_aside(spool)
    Relay(spool, shop.kafka, completion=completion(store.settings, spool)).drain()
    assert kinds(shop) == ["COMPLETE", "OTHER"]


def test_a_warehouse_that_is_stopped_holds_nothing_back(
    shop: Shop, store: Store, spool: Spool, stack: StackConfig
) -> None:
    with running(spool, shop.kafka, completion=completion(store.settings, spool), columns_wait_seconds=0):
        spool.put(event(shop, "before"))
        assert awaited(lambda: kinds(shop) == ["COMPLETE"])
        supervisor = Supervisor(stack)
        supervisor.stop("postgres")
        try:
            spool.put(event(shop))
            assert awaited(lambda: kinds(shop) == ["COMPLETE"] * 2)
            assert awaited(lambda: told(spool).get("follow_ups") == 1)
        finally:
            supervisor.start("postgres")
        assert awaited(lambda: sorted(kinds(shop)) == ["COMPLETE", "COMPLETE", "OTHER"])


def test_a_relay_that_is_killed_between_any_two_steps_loses_no_columns(shop: Shop, store: Store, spool: Spool) -> None:
    count, dice = 300, random.Random(7)  # noqa: S311 - when it dies is no secret
    ids = {spool.put(event(shop, f"model_{number}")) for number in range(count)}
    let_in = {"WAREHOUSE_READER_USER": READER, "WAREHOUSE_READER_PASSWORD": "let me in"}
    common = {"WAREHOUSE_DATABASE": DATABASE, "RELAY_COLUMNS_WAIT_SECONDS": "0"}

    def killed_when(done: Any, **variables: str) -> None:
        relay = process(spool, shop.kafka, "run", **common, **variables)
        try:
            assert awaited(done, 60)
        finally:
            relay.kill()
            relay.communicate()

    # One that is kept out: it is killed as soon as something is kept for later, some of it sent, and all of it.
    keep_out = let_in | {"WAREHOUSE_READER_PASSWORD": "wrong"}
    killed_when(lambda: spool.usage().follow_ups > 0, **keep_out)
    killed_when(lambda: spool.usage().waiting == 0, **keep_out)
    assert spool.usage().follow_ups == count
    while left := spool.usage().follow_ups:
        goal = max(0, left - dice.randrange(1, 120))
        killed_when(lambda goal=goal: spool.usage().follow_ups <= goal, **let_in)
    found = {header(each, "event_id"): each for each in arrived(shop.kafka, shop.kafka.events_topic)}
    follow_ups = [each for each in documents(found.values()) if each["eventType"] == "OTHER"]
    assert ids <= found.keys()
    assert len(found) == 2 * count
    assert {each["run"]["facets"][FOLLOW_UP]["eventId"] for each in follow_ups} == ids
    assert all("columnLineage" in each["outputs"][0]["facets"] for each in follow_ups)


# --- several warehouses


@pytest.fixture
def far(stack: StackConfig, store: Store) -> Iterator[Store]:
    """Another database, of a server with another name, with other columns in a table of the same name."""
    server = {"host": "localhost", "database": "far"}
    made = Store(stack, store.settings.model_copy(update=server))
    made.execute("create database far", "postgres")
    made.execute(
        "create schema dev; create table dev.raw (id int); create table dev.orders (id int, trebled int)", "far"
    )
    yield made
    made.execute("drop database far with (force)", "postgres")


def there(store: Store, body: bytes) -> bytes:
    """An event that happened in another warehouse."""
    ours, theirs = settings.warehouse().namespace, store.settings.namespace
    moved = body.replace(ours.encode(), theirs.encode())
    return moved.replace(b"shop.dev.", f"{store.settings.database}.dev.".encode())


def both(store: Store, far: WarehouseSettings, spool: Spool) -> Completion:
    return Completion([PostgresWarehouse(store.settings), PostgresWarehouse(far)], SpoolSettings(dir=spool.folder))


def columns_of(shop: Shop) -> dict[str, list[str]]:
    """The columns of each event's output, by the name of its job."""
    sent = documents(shop.in_topic(shop.kafka.events_topic))
    facets = {each["job"]["name"]: each["outputs"][0]["facets"].get("schema", {"fields": []}) for each in sent}
    return {job: [field["name"] for field in facet["fields"]] for job, facet in facets.items()}


def test_a_warehouse_that_is_away_holds_up_only_its_own_events(
    shop: Shop, store: Store, far: Store, spool: Spool
) -> None:
    refused = far.settings.model_copy(update={"reader_password": SecretStr("wrong")})
    spool.put(there(far, event(shop, "far")))
    spool.put(event(shop, "near"))
    with running(spool, shop.kafka, completion=both(store, refused, spool), columns_wait_seconds=NEVER):
        assert awaited(lambda: kinds(shop) == ["COMPLETE"])
        assert awaited(lambda: told(spool).get("warehouse_error") is not None)
        # And those that come behind it, too, while it waits.
        spool.put(event(shop, "later"))
        assert awaited(lambda: len(kinds(shop)) == 2)
        assert spool.usage().waiting == 1
        assert "localhost" in told(spool)["warehouse_error"]
        assert f"database {DATABASE}" not in told(spool)["warehouse_error"]
    Relay(spool, shop.kafka, completion=both(store, far.settings, spool)).drain()
    assert columns_of(shop).keys() == {"model.near", "model.later", "model.far"}


def test_each_warehouse_is_asked_for_its_own_columns(shop: Shop, store: Store, far: Store, spool: Spool) -> None:
    spool.put(event(shop))
    spool.put(there(far, event(shop)).replace(b"model.orders", b"model.far"))
    # One that reads there and writes here needs both.
    crossing = json.loads(event(shop).replace(b"model.orders", b"model.crossing"))
    crossing["inputs"] = json.loads(there(far, event(shop)))["inputs"]
    crossing["job"]["facets"]["sql"]["query"] = "select id, id as doubled from far.dev.raw"
    spool.put(json.dumps(crossing).encode())
    assert Relay(spool, shop.kafka, completion=both(store, far.settings, spool)).drain().left == 0
    assert columns_of(shop) == {
        "model.orders": ["id", "doubled"],
        "model.far": ["id", "trebled"],
        "model.crossing": ["id", "doubled"],
    }
    [crossed] = [
        each for each in documents(shop.in_topic(shop.kafka.events_topic)) if "crossing" in each["job"]["name"]
    ]
    fields = crossed["outputs"][0]["facets"]["columnLineage"]["fields"]
    sources = {(each["namespace"], each["name"]) for each in fields["doubled"]["inputFields"]}
    assert sources == {(far.settings.namespace, "far.dev.raw")}


def test_what_follows_for_one_warehouse_does_not_wait_behind_what_waits_for_another(
    shop: Shop, store: Store, far: Store, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(letters, "_FOLLOW_UPS_AT_ONCE", 1)
    refused = far.settings.model_copy(update={"reader_password": SecretStr("wrong")})
    with running(spool, shop.kafka, completion=both(store, refused, spool), columns_wait_seconds=0):
        with store.closed():
            for number in range(3):
                spool.put(there(far, event(shop, f"far_{number}")))
            spool.put(event(shop))
            assert awaited(lambda: told(spool).get("follow_ups") == 4)
        assert awaited(lambda: kinds(shop).count("OTHER") == 1)
        assert awaited(lambda: told(spool).get("follow_ups") == 3)
    assert columns_of(shop)["model.orders"] == ["id", "doubled"]


def test_two_projects_in_one_warehouse_share_a_connection(shop: Shop, store: Store, spool: Spool) -> None:
    twice = Completion(
        [PostgresWarehouse(store.settings), PostgresWarehouse(store.settings)], SpoolSettings(dir=spool.folder)
    )
    assert len(twice.places) == 1
    # Those of the tests before are open until Python frees them.
    store.disconnect()
    assert awaited(lambda: store.connections() == 0)
    spool.put(event(shop))
    with running(spool, shop.kafka, completion=twice):
        assert awaited(lambda: kinds(shop) == ["COMPLETE"])
        assert store.connections() == 1

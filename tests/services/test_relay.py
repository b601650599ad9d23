"""The relay on a real broker: whatever is killed, every event arrives, in its job's order."""

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psutil
import pytest
from confluent_kafka import Message
from tenacity import retry, retry_if_result, stop_after_delay, wait_fixed
from topics import delete_topics, make_topics

from dbt_lineage.core import settings
from dbt_lineage.core.settings import KafkaSettings, SpoolSettings
from dbt_lineage.kafka.offsets import Bookmarks
from dbt_lineage.kafka.reader import messages
from dbt_lineage.relay import status
from dbt_lineage.relay.completion import Columns, Completion, Database
from dbt_lineage.relay.dead_letters import DeadLetters
from dbt_lineage.relay.relay import Relay
from dbt_lineage.relay.validation import validated
from dbt_lineage.spool.facts import Acknowledgement, EventFacts
from dbt_lineage.spool.follow_ups import FollowUp
from dbt_lineage.spool.identity import event_id
from dbt_lineage.spool.leaving import SpoolState
from dbt_lineage.spool.spool import Spool, Waiting
from dbt_lineage.warehouse.postgres import PostgresWarehouse
from stack.checkout import PROJECT_ROOT
from stack.config import StackConfig
from stack.supervisor import Supervisor
from tests.openlineage_events import PRODUCER, body, mutated, number_of, run_event
from tests.spools import set_aside
from tests.support import noise, set_limit

JOBS = 20
FACET = {"_producer": PRODUCER, "_schemaURL": f"{PRODUCER}/schema.json"}
TOO_LARGE = 1_100_000


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool", 1 << 30)


class MemoryLedger:
    """A ledger that can be away."""

    def __init__(self) -> None:
        self.away = False
        self.old = 0
        self.facts: dict[str, EventFacts] = {}
        self.places: dict[str, Acknowledgement] = {}

    def emitted(self, events: Sequence[EventFacts]) -> None:
        """Keep them."""
        if self.away:
            raise ConnectionError("the ledger is away")
        self.facts.update({event.event_id: event for event in events})

    def acknowledged(self, acknowledgements: Sequence[Acknowledgement]) -> None:
        """Keep them; they must be known."""
        if self.away:
            raise ConnectionError("the ledger is away")
        assert {each.event_id for each in acknowledgements} <= self.facts.keys()
        self.places.update({each.event_id: each for each in acknowledgements})

    def delete_old(self) -> int:
        """Delete up to two of what is old."""
        if self.away:
            raise ConnectionError("the ledger is away")
        deleted = min(2, self.old)
        self.old -= deleted
        return deleted

    def note(self, state: SpoolState) -> None:
        """Nobody asks."""

    def forget(self, spool: str) -> int:
        """None is kept."""
        return 0

    def claim(self, relay: str, count: int) -> list[Waiting | FollowUp]:
        """Nobody has handed any event over."""
        return []

    def delivered(self, event_ids: Sequence[str]) -> None:
        """None is kept."""


def arrived(kafka: KafkaSettings, topic: str) -> list[Message]:
    """Everything in a topic, partition by partition."""
    ends = Bookmarks(kafka, topic).ends()
    return list(messages(kafka, topic, dict.fromkeys(ends, 0), ends))


def header(message: Message, name: str) -> str:
    return next(value for key, value in message.headers() or [] if key == name).decode()  # type: ignore[union-attr]


def once_each(found: list[Message]) -> list[Message]:
    """What a consumer makes of it: second copies dropped by their id."""
    return list({header(message, "event_id"): message for message in reversed(found)}.values())[::-1]


def numbers_by_job(found: list[Message]) -> dict[bytes, list[int]]:
    """The events of each job, in their order; a job that is in two partitions would have none."""
    places: dict[bytes, set[int]] = defaultdict(set)
    numbers: dict[bytes, list[int]] = defaultdict(list)
    for message in found:
        key, value, partition = message.key(), message.value(), message.partition()
        assert isinstance(key, bytes)
        assert isinstance(value, bytes)
        assert partition is not None
        places[key].add(partition)
        numbers[key].append(number_of(value))
    assert {len(each) for each in places.values()} == {1}
    return numbers


def emit(spool: Spool, count: int, start: int = 0) -> set[str]:
    return {spool.put(event) for event in events(count, start)}


def events(count: int, start: int = 0) -> Iterator[bytes]:
    return (body(number, f"job{number % JOBS}") for number in range(start, start + count))


def fill(spool: Spool, bodies: Iterable[bytes]) -> set[str]:
    """As the spool itself writes them, but one transaction for all instead of a flush for each."""
    spool.usage()
    rows = [(event_id(each), "2026-11-22T00:00:00+00:00", "test", each) for each in bodies]
    with closing(sqlite3.connect(spool.file)) as connection, connection:
        connection.executemany("INSERT INTO waiting (event_id, emitted_at, source, body) VALUES (?, ?, ?, ?)", rows)
    return {row[0] for row in rows}


def assert_all_in_order(kafka: KafkaSettings, count: int) -> None:
    """Each job's events are there once each, in the order in which they were emitted."""
    expected = {f"tests/job{job}".encode(): list(range(job, count, JOBS)) for job in range(JOBS)}
    assert numbers_by_job(once_each(arrived(kafka, kafka.events_topic))) == expected


def awaited(condition: Callable[[], bool], seconds: float = 30) -> bool:
    return retry(
        retry=retry_if_result(lambda done: not done),
        stop=stop_after_delay(seconds),
        wait=wait_fixed(0.02),
        retry_error_callback=lambda _: False,
    )(condition)()


@contextmanager
def running(
    spool: Spool,
    kafka: KafkaSettings,
    ledger: MemoryLedger | None = None,
    completion: Completion | None = None,
    columns_wait_seconds: float = 5,
    max_bytes: int = 1 << 30,
) -> Iterator[None]:
    """A relay on a thread."""
    stop = threading.Event()
    own = Spool(spool.folder, max_bytes, bounded=False)
    relay = threading.Thread(target=Relay(own, kafka, ledger, completion, columns_wait_seconds).run, args=(stop,))
    relay.start()
    try:
        yield
        assert relay.is_alive()
    finally:
        stop.set()
        relay.join()


def process(spool: Spool, kafka: KafkaSettings, *arguments: str, **more: str) -> subprocess.Popen[str]:
    """The command line, as the stack and a person start it, with more of its environment."""
    variables = {
        "SPOOL_DIR": str(spool.folder),
        "KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
        "KAFKA_EVENTS_TOPIC": kafka.events_topic,
        "KAFKA_DLQ_TOPIC": kafka.dlq_topic,
        "LEDGER_URL": "",
        "COLUMNS": "200",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "dbt_lineage", "relay", *arguments],
        env={**os.environ, **variables, **more},
        cwd=PROJECT_ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def command(spool: Spool, kafka: KafkaSettings, *arguments: str) -> tuple[int, str]:
    """Exit code and output of a command."""
    done = process(spool, kafka, *arguments)
    output, errors = done.communicate()
    assert "Traceback" not in errors
    return done.returncode, output


def view_of_warehouse(**facets: Any) -> dict[str, Any]:
    """A dataset that the warehouse has."""
    warehouse = settings.warehouse()
    name = f"{warehouse.database}.information_schema.schemata"
    return {"namespace": warehouse.namespace, "name": name, "facets": facets}


def kill_broker(stack: StackConfig) -> None:
    """SIGKILL; its supervisor starts it again."""
    broker = psutil.Process(Supervisor(stack).states()["kafka"]["pid"])
    for each in (broker, *broker.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            each.kill()


def test_events_arrive_in_their_jobs_order_and_on_every_partition(spool: Spool, kafka: KafkaSettings) -> None:
    ids = emit(spool, 500)
    relayed = Relay(spool, kafka).drain()
    assert (relayed.sent, relayed.dead, relayed.left) == (500, 0, 0)
    found = arrived(kafka, kafka.events_topic)
    assert len(found) == 500
    assert {header(message, "event_id") for message in found} == ids
    assert {message.partition() for message in found} == {0, 1, 2}
    assert_all_in_order(kafka, 500)
    assert arrived(kafka, kafka.dlq_topic) == []


def test_a_new_event_is_sent_while_the_relay_runs(spool: Spool, kafka: KafkaSettings) -> None:
    with running(spool, kafka):
        for start in range(3):
            emit(spool, 1, start)
            assert awaited(lambda: spool.usage().waiting == 0)
    assert len(arrived(kafka, kafka.events_topic)) == 3


def test_events_of_jobs_and_datasets_arrive_and_are_no_dead_letters(spool: Spool, kafka: KafkaSettings) -> None:
    of_a_run = run_event(1, "job0", outputs=[view_of_warehouse()])
    of_a_job = {key: value for key, value in of_a_run.items() if key not in ("run", "eventType")}
    of_a_dataset = {**of_a_job, "dataset": view_of_warehouse()}
    for name in ("job", "inputs", "outputs"):
        del of_a_dataset[name]
    sent = {spool.put(json.dumps(each).encode()) for each in (of_a_job, of_a_dataset, of_a_run)}
    completion = Completion([PostgresWarehouse(settings.warehouse())], SpoolSettings(dir=spool.folder))
    with running(spool, kafka, completion=completion):
        assert awaited(lambda: spool.usage().waiting == 0)
    found = {header(each, "event_id"): header(each, "lineage") for each in arrived(kafka, kafka.events_topic)}
    assert found.keys() == sent
    assert set(found.values()) == {"none"}
    assert arrived(kafka, kafka.dlq_topic) == []


def test_an_invalid_event_goes_to_the_dead_letters_and_can_be_corrected(
    spool: Spool, kafka: KafkaSettings, tmp_path: Path
) -> None:
    bad = body(7, "job7").replace(b"COMPLETE", b"DONE")
    spool.put(b"no event")
    spool.put(bad)
    emit(spool, 5)
    relayed = Relay(spool, kafka).drain()
    assert (relayed.sent, relayed.dead, relayed.left) == (5, 2, 0)
    letters = {each.event_id: each for each in DeadLetters(kafka).new()}
    letter = letters[event_id(bad)]
    assert letters.keys() == {event_id(b"no event"), event_id(bad)}
    assert letter.reason.startswith("$.eventType: 'DONE' is not one of")
    assert letter.source == f"spool {os.uname().nodename} {os.getpid()}"
    assert letter.body == bad

    code, listed = command(spool, kafka, "dead-letters", "list", "--json")
    assert code == 0
    assert {each["event_id"] for each in json.loads(listed)} == letters.keys()
    assert command(spool, kafka, "dead-letters", "show", str(letter.partition), str(letter.offset)) == (0, bad.decode())
    assert command(spool, kafka, "dead-letters", "show", str(letter.partition), "99")[0] == 1

    corrected = tmp_path / "corrected.json"
    corrected.write_bytes(bad)
    assert command(spool, kafka, "emit", str(corrected))[0] == 1
    corrected.write_bytes(bad.replace(b"DONE", b"FAIL"))
    assert command(spool, kafka, "emit", str(corrected))[0] == 0
    code, said = command(spool, kafka, "drain")
    assert (code, said) == (0, "spool: 1 sent, 0 dead letters, 0 left\n")


def test_a_replay_sends_what_is_valid_now_and_keeps_what_is_not(spool: Spool, kafka: KafkaSettings) -> None:
    for raw in (b"no event", b"{}"):
        spool.put(raw)
    # A dead letter that is valid: the rule that refused it was wrong and has been mended.
    emit(spool, 1)
    mended = kafka.model_copy(update={"events_topic": kafka.dlq_topic})
    Relay(spool, mended).drain()
    before = DeadLetters(kafka).new()
    assert len(before) == 3
    dry = DeadLetters(kafka).replay(spool, dry_run=True)
    assert (dry.sent, dry.invalid) == (1, 2)
    assert DeadLetters(kafka).new() == before
    assert DeadLetters(kafka).replay(spool, dry_run=False) == dry
    assert Relay(spool, kafka).drain().sent == 1
    (sent,) = arrived(kafka, kafka.events_topic)
    assert (header(sent, "event_id"), sent.value(), sent.key()) == (
        event_id(body(0, "job0")),
        body(0, "job0"),
        b"tests/job0",
    )
    still = DeadLetters(kafka).new()
    assert sorted((each.body, each.attempts) for each in still) == [(b"no event", 1), (b"{}", 1)]
    assert {each.event_id for each in still} == {event_id(b"no event"), event_id(b"{}")}
    DeadLetters(kafka).replay(spool, dry_run=False)
    assert {each.attempts for each in DeadLetters(kafka).new()} == {2}


def test_an_event_that_is_too_large_for_kafka_is_kept_and_told_of_and_holds_nothing_up(
    spool: Spool, kafka: KafkaSettings
) -> None:
    # A name is never left out, and this one is not compressible.
    large = body(100, "job0", outputs=[{"namespace": "postgres://h:1", "name": noise(4 * TOO_LARGE)}])
    emit(spool, 10)
    spool.put(large)
    emit(spool, 10, 10)
    relayed = Relay(spool, kafka).drain()
    assert (relayed.sent, relayed.dead, relayed.left) == (20, 1, 0)
    (letter,) = DeadLetters(kafka).new()
    assert letter.reason == f"too large for Kafka: {len(large)} bytes"
    assert letter.body == b""
    assert letter.kept_as is not None
    kept = Path(letter.kept_as.removeprefix(f"{os.uname().nodename}:"))
    assert kept.parent == spool.folder / "unsendable"
    assert command(spool, kafka, "dead-letters", "show", str(letter.partition), str(letter.offset)) == (
        0,
        large.decode(),
    )
    set_limit(kafka, kafka.events_topic, 10_000_000)
    replayed = DeadLetters(kafka).replay(spool, dry_run=False)
    assert (replayed.sent, replayed.invalid) == (1, 0)
    assert Relay(spool, kafka).drain().dead == 0
    assert large in {message.value() for message in arrived(kafka, kafka.events_topic)}


@pytest.mark.parametrize("damage", ["changed", "gone"])
def test_a_letter_whose_file_is_not_what_was_kept_says_so_and_stays(
    spool: Spool, kafka: KafkaSettings, damage: str
) -> None:
    spool.put(noise(4 * TOO_LARGE).encode())
    Relay(spool, kafka).drain()
    (letter,) = DeadLetters(kafka).new()
    (kept,) = (spool.folder / "unsendable").iterdir()
    if damage == "changed":
        kept.write_bytes(b"{}")
    else:
        kept.unlink()
    assert command(spool, kafka, "dead-letters", "show", str(letter.partition), str(letter.offset)) == (1, "")
    replayed = DeadLetters(kafka).replay(spool, dry_run=False)
    assert (replayed.sent, replayed.invalid) == (0, 1)
    (still,) = DeadLetters(kafka).new()
    assert str(kept) in still.reason
    assert still.kept_as == letter.kept_as


def test_what_is_sent_back_and_does_not_fit_any_more_is_kept(spool: Spool, kafka: KafkaSettings) -> None:
    invalid = noise(300_000).encode()
    spool.put(invalid)
    Relay(spool, kafka).drain()
    assert DeadLetters(kafka).new()[0].kept_as is None
    set_limit(kafka, kafka.dlq_topic, 5_000)
    assert DeadLetters(kafka).replay(spool, dry_run=False).invalid == 1
    (letter,) = DeadLetters(kafka).new()
    assert (letter.body, letter.attempts) == (b"", 1)
    assert letter.event(spool.folder) == invalid


def test_a_letter_that_fits_nowhere_is_told_of_and_holds_nothing_up(spool: Spool, kafka: KafkaSettings) -> None:
    set_limit(kafka, kafka.dlq_topic, 100)
    spool.put(b"no event")
    emit(spool, 10)
    with running(spool, kafka):
        assert awaited(lambda: spool.usage().waiting == 1)
        assert awaited(lambda: "refused" in str((status.read(spool.folder) or {}).get("kafka_error")))
        set_limit(kafka, kafka.dlq_topic, 100_000)
        assert awaited(lambda: spool.usage().waiting == 0)
        assert awaited(lambda: (status.read(spool.folder) or {}).get("kafka_error") is None)
    assert [each.event(spool.folder) for each in DeadLetters(kafka).new()] == [b"no event"]


def test_a_reason_as_long_as_the_event_is_cut(spool: Spool, kafka: KafkaSettings) -> None:
    invalid = json.dumps({**json.loads(body(1)), "run": {"runId": str(UUID(int=1)), "facets": {noise(9000): 5}}})
    set_limit(kafka, kafka.dlq_topic, 5_000)
    spool.put(invalid.encode())
    assert Relay(spool, kafka).drain().dead == 1
    (letter,) = DeadLetters(kafka).new()
    assert letter.reason.startswith("$.run.facets")
    assert letter.event(spool.folder) == invalid.encode()


def test_what_a_topic_takes_is_sent_whole_and_followed_while_the_relay_runs(spool: Spool, kafka: KafkaSettings) -> None:
    """Not compressible, so the topic's limit is that of the event."""
    set_limit(kafka, kafka.events_topic, 5_000_000)
    with running(spool, kafka):
        for size, limit in ((4_900_000, 5_000_000), (8_900_000, 9_000_000)):
            set_limit(kafka, kafka.events_topic, limit)
            large = body(size, "job0", own=noise(size))
            spool.put(large)
            assert awaited(lambda: spool.usage().waiting == 0)
            assert large in {message.value() for message in arrived(kafka, kafka.events_topic)}
        set_limit(kafka, kafka.events_topic, 100_000)
        ids = emit(spool, 100, 1)
        spool.put(body(300, "job0", own=noise(200_000)))
        assert awaited(lambda: spool.usage().waiting == 0)
    found = {header(message, "event_id"): message for message in arrived(kafka, kafka.events_topic)}
    assert ids <= found.keys()
    slimmed = json.loads(found[event_id(body(300, "job0", own=noise(200_000)))].value() or b"")
    assert slimmed["run"]["facets"]["lineageLeftOut"]["parts"] == ["all but names"]


def test_an_event_that_fits_the_topic_compressed_is_sent_whole(spool: Spool, kafka: KafkaSettings) -> None:
    large = body(1, "job1", own="x" * 8 * TOO_LARGE)
    spool.put(large)
    assert Relay(spool, kafka).drain().dead == 0
    assert [message.value() for message in arrived(kafka, kafka.events_topic)] == [large]


def test_an_event_of_twenty_thousand_inputs_arrives_with_all_of_them(spool: Spool, kafka: KafkaSettings) -> None:
    """Names as long as PostgreSQL has them, of letters by chance: hardly compressible. And facets that do not fit."""
    dice = random.Random(5)  # noqa: S311 - it only must not be compressible
    letters = "abcdefghijklmnopqrstuvwxyz0123456789_"
    inputs = [
        {
            "namespace": "postgres://warehouse.example.com:5432",
            "name": f"analytics.staging.{''.join(dice.choices(letters, k=63))}",
            "facets": {"own": {**FACET, "text": dice.randbytes(40).hex()}},
        }
        for _ in range(20_000)
    ]
    spool.put(body(1, inputs=inputs, outputs=[{"namespace": "postgres://h:1", "name": "a.b.c"}]))
    assert Relay(spool, kafka).drain().dead == 0
    (message,) = arrived(kafka, kafka.events_topic)
    sent = validated(message.value() or b"")
    assert [each["name"] for each in sent["inputs"]] == [each["name"] for each in inputs]
    assert sent["run"]["facets"]["lineageLeftOut"]["parts"] == ["all but names"]


def test_the_start_of_a_dag_of_many_tasks_goes_without_them(spool: Spool, kafka: KafkaSettings) -> None:
    dice = random.Random(5)  # noqa: S311 - it only must not be compressible
    tasks = {f"model_{number}.run": {"operator": dice.randbytes(300).hex()} for number in range(5000)}
    airflow = {**FACET, "taskTree": {}, "taskGroups": {}, "tasks": tasks}
    start = {
        **json.loads(body(1, "a_dag", eventType="START")),
        "run": {"runId": str(UUID(int=1)), "facets": {"airflowDagRun": {**FACET, "dag": {"dag_id": "a_dag"}}}},
        "job": {"namespace": "tests", "name": "a_dag", "facets": {"airflow": airflow, "own": FACET}},
    }
    spool.put(json.dumps(start).encode())
    assert Relay(spool, kafka).drain().dead == 0
    (message,) = arrived(kafka, kafka.events_topic)
    sent = json.loads(message.value() or b"")
    assert sent["run"]["facets"].pop("lineageLeftOut")["parts"] == ["tasks of the DAG"]
    del start["job"]["facets"]["airflow"]
    assert sent == start


@pytest.mark.parametrize(
    ("large", "left_out"),
    [
        ("indirect", ["INDIRECT columns"]),
        ("direct", ["INDIRECT columns", "column lineage"]),
        ("sql", ["INDIRECT columns", "column lineage", "SQL"]),
        ("schema", ["INDIRECT columns", "column lineage", "SQL", "columns"]),
        ("run", ["INDIRECT columns", "column lineage", "SQL", "columns", "other facets of run and job"]),
    ],
)
def test_an_event_that_is_too_large_goes_without_what_is_optional(
    spool: Spool, kafka: KafkaSettings, large: str, left_out: list[str]
) -> None:
    text = noise(2 * TOO_LARGE)
    much = {name: text if name == large else "x" for name in ("indirect", "direct", "sql", "schema", "run")}
    source = {"namespace": "postgres://h:1", "name": "a.b.source"}
    ways = {
        kind: [{"type": kind, "subtype": "FILTER" if kind == "INDIRECT" else "IDENTITY"}]
        for kind in ("DIRECT", "INDIRECT")
    }
    fields = [
        {**source, "field": much["direct"], "transformations": ways["DIRECT"]},
        {**source, "field": much["indirect"], "transformations": ways["INDIRECT"]},
    ]
    output = {
        "namespace": "postgres://h:1",
        "name": "a.b.c",
        "facets": {
            "schema": {**FACET, "fields": [{"name": much["schema"]}]},
            "columnLineage": {**FACET, "fields": {"x": {"inputFields": fields}}},
        },
    }
    event = {
        **json.loads(body(1, inputs=[source], outputs=[output])),
        "run": {"runId": str(UUID(int=1)), "facets": {"own": {**FACET, "text": much["run"]}}},
        "job": {"namespace": "tests", "name": "job", "facets": {"sql": {**FACET, "query": much["sql"]}}},
    }
    spool.put(json.dumps(event).encode())
    emit(spool, 1, 2)
    assert Relay(spool, kafka).drain().dead == 0
    [sent] = [
        json.loads(each.value() or b"")
        for each in arrived(kafka, kafka.events_topic)
        if number_of(each.value() or b"") == 1
    ]
    assert sent["run"]["facets"]["lineageLeftOut"]["parts"] == left_out
    assert [each["name"] for each in sent["inputs"] + sent["outputs"]] == ["a.b.source", "a.b.c"]
    facets = sent["outputs"][0]["facets"]
    assert ", ".join(left_out) in facets["lineageUnresolved"]["fields"][0]["reason"]
    assert ("columnLineage" in facets) == (large == "indirect")
    assert validated(json.dumps(sent).encode()) == sent


def test_events_that_are_refused_for_their_size_cost_no_other_event_its_place(
    spool: Spool, kafka: KafkaSettings
) -> None:
    """The broker refuses batches in the middle of others that are on their way to the same partitions."""
    count = 3_000
    set_limit(kafka, kafka.events_topic, 100_000)
    large = [body(count + number, f"large{number}", own=f"{number}{noise(900_000)}") for number in range(6)]
    fill(spool, [each for number in range(6) for each in (*events(500, 500 * number), large[number])])
    relayed = Relay(spool, kafka).drain()
    assert (relayed.sent, relayed.dead, relayed.left) == (count + 6, 0, 0)
    found = arrived(kafka, kafka.events_topic)
    assert len(found) == count + 6
    small = [message for message in found if number_of(message.value() or b"") < count]
    assert numbers_by_job(small) == {f"tests/job{job}".encode(): list(range(job, count, JOBS)) for job in range(JOBS)}
    slimmed = [json.loads(message.value() or b"") for message in found if message not in small]
    assert {tuple(each["run"]["facets"]["lineageLeftOut"]["parts"]) for each in slimmed} == {("all but names",)}


def test_a_topic_that_takes_less_than_others_gets_what_it_takes(spool: Spool, stack: StackConfig) -> None:
    """The broker refuses whole batches then, of events that are small enough one by one."""
    name = f"relay-{uuid4()}"
    kafka = KafkaSettings(
        bootstrap_servers=stack.address("kafka"), events_topic=f"{name}.events", dlq_topic=f"{name}.dlq"
    )
    make_topics(kafka, kafka.events_topic, **{"max.message.bytes": "2000"})
    make_topics(kafka, kafka.dlq_topic)
    emit(spool, 50)
    large = body(100, "job0", outputs=[{"namespace": "postgres://h:1", "name": noise(6000)}])
    spool.put(large)
    relayed = Relay(spool, kafka).drain()
    assert (relayed.sent, relayed.dead, relayed.left) == (50, 1, 0)
    assert {number_of(message.value() or b"") for message in arrived(kafka, kafka.events_topic)} == set(range(50))
    (letter,) = DeadLetters(kafka).new()
    assert letter.body == large
    delete_topics(kafka)


def test_a_topic_that_is_missing_is_told_of_and_waited_for(spool: Spool, stack: StackConfig) -> None:
    name = f"relay-{uuid4()}"
    kafka = KafkaSettings(
        bootstrap_servers=stack.address("kafka"), events_topic=f"{name}.events", dlq_topic=f"{name}.dlq"
    )
    emit(spool, 100)

    def told() -> bool:
        return "refused" in ((status.read(spool.folder) or {}).get("kafka_error") or "")

    with running(spool, kafka):
        assert awaited(told)
        assert spool.usage().waiting == 100
        make_topics(kafka, kafka.events_topic, kafka.dlq_topic)
        assert awaited(lambda: spool.usage().waiting == 0)
        assert awaited(lambda: (status.read(spool.folder) or {}).get("kafka_error") is None)
    assert_all_in_order(kafka, 100)
    delete_topics(kafka)


def test_every_event_arrives_though_the_broker_is_killed_while_they_are_sent(
    spool: Spool, kafka: KafkaSettings, stack: StackConfig
) -> None:
    count = 10_000
    fill(spool, events(count))
    with running(spool, kafka):
        assert awaited(lambda: spool.usage().waiting < count * 0.9)
        kill_broker(stack)
        assert awaited(lambda: (status.read(spool.folder) or {}).get("kafka_error") is not None)
        left = spool.usage().waiting
        assert left > 0
        emit(spool, JOBS, count)
        assert awaited(lambda: spool.usage().waiting == 0, 60)
        assert awaited(lambda: (status.read(spool.folder) or {}).get("kafka_error") is None)
    assert_all_in_order(kafka, count + JOBS)


def test_every_event_arrives_though_the_relay_is_killed_again_and_again(spool: Spool, kafka: KafkaSettings) -> None:
    count = 8_000
    ids = fill(spool, events(count))
    dice = random.Random(5)  # noqa: S311 - when it dies is no secret
    kills = 0
    while spool.usage().waiting:
        relay = process(spool, kafka, "run")
        before = spool.usage().waiting
        # Somewhere in the next few batches.
        goal = before - dice.randrange(1, 1500)
        assert awaited(lambda goal=goal: spool.usage().waiting <= max(goal, 0))  # type: ignore[misc]
        relay.kill()
        relay.communicate()
        kills += 1
    assert kills >= 4
    found = arrived(kafka, kafka.events_topic)
    assert {header(message, "event_id") for message in found} == ids
    assert_all_in_order(kafka, count)


def test_of_two_relays_one_works_and_the_other_takes_over(spool: Spool, kafka: KafkaSettings) -> None:
    first = process(spool, kafka, "run")
    assert awaited(lambda: (status.read(spool.folder) or {}).get("pid") == first.pid)
    second = process(spool, kafka, "run")
    assert second.stderr is not None
    assert f"relay {first.pid} works since" in next(line for line in second.stderr if "INFO" in line)
    emit(spool, 200)
    assert awaited(lambda: spool.usage().waiting == 0)
    assert (status.read(spool.folder) or {})["pid"] == first.pid
    first.kill()
    first.communicate()
    assert awaited(lambda: (status.read(spool.folder) or {})["pid"] == second.pid)
    emit(spool, 200, 200)
    assert awaited(lambda: spool.usage().waiting == 0)
    second.send_signal(signal.SIGTERM)
    said, log = second.communicate()
    assert second.returncode == 0
    assert said == "relay stopped: 200 sent, 0 dead letters, 0 waiting\n"
    assert "works since" not in log
    assert len(arrived(kafka, kafka.events_topic)) == 400
    assert_all_in_order(kafka, 400)
    code, told = command(spool, kafka, "status", "--json")
    assert code == 0
    assert json.loads(told)["relay"]["stopped_at"] is not None
    assert json.loads(told)["spool"]["waiting"] == 0


def test_a_relay_without_its_broker_waits_says_so_once_and_ends_when_told_to(spool: Spool, stack: StackConfig) -> None:
    nobody = KafkaSettings(bootstrap_servers="127.0.0.1:9")
    emit(spool, 5)
    relay = process(spool, nobody, "run")
    assert awaited(lambda: (status.read(spool.folder) or {}).get("kafka_error") is not None)
    relay.send_signal(signal.SIGTERM)
    said, log = relay.communicate(timeout=15)
    assert relay.returncode == 0
    assert said == "relay stopped: 0 sent, 0 dead letters, 5 waiting\n"
    assert log.count("WARNING dbt_lineage.relay.relay: Kafka at 127.0.0.1:9") == 1
    assert command(spool, nobody, "drain", "--timeout", "0.5") == (1, "spool: 0 sent, 0 dead letters, 5 left\n")


@pytest.mark.parametrize("count", [10_000, pytest.param(100_000, marks=pytest.mark.long)])
def test_many_events_arrive_in_order(spool: Spool, kafka: KafkaSettings, count: int) -> None:
    fill(spool, events(count))
    relayed = Relay(spool, kafka).drain()
    assert (relayed.sent, relayed.dead, relayed.left) == (count, 0, 0)
    assert_all_in_order(kafka, count)


def test_ten_thousand_mutated_events_end_in_the_topic_or_in_the_dead_letters(
    spool: Spool, kafka: KafkaSettings
) -> None:
    dice = random.Random(5)  # noqa: S311 - the same events every time
    raw = {event_id(each): each for each in (mutated(dice, number) for number in range(10_000))}
    fill(spool, raw.values())
    with running(spool, kafka):
        assert awaited(lambda: spool.usage().waiting == 0, 120)
    valid, letters = arrived(kafka, kafka.events_topic), arrived(kafka, kafka.dlq_topic)
    assert len(valid) > 1000
    assert len(letters) > 1000
    assert {header(message, "event_id"): message.value() for message in (*valid, *letters)} == raw
    assert len(valid) + len(letters) == len(raw)
    assert all(header(message, "reason") for message in letters)


def test_whatever_stands_in_the_facets_of_what_was_written_stops_no_relay(
    spool: Spool, kafka: KafkaSettings, tmp_path: Path
) -> None:
    deep: dict[str, Any] = dict(FACET)
    for _ in range(480):
        deep = {**FACET, "deeper": deep}
    outputs = [
        view_of_warehouse(schema={**FACET, "fields": [{"type": "int"}]}),
        view_of_warehouse(schema={**FACET, "fields": 5}),
        view_of_warehouse(deep=deep),
        {**view_of_warehouse(), "name": "a.b.\0"},
    ]
    odd = {spool.put(body(number, outputs=[output])) for number, output in enumerate(outputs)}
    dice = random.Random(7)  # noqa: S311 - the same events every time
    described = view_of_warehouse(schema={**FACET, "fields": [{"name": "schema_name", "type": "text"}]})
    changed = fill(
        spool, {event_id(each): each for each in (mutated(dice, n, described) for n in range(2000))}.values()
    )
    completion = Completion([PostgresWarehouse(settings.warehouse())], SpoolSettings(dir=tmp_path / "columns"))
    relayed = Relay(spool, kafka, completion=completion).drain()
    assert relayed.left == 0
    valid = {header(each, "event_id"): each for each in arrived(kafka, kafka.events_topic)}
    letters = {header(each, "event_id") for each in arrived(kafka, kafka.dlq_topic)}
    assert odd <= valid.keys()
    assert valid.keys() | letters == odd | changed
    assert len(valid) > 200
    named = [json.loads(valid[each].value() or b"")["outputs"][0]["facets"] for each in odd]
    # The deep one, too: nothing copies it level by level any more.
    assert all("lineageUnresolved" in facets for facets in named)


def test_the_ledger_is_told_of_everything_and_may_be_away(spool: Spool, kafka: KafkaSettings) -> None:
    ledger = MemoryLedger()
    ledger.away = True
    ids = emit(spool, 50)
    dead = spool.put(b"no event")
    with running(spool, kafka, ledger):
        assert awaited(lambda: spool.usage().waiting == 0)
        assert awaited(lambda: (status.read(spool.folder) or {}).get("ledger_error") is not None)
        assert spool.usage().acknowledged == 51
        ledger.away = False
        assert awaited(lambda: spool.usage().acknowledged == 0)
        assert awaited(lambda: (status.read(spool.folder) or {}).get("ledger_error") is None)
    assert ledger.facts.keys() == ledger.places.keys() == {*ids, dead}
    places = {name: (each.topic, each.partition, each.offset) for name, each in ledger.places.items()}
    found = [*arrived(kafka, kafka.events_topic), *arrived(kafka, kafka.dlq_topic)]
    assert places == {header(each, "event_id"): (each.topic(), each.partition(), each.offset()) for each in found}
    assert {name for name, each in ledger.places.items() if each.reason} == {dead}
    assert ledger.facts[event_id(body(3, "job3"))].job_name == "job3"


def test_what_the_spool_had_no_room_for_is_read_in_kafka_again_once_the_ledger_is_back(
    tmp_path: Path, kafka: KafkaSettings
) -> None:
    """Away for so long that there are more receipts than room: emit goes on, and in the end the ledger has every event."""
    spool = Spool(tmp_path / "spool", 1 << 20)
    ledger = MemoryLedger()
    ledger.away = True
    names: set[str] = set()
    with running(spool, kafka, ledger, max_bytes=1 << 20):
        for start in range(0, 3000, 300):
            names |= emit(spool, 300, start)
            names.add(spool.put(b"no event %d" % start))
            assert awaited(lambda: spool.usage().waiting == 0)
        dropped = spool.usage().dropped
        assert dropped > 1000
        assert {each.topic for each in spool.dropped()} == {kafka.events_topic, kafka.dlq_topic}
        ledger.away = False
        assert awaited(lambda: spool.usage().dropped == spool.usage().acknowledged == 0)
        assert awaited(lambda: (status.read(spool.folder) or {}).get("ledger_error") is None)
    assert ledger.facts.keys() == ledger.places.keys() == names
    assert len(names) == 3010
    places = {name: (each.topic, each.partition, each.offset) for name, each in ledger.places.items()}
    found = [*arrived(kafka, kafka.events_topic), *arrived(kafka, kafka.dlq_topic)]
    assert places == {header(each, "event_id"): (each.topic(), each.partition(), each.offset()) for each in found}
    assert {each.reason for each in ledger.places.values() if each.topic == kafka.dlq_topic} == {
        each.reason for each in DeadLetters(kafka).new()
    }
    of_both = {name: ledger.facts[name] for name in (event_id(body(3, "job3")), event_id(body(2999, "job19")))}
    assert {each.job_name for each in of_both.values()} == {"job3", "job19"}


def test_the_relay_deletes_what_is_too_old_for_the_ledger(spool: Spool, kafka: KafkaSettings) -> None:
    ledger = MemoryLedger()
    ledger.old = 5
    with running(spool, kafka, ledger):
        assert awaited(lambda: ledger.old == 0)


def test_the_ledger_is_told_of_events_that_kafka_does_not_have_yet(spool: Spool, stack: StackConfig) -> None:
    ledger = MemoryLedger()
    ids = emit(spool, 20)
    with running(spool, KafkaSettings(bootstrap_servers="127.0.0.1:9"), ledger):
        assert awaited(lambda: ledger.facts.keys() == ids)
    assert ledger.places == {}


@pytest.mark.parametrize("damage", ["truncated", "overwritten"])
def test_a_damaged_spool_is_set_aside_and_what_can_be_read_of_it_arrives(
    spool: Spool, kafka: KafkaSettings, damage: str
) -> None:
    emit(spool, 1000)
    spool.close()
    size = spool.file.stat().st_size
    if damage == "truncated":
        os.truncate(spool.file, size // 2)
    else:
        with spool.file.open("r+b") as handle:
            handle.seek(size // 2)
            handle.write(b"\x5a" * 4096 * 8)
    shutil.copy(spool.file, spool.folder.parent / "as it was")
    with running(spool, kafka):
        assert awaited(lambda: bool(spool.set_aside_files()))
        emit(spool, 10, 1000)
        assert awaited(lambda: spool.usage().waiting == 0)
        (aside,) = spool.set_aside_files()
        report = aside.with_name(f"{aside.name}.json")
        assert awaited(report.exists)
        assert awaited(lambda: spool.usage().waiting == 0)
    assert aside.read_bytes() == (spool.folder.parent / "as it was").read_bytes()
    found = {number_of(message.value() or b"") for message in arrived(kafka, kafka.events_topic)}
    assert set(range(1000, 1010)) <= found <= set(range(1010))
    saved = json.loads(report.read_text())["events_saved"]
    assert 250 < saved < 1000
    # Some of them had been sent before the damage was met.
    assert len(found) >= saved + 10


def test_a_file_that_is_set_aside_while_its_events_are_on_their_way_costs_no_event_and_no_order(
    spool: Spool, kafka: KafkaSettings
) -> None:
    emit(spool, 100)
    emitter = Spool(spool.folder, 1 << 30)

    class Meanwhile(Completion):
        def of(self, body: bytes, columns: Mapping[Database, Columns]) -> bytes:
            if not spool.set_aside_files():
                set_aside(emitter)
                emit(emitter, 150, 100)
            return body

    completion = Meanwhile([PostgresWarehouse(settings.warehouse())], SpoolSettings(dir=spool.folder))
    relayed = Relay(spool, kafka, completion=completion).drain()
    assert (relayed.dead, relayed.left) == (0, 0)
    assert_all_in_order(kafka, 250)


def test_a_body_that_the_disk_changed_is_known_by_its_id(spool: Spool, kafka: KafkaSettings) -> None:
    emit(spool, 3)
    changed = body(1, "job1").replace(b"COMPLETE", b"START")
    with closing(sqlite3.connect(spool.file)) as connection, connection:
        connection.execute("UPDATE waiting SET body = ? WHERE event_id = ?", (changed, event_id(body(1, "job1"))))
    relayed = Relay(spool, kafka).drain()
    assert (relayed.sent, relayed.dead) == (2, 1)
    (letter,) = DeadLetters(kafka).new()
    assert letter.reason.startswith("damaged in the spool")
    assert letter.body == changed

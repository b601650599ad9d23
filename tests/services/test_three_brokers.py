"""Three brokers: what is set for the topics, and what is lost when brokers are killed while the relay sends."""

import json
import threading
import time
from collections.abc import Iterator
from itertools import count

import pytest
from secured_kafka import Cluster, cluster
from test_relay import MemoryLedger, arrived, awaited, events, header, running

from dbt_lineage.core.settings import KafkaSettings
from dbt_lineage.kafka.topics import TopicAdmin, TopicSpec
from dbt_lineage.relay import status
from dbt_lineage.spool.spool import Spool
from stack.checkout import PROJECT_ROOT
from stack.config import unused_ports

FIGURES: dict[str, float] = {}


@pytest.fixture(scope="module")
def brokers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Three brokers that replicate, each a controller too."""
    with cluster(tmp_path_factory.mktemp("brokers"), unused_ports(9), nodes=3) as made:
        yield made


@pytest.fixture(scope="module")
def kafka(brokers: Cluster) -> KafkaSettings:
    """The cluster, with our topics."""
    chosen = brokers.settings(replication_factor=3, timeout_seconds=20)
    admin = TopicAdmin.of(chosen)
    for topic in chosen.topics.values():
        admin.ensure(TopicSpec.as_set(topic, chosen))
    return chosen


@pytest.fixture(scope="module", autouse=True)
def figures() -> Iterator[None]:
    """What was seen, in a file."""
    yield
    file = PROJECT_ROOT / "build" / "scale_out.json"
    file.parent.mkdir(exist_ok=True)
    # The trials of workers write into it, too.
    others = json.loads(file.read_text()) if file.exists() else {}
    file.write_text(json.dumps({**others, **FIGURES}, indent=2))


def test_topics_are_kept_by_three_and_acknowledged_by_two(kafka: KafkaSettings) -> None:
    admin = TopicAdmin.of(kafka)
    for topic in kafka.topics.values():
        wanted = TopicSpec.as_set(topic, kafka)
        assert admin.config(topic)["min.insync.replicas"] == "2"
        assert admin.differences(wanted) == []
        assert admin.missing_replicas(wanted) == []
        assert {len(each.replicas) for each in admin.describe(topic).partitions.values()} == {3}  # type: ignore[union-attr]


def test_brokers_that_are_killed_lose_and_double_nothing(
    brokers: Cluster, kafka: KafkaSettings, tmp_path_factory: pytest.TempPathFactory
) -> None:
    spool = Spool(tmp_path_factory.mktemp("spool"), 1 << 30)
    emitted: set[str] = set()
    numbers = count()
    wanted = TopicSpec.as_set(kafka.events_topic, kafka)
    admin = TopicAdmin.of(kafka, {"log_level": 0})

    def emit(how_many: int) -> None:
        for event in events(how_many, next(numbers) * how_many):
            emitted.add(spool.put(event))

    def told() -> dict[str, object]:
        return status.read(spool.folder) or {}

    with running(spool, kafka, MemoryLedger()), pausing(spool) as pause:
        emit(200)
        assert awaited(lambda: spool.usage().waiting < 200)
        # The leader of a partition, so that somebody else has to take over.
        leader = admin.describe(kafka.events_topic).partitions[0].leader  # type: ignore[union-attr]
        brokers.kill(leader)
        emit(200)
        assert awaited(lambda: spool.usage().waiting == 0, 60)
        assert awaited(lambda: len(admin.missing_replicas(wanted)) == 3, 60)
        assert all("2 of 3 replicas are in sync" in each for each in admin.missing_replicas(wanted))
    FIGURES["longest_pause_seconds"] = round(pause[0], 2)
    with running(spool, kafka, MemoryLedger()):
        second = next(iter(brokers.processes))
        brokers.kill(second)
        emit(200)
        assert awaited(lambda: bool(told().get("kafka_error")), 60)
        assert spool.usage().waiting > 0
        for node in (leader, second):
            brokers.start(node)
        brokers.await_brokers(3)
        assert awaited(lambda: spool.usage().waiting == 0, 120)
        assert awaited(lambda: told().get("kafka_error") is None, 60)
    found = [header(message, "event_id") for message in arrived(kafka, kafka.events_topic)]
    FIGURES.update(
        brokers_killed=2, events=len(emitted), lost=len(emitted - set(found)), duplicates=len(found) - len(set(found))
    )
    assert set(found) == emitted
    assert len(found) == len(emitted)


class pausing:  # noqa: N801 - used as a context manager
    """The longest time in which nothing left the spool that had something; a list of one figure, seconds."""

    def __init__(self, spool: Spool) -> None:
        self._spool = Spool(spool.folder, 1 << 30)
        self._stop = threading.Event()
        self._longest = [0.0]
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> list[float]:
        self._thread.start()
        return self._longest

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _look(self) -> None:
        before, since = self._spool.usage().waiting, time.monotonic()
        while not self._stop.wait(0.05):
            waiting = self._spool.usage().waiting
            if waiting < before or not waiting:
                since = time.monotonic()
            self._longest[0] = max(self._longest[0], time.monotonic() - since)
            before = waiting

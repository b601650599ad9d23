"""Topics, relay, dead letters and offsets on Kafka 3.9 with ZooKeeper, for clusters not yet on KRaft.

Both programs are real, with the configuration that docker-compose.zookeeper.yml mounts.
"""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient, ConfigResource
from tenacity import retry, retry_if_exception_type, retry_if_result, stop_after_delay, wait_fixed

from dbt_lineage.core.settings import KafkaSettings
from dbt_lineage.kafka.offsets import Bookmarks
from dbt_lineage.kafka.reader import messages
from dbt_lineage.relay.dead_letters import DeadLetters
from dbt_lineage.spool.spool import Spool
from stack.checkout import PROJECT_ROOT
from stack.config import unused_ports
from stack.kafka import Distribution
from tests.openlineage_events import body, number_of

pytestmark = pytest.mark.long

CONFIGURATION = PROJECT_ROOT / "kafka" / "config" / "zookeeper"
HOST = "127.0.0.1"
EVENTS = 60


@contextmanager
def running(command: list[str], log: Path) -> Iterator[None]:
    """A process for as long as it is needed."""
    with log.open("w") as handle, subprocess.Popen(command, stdout=handle, stderr=handle) as process:
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaSettings]:
    """A broker of Kafka 3.9 that keeps its metadata in ZooKeeper; only addresses and folders are not as in compose."""
    home = tmp_path_factory.mktemp("kafka-zookeeper")
    jars = Distribution(PROJECT_ROOT / "kafka" / "zookeeper", PROJECT_ROOT / ".venvs" / "kafka-zookeeper")
    jars.install()
    zookeeper_port, port = unused_ports(2)
    zookeeper = home / "zookeeper.properties"
    text = (CONFIGURATION / "zookeeper.properties").read_text()
    text = re.sub("^dataDir=.*", f"dataDir={home / 'zookeeper'}", text, flags=re.MULTILINE)
    text = re.sub("^clientPort=.*", f"clientPort={zookeeper_port}\nclientPortAddress={HOST}", text, flags=re.MULTILINE)
    zookeeper.write_text(text)
    overrides = {
        "zookeeper.connect": f"{HOST}:{zookeeper_port}",
        "listeners": f"INTERNAL://{HOST}:{port}",
        "advertised.listeners": f"INTERNAL://{HOST}:{port}",
        "log.dirs": str(home / "data"),
    }
    options = [word for name, value in overrides.items() for word in ("--override", f"{name}={value}")]
    broker = [*jars.java("-Xmx384m"), "kafka.Kafka", str(CONFIGURATION / "server.properties"), *options]
    keeper = [*jars.java("-Xmx128m"), "org.apache.zookeeper.server.quorum.QuorumPeerMain", str(zookeeper)]
    with running(keeper, home / "zookeeper.log"):
        await_zookeeper(zookeeper_port)
        with running(broker, home / "kafka.log"):
            chosen = KafkaSettings(bootstrap_servers=f"{HOST}:{port}")
            await_broker(chosen)
            yield chosen


@retry(retry=retry_if_exception_type(OSError), stop=stop_after_delay(30), wait=wait_fixed(0.1), reraise=True)
def await_zookeeper(port: int) -> None:
    """Wait until it says what compose's health check wants to hear."""
    with socket.create_connection((HOST, port), timeout=2) as connection:
        connection.sendall(b"ruok")
        assert connection.recv(16) == b"imok"


@retry(retry=retry_if_exception_type(KafkaException), stop=stop_after_delay(60), wait=wait_fixed(0.1), reraise=True)
def await_broker(kafka: KafkaSettings) -> None:
    """Wait until it answers."""
    quiet = {"bootstrap.servers": kafka.bootstrap_servers, "socket.timeout.ms": 2000, "log_level": 0}
    AdminClient(quiet).list_topics(timeout=2)


@pytest.fixture(scope="module")
def variables(kafka: KafkaSettings, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The settings of our commands."""
    unset = {name: value for name, value in os.environ.items() if name != "LEDGER_URL"}
    return {
        **unset,
        "KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
        "SPOOL_DIR": str(tmp_path_factory.mktemp("spool")),
        "WAREHOUSE_PASSWORD": "no event here has columns",
        "WAREHOUSE_READER_PASSWORD": "no event here has columns",
    }


def setup_topics(variables: dict[str, str]) -> list[str]:
    """What the plan's script says."""
    script = PROJECT_ROOT / "kafka" / "setup-topics.sh"
    done = subprocess.run([str(script)], env=variables, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def arrived(kafka: KafkaSettings, topic: str) -> list[bytes]:
    """Everything in a topic, partition by partition."""
    ends = Bookmarks(kafka, topic).ends()
    return [message.value() or b"" for message in messages(kafka, topic, dict.fromkeys(ends, 0), ends)]


def test_the_broker_keeps_its_metadata_in_zookeeper(kafka: KafkaSettings) -> None:
    admin = AdminClient({"bootstrap.servers": kafka.bootstrap_servers})
    [described] = admin.describe_configs([ConfigResource(ConfigResource.Type.BROKER, "1")]).values()
    config = described.result(timeout=10)
    assert config["zookeeper.connect"].value.startswith(HOST)
    assert config["process.roles"].value in (None, "")
    assert config["auto.create.topics.enable"].value == "false"


def test_topics_relay_dead_letters_and_offsets(kafka: KafkaSettings, variables: dict[str, str]) -> None:
    setup_topics(variables)
    assert setup_topics(variables) == [f"{topic} is as wanted" for topic in kafka.topics.values()]

    spool = Spool(Path(variables["SPOOL_DIR"]), 1 << 30)
    for number in range(EVENTS):
        spool.put(body(number, f"job{number % 7}"))
    spool.put(b'{"not": "an event"}')
    drain = [sys.executable, "-m", "dbt_lineage", "relay", "drain", "--timeout", "60"]
    done = subprocess.run(drain, env=variables, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert f"{EVENTS} sent, 1 dead letters, 0 left" in done.stdout
    assert sorted(map(number_of, arrived(kafka, kafka.events_topic))) == list(range(EVENTS))
    [letter] = DeadLetters(kafka).new()
    assert letter.body == b'{"not": "an event"}'

    bookmarks = Bookmarks(kafka, kafka.events_topic)
    ends = bookmarks.ends()
    assert len([end for end in ends.values() if end]) == kafka.partitions
    bookmarks.move("verified", ends)
    start, end = await_unread(bookmarks, "verified")
    assert start == end == ends


def await_unread(bookmarks: Bookmarks, group: str) -> tuple[dict[int, int], dict[int, int]]:
    """The group's offsets, once the broker has made the topic that keeps them."""
    asked = retry(
        retry=retry_if_result(lambda unread: unread[0] != unread[1]), stop=stop_after_delay(10), wait=wait_fixed(0.1)
    )
    return asked(bookmarks.unread)(group)

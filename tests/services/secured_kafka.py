"""Brokers of the tests' own: TLS, SCRAM and access control lists, or several of them that replicate."""

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from tenacity import retry, retry_if_exception_type, retry_if_result, stop_after_delay, wait_fixed

from dbt_lineage.core.settings import KafkaSettings
from stack.certificates import Authority
from stack.kafka import KAFKA

HOST = "localhost"
ADMIN = "admin"
# Of each principal; the brokers of a test listen on this machine only, and end with it.
PASSWORD = "secret-of-{}"
_CLUSTER_ID = "bGluZWFnZS10ZXN0cy0wMQ"
_COMMON = """
process.roles=broker,controller
node.id={node}
controller.quorum.voters={voters}
listeners=CLIENTS://127.0.0.1:{port},BROKERS://127.0.0.1:{internal},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=CLIENTS://{host}:{port},BROKERS://{host}:{internal}
inter.broker.listener.name=BROKERS
controller.listener.names=CONTROLLER
log.dirs={logs}
offsets.topic.num.partitions=3
offsets.topic.replication.factor={replicas}
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor={replicas}
transaction.state.log.min.isr={in_sync}
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
# A dead broker is noticed soon.
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
"""
_OPEN = """
listener.security.protocol.map=CLIENTS:PLAINTEXT,BROKERS:PLAINTEXT,CONTROLLER:PLAINTEXT
"""
# Clients log in with a password, over TLS. Brokers and controllers know each other by their certificates.
_SECURED = """
listener.security.protocol.map=CLIENTS:SASL_SSL,BROKERS:SSL,CONTROLLER:SSL
ssl.keystore.type=PEM
ssl.keystore.location={certificate}
ssl.truststore.type=PEM
ssl.truststore.location={authority}
listener.name.brokers.ssl.client.auth=required
listener.name.controller.ssl.client.auth=required
listener.name.clients.sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.clients.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:CN=broker;User:admin
"""


@dataclass
class Cluster:
    """A cluster that runs.

    Args:
        home: its files.
        ports: of the listener for clients, by node.
        commands: what starts each node.
        authority: who signed its certificates; None without TLS.
    """

    home: Path
    ports: Mapping[int, int]
    commands: Mapping[int, list[str]]
    authority: Authority | None = None
    processes: dict[int, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    @property
    def servers(self) -> str:
        """Its address."""
        return ",".join(f"{HOST}:{port}" for port in self.ports.values())

    def settings(self, user: str | None = None, password: str | None = None, **more: object) -> KafkaSettings:
        """The settings of a client.

        Args:
            user: who logs in; nobody without TLS.
            password: the right one by default.
            more: other settings.
        """
        return KafkaSettings(bootstrap_servers=self.servers, **self.login(user, password), **more)

    def login(self, user: str | None = None, password: str | None = None) -> dict[str, object]:
        """The settings by which a client logs in."""
        # Most systems know this host by an IPv6 address too, on which no broker listens.
        properties = {"broker.address.family": "v4"}
        if self.authority is None or user is None:
            return {"properties": properties}
        properties |= {
            "security.protocol": "sasl_ssl",
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": user,
            "ssl.ca.location": str(self.authority.file),
        }
        secret = {"sasl.password": PASSWORD.format(user) if password is None else password}
        return {"properties": properties, "secret_properties": json.dumps(secret)}

    def start(self, node: int) -> None:
        """Start a node."""
        with (self.home / f"node-{node}.log").open("ab") as log:
            self.processes[node] = subprocess.Popen(self.commands[node], stdout=log, stderr=log)

    def kill(self, node: int) -> None:
        """SIGKILL a node."""
        process = self.processes.pop(node)
        for each in (psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                each.kill()
        process.wait()

    def await_brokers(self, count: int) -> None:
        """Wait until so many brokers are in the cluster."""

        @retry(retry=retry_if_exception_type(KafkaException), stop=stop_after_delay(90), wait=wait_fixed(0.2))
        @retry(retry=retry_if_result(lambda found: found != count), stop=stop_after_delay(90), wait=wait_fixed(0.2))
        def brokers() -> int:
            return len(self.admin.list_topics(timeout=2).brokers)

        brokers()

    @property
    def admin(self) -> AdminClient:
        """A client with all rights."""
        return AdminClient({**self.settings(ADMIN).client, "bootstrap.servers": self.servers, "log_level": 0})


@contextmanager
def cluster(home: Path, ports: Sequence[int], nodes: int = 1, users: Sequence[str] = ()) -> Iterator[Cluster]:
    """A cluster for as long as it is needed.

    Args:
        home: where it keeps all.
        ports: three for each node, free.
        nodes: how many brokers, each a controller too.
        users: who may log in, besides the administrator; without any there is neither TLS nor a login.
    """
    KAFKA.install()
    triples = {node: tuple(ports[3 * (node - 1) : 3 * node]) for node in range(1, nodes + 1)}
    authority = Authority(home / "authority") if users else None
    certificate = authority.issue("broker", HOST, "127.0.0.1").both if authority else None
    commands = {}
    for node, (port, internal, controller) in triples.items():
        properties = home / f"node-{node}.properties"
        text = _COMMON + (_SECURED if users else _OPEN)
        properties.write_text(
            text.format(
                node=node,
                voters=",".join(f"{each}@{HOST}:{triples[each][2]}" for each in triples),
                host=HOST,
                port=port,
                internal=internal,
                controller=controller,
                logs=home / f"node-{node}",
                replicas=nodes,
                in_sync=min(2, nodes),
                certificate=certificate,
                authority=authority.file if authority else None,
            )
        )
        _format(properties, [ADMIN, *users] if users else [])
        commands[node] = [*KAFKA.java("-Xms128m", "-Xmx384m"), "kafka.Kafka", str(properties)]
    made = Cluster(home, {node: each[0] for node, each in triples.items()}, commands, authority)
    with ExitStack() as stack:
        for node in triples:
            made.start(node)
            stack.callback(lambda each: made.processes.get(each) and made.kill(each), node)
        made.await_brokers(nodes)
        yield made


def _format(properties: Path, users: Sequence[str]) -> None:
    options = [
        word
        for user in users
        for word in ("--add-scram", f"SCRAM-SHA-512=[name={user},password={PASSWORD.format(user)}]")
    ]
    tool = ["kafka.tools.StorageTool", "format", "--cluster-id", _CLUSTER_ID, "--config", str(properties), *options]
    done = subprocess.run([*KAFKA.java(), *tool], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr or done.stdout

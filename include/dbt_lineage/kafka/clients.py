"""Every client of the cluster is made here: how it talks to the brokers, as whom, and what its errors mean."""

import logging
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from functools import partial
from pydoc import ErrorDuringImport, locate
from typing import Any, TypeVar

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer
from confluent_kafka.admin import AdminClient, ClusterMetadata

from dbt_lineage.core import kafka_properties
from dbt_lineage.core.errors import ExpectedError
from dbt_lineage.core.settings import KafkaSettings, SettingsError

Own = Mapping[str, Any]
Client = TypeVar("Client")
# Errors that say why nothing works, where others only say that nothing does.
_TELLING = (KafkaError._AUTHENTICATION, KafkaError._SSL)
_NOT_ALLOWED = (
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
    KafkaError.GROUP_AUTHORIZATION_FAILED,
    KafkaError.CLUSTER_AUTHORIZATION_FAILED,
    KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
)
# For a look at the certificate, where librdkafka does not say what is wrong with it.
_PROBE_SECONDS = 2.0
# A client is asked this long at first, then twice as long each time, so that a refused login is seen before the end.
_FIRST_LOOK = 1.0


class BrokerError(ExpectedError):
    """The cluster did not answer in time or refused a request; the message names its address."""


class Admin(AdminClient):
    """An admin client that remembers why the brokers do not let it in.

    Args:
        kafka: the cluster.
        configuration: its properties.
    """

    def __init__(self, kafka: KafkaSettings, configuration: dict[str, Any]) -> None:
        self.kafka = kafka
        self._told: list[KafkaError] = []
        whole: dict[str, Any] = {**configuration, "error_cb": self._told.append}
        super().__init__(whole)

    def reason(self) -> KafkaError | None:
        """The newest error that says why nothing works; None when none came."""
        self.poll(0)
        return next(filter(is_telling, reversed(self._told)), None)


def is_telling(error: KafkaError) -> bool:
    """Whether an error says why nothing works: the login or TLS."""
    return error.code() in _TELLING


def is_refusal(error: KafkaError) -> bool:
    """Whether an error says that this client has no right to what it asked for."""
    return error.code() in _NOT_ALLOWED


def admin(kafka: KafkaSettings, own: Own | None = None) -> Admin:
    """A client that manages the cluster.

    Args:
        kafka: the cluster.
        own: properties of this client.

    Raises:
        SettingsError: librdkafka cannot work with the properties of the settings.
    """
    return _made(kafka, own or {}, partial(Admin, kafka))


def consumer(kafka: KafkaSettings, own: Own) -> Consumer:
    """A client that reads. The same arguments and errors as ``admin``."""
    return _made(kafka, own, Consumer)


def producer(kafka: KafkaSettings, own: Own, logger: logging.Logger | None = None) -> Producer:
    """A client that writes. The same arguments and errors as ``admin``.

    Args:
        kafka: the cluster.
        own: properties of this client.
        logger: where it logs; on stderr by default.
    """
    return _made(kafka, own, partial(Producer, logger=logger) if logger else Producer)


def metadata(client: AdminClient, address: str, seconds: float) -> ClusterMetadata:
    """Brokers and topics, as far as they may be seen; a login that is refused ends it before the time is up.

    Args:
        client: made by ``admin``, or by somebody else, whose client says less.
        address: of its cluster, for messages.
        seconds: how long to wait.

    Raises:
        BrokerError: no answer; says whether the cluster is away, or does not let this client in, and why.
    """
    until, look = time.monotonic() + seconds, _FIRST_LOOK
    while True:
        left = until - time.monotonic()
        try:
            return client.list_topics(timeout=max(0.1, min(look, left)))
        except KafkaException as error:
            if isinstance(client, Admin) and (reason := client.reason()):
                raise BrokerError(said(client.kafka, reason)) from error
            if left <= look:
                raise BrokerError(
                    f"Kafka at {address} did not answer within {seconds:g} s: {error.args[0].str()}"
                ) from error
            look *= 2


def said(kafka: KafkaSettings, error: KafkaError) -> str:
    """An error of the cluster in words: away, wrong password, unknown authority, not allowed.

    Args:
        kafka: the cluster.
        error: what its client says.
    """
    where, code = f"Kafka at {kafka.bootstrap_servers}", error.code()
    if code == KafkaError._AUTHENTICATION:
        return f"{where} refused the login ({kafka.login}): wrong user, password or mechanism: {error.str()}"
    if code == KafkaError._SSL:
        return f"{where} and this client agree on no TLS: {_tls_problem(kafka) or error.str()}"
    if is_refusal(error):
        return f"{where} does not allow it ({kafka.login}): {error.str()}; `dbt-lineage topics acls` prints the rights"
    return f"{where}: {error.str()}"


def _made(kafka: KafkaSettings, own: Own, kind: Callable[[dict[str, Any]], Client]) -> Client:
    given: dict[str, Any] = dict(kafka.client)
    servers = given.setdefault("bootstrap.servers", kafka.bootstrap_servers)
    if servers != kafka.bootstrap_servers:
        raise SettingsError(
            f"bootstrap.servers={servers} of KAFKA_PROPERTIES or KAFKA_SECRET_PROPERTIES differs from "
            f"KAFKA_BOOTSTRAP_SERVERS={kafka.bootstrap_servers}"
        )
    if given.get("security.protocol", "").lower().startswith("sasl") and not kafka_properties.mechanism(given):
        raise SettingsError(
            "sasl.mechanism is not set in KAFKA_PROPERTIES: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER"
        )
    if callback := given.get(kafka_properties.TOKEN_CALLBACK):
        given[kafka_properties.TOKEN_CALLBACK] = _callable(callback)
    try:
        # What a user chose wins over what only makes us faster. What must not change is refused with the settings.
        return kind({**own, **given})
    except KafkaException as error:
        raise SettingsError(f"KAFKA_PROPERTIES and KAFKA_SECRET_PROPERTIES: {error.args[0].str()}") from None


def _callable(path: str) -> Any:
    try:
        found = locate(path)
    except ErrorDuringImport as error:
        raise SettingsError(f"oauth_cb={path}: {error}") from error
    if not callable(found):
        raise SettingsError(f"oauth_cb={path}: there is no such function; it must be package.module.function")
    return found


def _tls_problem(kafka: KafkaSettings) -> str | None:
    """What Python's own TLS says of the first broker: librdkafka says the same of each certificate it does not take."""
    host, _, port = kafka.bootstrap_servers.split(",")[0].strip().rpartition(":")
    host = host.strip("[]")
    properties = kafka.client
    try:
        context = ssl.create_default_context(
            cafile=properties.get("ssl.ca.location"), cadata=properties.get("ssl.ca.pem")
        )
        with (
            socket.create_connection((host, int(port)), timeout=_PROBE_SECONDS) as plain,
            context.wrap_socket(plain, server_hostname=host),
        ):
            return None
    except ssl.SSLCertVerificationError as error:
        return f"the broker's certificate is not taken: {error.verify_message}"
    except OSError as error:
        return str(error)

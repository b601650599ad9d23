"""Properties of librdkafka that a user gives: read, checked by librdkafka itself, and told in words without a secret."""

import json
import os
from collections.abc import Mapping
from typing import Any

from pydantic import SecretStr

Properties = dict[str, str]
FORM = 'must be a JSON object of librdkafka\'s properties, such as {"security.protocol": "sasl_ssl"}'
# What librdkafka itself keeps out of its logs (CONFIGURATION.md, "sensitive").
SECRETS = frozenset(
    {
        *("sasl.password", "ssl.key.password", "ssl.key.pem", "ssl.keystore.password"),
        *("sasl.oauthbearer.client.secret", "sasl.oauthbearer.assertion.private.key.passphrase"),
        "sasl.oauthbearer.assertion.private.key.pem",
    }
)
# A callable, named by its dotted path: it makes a token where librdkafka cannot, as for Amazon's IAM.
TOKEN_CALLBACK = "oauth_cb"  # noqa: S105 - a property's name
# As librdkafka reads them.
_FALSE = ("false", "f", "0")
_PROTOCOLS = ("plaintext", "ssl", "sasl_plaintext", "sasl_ssl")
# That nothing is lost or doubled rests on these, and on the groups having the names that the settings say.
_OURS = frozenset(
    {
        *("acks", "request.required.acks", "enable.idempotence", "enable.gapless.guarantee", "message.timeout.ms"),
        *("delivery.timeout.ms", "transactional.id", "transaction.timeout.ms", "max.in.flight", "retries"),
        *("max.in.flight.requests.per.connection", "message.send.max.retries", "isolation.level", "group.id"),
        *("group.instance.id", "group.protocol", "enable.auto.commit", "enable.auto.offset.store", "auto.offset.reset"),
        *("auto.commit.enable", "enable.partition.eof", "message.max.bytes", "receive.message.max.bytes", "batch.size"),
        *("partitioner", "plugin.library.paths", "builtin.features", "check.crcs"),
        *("delivery.report.only.error", "default.topic.config"),
    }
)


def shown_properties(value: Any) -> Properties:
    """The properties of a setting that is shown.

    Args:
        value: a mapping, or JSON text.

    Raises:
        ValueError: says which property is wrong, and what is allowed.
    """
    found = _parsed(value)
    if secrets := sorted(SECRETS & found.keys()):
        raise ValueError(f"{', '.join(secrets)}: a secret; give it in KAFKA_SECRET_PROPERTIES, which is never shown")
    _refuse_wrong(found)
    return found


def secret_properties(value: SecretStr | None) -> SecretStr | None:
    """The properties of a setting that is a secret; empty is none. Raises ValueError, which never has a secret."""
    if value is None or not value.get_secret_value().strip():
        return None
    _refuse_wrong(_parsed(value.get_secret_value()))
    return value


def revealed(value: SecretStr | None) -> Properties:
    """The properties of such a secret; none where there is none."""
    return {} if value is None else _parsed(value.get_secret_value())


def in_words(properties: Properties) -> str:
    """How a client talks to the brokers, and as whom: ``TLS, as relay``."""
    protocol = properties.get("security.protocol", "plaintext").lower()
    tls = "TLS" if protocol.endswith("ssl") else "no TLS"
    if tls == "TLS" and properties.get("enable.ssl.certificate.verification", "true").lower() in _FALSE:
        tls = "TLS without a look at the broker's certificate"
    elif tls == "TLS" and properties.get("ssl.endpoint.identification.algorithm", "https").lower() == "none":
        tls = "TLS without a look at the broker's name"
    if protocol.startswith("sasl"):
        names = ("sasl.username", "sasl.oauthbearer.client.id")
        return f"{tls}, as {next((properties[name] for name in names if name in properties), mechanism(properties))}"
    if certificate := properties.get("ssl.certificate.location", properties.get("ssl.keystore.location")):
        return f"{tls}, as the owner of {certificate}"
    return f"{tls}, as nobody"


def mechanism(properties: Properties) -> str:
    """How a client logs in by SASL; empty where that is not said."""
    return properties.get("sasl.mechanism", properties.get("sasl.mechanisms", ""))


def _parsed(value: Any) -> Properties:
    if isinstance(value, str):
        try:
            value = json.loads(value) if value.strip() else {}
        except json.JSONDecodeError:
            raise ValueError(FORM) from None
    if not isinstance(value, Mapping):
        raise ValueError(FORM)
    if wrong := [str(name) for name, each in value.items() if not isinstance(each, str | int | float | bool)]:
        raise ValueError(f"{', '.join(wrong)}: must be text, a number, true or false")
    return {str(name): str(each).lower() if isinstance(each, bool) else str(each) for name, each in value.items()}


def _refuse_wrong(properties: Properties) -> None:
    """Refuse what librdkafka does not know, what is not for users to choose, and files that are not there."""
    if not properties:
        return
    if ours := sorted(name for name in properties if name in _OURS or _is_callback(name)):
        raise ValueError(f"{', '.join(ours)}: not for users to choose: that nothing is lost rests on it")
    protocol = properties.get("security.protocol", "plaintext")
    if protocol.lower() not in _PROTOCOLS:
        raise ValueError(f"security.protocol={protocol}: must be one of {', '.join(_PROTOCOLS)}")
    for name, path in properties.items():
        if name.endswith(".location") and path != "probe" and not os.access(path, os.R_OK):
            raise ValueError(f"{name}={path}: must be a file that can be read")
    _try(properties)


def _is_callback(name: str) -> bool:
    return name.endswith("_cb") and name != TOKEN_CALLBACK


def _try(properties: Properties) -> None:
    """Let librdkafka read the properties. Without brokers, TLS and login, it asks nobody and reads no file."""
    # Only where there is something to check: most processes that read settings make no client.
    from confluent_kafka import KafkaException, Producer

    left_out = ("bootstrap.servers", "security.protocol", TOKEN_CALLBACK)
    tried: dict[str, Any] = {name: value for name, value in properties.items() if name not in left_out}
    try:
        # It would log of each property of consumers that a producer does without it.
        Producer({**tried, "log_level": 0})
    except (KafkaException, TypeError, ValueError, AttributeError) as error:
        # The client itself, not librdkafka, refuses a few by an error of Python.
        said = error.args[0].str() if isinstance(error, KafkaException) else str(error)
        for name in SECRETS & properties.keys():
            said = said.replace(properties[name], "***") if properties[name] else said
        raise ValueError(said) from None

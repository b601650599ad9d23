"""How OpenMetadata's connector logs in at the cluster: librdkafka's properties in the few words that it knows."""

import json
from pathlib import Path

from dbt_lineage.core import kafka_properties
from dbt_lineage.core.errors import ExpectedError
from dbt_lineage.core.settings import KafkaSettings

# Only these shape the way to the brokers: what else is set only makes our own clients faster.
_OF_THE_WAY = ("security.", "sasl.", "ssl.", "https.", "enable.ssl.", "enable.sasl.", kafka_properties.TOKEN_CALLBACK)
_MECHANISMS = ("PLAIN", "GSSAPI", "SCRAM-SHA-256", "SCRAM-SHA-512")
# Key of the connector, by the property that has it as text, or names a file with it.
_CERTIFICATES = {
    "ssl.ca": "caCertificate",
    "ssl.certificate": "sslCertificate",
    "ssl.key": "sslKey",
}


class ConnectorLoginError(ExpectedError):
    """The connector cannot log in as the settings say; the message names the properties and the way out."""


def variables(kafka: KafkaSettings) -> dict[str, str]:
    """What the connector's template names of the login, as JSON, which YAML reads too.

    Args:
        kafka: the cluster.

    Raises:
        ConnectorLoginError: the connector has no key for a property, or a certificate cannot be read.
    """
    left = {name: value for name, value in kafka.of_connector.client.items() if value and name.startswith(_OF_THE_WAY)}
    protocol = left.pop("security.protocol", "plaintext").upper()
    mechanism = kafka_properties.mechanism(left).upper()
    sasl = ssl = None
    if protocol.startswith("SASL"):
        if mechanism not in _MECHANISMS:
            raise _untold([f"sasl.mechanism={mechanism}"])
        sasl = {
            "saslMechanism": mechanism,
            "saslUsername": left.pop("sasl.username", None),
            "saslPassword": left.pop("sasl.password", None),
        }
        left = {name: value for name, value in left.items() if name not in ("sasl.mechanism", "sasl.mechanisms")}
    if protocol.endswith("SSL"):
        ssl = {
            key: content
            for name, key in _CERTIFICATES.items()
            if (content := _content(left.pop(f"{name}.pem", None), left.pop(f"{name}.location", None)))
        }
        left = {name: value for name, value in left.items() if not _is_default(name, value)}
    if left:
        raise _untold(sorted(left))
    return {
        "KAFKA_CONNECTOR_PROTOCOL": protocol,
        "KAFKA_CONNECTOR_SASL": json.dumps(sasl),
        "KAFKA_CONNECTOR_SSL": json.dumps(ssl),
    }


def _untold(properties: list[str]) -> ConnectorLoginError:
    return ConnectorLoginError(
        f"OpenMetadata's connector cannot be told {', '.join(properties)}. Give it a login of its own in "
        f"KAFKA_CONNECTOR_PROPERTIES: PLAIN or SCRAM, a CA, a certificate and a key without password; an empty value takes a "
        f"property away"
    )


def _is_default(name: str, value: str) -> bool:
    return (name, value.lower()) in (
        ("enable.ssl.certificate.verification", "true"),
        ("ssl.endpoint.identification.algorithm", "https"),
    )


def _content(text: str | None, file: str | None) -> str | None:
    if text or not file:
        return text
    try:
        return Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConnectorLoginError(f"{file} is not a PEM file that can be read: {error}") from None

"""How large a message may be, by the topics, brokers and producer.

The brokers compare the topic's ``max.message.bytes`` with a batch as it is sent: compressed, with 61 bytes of its own. A
single message is a batch too. librdkafka compares its ``message.max.bytes`` with a message before compression, and refuses
it without asking a broker. So the producer's limit for a message is above the topic's, and the broker decides. The
producer's limit for a batch equals the topic's, so that no batch of several messages is refused.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import ConfigEntry, ConfigResource, ResourceType

from dbt_lineage.core.settings import KafkaSettings
from dbt_lineage.kafka import clients

# The assumed limit of a topic without an answer: librdkafka's default, below that of Kafka's topics. Bytes.
ASSUMED = 1_000_000
# Not more, compressible or not: a consumer with librdkafka's defaults reads zstd messages up to 33 MB. Bytes.
LARGEST = 32 << 20
# A response as large as a topic's largest batch may make it, and a message as large as it may become; bytes.
LARGEST_RESPONSE = 2**31 - 1

_MESSAGE_BYTES, _REQUEST_BYTES = "max.message.bytes", "socket.request.max.bytes"
# Of a produce request, beside its one message: lengths, the topic's name, the client's.
_REQUEST_ROOM = 1024
# Of a batch; of a message in it, and of each of its headers, at most. As librdkafka counts them, bytes.
_BATCH_ROOM, _MESSAGE_ROOM, _HEADER_ROOM = 61, 36, 10
# What librdkafka takes as message.max.bytes.
_LOWEST, _HIGHEST = 1000, 1_000_000_000

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limits:
    """The limits that the cluster reported.

    Args:
        topics: the largest batch of each reported topic, bytes.
        request: the largest request that every broker accepts, bytes; None if a broker did not report it.
    """

    topics: Mapping[str, int] = field(default_factory=dict)
    request: int | None = None

    def of(self, topic: str) -> int:
        """The largest batch of a topic, bytes; ``ASSUMED`` if it was not reported."""
        return self.topics.get(topic, ASSUMED)

    @property
    def of_producer(self) -> dict[str, str | int | float | bool]:
        """The settings of a producer that writes to these topics.

        A broker cuts the connection at a request that is too large. So if that limit is unknown, a message has to fit the
        topic before compression.
        """
        told = self.topics.values()
        compressible = min(LARGEST, self.request - _REQUEST_ROOM) if self.request is not None else 0
        message = max([compressible, *told] if told else [ASSUMED])
        return {
            "message.max.bytes": min(max(message, _LOWEST), _HIGHEST),
            "batch.size": max(1, min([ASSUMED, *told])),
        }


def size_of(value: bytes, key: bytes | None, headers: Sequence[tuple[str, bytes]]) -> int:
    """How large a message alone in its batch is at most, not compressed, bytes; as ``max.message.bytes`` counts it.

    Args:
        value: its content.
        key: its key.
        headers: its headers.
    """
    of_headers = sum(len(name.encode()) + len(content) + _HEADER_ROOM for name, content in headers)
    return _BATCH_ROOM + _MESSAGE_ROOM + len(key or b"") + len(value) + of_headers


def limits_of(kafka: KafkaSettings, seconds: float | None = None, topics: Iterable[str] | None = None) -> Limits:
    """Ask the cluster for its limits. A limit that this client may not read is logged.

    It needs the right DESCRIBE_CONFIGS: on the topics, and on the cluster for the brokers.

    Args:
        kafka: the cluster and its topics.
        seconds: how long each call may take; the settings' time-out if it is None.
        topics: those that are asked for, such as the ones that this client may write; all of the settings if it is None.

    Raises:
        BrokerError: the cluster does not answer at all.
    """
    seconds = kafka.timeout_seconds if seconds is None else seconds
    admin = clients.admin(kafka, {"log_level": 2})
    brokers = clients.metadata(admin, kafka.bootstrap_servers, seconds).brokers
    asked = {
        resource: admin.describe_configs([resource], request_timeout=seconds)[resource]
        for resource in (
            *(
                ConfigResource(ResourceType.TOPIC, name)
                for name in (kafka.topics.values() if topics is None else topics)
            ),
            *(ConfigResource(ResourceType.BROKER, str(number)) for number in brokers),
        )
    }
    of_topics: dict[str, int] = {}
    requests: list[int] = []
    for resource, answer in asked.items():
        of_topic = resource.restype == ResourceType.TOPIC
        setting = _MESSAGE_BYTES if of_topic else _REQUEST_BYTES
        try:
            found = _number(answer.result(), setting)
        except KafkaException as error:
            # A missing topic has no limit either; its writers get an error of their own.
            if error.args[0].code() != KafkaError.UNKNOWN_TOPIC_OR_PART:
                what = f"topic {resource.name}" if of_topic else f"broker {resource.name}"
                _logger.warning(
                    "Kafka at %s does not tell %s of %s: %s. Grant DESCRIBE_CONFIGS; until then a message has %s bytes at most",
                    *(kafka.bootstrap_servers, setting, what, error.args[0].str()),
                    ASSUMED if of_topic else f"the topic's {_MESSAGE_BYTES}",
                )
            continue
        if found is not None and of_topic:
            of_topics[resource.name] = found
        elif found is not None:
            requests.append(found)
    return Limits(of_topics, min(requests) if len(requests) == len(brokers) else None)


def _number(config: Mapping[str, ConfigEntry], setting: str) -> int | None:
    """A setting; None if the cluster has no such setting."""
    text = str(config[setting].value) if setting in config else ""
    return int(text) if text.isdecimal() else None

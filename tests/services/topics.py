"""Topics of a test's own."""

from confluent_kafka.admin import AdminClient

from dbt_lineage.core.settings import KafkaSettings
from dbt_lineage.kafka.topics import TopicAdmin, TopicSpec


def admin_of(kafka: KafkaSettings) -> AdminClient:
    return AdminClient({"bootstrap.servers": kafka.bootstrap_servers})


def make_topics(kafka: KafkaSettings, *names: str, **config: str) -> None:
    admin = TopicAdmin(admin_of(kafka), kafka.bootstrap_servers, kafka.timeout_seconds)
    for name in names:
        admin.ensure(TopicSpec(name, 3, 1, config))


def delete_topics(kafka: KafkaSettings) -> None:
    # Kept until it has answered: of an admin client that is collected before, no answer comes.
    admin = admin_of(kafka)
    for deletion in admin.delete_topics([kafka.events_topic, kafka.dlq_topic]).values():
        deletion.exception(timeout=60)

"""Create, compare and correct the topics: ``python -m dbt_lineage.kafka``."""

from confluent_kafka.admin import AdminClient

from dbt_lineage.core import commands, settings
from dbt_lineage.kafka.topics import TopicAdmin, TopicSpec


def main() -> None:
    """Create or correct every topic by the settings; exit code 1 with a message if one cannot be corrected."""
    kafka = settings.kafka()
    admin = TopicAdmin(
        AdminClient({"bootstrap.servers": kafka.bootstrap_servers}), kafka.bootstrap_servers, kafka.timeout_seconds
    )
    for topic in kafka.topics.values():
        for line in admin.ensure(TopicSpec.as_set(topic, kafka)) or [f"{topic} is as wanted"]:
            print(line)


if __name__ == "__main__":
    commands.run("kafka topics", main)

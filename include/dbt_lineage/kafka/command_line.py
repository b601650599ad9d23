"""Creates, compares and corrects the topics without Airflow: ``dbt-lineage topics``."""

import typer
from confluent_kafka.admin import AdminClient

from dbt_lineage.core import settings
from dbt_lineage.kafka.topics import TopicAdmin, TopicSpec

app = typer.Typer(help=__doc__, pretty_exceptions_enable=False)


@app.command()
def ensure() -> None:
    """Bring every topic into the form that the settings want; exit code 1 with a message when one cannot be."""
    kafka = settings.kafka()
    admin = TopicAdmin(
        AdminClient({"bootstrap.servers": kafka.bootstrap_servers}), kafka.bootstrap_servers, kafka.timeout_seconds
    )
    for topic in kafka.topics.values():
        for line in admin.ensure(TopicSpec.as_set(topic, kafka)) or [f"{topic} is as wanted"]:
            print(line)

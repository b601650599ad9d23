"""Creates, compares and corrects the topics without Airflow, and prints the rights: ``dbt-lineage topics``."""

from typing import Annotated

import typer

from dbt_lineage.core import settings
from dbt_lineage.core.projects import projects
from dbt_lineage.kafka.acls import ROLES, rights
from dbt_lineage.kafka.topics import TopicAdmin, TopicSpec

app = typer.Typer(help=__doc__, pretty_exceptions_enable=False)


@app.callback(invoke_without_command=True)
def ensure(context: typer.Context) -> None:
    """Bring every topic into the form that the settings want; exit code 1 with a message when one cannot be."""
    if context.invoked_subcommand is not None:
        return
    kafka = settings.kafka()
    admin = TopicAdmin.of(kafka)
    for topic in kafka.topics.values():
        for line in admin.ensure(TopicSpec.as_set(topic, kafka)) or [f"{topic} is as wanted"]:
            print(line)


def _principal(role: str) -> typer.models.OptionInfo:
    return typer.Option(help=f"{ROLES[role]}; empty for nobody")


@app.command()
def acls(
    relay: Annotated[str, _principal("relay")] = "User:lineage-relay",
    writer: Annotated[str, _principal("writer")] = "User:lineage-writer",
    connector: Annotated[str, _principal("connector")] = "User:lineage-connector",
    airflow: Annotated[str, _principal("airflow")] = "User:lineage-airflow",
    looker: Annotated[str, _principal("looker")] = "User:lineage-looker",
    command_config: Annotated[
        str | None, typer.Option(help="file with the login of somebody who may grant rights, for Kafka's own tool")
    ] = None,
) -> None:
    """Print the least rights of each party, as calls of Kafka's kafka-acls.sh; nothing is changed.

    Topics and groups are those of the settings. Two parties may have one principal, which then has the rights of both.
    """
    kafka = settings.kafka()
    principals = {"relay": relay, "writer": writer, "connector": connector, "airflow": airflow, "looker": looker}
    asked = [project.read(settings.OpenMetadataSettings, secrets=False) for project in projects()]
    connectors = dict.fromkeys(each.consumer_group for each in asked)
    for right in rights(kafka, settings.ingestion().consumer_group, connectors, principals):
        print(right.command(kafka.bootstrap_servers, command_config))

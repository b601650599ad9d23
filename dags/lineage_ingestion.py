"""
## Lineage ingestion

Brings lineage into OpenMetadata as it arrives in Kafka: a burst of events starts one run, within seconds
(`INGESTION_QUIET_SECONDS`, `INGESTION_MAX_WAIT_SECONDS`), and what arrives meanwhile starts the next one. Tables and
columns that the catalogue does not know yet are described to it first. OpenMetadata's own connector writes; then what
each new event says, edges and columns, is read back. A run starts again from the first event that is missing until it
is there, or went to the dead letters after `OPENMETADATA_ATTEMPTS` tries.

This is the only DAG that runs the connector, and it runs once at a time: others start it and wait.
"""

from datetime import timedelta

from airflow.sdk import DAG, Param

from include import settings
from plugins.assets import lineage_arrived
from plugins.notifications import deadline_mail
from plugins.operators.openmetadata import OpenLineageConnectorOperator
from plugins.task_defaults import task_defaults

ingestion = settings.ingestion()

with DAG(
    dag_id="lineage_ingestion",
    description="Lineage into OpenMetadata as it arrives in Kafka, and read back",
    doc_md=__doc__,
    schedule=[lineage_arrived(ingestion)],
    catchup=False,
    max_active_runs=1,
    # Lineage arrives whether or not somebody has looked at this page yet.
    is_paused_upon_creation=False,
    deadline=deadline_mail(ingestion.deadline_seconds),
    tags=["lineage", "openmetadata"],
    default_args=task_defaults("data-platform", timedelta(minutes=15)),
    params={
        "from_start": Param(
            False,
            type="boolean",
            description="Read the curated topic from its beginning instead of from the last verified offset",
        ),
    },
):
    OpenLineageConnectorOperator(task_id="openlineage_connector", from_start="{{ params.from_start }}")

"""
## Lineage ingestion

Brings lineage into OpenMetadata as it arrives in Kafka: a burst of events starts one run, within seconds
(`INGESTION_QUIET_SECONDS`, `INGESTION_MAX_WAIT_SECONDS`), and what arrives meanwhile starts the next one. Tables and
columns that the catalogue does not have yet are described first. Each edge is written and read back; the newest event of
each model counts, in whatever order they arrive. An event that the catalogue refuses is tried again by the next run; after
`OPENMETADATA_ATTEMPTS` attempts it goes to the dead letters.

With `INGESTION_BY=service` a process of `python -m dbt_lineage ingest run --follow` does the same, sooner, and this DAG runs
only when `openmetadata_ingestion` or a person starts it. One pass works at a time, wherever it runs.
"""

from collections.abc import Iterator
from datetime import timedelta

from airflow.sdk import DAG, Param

from dbt_lineage.airflow.assets import lineage_arrived
from dbt_lineage.airflow.notifications import deadline_mail
from dbt_lineage.airflow.operators.openmetadata import IngestLineageOperator
from dbt_lineage.airflow.task_defaults import task_defaults
from dbt_lineage.core import settings


def lineage_ingestion() -> Iterator[DAG]:
    """The DAG. Raises SettingsError, ManifestError."""
    ingestion = settings.ingestion()

    with DAG(
        dag_id="lineage_ingestion",
        description="Lineage into OpenMetadata as it arrives in Kafka, and read back",
        doc_md=__doc__,
        schedule=[lineage_arrived(ingestion)] if ingestion.by == "dag" else None,
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
                description="Read the events topic from its beginning instead of from the last verified offset",
            ),
        },
    ) as dag:
        IngestLineageOperator(task_id="ingest_lineage", from_start="{{ params.from_start }}")
    yield dag

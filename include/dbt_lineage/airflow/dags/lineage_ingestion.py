"""
## Lineage ingestion

Writes lineage to OpenMetadata as it arrives in Kafka. A burst of events starts one run within seconds
(`INGESTION_QUIET_SECONDS`, `INGESTION_MAX_WAIT_SECONDS`). Events that arrive meanwhile start the next one. Tables and
columns that the catalogue lacks are described first. Each edge is written and read back. The newest event of each model
counts, in whatever order they arrive. An event that the catalogue refuses is retried by the next run. After
`OPENMETADATA_ATTEMPTS` attempts it is dead-lettered.

With `INGESTION_BY=service` a process of `python -m dbt_lineage ingest run --follow` does the same, sooner. Then this DAG
runs only when `openmetadata_ingestion` or a person starts it. Only one pass works at a time, wherever it runs.
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
        description="Lineage to OpenMetadata as it arrives in Kafka, and read back",
        doc_md=__doc__,
        schedule=[lineage_arrived(ingestion)] if ingestion.by == "dag" else None,
        catchup=False,
        max_active_runs=1,
        # Lineage arrives before anybody switches this DAG on.
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

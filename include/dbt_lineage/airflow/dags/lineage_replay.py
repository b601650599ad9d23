"""
## Lineage replay

Brings the catalogue to what events of the events topic say: those that reached Kafka in a range of time and whose job
matches a pattern, or with `rebuild` everything in the topic, which rebuilds the catalogue's lineage from the topic alone.
Of each model the newest event counts, also one after the range. With `dead_letters`, the dead letters are checked again
instead, and those that are valid now are sent. A dry run, the default, only logs the table of events.
`openmetadata_ingestion` of each project, which must not be paused, is run afterwards, and waited for.
"""

from collections.abc import Iterator
from datetime import timedelta

from airflow.sdk import DAG, Param

from dbt_lineage.airflow.operators.openmetadata import ReplayLineageOperator
from dbt_lineage.airflow.operators.runs import AwaitedRunOperator
from dbt_lineage.airflow.task_defaults import task_defaults
from dbt_lineage.core import settings
from dbt_lineage.core.projects import projects


def lineage_replay() -> Iterator[DAG]:
    """The DAG. Raises SettingsError, ManifestError."""
    events = settings.kafka().events_topic

    with DAG(
        dag_id="lineage_replay",
        description="Bring lineage events to the catalogue once more, or rebuild its lineage",
        doc_md=__doc__,
        schedule=None,
        catchup=False,
        max_active_runs=1,
        tags=["lineage", "openmetadata"],
        default_args=task_defaults("data-platform", timedelta(minutes=5)),
        params={
            "from": Param(
                None, type=["null", "string"], format="date-time", description="From when on; empty for the beginning"
            ),
            "to": Param(
                None, type=["null", "string"], format="date-time", description="Before when; empty for the end"
            ),
            "job": Param("*", type="string", minLength=1, description="Jobs by name, such as model.jaffle_shop.*"),
            "rebuild": Param(False, type="boolean", description=f"Everything in {events}, whatever is said above"),
            "dead_letters": Param(
                False,
                type="boolean",
                description="Check the dead letters again instead, and send those that are valid now",
            ),
            "dry_run": Param(True, type="boolean", description="Only log what would be written"),
        },
    ) as dag:
        selected = ReplayLineageOperator(
            task_id="replay_events",
            since="{{ params['from'] or '' }}",
            until="{{ params['to'] or '' }}",
            job="{{ params.job }}",
            rebuild="{{ params.rebuild }}",
            dead_letters="{{ params.dead_letters }}",
            only_show="{{ params.dry_run }}",
        )
        for project in projects():
            selected >> AwaitedRunOperator(
                task_id="ingest" if project.is_only else f"ingest__{project.name}",
                trigger_dag_id=project.dag_id("openmetadata_ingestion"),
                poke_interval=5,
                execution_timeout=timedelta(minutes=45),
            )
    yield dag

"""
## Lineage replay

Writes events of the events topic to the catalogue again: those that reached Kafka in a range of time and whose job matches
a pattern. With `rebuild` it takes all events of the topic, and so rebuilds the catalogue's lineage from the topic alone.
The newest event of each model counts, even one after the range. With `dead_letters` it validates the dead letters again
instead, and sends those that are valid now. A dry run, the default, only logs a table of the events.
Afterwards `openmetadata_ingestion` of each project is run and awaited. It must not be paused.
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
        description="Write lineage events to the catalogue again, or rebuild its lineage",
        doc_md=__doc__,
        schedule=None,
        catchup=False,
        max_active_runs=1,
        tags=["lineage", "openmetadata"],
        default_args=task_defaults("data-platform", timedelta(minutes=5)),
        params={
            "from": Param(
                None,
                type=["null", "string"],
                format="date-time",
                description="Events from this time on; empty for the beginning",
            ),
            "to": Param(
                None,
                type=["null", "string"],
                format="date-time",
                description="Events before this time; empty for the end",
            ),
            "job": Param("*", type="string", minLength=1, description="Jobs by name, such as model.jaffle_shop.*"),
            "rebuild": Param(
                False, type="boolean", description=f"All events of {events}, regardless of the fields above"
            ),
            "dead_letters": Param(
                False,
                type="boolean",
                description="Validate the dead letters again instead, and send those that are valid now",
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

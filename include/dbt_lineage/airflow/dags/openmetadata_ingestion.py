"""
## OpenMetadata ingestion

Describes the warehouse's tables and dbt's descriptions and tests in OpenMetadata, with the workflows of
`openmetadata-ingestion`, and proves the lineage. It runs when the whole dbt project was built, or one of its models again,
and by hand.

- `openlineage_connector` runs OpenMetadata's own connector over the curated topic (`OPENMETADATA_CONNECTOR`).
- `lineage` starts a run of `lineage_ingestion`, for lineage that is not in the catalogue yet, and awaits it.
- `verify_lineage` compares each edge with the newest event of its model and repairs what differs. Then it compares the
  whole graph with the dbt manifest.
- `superset_metadata`, if there are dashboards, describes them in the catalogue and verifies their lineage.
- `verify_catalogue` compares once more at the end, and starts `lineage_checks`.
"""

from collections.abc import Iterator
from datetime import timedelta

from airflow.sdk import DAG, Param, chain

from dbt_lineage.airflow.assets import dbt_built, lineage_verified
from dbt_lineage.airflow.dbt_tasks.task_group import has_dashboards
from dbt_lineage.airflow.notifications import deadline_mail
from dbt_lineage.airflow.operators.openmetadata import (
    DashboardMetadataOperator,
    DbtArtifactsOperator,
    OpenLineageConnectorOperator,
    VerifyLineageOperator,
    WarehouseMetadataOperator,
)
from dbt_lineage.airflow.operators.runs import AwaitedRunOperator
from dbt_lineage.airflow.readable import readable_projects
from dbt_lineage.airflow.task_defaults import tags, task_defaults
from dbt_lineage.core import settings


def openmetadata_ingestion() -> Iterator[DAG]:
    """The DAG of each project. Raises SettingsError, ManifestError."""
    for project in readable_projects():
        with DAG(
            dag_id=project.dag_id("openmetadata_ingestion"),
            description="Tables, lineage and dbt artifacts to OpenMetadata, and the lineage read back",
            doc_md=__doc__,
            schedule=dbt_built(project.dbt.dag_id),
            catchup=False,
            max_active_runs=1,
            deadline=deadline_mail(settings.ingestion().deadline_seconds, project),
            # So that a Param that is passed on keeps its type.
            render_template_as_native_obj=True,
            tags=tags("openmetadata", project),
            default_args=task_defaults("data-platform", timedelta(minutes=15), project),
            params={
                "from_start": Param(
                    False,
                    type="boolean",
                    description="Read the events topic from its beginning instead of from the last verified offset",
                ),
            },
        ) as dag:
            tables = WarehouseMetadataOperator(task_id="warehouse_metadata", project=project.name)
            connector = OpenLineageConnectorOperator(task_id="openlineage_connector", project=project.name)
            lineage = AwaitedRunOperator(
                task_id="lineage",
                trigger_dag_id="lineage_ingestion",
                conf={"from_start": "{{ params.from_start }}"},
                poke_interval=1,
                # The connector's task is skipped when it is switched off.
                trigger_rule="none_failed",
            )
            verified = VerifyLineageOperator(task_id="verify_lineage", project=project.name)
            artifacts = DbtArtifactsOperator(task_id="dbt_artifacts", project=project.name)
            in_the_end = VerifyLineageOperator(
                task_id="verify_catalogue", project=project.name, outlets=[lineage_verified(project)]
            )

            dashboards = (
                [DashboardMetadataOperator(task_id="superset_metadata", project=project.name)]
                if has_dashboards(project)
                else []
            )

            chain(tables, connector, lineage, verified, [artifacts, *dashboards], in_the_end)
        yield dag

"""
## OpenMetadata ingestion

Brings the warehouse's tables and dbt's descriptions and tests into OpenMetadata, by the real workflows of
`openmetadata-ingestion`, and proves the lineage. Runs when the whole dbt project was built, or a model of it again, and by
hand. `openlineage_connector` runs OpenMetadata's own connector over the curated topic
(`OPENMETADATA_CONNECTOR`). `lineage` starts a run of `lineage_ingestion`, for what that has not brought yet, and waits for
it. `verify_lineage` compares each edge with the newest event of its model, writes again what differs, and compares the
whole graph with the one that the dbt manifest expects. `verify_catalogue` looks once more at the end, and starts
`lineage_checks`. Where there are dashboards, `superset_metadata` brings them into the catalogue and reads
back that each is made from the tables that it should be.
"""

from collections.abc import Iterator
from datetime import timedelta

from airflow.sdk import DAG, Param, chain

from dbt_lineage.airflow.assets import LINEAGE_VERIFIED, dbt_built
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
from dbt_lineage.airflow.task_defaults import task_defaults
from dbt_lineage.core import settings


def openmetadata_ingestion() -> Iterator[DAG]:
    """The DAG. Raises SettingsError, ManifestError."""
    with DAG(
        dag_id="openmetadata_ingestion",
        description="Tables, lineage and dbt artifacts into OpenMetadata, and the lineage read back",
        doc_md=__doc__,
        schedule=dbt_built(settings.dbt().dag_id),
        catchup=False,
        max_active_runs=1,
        deadline=deadline_mail(settings.ingestion().deadline_seconds),
        # A Param that is passed on keeps its type.
        render_template_as_native_obj=True,
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
        tables = WarehouseMetadataOperator(task_id="warehouse_metadata")
        connector = OpenLineageConnectorOperator(task_id="openlineage_connector")
        lineage = AwaitedRunOperator(
            task_id="lineage",
            trigger_dag_id="lineage_ingestion",
            conf={"from_start": "{{ params.from_start }}"},
            poke_interval=1,
            # The connector may be switched off.
            trigger_rule="none_failed",
        )
        verified = VerifyLineageOperator(task_id="verify_lineage")
        artifacts = DbtArtifactsOperator(task_id="dbt_artifacts")
        in_the_end = VerifyLineageOperator(task_id="verify_catalogue", outlets=[LINEAGE_VERIFIED])

        dashboards = [DashboardMetadataOperator(task_id="superset_metadata")] if has_dashboards(settings.dbt()) else []

        chain(tables, connector, lineage, verified, [artifacts, *dashboards], in_the_end)
    yield dag

"""
## OpenMetadata ingestion

Brings the warehouse's tables, the lineage and dbt's descriptions and tests into OpenMetadata, by the real workflows of
`openmetadata-ingestion`, and reads the lineage back. Runs when the whole dbt project was built (on the assets of the
models at the end of its graph) and by hand. `openlineage_connector` reads back what each new event says, edges and
columns, and starts again from the first event that is missing until it is there, or went to the dead letters after
`OPENMETADATA_ATTEMPTS` tries. `verify_lineage` then compares the whole graph with the one that the dbt manifest
expects. It comes before dbt's artifacts, because their ingestion writes edges too; `verify_catalogue` looks once more
at the end, and starts `lineage_checks`. Where there are dashboards, `superset_metadata` brings them into the catalogue
and reads back that each is made from the tables that it should be.
"""

from datetime import timedelta

from airflow.sdk import DAG, Param, chain

from include import settings
from plugins.assets import LINEAGE_VERIFIED
from plugins.dbt.project import final_assets, has_dashboards
from plugins.notifications import failure_mail
from plugins.operators.openmetadata import (
    DashboardMetadataOperator,
    DbtArtifactsOperator,
    OpenLineageConnectorOperator,
    VerifyLineageOperator,
    WarehouseMetadataOperator,
)

with DAG(
    dag_id="openmetadata_ingestion",
    description="Tables, lineage and dbt artifacts into OpenMetadata, and the lineage read back",
    doc_md=__doc__,
    schedule=final_assets(settings.dbt()),
    catchup=False,
    max_active_runs=1,
    tags=["lineage", "openmetadata"],
    default_args={
        "owner": "data-platform",
        "retries": 1,
        "retry_delay": timedelta(seconds=10),
        "execution_timeout": timedelta(minutes=15),
        "on_failure_callback": [failure_mail()],
    },
    params={
        "from_start": Param(
            False,
            type="boolean",
            description="Read the curated topic from its beginning instead of from the last verified offset",
        ),
    },
):
    tables = WarehouseMetadataOperator(task_id="warehouse_metadata")
    lineage = OpenLineageConnectorOperator(task_id="openlineage_connector", from_start="{{ params.from_start }}")
    verified = VerifyLineageOperator(task_id="verify_lineage")
    artifacts = DbtArtifactsOperator(task_id="dbt_artifacts")
    in_the_end = VerifyLineageOperator(task_id="verify_catalogue", outlets=[LINEAGE_VERIFIED])

    dashboards = [DashboardMetadataOperator(task_id="superset_metadata")] if has_dashboards(settings.dbt()) else []

    chain(tables, lineage, verified, [artifacts, *dashboards], in_the_end)

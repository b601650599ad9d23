"""Lineage to OpenMetadata as it arrives in Kafka, and read back: a DAG of the package."""

from dbt_lineage.airflow.dags import make_dags

make_dags("lineage_ingestion")

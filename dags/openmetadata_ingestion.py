"""Tables, lineage and dbt artifacts to OpenMetadata, and the lineage read back: a DAG of the package."""

from dbt_lineage.airflow.dags import make_dags

make_dags("openmetadata_ingestion")

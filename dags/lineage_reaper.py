"""Delete stale lineage of this project from the catalogue: a DAG of the package."""

from dbt_lineage.airflow.dags import make_dags

make_dags("lineage_reaper")

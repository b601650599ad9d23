"""Write lineage events to the catalogue again, or rebuild its lineage: a DAG of the package."""

from dbt_lineage.airflow.dags import make_dags

make_dags("lineage_replay")

"""Is the lineage complete, right and fresh? Mails what broke and what recovered: a DAG of the package."""

from dbt_lineage.airflow.dags import make_dags

make_dags("lineage_checks")

"""Dashboards refreshed, and every chart compared with the warehouse: a DAG of the package."""

from dbt_lineage.airflow.dags import make_dags

make_dags("superset_refresh")

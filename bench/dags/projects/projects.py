"""Airflow DAGs of the benchmark: one for each dbt project of ``lineage.yml``, as the package makes them."""

from airflow.providers.openlineage.utils.selective_enable import enable_lineage

from dbt_lineage.airflow.dags import make_dags

for made in make_dags("dbt_project").values():
    enable_lineage(made)

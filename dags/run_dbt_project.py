"""Seeds, models and tests of the dbt project, with lineage: a DAG of the package."""

from dbt_lineage.airflow.dags import make_dags

make_dags("dbt_project")

"""A dbt project as Airflow tasks: rendering, the one dbt process, the tasks that mirror its nodes, and its lineage."""

"""The lineage page in Airflow: its routes, behind Airflow's login and rights."""

"""Provable lineage of dbt runs in Airflow: from the event to the catalogue and the dashboard."""

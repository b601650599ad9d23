"""Provable lineage of dbt runs in Airflow: from the event to the catalogue and the dashboard.

Nothing is imported here: each process of dbt imports whatever package has a name like this one's, as a plugin of its own.
"""

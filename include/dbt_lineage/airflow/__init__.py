"""What Airflow runs of the lineage: operators, triggers, tasks and a plugin."""

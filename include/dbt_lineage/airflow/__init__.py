"""What Airflow runs of the lineage: operators, triggers, tasks and a plugin."""

from dbt_lineage.airflow.connections import password
from dbt_lineage.core.configuration.secret_sources import ask_connections_of

# Whatever of Airflow reads a setting has imported this room.
ask_connections_of(password)

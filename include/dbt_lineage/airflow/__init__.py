"""The Airflow side: operators, triggers, dbt tasks, DAGs and a plugin."""

from dbt_lineage.airflow.connections import password
from dbt_lineage.core.configuration.secret_sources import ask_connections_of

# Every process of Airflow that reads a setting has imported this room.
ask_connections_of(password)

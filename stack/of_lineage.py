"""What is there for the lineage alone: its services and its DAGs, by name.

A module of its own, for what drives the containers has only Python's own library.
"""

SERVICES = ("relay", "ingestion", "kafka")
# The relay holds the spool, and the ingestion would write again what is removed.
STOPPED_FIRST = ("relay", "ingestion")
# DAGs that have nothing to do without it; that of the dbt project goes on.
DAGS = ("kafka_topics", "openmetadata_ingestion", "lineage_replay", "lineage_checks")

"""What is there for the lineage alone: its services and its DAGs, by name.

A module of its own, for what drives the containers has only Python's own library.
"""

SERVICES = ("relay", "ingestion", "kafka")
# The relay holds the spool, and the ingestion would write again what is removed.
STOPPED_FIRST = ("relay", "ingestion")
# DAGs that have nothing to do without it; those of the dbt projects go on. Where there are several projects, the name of
# one follows.
DAGS = ("kafka_topics", "openmetadata_ingestion", "lineage_replay", "lineage_checks")
ANY_OF_THEM = f"^({'|'.join(DAGS)})(__.+)?$"

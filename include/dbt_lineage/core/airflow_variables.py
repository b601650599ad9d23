"""The environment variables that each process of Airflow needs for the lineage."""

import json

# Cosmos merges the datasets of all dbt nodes into its task's one event. The nodes have events of their own.
WITHOUT_COSMOS_DATASETS = [
    {
        "scope": {"operator": r"(cosmos|dbt_lineage)\..*"},
        "match_mode": "regex",
        "controls": {"extract_operator_metadata": False},
        "locked": True,
    }
]
VARIABLES = {
    # Read by OpenLineage's client wherever it is used: in Airflow's provider, in dbt-ol and in our own code.
    "OPENLINEAGE__TRANSPORT__TYPE": "dbt_lineage.spool.transport.SpoolTransport",
    # The transport only writes to the disk, so a thread is enough. A fork would only be needed to stop one that hangs.
    "AIRFLOW__OPENLINEAGE__EXECUTE_IN_THREAD": "True",
    "AIRFLOW__OPENLINEAGE__EMISSION_POLICY": json.dumps(WITHOUT_COSMOS_DATASETS),
}

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
    # The end of a build updates the assets of all its models in one request, which may take 20 s for 1,000 of them. After
    # Airflow's five seconds the task would send it again, while the first one is at work.
    "AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT": "60",
    "AIRFLOW__OPENLINEAGE__EMISSION_POLICY": json.dumps(WITHOUT_COSMOS_DATASETS),
}

"""The package's entry in ``airflow providers list``."""

from typing import Any


def get_provider_info() -> dict[str, Any]:
    """The entry point ``apache_airflow_provider``; its schema is Airflow's ``provider_info.schema.json``."""
    return {
        "package-name": "dbt-lineage-airflow",
        "name": "dbt lineage",
        "description": "Runs dbt projects as DAGs, and leaves a provable lineage record of every run.",
    }

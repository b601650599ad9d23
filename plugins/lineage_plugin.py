"""The plugin of the package, where Airflow looks for plugins."""

from dbt_lineage.airflow.plugin import DbtPlugin as DbtPlugin

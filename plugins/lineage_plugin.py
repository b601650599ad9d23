"""The plugin of the package, for an Airflow that has the package as a folder. Installed as a wheel, it needs no file."""

from dbt_lineage.airflow.plugin import DbtPlugin as DbtPlugin

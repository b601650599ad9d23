"""The command ``dbt-lineage``, also ``python -m dbt_lineage``."""

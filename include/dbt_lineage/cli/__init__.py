"""The command ``dbt-lineage``, which is ``python -m dbt_lineage`` too."""

"""The configuration file, lineage.yml: the dbt projects, their own settings and the shared ones."""

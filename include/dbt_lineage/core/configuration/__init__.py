"""The configuration file, lineage.yml: the dbt projects, what they have of their own and what they share."""

"""OpenLineage events from dbt's messages and artifacts."""

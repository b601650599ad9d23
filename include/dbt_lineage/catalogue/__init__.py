"""OpenMetadata: clients, which edges belong to a project, comparison with dbt's manifest, reaper."""

"""OpenMetadata: clients, which edges are ours, comparison with dbt's manifest, reaper."""

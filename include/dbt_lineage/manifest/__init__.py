"""dbt's manifest as a graph, made ahead of time, and the variables that dbt may read."""

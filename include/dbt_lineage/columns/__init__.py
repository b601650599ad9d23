"""Column lineage: from SQL and input columns to OpenLineage's own facet."""

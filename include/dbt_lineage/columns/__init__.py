"""Which column is made from which: from SQL and the columns that it reads, written as OpenLineage's own facet."""

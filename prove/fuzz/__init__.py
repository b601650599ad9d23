"""Column lineage compared with PostgreSQL, for statements at random."""

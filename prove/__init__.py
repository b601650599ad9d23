"""Column lineage proved by changing data. No SQL is parsed."""

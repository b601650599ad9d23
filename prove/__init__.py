"""Column lineage proved by data: values are changed, and what changes with them depends on them. No SQL is parsed."""

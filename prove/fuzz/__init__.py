"""Column lineage held against PostgreSQL for statements at random: what is not claimed must not change anything."""

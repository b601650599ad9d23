"""The warehouse that dbt builds in: what its relations are made of."""

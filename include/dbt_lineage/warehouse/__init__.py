"""The warehouse that dbt builds in: where it is, what its relations are made of, how it names them."""
